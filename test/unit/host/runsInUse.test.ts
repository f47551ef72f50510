import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { HeldRuns } from '../../../src/run/heldRuns'
import { deleteRun } from '../../../src/run/runList'
import { recipe } from '../recipe/facts'
import { document, removeFolder, temporary, writeRun } from '../run/folder'
import { begin, finished, firstRun, setUp, turn, until } from './fakeEngine'

const roots: string[] = []
after(() => { for (const root of roots) removeFolder(root) })
function recordings(): string {
  const root = temporary()
  roots.push(root)
  return root
}
const stopped = ['{"event":"end","outcome":"stopped","rows":4,"evaluations":3,"ms":4.5}', '']

suite('runs that are in use', () => {
  test('one that is held twice is held until both have let go', () => {
    const held = new HeldRuns()
    const [one, other] = [held.hold('a'), held.hold('a')]
    assert.deepEqual([held.has('a'), held.has('b')], [true, false])
    one.dispose()
    assert.equal(held.has('a'), true)
    other.dispose()
    assert.equal(held.has('a'), false)
  })

  test('a live result that is held, as by its export, stays when there is a newer one; the one after it goes', async () => {
    const { engine, session } = setUp()
    await firstRun(session, engine)
    const folders: string[] = []
    const gone: string[] = []
    session.removed.on((runId) => { gone.push(runId) })
    for (const [i, count] of [5, 6, 7].entries()) {
      session.generateLive(recipe({ 'model.path': 'digits', 'solver.steps': count, 'noise.seed': 7 }))
      await until(() => engine.runs.length === i + 2)
      const { folder, runId } = engine.runs[i + 1]!.start
      folders.push(folder)
      mkdirSync(folder, { recursive: true })
      begin(engine.runs[i + 1]!)
      if (i === 0) session.held.hold(folder)
      engine.runs[i + 1]!.resolve(finished)
      await until(() => session.state.run?.runId === runId && session.state.run.status === 'finished')
    }
    await until(() => gone.length > 0)
    assert.deepEqual(folders.map((folder) => existsSync(folder)), [true, false, true])
    assert.deepEqual(gone, [engine.runs[2]!.start.runId])
  })

  test('a run that is deleted while it waits to be gone on with is not gone on with', async () => {
    const root = recordings()
    const { engine, session } = setUp({ runsFolder: () => root })
    const id = '20260102-030405-aaaa'
    writeRun(root, document(id), 4, stopped)
    const going = session.generate()
    await turn()
    const resumed = session.resume(join(root, id))
    await until(() => session.waiting.length === 1)
    await deleteRun(join(root, id))
    session.forgetRun(id)
    assert.equal(await resumed, undefined)
    assert.equal(session.waiting.length, 0)
    begin(engine.runs[0]!)
    engine.runs[0]!.resolve(finished)
    assert.equal((await going)?.outcome, 'finished')
    assert.equal(engine.runs.length, 1)
    assert.equal(session.state.notice, null)
  })

  test('no limit takes a run away that is held, or that waits to be gone on with', async () => {
    const root = recordings()
    const ids = ['20260102-030401-aaaa', '20260102-030402-aaaa', '20260102-030403-aaaa', '20260102-030404-aaaa']
    for (const id of ids) writeRun(root, document(id), 4, stopped)
    const { engine, session } = setUp({ runsFolder: () => root }, { record: { keepRuns: 1, maxDiskMB: 2048 } })
    const held = session.held.hold(join(root, ids[0]!))
    const going = session.generate()
    await turn()
    const resumed = session.resume(join(root, ids[1]!))
    await until(() => session.waiting.length === 1)
    const gone: string[] = []
    session.removed.on((runId) => { gone.push(runId) })
    begin(engine.runs[0]!)
    engine.runs[0]!.resolve(finished)
    await going
    await until(() => gone.length > 0)
    assert.deepEqual(gone, [ids[2]])
    assert.ok(existsSync(join(root, ids[0]!)) && existsSync(join(root, ids[1]!)))
    held.dispose()
    await until(() => engine.runs.length === 2)
    begin(engine.runs[1]!)
    engine.runs[1]!.resolve(finished)
    await resumed
    await until(() => gone.includes(ids[0]!))
  })

  test('while a live run goes it is the one before that a user sees', async () => {
    const { engine, session } = setUp()
    await firstRun(session, engine)
    const before = session.runner.folder
    session.generateLive(recipe({ 'model.path': 'digits', 'solver.steps': 5, 'noise.seed': 7 }))
    await until(() => engine.runs.length === 2)
    begin(engine.runs[1]!)
    assert.equal(session.runner.seenFolder, before)
    engine.runs[1]!.resolve(finished)
    await until(() => session.state.run?.status === 'finished')
    assert.equal(session.runner.seenFolder, engine.runs[1]!.start.folder)
  })
})
