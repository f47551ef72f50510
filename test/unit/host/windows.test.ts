import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { DpmError } from '../../../src/sampler/errors'
import { recipe } from '../recipe/facts'
import { document, writeRun } from '../run/folder'
import { begin, finished, firstRun, root, setUp, until } from './fakeEngine'

const id = (n: number): string => `20260102-03040${n}-aaaa`
const stopped = [JSON.stringify({ ...finished, outcome: 'stopped', rows: 4 }), '']

/** A folder with stopped runs 1 … count, and windows that record into it. */
function shared(count: number) {
  const folder = mkdtempSync(join(root, 'shared-'))
  for (let n = 1; n <= count; n++) writeRun(folder, document(id(n)), 4, stopped)
  const path = (n: number): string => join(folder, id(n))
  /** What the marks of the windows say. */
  const marked = (): string => readdirSync(folder).filter((name) => /^\.in-use-[0-9a-f]+$/.test(name)).map((name) => readFileSync(join(folder, name), 'utf8')).join('')
  return {
    folder, path, marked, window: () => setUp({ runsFolder: () => folder }, { record: { keepRuns: 1, maxDiskMB: 2048 } }),
    whenMarked: (...ns: number[]) => until(() => ns.every((n) => marked().includes(id(n)))),
    left: (): number[] => Array.from({ length: count }, (_, i) => i + 1).filter((n) => existsSync(path(n))),
  }
}

const markIn = (folder: string): string | undefined => readdirSync(folder).find((name) => /^\.in-use-[0-9a-f]+$/.test(name))

/** A run that ends, after which recordings beyond the limits go. */
async function sample({ engine, session, lines }: ReturnType<typeof setUp>): Promise<void> {
  const removals = (): number => lines.filter((line) => line.startsWith('removed')).length
  const [before, runs] = [removals(), engine.runs.length]
  const ended = session.generate()
  await until(() => engine.runs.length > runs)
  engine.runs[runs]!.reject(new DpmError({ reason: 'modelMissing', message: 'No model.', advice: 'Another.' }))
  await ended
  await until(() => removals() > before)
}

suite('windows that record into the same folder', () => {
  test('what one has on show or holds is not removed for the limits of another; what it lets go of is, and all when it is closed', async () => {
    const { path, window, left, whenMarked, marked } = shared(6)
    const [here, other] = [window(), window()]
    await other.session.showRun(path(1))
    const holding = other.session.held.hold(id(2))
    await whenMarked(1, 2)
    await sample(here)
    assert.deepEqual(left(), [1, 2, 6])
    assert.ok(!marked().includes(id(6)), 'nobody uses it')
    holding.dispose()
    await until(() => !marked().includes(id(2)))
    await sample(here)
    assert.deepEqual(left(), [1, 6])
    other.session.dispose()
    await sample(here)
    assert.deepEqual(left(), [6])
  })

  test('nor what waits there to be gone on with', async () => {
    const { path, window, left, whenMarked } = shared(4)
    const [here, other] = [window(), window()]
    const going = other.session.generate()
    await until(() => other.engine.runs.length === 1)
    const resumed = other.session.resume(path(2))
    await whenMarked(2)
    await sample(here)
    assert.deepEqual(left(), [2, 4])
    begin(other.engine.runs[0]!)
    other.engine.runs[0]!.resolve(finished)
    await going
    await until(() => other.engine.runs.length === 2)
    begin(other.engine.runs[1]!)
    other.engine.runs[1]!.resolve(finished)
    assert.equal((await resumed)?.runId, id(2))
  })

  test('a live result that another looks at stays when there is a newer one', async () => {
    const { folder, window, path } = shared(0)
    const [here, other] = [window(), window()]
    await firstRun(here.session, here.engine)
    const folders: string[] = []
    for (const [i, count] of [5, 6, 7].entries()) {
      here.session.generateLive(recipe({ 'model.path': 'digits', 'solver.steps': count, 'noise.seed': 7 }))
      await until(() => here.engine.runs.length === i + 2)
      const { start } = here.engine.runs[i + 1]!
      folders.push(start.folder)
      mkdirSync(start.folder)
      begin(here.engine.runs[i + 1]!)
      if (i === 0) {
        other.session.held.hold(start.runId)
        await until(() => readdirSync(folder).some((name) => /^\.in-use-[0-9a-f]+$/.test(name) && readFileSync(join(folder, name), 'utf8') === `${start.runId}\n`))
      }
      here.engine.runs[i + 1]!.resolve(finished)
      await until(() => here.session.state.run?.runId === start.runId && here.session.state.run.status === 'finished')
    }
    await until(() => !existsSync(folders[1]!))
    assert.deepEqual(folders.map((one) => existsSync(one)), [true, false, true])
    assert.ok(!existsSync(path(1)))
  })

  test('the mark of a window that crashed holds nothing for long and is removed; what is no run in one is passed over', async () => {
    const { folder, path, window, left } = shared(4)
    const mark = (digit: string, n: number, minutes: number): string => {
      const file = join(folder, `.in-use-${digit.repeat(16)}`)
      writeFileSync(file, `../${id(n)}\n\n${id(n)}\n`)
      const at = new Date(Date.now() - minutes * 60_000)
      utimesSync(file, at, at)
      return file
    }
    const [dead, living] = [mark('a', 1, 11), mark('b', 2, -10)] // the second by a clock that is ahead, so that a slow machine does not come to the end of it
    await sample(window())
    assert.deepEqual(left(), [2, 4])
    assert.deepEqual([existsSync(dead), existsSync(living)], [false, true])
    assert.ok(existsSync(path(2)))
  })

  test('the mark of a window stays fresh while it lives', async (t) => {
    const { folder, window, whenMarked } = shared(1)
    t.mock.timers.enable({ apis: ['setInterval'] })
    window().session.held.hold(id(1))
    await whenMarked(1)
    const mark = join(folder, markIn(folder)!)
    const longAgo = new Date(Date.now() - 3600_000)
    for (const time of ['perhaps by the touch of the beginning', 'by a later one']) {
      utimesSync(mark, longAgo, longAgo)
      t.mock.timers.tick(60_000)
      await until(() => statSync(mark).mtimeMs > Date.now() - 1800_000)
      t.diagnostic(time)
    }
  })
})
