import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { activated, configure, generate, run, temporaryFolder, tidy, until, watch } from './host'

suite('the Runs view', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1, 'record.folder': temporaryFolder(), 'seed.mode': 'fixed', 'seed.value': 11 }))
  teardown(() => tidy(api))
  const texts = async (): Promise<string[]> => (await api.runs()).map(({ text }) => text)
  const nodeOf = async (runId: string) => (await api.runs()).find(({ node }) => node.kind === 'run' && node.listed.id === runId)!.node

  test('it is empty at first, and then has the newest run on top, with its time and seed', async () => {
    assert.deepEqual(await texts(), [])
    await generate()
    await configure({ 'solver.steps': 9 })
    await generate()
    const [newest, oldest] = await texts()
    assert.match(newest!, /^Today: digits · \+\+2M · 9 \(\d+\.\d\d s · seed 11\)$/)
    assert.match(oldest!, /^Today: digits · \+\+2M · 20 \(\d+\.\d\d s · seed 11\)$/)
  })

  test('what goes and what waits stand above what is recorded, and a stopped run says where', async () => {
    await configure({ 'solver.steps': 1000, 'batchSize': 16 })
    const first = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 2, 'rows')
    const second = run('dpmSolver.generateSample')
    await until(() => api.state.queued === 1, 'a run that waits')
    const [going, waiting] = await texts()
    assert.match(going!, /^Running: digits · \+\+2M · 1000 \(\d+\/1000\)$/)
    assert.match(waiting!, /^Queued: digits · \+\+2M · 1000 \(seed 11\)$/)
    await run('dpmSolver.cancelPending')
    await run('dpmSolver.stop')
    await Promise.all([first, second])
    assert.match((await texts())[0]!, /^Today: digits · \+\+2M · 1000 \(stopped at \d+\/1000 · seed 11\)$/)
  })

  test('Reveal shows another run, Run Again repeats it beside the form, with a new seed where that is asked for', async () => {
    const { runId } = await generate()
    await configure({ 'solver.steps': 9 })
    await generate()
    const before = api.state.recipe
    const seen = watch(api)
    await run('dpmSolver.revealRun', await nodeOf(runId))
    assert.equal(api.state.run?.runId, runId)
    await until(() => seen.some(({ direction, message }) => direction === 'out' && message.type === 'showTab' && message.tab === 'sample'), 'the tab that shows it')
    await run('dpmSolver.rerun', await nodeOf(runId))
    await until(() => api.state.run?.runId !== runId && api.state.run?.status === 'finished', 'the same again')
    assert.deepEqual([api.state.run?.document?.recipe.solver.steps, api.state.run?.document?.recipe.noise.seed], [20, '11'])
    const again = api.state.run?.runId
    await run('dpmSolver.rerunWithNewSeed', await nodeOf(runId))
    await until(() => api.state.run?.runId !== again && api.state.run?.status === 'finished', 'a new seed')
    assert.notEqual(api.state.run?.document?.recipe.noise.seed, '11')
    assert.deepEqual(api.state.recipe, before)
  })

  test('a run is renamed, pinned and unpinned, and keeps both over the limits', async () => {
    const { runId } = await generate()
    await run('dpmSolver.renameRun', await nodeOf(runId), 'the good one')
    await run('dpmSolver.pinRun', await nodeOf(runId))
    assert.match((await texts())[0]!, /^Pinned: the good one \(digits · \+\+2M · 20 · /)
    await configure({ 'record.keepRuns': 1 })
    await generate()
    await generate()
    await until(() => api.logLines.some((line) => line.includes('removed the oldest recordings')), 'the limit kept')
    assert.match((await texts())[0]!, /^Pinned: the good one/)
    await run('dpmSolver.unpinRun', await nodeOf(runId))
    assert.ok((await texts()).some((text) => text.startsWith('Today: the good one')))
    await run('dpmSolver.renameRun', await nodeOf(runId), '')
    assert.ok(!(await texts()).some((text) => text.includes('the good one')))
  })

  test('Delete removes the folder, and the run from the panel', async () => {
    const { runId, folder } = await generate()
    await run('dpmSolver.deleteRun', await nodeOf(runId), true)
    assert.equal(existsSync(folder), false)
    assert.equal(api.state.run, null)
    assert.deepEqual(await texts(), [])
  })

  test('its tooltip has the picture and the recipe', async () => {
    const { runId } = await generate()
    const contents = await api.tooltip(await nodeOf(runId))
    assert.match(contents, /!\[result\]\(data:image\/png;base64,/)
    assert.match(contents, /"steps": 20/)
  })

  test('a run of the view is exported by its own command', async () => {
    const { runId } = await generate()
    await configure({ 'solver.steps': 9 })
    await generate()
    const target = vscode.Uri.joinPath(vscode.Uri.file(temporaryFolder()), 'run.csv')
    await run('dpmSolver.exportTrajectory', await nodeOf(runId), { kind: 'csv', target })
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(target)).toString().split('\r\n').length, 23)
  })
})
