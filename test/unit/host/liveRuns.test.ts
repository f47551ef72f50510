import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { Recipe } from '../../../src/recipe/recipe'
import { LiveRuns } from '../../../src/run/liveRuns'
import type { RunSummary } from '../../../src/run/runner'
import type { Session } from '../../../src/run/session'
import { facts, recipe } from '../recipe/facts'
import { begin, finished, firstRun, root, setUp, turn, until, type FakeEngine } from './fakeEngine'

const steps = (count: number) => recipe({ 'model.path': 'digits', 'solver.steps': count, 'noise.seed': 7 })
type Run = FakeEngine['runs'][number]
const stepsOf = ({ start }: Run): number => start.recipe.solver.steps
/** A run that has begun, with a folder as the engine makes one. */
function begun(run: Run): string {
  const { folder } = run.start
  mkdirSync(folder, { recursive: true })
  for (const name of ['run.json', 'events.jsonl', 'states.f32']) writeFileSync(`${folder}/${name}`, '')
  begin(run)
  return folder
}
const stopped = { ...finished, outcome: 'stopped' as const }
const idle = (session: Session): Promise<void> => until(() => session.state.run?.status === 'finished')

suite('runs while a recipe is being changed', () => {
  test('of many recipes that come during a run the newest is next; the overtaken run and results that are over leave nothing', async () => {
    const { engine, session } = setUp()
    const first = await firstRun(session, engine)
    session.generateLive(steps(5))
    await until(() => engine.runs.length === 2)
    const overtaken = begun(engine.runs[1]!)
    for (const count of [6, 7, 8]) session.generateLive(steps(count))
    assert.deepEqual(engine.stopped, [engine.runs[1]!.start.runId], 'stopped once')
    assert.equal(session.state.queued, 0)
    engine.runs[1]!.resolve(stopped)
    await until(() => engine.runs.length === 3)
    assert.equal(stepsOf(engine.runs[2]!), 8)
    assert.equal(existsSync(overtaken), false)
    const kept = begun(engine.runs[2]!)
    engine.runs[2]!.resolve(finished)
    await idle(session)
    assert.equal(session.state.run?.runId, engine.runs[2]!.start.runId)

    session.generateLive(steps(9))
    await until(() => engine.runs.length === 4)
    assert.ok(existsSync(kept), 'kept until there is a newer result')
    const last = begun(engine.runs[3]!)
    engine.runs[3]!.resolve(finished)
    await until(() => !existsSync(kept))
    assert.ok(existsSync(last))
    assert.notEqual(session.state.run?.runId, first)
    assert.equal(engine.runs.length, 4)
  })

  test('an overtaken run gives the place on show back to the one before', async () => {
    const { engine, session } = setUp()
    const first = await firstRun(session, engine)
    session.generateLive(steps(5))
    await until(() => engine.runs.length === 2)
    begun(engine.runs[1]!)
    assert.equal(session.state.run?.live, true)
    session.generateLive(steps(6))
    const shown: (string | undefined)[] = []
    session.changed.on(() => { shown.push(session.state.run?.runId) })
    engine.runs[1]!.resolve(stopped)
    await until(() => engine.runs.length === 3)
    assert.ok(shown.includes(first), 'the first run is on show between them')
    engine.runs[2]!.resolve(finished)
  })

  test('a run asked for by itself comes at once, and the last live result stays with it', async () => {
    const { engine, session } = setUp()
    await firstRun(session, engine)
    session.generateLive(steps(5))
    await until(() => engine.runs.length === 2)
    const kept = begun(engine.runs[1]!)
    engine.runs[1]!.resolve(finished)
    await idle(session)
    session.generateLive(steps(6))
    await until(() => engine.runs.length === 3)
    const given = begun(engine.runs[2]!)
    session.generateLive(steps(7))
    const normal = session.generate()
    engine.runs[2]!.resolve(stopped)
    await until(() => engine.runs.length === 4)
    assert.equal(engine.runs[3]!.start.recipe.solver.steps, 7, 'the form’s')
    assert.equal(session.state.run?.live, undefined)
    session.generateLive(steps(8))
    await turn()
    assert.deepEqual(engine.stopped, [engine.runs[2]!.start.runId], 'a run somebody asked for is not overtaken')
    begun(engine.runs[3]!)
    engine.runs[3]!.resolve(finished)
    await normal
    await until(() => !existsSync(given))
    session.generateLive(steps(9))
    await until(() => engine.runs.length === 5)
    begun(engine.runs[4]!)
    engine.runs[4]!.resolve(finished)
    await idle(session)
    assert.ok(existsSync(kept))
  })

  test('a recipe that comes while a run that somebody asked for goes is not sampled after it, though the run before is still being removed', async () => {
    const asked: Recipe[] = []
    const ends: ((summary: RunSummary) => void)[] = []
    let [busy, removed] = [false, false]
    const live = new LiveRuns({
      busy: () => busy, job: (of) => { asked.push(of); return { runId: 'live', recipe: of } }, work: () => new Promise((resolve) => { ends.push(resolve) }), stop: () => {},
      held: () => Promise.resolve(false), removed: () => { removed = true }, log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    })
    live.ask(steps(5))
    busy = true
    live.giveWay()
    ends[0]!({ runId: 'live', folder: mkdtempSync(join(root, 'live-')), outcome: 'stopped', error: null })
    for (let i = 0; i < 9; i++) await Promise.resolve() // the file system takes longer
    assert.equal(removed, false)
    live.ask(steps(8))
    busy = false
    await until(() => removed)
    await turn()
    assert.deepEqual(asked.map(({ solver }) => solver.steps), [5])
  })

  test('a result that was named stays', async () => {
    const { engine, session } = setUp()
    await firstRun(session, engine)
    const folders: string[] = []
    for (const [i, count] of [5, 6, 7].entries()) {
      session.generateLive(steps(count))
      await until(() => engine.runs.length === i + 2)
      folders.push(begun(engine.runs[i + 1]!))
      if (i === 0) writeFileSync(`${folders[0]}/name`, 'Mine\n')
      engine.runs[i + 1]!.resolve(finished)
      await until(() => session.state.run?.runId === engine.runs[i + 1]!.start.runId && session.state.run.status === 'finished')
    }
    await until(() => !existsSync(folders[1]!))
    assert.deepEqual(readdirSync(folders[0]!).includes('name'), true)
  })

  test('the noise is that of the run on show, where the form names none or counts on', async () => {
    for (const [seedMode, form, used] of [['random', 'random', 'that of the run'], ['increment', 10, 10], ['fixed', 10, 10]] as const) {
      const { engine, session } = setUp({}, { seedMode, recipe: recipe({ 'model.path': 'digits', 'noise.seed': form }) })
      await firstRun(session, engine)
      const seed = engine.runs[0]!.start.recipe.noise.seed
      session.generateLive({ ...session.state.recipe, solver: { ...session.state.recipe.solver, steps: 9 } })
      await until(() => engine.runs.length === 2)
      assert.deepEqual([engine.runs[1]!.start.recipe.noise.seed, stepsOf(engine.runs[1]!)], [used === 'that of the run' ? seed : used, 9], seedMode)
      const now = session.state.recipe.noise.seed
      engine.runs[1]!.resolve(finished)
      await idle(session)
      assert.equal(session.state.recipe.noise.seed, now, 'the form’s seed is not counted on')
    }
  })

  test('what cannot be run, and an untrusted workspace, start nothing and complain of nothing', async () => {
    const { engine, session } = setUp()
    await firstRun(session, engine)
    session.generateLive({ ...steps(5), solver: { ...steps(5).solver, steps: 0 } }) // against the schema
    session.inspect()
    engine.inspected[0]!.resolve(facts())
    await until(() => session.state.model.status === 'ready')
    session.generateLive(recipe({ 'model.path': 'digits', 'schedule.noise': 'betas' })) // and against the model
    await turn()
    assert.equal(engine.runs.length, 1)
    assert.equal(session.state.notice, null)
    const untrusted = setUp({ trusted: () => false })
    untrusted.session.generateLive(steps(5))
    await turn()
    assert.equal(untrusted.engine.runs.length, 0)
    assert.equal(untrusted.session.state.notice, null)
  })
})
