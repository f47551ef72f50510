import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { encodePng } from '../../src/formats/png'
import type { RunSummary } from '../../src/run/runner'
import { openRun } from '../../src/run/store'
import { activated, configure, run, temporaryFolder, tidy, until } from './host'

/** A bright square on black, of the size of digits. */
function square(): string {
  const data = new Uint8Array(32 * 32)
  for (let y = 8; y < 24; y++) data.fill(255, y * 32 + 8, y * 32 + 24)
  const file = join(temporaryFolder(), 'square.png')
  writeFileSync(file, encodePng({ width: 32, height: 32, channels: 1, data }))
  return file
}

suite('runs on an image', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1 }))
  teardown(() => tidy(api))

  test('Noise an Image… records how the image becomes noise, and leaves the form as it is', async () => {
    const before = api.state.recipe
    const image = square()
    const summary = await run<RunSummary>('dpmSolver.noiseImage', { image, set: { 'input.task': 'noise', 'input.way': 'chain', 'solver.steps': 12 } })
    assert.equal(summary.outcome, 'finished')
    const { rows, document, outcome } = await openRun(summary.folder)
    assert.equal(outcome, 'finished')
    assert.equal(rows.length, 13)
    assert.deepEqual([document.recipe.input.image, document.recipe.input.way], [image, 'chain'])
    assert.equal(rows.at(-1)!.evaluations, 0)
    assert.equal(rows[0]!.level.sigma, 0)
    assert.ok(rows.every(({ level }, i) => i === 0 || level.lambda < rows[i - 1]!.level.lambda))
    assert.deepEqual(api.state.recipe, before)
    assert.equal(api.state.run?.runId, summary.runId)
  })

  test('Encode an Image… and back again ends near the image', async () => {
    const summary = await run<RunSummary>('dpmSolver.encodeImage', { image: square(), set: { 'input.task': 'reconstruct', 'solver.steps': 20 } })
    const { rows } = await openRun(summary.folder)
    assert.equal(rows.at(-1)!.evaluations, 40)
    assert.ok(Math.abs(rows.at(-1)!.x.mean - rows[0]!.x.mean) < 0.1, `${rows.at(-1)!.x.mean} after ${rows[0]!.x.mean}`)
  })

  test('of a model that takes no pictures neither asks for one', async () => {
    const before = api.state.run?.runId
    await configure({ 'model.path': 'gaussian' })
    await run('dpmSolver.openPreview')
    await until(() => api.state.model.status === 'ready' && api.state.model.path === 'gaussian', 'facts of the model')
    for (const command of ['dpmSolver.noiseImage', 'dpmSolver.encodeImage'] as const) {
      await api.receive({ type: 'dismissNotice' })
      assert.equal(await run(command), undefined)
      assert.match(api.state.notice?.message ?? '', /makes points of the plane, which no picture is\.$/)
    }
    assert.equal(api.state.run?.runId, before)
  })

  test('the button of a refusal mends the run that was asked for, and leaves the form as it is', async () => {
    await configure({ 'engine.provider': 'cpu', 'solver.algorithm': 'ddpm' })
    await run('dpmSolver.openPreview')
    await until(() => api.state.model.status === 'ready', 'facts of the model')
    const before = api.state.recipe
    assert.equal(await run('dpmSolver.encodeImage', { image: square(), set: { 'input.task': 'encode', 'solver.steps': 10 } }), undefined)
    const { remedy } = api.state.notice!
    assert.deepEqual(remedy, { title: 'Use DPM-Solver++', set: { 'solver.algorithm': 'dpmsolver++' } })
    await api.receive({ type: 'remedy', remedy })
    await until(() => api.state.run?.status === 'finished', 'the run after the button')
    assert.deepEqual([api.state.run!.document!.recipe.input.task, api.state.run!.document!.recipe.solver.algorithm], ['encode', 'dpmsolver++'])
    assert.deepEqual(api.state.recipe, before)
  })

  test('the file of the explorer’s menu is the image; a picture that is not there is said at its field', async () => {
    const missing = vscode.Uri.file(join(temporaryFolder(), 'none.png'))
    assert.equal(await run('dpmSolver.noiseImage', { image: missing.fsPath, set: { 'input.task': 'noise' } }).then((summary) => (summary as RunSummary | undefined)?.outcome), 'failed')
    assert.match(api.state.run?.error?.message ?? api.state.notice?.message ?? '', /^There is no picture at .*none\.png\.$/)
  })
})
