import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { DpmError } from '../../../src/sampler/errors'
import { recipe } from '../recipe/facts'
import { document, writeRun } from '../run/folder'
import { begin, finished, firstRun, root, setUp, turn, until } from './fakeEngine'

const id = (n: number): string => `20260102-03040${n}-aaaa`
const stopped = [JSON.stringify({ ...finished, outcome: 'stopped', rows: 4 }), '']

/** The marks of windows in the folder of a run. */
const marksIn = (folder: string): string[] => existsSync(folder) ? readdirSync(folder).filter((name) => /^in-use-[0-9a-f]{8}$/.test(name)) : []

/** A folder with stopped runs 1 … count, and windows that record into it. */
function shared(count: number) {
  const folder = mkdtempSync(join(root, 'shared-'))
  for (let n = 1; n <= count; n++) writeRun(folder, document(id(n)), 4, stopped)
  const path = (n: number): string => join(folder, id(n))
  const marked = (n: number): boolean => marksIn(path(n)).length > 0
  return {
    folder, path, marked, window: () => setUp({ runsFolder: () => folder }, { record: { keepRuns: 1, maxDiskMB: 2048 } }),
    whenMarked: (...ns: number[]) => until(() => ns.every(marked)),
    left: (): number[] => Array.from({ length: count }, (_, i) => i + 1).filter((n) => existsSync(path(n))),
  }
}

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
  test('what one has on show or holds is not removed for the limits of another, also while it is reloaded; what it lets go of is', async () => {
    const { path, window, left, whenMarked, marked } = shared(6)
    const [here, other] = [window(), window()]
    await other.session.showRun(path(1))
    const holding = other.session.held.hold(path(2))
    await whenMarked(1, 2)
    await sample(here)
    assert.deepEqual(left(), [1, 2, 6])
    assert.ok(!marked(6), 'nobody uses it')
    holding.dispose()
    await until(() => !marked(2))
    await sample(here)
    assert.deepEqual(left(), [1, 6])
    other.session.dispose()
    assert.ok(marked(1))
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
    const { window, path } = shared(0)
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
        other.session.held.hold(start.folder)
        await until(() => marksIn(start.folder).length > 0)
      }
      here.engine.runs[i + 1]!.resolve(finished)
      await until(() => here.session.state.run?.runId === start.runId && here.session.state.run.status === 'finished')
    }
    await until(() => !existsSync(folders[1]!))
    assert.deepEqual(folders.map((one) => existsSync(one)), [true, false, true])
    assert.ok(!existsSync(path(1)))
  })

  test('the mark of a window that is gone holds nothing for long, and the next that uses the run removes it', async () => {
    const { path, window, left, marked, whenMarked } = shared(4)
    const mark = (n: number, digit: string, minutes: number): string => {
      const file = join(path(n), `in-use-${digit.repeat(8)}`)
      writeFileSync(file, '')
      const at = new Date(Date.now() - minutes * 60_000)
      utimesSync(file, at, at)
      return file
    }
    mark(1, 'a', 11)
    mark(2, 'b', -10) // by a clock that is ahead, so that a slow machine does not come to the end of it
    const [dead, living] = [mark(3, 'c', 11), mark(3, 'd', -10)]
    const [here, other] = [window(), window()]
    other.session.held.hold(path(3))
    await until(() => !existsSync(dead) && marksIn(path(3)).length === 2)
    assert.ok(existsSync(living))
    await sample(here)
    assert.deepEqual(left(), [2, 3, 4])
    await whenMarked(2)
    assert.ok(!marked(1))
  })

  test('a run whose folder was copied or moved is kept by what it is called now', async () => {
    const { folder, path, window, left } = shared(3)
    const copy = join(folder, `${id(1)} copy`)
    renameSync(path(1), copy)
    const [here, other] = [window(), window()]
    await other.session.showRun(copy)
    await until(() => marksIn(copy).length === 1)
    await sample(here)
    assert.deepEqual([left(), existsSync(copy)], [[3], true])
  })

  test('a mark stays fresh while its window lives, and comes back where it was taken for that of one that is gone', async (t) => {
    const { path, window, whenMarked } = shared(1)
    t.mock.timers.enable({ apis: ['setInterval'] })
    const { session } = window()
    const holding = session.held.hold(path(1))
    await whenMarked(1)
    const mark = join(path(1), marksIn(path(1))[0]!)
    const longAgo = new Date(Date.now() - 3600_000)
    for (let tick = 0; tick < 2; tick++) { // the first time it may be the touch of the beginning
      utimesSync(mark, longAgo, longAgo)
      t.mock.timers.tick(60_000)
      await until(() => statSync(mark).mtimeMs > Date.now() - 1800_000)
    }
    rmSync(mark)
    t.mock.timers.tick(60_000)
    await until(() => existsSync(mark))
    holding.dispose()
    await until(() => !existsSync(mark))
    t.mock.timers.tick(60_000)
    await turn()
    assert.ok(!existsSync(mark))
  })

  test('a run of which it cannot be found out whether another window uses it is left alone', { skip: process.platform === 'win32' }, async () => {
    const { path, window } = shared(1)
    symlinkSync('in-use-00000000', join(path(1), 'in-use-00000000')) // that of itself
    assert.equal(await window().session.usedElsewhere(path(1)), true)
    assert.equal(await window().session.usedElsewhere(join(path(1), 'not', 'there')), false)
  })
})
