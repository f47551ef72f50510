import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Api } from '../../src/extension'
import type { RunSummary } from '../../src/run/runner'
import { openRun } from '../../src/run/store'
import { activated, configure, generate, run, tidy, until } from './host'

const fixed = { 'seed.mode': 'fixed', 'seed.value': 5, 'batchSize': 1, 'solver.steps': 100, 'engine.provider': 'cpu', 'engine.intraOpThreads': 1 }

suite('a run that was stopped', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure(fixed))
  teardown(() => tidy(api))

  const rows = (): number => api.state.run?.rows.length ?? 0
  /** Starts a run, or goes on with one, and stops it once it has more rows. One that has ended by then, on a machine where the engine is faster than this, is begun again with more steps. */
  async function stopped(begin: () => Promise<RunSummary>): Promise<RunSummary> {
    for (let steps = fixed['solver.steps']; ; steps *= 4) {
      const last = api.state.run?.runId
      const before = begin === generate ? 0 : rows()
      const ended = begin()
      await until(() => api.state.run?.status === 'finished' && (before > 0 || api.state.run.runId !== last) || api.state.run?.status === 'running' && rows() > before + 1, 'rows')
      await run('dpmSolver.stop')
      const summary = await ended
      if (summary.outcome === 'stopped') return summary
      assert.ok(begin === generate && steps < 1000, 'the run was stopped in time')
      await configure({ 'solver.steps': Math.min(1000, 4 * steps) })
    }
  }
  const resume = async (): Promise<RunSummary> => await run<RunSummary>('dpmSolver.resumeRun')

  const kinds: [string, Record<string, unknown>][] = [
    ['DPM-Solver++ 2M', {}], ['DPM-Solver++ 3M', { 'solver.order': 3 }], ['singlestep 3', { 'solver.algorithm': 'dpmsolver', 'solver.method': 'singlestep', 'solver.order': 3 }], ['UniPC', { 'solver.algorithm': 'unipc' }],
    ['SDE-DPM-Solver++ 2M', { 'solver.algorithm': 'sde-dpmsolver++' }], ['DDPM', { 'solver.algorithm': 'ddpm', 'solver.order': 1 }], ['Euler ancestral', { 'solver.algorithm': 'eulerAncestral', 'solver.order': 1 }],
    ['adaptive', { 'solver.method': 'adaptive', 'solver.options': { atol: 0.001, rtol: 0.004 } }], ['DEIS', { 'solver.algorithm': 'deis' }], ['LMS', { 'solver.algorithm': 'lms' }],
  ]
  for (const [name, settings] of kinds) {
    test(`${name}: is resumed, and ends with the states of one that was not stopped`, async () => {
      await configure(settings)
      const { runId, folder } = await stopped(generate)
      assert.equal(api.contextKeys.resumable, true)
      assert.deepEqual(api.state.run?.resume, { why: null })
      const done = await resume()
      assert.deepEqual([done.runId, done.folder, done.outcome], [runId, folder, 'finished'])
      const whole = await generate()
      assert.ok(readFileSync(join(folder, 'states.f32')).equals(readFileSync(join(whole.folder, 'states.f32'))))
      const [a, b] = [await openRun(folder), await openRun(whole.folder)]
      assert.deepEqual(a.rows.map((row) => ({ ...row, ms: 0 })), b.rows.map((row) => ({ ...row, ms: 0 })))
      assert.equal(a.end?.evaluations, b.end?.evaluations)
    })
  }

  test('is stopped twice and resumed twice, from the view too, and the panel goes along', async () => {
    await configure({ 'solver.steps': 1000 })
    const first = await stopped(generate)
    const second = await stopped(resume)
    assert.equal(second.runId, first.runId)
    const { node } = (await api.runs()).find((entry) => 'listed' in entry.node && entry.node.listed.id === first.runId)!
    assert.ok(node.kind === 'run' && node.listed.resumable)
    const third = await run<RunSummary>('dpmSolver.resumeRun', node)
    assert.equal(third.outcome, 'finished')
    assert.equal(rows(), 1001)
    assert.equal(api.state.run?.status, 'finished')
    assert.equal(api.contextKeys.resumable, false)
    const whole = await generate()
    assert.ok(readFileSync(join(first.folder, 'states.f32')).equals(readFileSync(join(whole.folder, 'states.f32'))))
  })

  test('by Force Stop goes on where the rows hold what its method needs, and says why not where they do not', async () => {
    const killed = async (): Promise<RunSummary> => {
      await configure({ 'solver.steps': 1000 })
      for (;;) {
        const last = api.state.run?.runId
        const ended = generate()
        await until(() => api.state.run?.runId !== last && (api.state.run?.status === 'finished' || rows() > 2), 'rows')
        await api.receive({ type: 'forceStop' })
        const summary = await ended
        if (summary.outcome !== 'finished') return summary // it was quicker than this test
      }
    }
    const { folder } = await killed()
    assert.deepEqual(api.state.run?.resume, { why: null })
    assert.equal((await resume()).outcome, 'finished')
    const whole = await generate()
    assert.ok(readFileSync(join(folder, 'states.f32')).equals(readFileSync(join(whole.folder, 'states.f32'))))
    await configure({ 'solver.algorithm': 'deis' })
    await killed()
    assert.match(api.state.run?.resume?.why ?? '', /its method needs more than the recorded steps/)
    assert.equal(api.contextKeys.resumable, false)
    const before = api.state.run
    assert.equal(await run('dpmSolver.resumeRun'), undefined)
    assert.match(api.state.notice?.message ?? '', /^Run [0-9a-f]{4} cannot be resumed: /)
    assert.equal(api.state.run?.runId, before?.runId)
  })

  test('whose model is another now is left as it is, and says so', async () => {
    await stopped(generate)
    const before = api.state.run!
    await configure({ 'engine.intraOpThreads': 2 })
    const { outcome, error } = await resume()
    assert.equal(outcome, 'failed')
    assert.match(error?.message ?? '', /with 1 threads, and would go on on cpu with 2 threads/)
    assert.equal(api.state.notice?.message, error?.message)
    assert.deepEqual([api.state.run?.status, api.state.run?.rows.length, api.state.run?.resume], ['stopped', before.rows.length, { why: null }])
    await configure({ 'engine.intraOpThreads': 1 })
    assert.equal((await resume()).outcome, 'finished')
  })

  test('is discarded: its folder goes, and the run before it is shown', async () => {
    const kept = await generate()
    const { folder } = await stopped(generate)
    assert.equal(await run('dpmSolver.discardRun', true), true)
    assert.equal(existsSync(folder), false)
    assert.equal(api.state.run?.runId, kept.runId)
    assert.equal(api.state.run?.status, 'finished')
  })

  test('while it goes is discarded: it is stopped first', async () => {
    const kept = await generate()
    await configure({ 'solver.steps': 1000, 'batchSize': 16 })
    const ended = generate()
    await until(() => api.state.run?.status === 'running' && rows() > 1, 'rows')
    const folder = join(api.runsFolder, api.state.run!.runId)
    assert.equal(await run('dpmSolver.discardRun', true), true)
    assert.equal((await ended).outcome, 'stopped')
    assert.equal(existsSync(folder), false)
    assert.equal(api.state.run?.runId, kept.runId)
    assert.equal(api.contextKeys.running, false)
  })

  test('Stop After This Run lets it end, and drops the three that wait', async () => {
    await configure({ 'solver.steps': 1000 })
    const first = generate()
    const waiting = Array.from({ length: 3 }, () => run<RunSummary | undefined>('dpmSolver.generateSample'))
    await until(() => api.contextKeys.queueLength === 3, 'three that wait')
    assert.equal(await run('dpmSolver.stopAfterRun'), 3)
    assert.deepEqual(await Promise.all(waiting), [undefined, undefined, undefined])
    assert.equal((await first).outcome, 'finished')
    assert.equal(rows(), 1001)
  })
})
