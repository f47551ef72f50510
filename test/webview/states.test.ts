import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RunView, ViewState } from '../../src/protocol/view'
import type { ErrorReport } from '../../src/sampler/errors'
import { Bench, type Host } from './harness'
import { digits, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
let recording: Recording
const recipe = recipeOf({ 'noise.seed': 21, 'conditioning.classLabel': 3 })
const otherSeed = { ...recipe, noise: { ...recipe.noise, seed: 4 } }
before(async () => {
  bench = await Bench.start()
  recording = await record(recipe, digits)
})
after(async () => { await bench.stop() })

async function showing(more: Partial<ViewState>): Promise<Host> {
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(recipe, digits, more) })
  return host
}
const run = (status: RunView['status'], rows?: number, more: Partial<RunView> = {}): RunView => viewOf(recording, status, rows, more)
const main = (host: Host): Promise<string> => host.page.locator('main').innerText()
const runLabel = async (host: Host): Promise<string> => (await host.page.locator('#run').innerText()).trim()
const disabled = (host: Host): Promise<boolean> => host.page.locator('#run').evaluate((button) => (button as HTMLButtonElement).disabled)
const announced = (host: Host): Promise<string> => host.page.locator('[role=status]').innerText()
const busy = (host: Host): Promise<string | null> => host.page.locator('main').getAttribute('aria-busy')

test('before the host answers the page says that it starts', async () => {
  const host = await bench.open()
  assert.match(await main(host), /Starting…/)
  assert.equal(await disabled(host), true)
  await host.page.close()
})

test('model loading, and failed with its sentence, its advice and one button that helps', async () => {
  const loading = await showing({ model: { status: 'loading', path: 'digits' } })
  assert.match(await main(loading), /Reading digits…/)
  assert.equal(await disabled(loading), false, 'the engine is left to judge')
  await loading.send({ type: 'state', state: stateOf(recipe, digits, { model: { status: 'loading', path: '/models/cats' }, run: run('finished') }) })
  assert.match(await main(loading), /Finished:[\s\S]*Reading cats…/)
  await loading.page.close()

  const error: ErrorReport = { reason: 'notADiffusionModel', message: 'resnet.onnx is not a diffusion model: it has the input data, where sample and timestep are expected.', advice: 'Choose another model.', remedy: { title: 'Select Model…', command: 'selectModel' } }
  const failed = await showing({ model: { status: 'failed', path: 'digits', error } })
  const banner = failed.page.locator('.banner.error')
  assert.match(await banner.innerText(), /not a diffusion model[\s\S]*Choose another model\./)
  await banner.getByText('Select Model…').click()
  assert.deepEqual((await failed.received('remedy')).remedy, error.remedy)
  await banner.getByText('Show Log').click()
  await failed.received('showLog')
  assert.equal(await failed.page.locator('#field-model-path').getAttribute('aria-invalid'), 'true')
  await failed.page.close()
})

test('an error with two ways out has both as buttons; a hint is no error, and goes when it is dismissed', async () => {
  const error: ErrorReport = {
    reason: 'providerUnavailable', message: 'CUDA cannot be used: its library could not be loaded.', advice: 'Use the CPU.', remedy: { title: 'Use CPU', command: 'useCpu' }, otherRemedy: { title: 'How to Install', command: 'howToInstall' },
  }
  const failed = await showing({ model: { status: 'failed', path: 'digits', error } })
  for (const [k, remedy] of [error.remedy!, error.otherRemedy!].entries()) {
    await failed.page.locator('.banner.error').getByText(remedy.title).click()
    assert.deepEqual((await failed.received('remedy', k)).remedy, remedy)
  }
  await failed.page.close()

  const hint: ErrorReport = { reason: 'providerSlow', message: 'WebGPU is slower than the CPU on digits.', advice: 'Use the CPU: the setting is for all models.', remedy: { title: 'Use CPU', command: 'useCpu' }, otherRemedy: { title: 'Don’t Show Again', command: 'hideHints' } }
  const slow = await showing({ run: run('finished'), hint })
  assert.equal(await slow.page.locator('.banner.error').count(), 0)
  const banner = slow.page.locator('.banner.info')
  assert.match(await banner.innerText(), /slower than the CPU[\s\S]*Use CPU[\s\S]*Don’t Show Again/)
  await banner.getByText('Don’t Show Again').click()
  assert.deepEqual((await slow.received('remedy')).remedy, hint.otherRemedy)
  await banner.getByLabel('Dismiss').first().click()
  await slow.received('dismissHint')
  await slow.page.close()
})

test('idle: the noise of a fixed seed on the left, the plan of the form in timeline and plots', async () => {
  const host = await showing({})
  assert.match(await main(host), /Ready\./)
  assert.match(await main(host), /The estimate appears with the first step/)
  const { rgba } = await host.pixels('[data-frame=x]')
  assert.deepEqual(rgba, [...recording.frames[0]!.x], 'x_T as the run of this seed begins')
  assert.equal(await host.page.locator('.thumbnail.coming').count(), 21)
  assert.match(await host.page.locator('header').innerText(), /DPM-Solver\+\+ 2M · 20 NFE/)
  assert.equal(await busy(host), 'false')
  await host.page.close()
  const random = await bench.open()
  await random.send({ type: 'state', state: stateOf(recipeOf(), digits) })
  assert.match(await main(random), /Each run starts from new noise/)
  await random.page.close()
})

test('run loading: file, size and provider; the log is offered when it takes long', async () => {
  const host = await bench.open()
  await host.page.clock.install()
  const loading: RunView = { runId: 'r', name: null, status: 'loading', document: null, rows: [], loading: null, error: null, stopOverdue: false, ms: null }
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: loading }) })
  await host.page.clock.runFor(200)
  assert.match(await main(host), /Starting the engine…/)
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: { ...loading, loading: { file: '/models/unet/model.onnx', bytes: 312e6, provider: 'cuda' } } }) })
  await host.page.clock.runFor(200)
  assert.match(await main(host), /Loading model\.onnx \(312 MB\) on CUDA…/)
  assert.equal(await runLabel(host), 'Stop')
  assert.equal(await busy(host), 'true')
  assert.equal(await host.page.locator('.state').getByText('Show Log').count(), 0)
  await host.page.locator('.state').getByText('Cancel').click()
  await host.received('stop')
  await host.page.clock.runFor(10_000)
  assert.match(await main(host), /Still loading\./)
  await host.page.locator('.state').getByText('Show Log').click()
  await host.received('showLog')
  await host.page.close()
})

test('a run that finds its steps by itself says its step and its share of the way, and its timeline grows with it', async () => {
  const asked = recipeOf({ 'noise.seed': 3, 'solver.algorithm': 'dpmsolver', 'solver.method': 'adaptive', 'solver.options': { rtol: 0.2, atol: 0.1 } })
  const made = await record(asked, digits)
  const host = await showing({ run: viewOf(made, 'running', 1) })
  assert.match(await host.page.locator('.state').innerText(), /Sampling: step 0 \(0 %\)/)
  const timeline = host.page.locator('#timeline')
  const seen = new Set([await timeline.getAttribute('max')])
  for (let row = 1; row < made.rows.length; row++) {
    await host.send({ type: 'rows', runId: 'run-1', rows: made.rows.slice(row, row + 1) })
    assert.match(await host.page.locator('.state').innerText(), new RegExp(`step ${row} \\(\\d+ %\\)`))
    seen.add(await timeline.getAttribute('max'))
  }
  assert.ok(seen.size > 3)
  assert.equal(await timeline.getAttribute('max'), String(made.rows.length - 1))
  assert.match(await announced(host), /^75 percent, step \d+ \(\d\d %\)\.$/)
  assert.equal(await host.page.locator('progress').getAttribute('value'), '1')
  await host.send({ type: 'state', state: stateOf(asked, digits, { run: viewOf(made, 'finished') }) })
  await host.page.close()
})

test('running: busy, progress, Stop; start, quarters and end are announced', async () => {
  const host = await showing({ run: { ...run('loading', 0), document: null } })
  assert.match(await announced(host), /Loading the model/)
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('running', 1) }) })
  assert.equal(await announced(host), 'Sampling started: 20 evaluations on CPU.')
  assert.equal(await busy(host), 'true')
  // What moves has the whole window drawn again and again, on the processor that samples.
  assert.equal(await host.page.locator('.turns').count(), 0)
  assert.equal(await host.page.locator('.ring').count(), 1)
  const said: string[] = []
  for (let row = 1; row < 21; row++) {
    await host.send({ type: 'rows', runId: 'run-1', rows: recording.rows.slice(row, row + 1) })
    const text = await announced(host)
    if (text !== said.at(-1)) said.push(text)
  }
  assert.deepEqual(said, ['Sampling started: 20 evaluations on CPU.', '25 percent, step 4 of 20.', '50 percent, step 9 of 20.', '75 percent, step 14 of 20.'])
  assert.equal(await host.page.locator('progress').getAttribute('value'), '20')
  await host.page.locator('#run').click()
  await host.received('stop')
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('finished') }) })
  assert.match(await announced(host), /^Finished: 20 evaluations in .+, seed 21\.$/)
  assert.equal(await busy(host), 'false')
  assert.equal(await runLabel(host), 'Run')
  await host.page.close()
})

test('stopping, overdue, stopped', async () => {
  const host = await showing({ run: run('stopping', 13) })
  assert.match(await main(host), /Stopping after the current evaluation…/)
  assert.equal(await runLabel(host), 'Stopping…')
  assert.equal(await disabled(host), true)
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('stopping', 13, { stopOverdue: true }) }) })
  assert.equal(await runLabel(host), 'Force Stop')
  await host.page.locator('#run').click()
  await host.received('forceStop')
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('stopped', 13) }) })
  assert.match(await main(host), /Stopped at step 12 of 20\. What was sampled is kept\./)
  const bar = host.page.locator('.state')
  const resume = bar.locator('vscode-button', { hasText: 'Resume' })
  assert.equal(await resume.evaluate((button) => (button as HTMLButtonElement).disabled), true, 'nobody knows yet')
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('stopped', 13, { resume: { why: 'Its method needs more.' } }) }) })
  assert.deepEqual([await resume.evaluate((button) => (button as HTMLButtonElement).disabled), await resume.getAttribute('title')], [true, 'Its method needs more.'])
  assert.match(await bar.innerText(), /It cannot be resumed: Its method needs more\./)
  const from = new Date(2026, 0, 2, 15, 4, 30, 200).getTime()
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('stopped', 13, { interrupted: true, resume: { why: 'It was written to just now.', from } }) }) })
  assert.match(await bar.innerText(), /Interrupted at step 12 of 20.*\s+Whether it can be resumed is known at 1\/2\/2026, 3:04:31\sPM\./)
  const today = Math.ceil(Date.now() / 1000) * 1000
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('stopped', 13, { interrupted: true, resume: { why: 'It was written to just now.', from: today } }) }) })
  if (new Date().toDateString() === new Date(today).toDateString()) assert.ok((await bar.innerText()).includes(`resumed is known at ${new Date(today).toLocaleTimeString('en')}.`), await bar.innerText())
  assert.equal(await resume.evaluate((button) => (button as HTMLButtonElement).disabled), true, 'not before that')
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('stopped', 13, { resume: { why: null } }) }) })
  assert.doesNotMatch(await bar.innerText(), /resumed/)
  await resume.click()
  await host.received('resume')
  await bar.locator('vscode-button', { hasText: 'Discard' }).click()
  await host.received('discard')
  assert.equal(await runLabel(host), 'Run')
  assert.match(await announced(host), /Stopped at step 12 of 20/)
  await host.page.close()
})

test('whose engine exited: it is resumed beside running it again, or the banner says why not; one that failed otherwise is not', async () => {
  const error: ErrorReport = { reason: 'engineExited', message: 'The engine process exited (SIGKILL).', advice: 'Run again.', remedy: { title: 'Run Again', command: 'runAgain' } }
  const host = await showing({ run: run('failed', 7, { error, resume: { why: null } }) })
  const banner = host.page.locator('.banner.error')
  const resume = banner.locator('vscode-button', { hasText: 'Resume' })
  await resume.click()
  await host.received('resume')
  assert.equal(await banner.locator('vscode-button', { hasText: 'Run Again' }).count(), 1)
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('failed', 7, { error, resume: { why: 'Its method needs more.' } }) }) })
  assert.equal(await resume.evaluate((button) => (button as HTMLButtonElement).disabled), true)
  assert.match(await banner.innerText(), /It cannot be resumed: Its method needs more\./)
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('failed', 7, { error: { ...error, reason: 'nonFinite' } }) }) })
  assert.equal(await resume.count(), 0)
  await host.page.close()
})

test('failed: numbers, provider, crash; each one sentence, one remedy, the log, and the rows kept', async () => {
  const cases: [ErrorReport, rows: number][] = [
    [{ reason: 'nonFinite', message: 'Values became NaN at step 7 (λ +1.90).', advice: 'A lower order is steadier.', remedy: { title: 'Retry with Order 1', set: { 'solver.order': 1 } } }, 7],
    [{ reason: 'providerUnavailable', message: 'CUDA could not be loaded: libcudnn.so.9 was not found.', advice: 'Install it, or use the CPU.', remedy: { title: 'Use CPU', command: 'useCpu' } }, 0],
    [{ reason: 'engineExited', message: 'The engine process exited (SIGKILL) during step 3.', advice: 'The recording up to step 2 is kept.', remedy: { title: 'Restart Engine', command: 'restartEngine' } }, 3],
  ]
  for (const [error, rows] of cases) {
    const host = await showing({ run: run('failed', rows, { error }) })
    const banner = host.page.locator('.banner.error')
    assert.equal(await banner.count(), 1)
    assert.equal(await banner.getAttribute('role'), 'alert')
    const text = await banner.innerText()
    assert.ok(text.includes(error.message) && text.includes(error.advice), text)
    await banner.getByText(error.remedy!.title).click()
    assert.deepEqual((await host.received('remedy')).remedy, error.remedy)
    assert.equal(await banner.getByText('Show Log').count(), 1)
    assert.equal(await host.page.locator('.thumbnail:not(.coming)').count(), rows)
    assert.equal(await runLabel(host), 'Run')
    await host.page.close()
  }
})

test('values that are not finite are counted in the statistics line and in the picture’s text', async () => {
  const broken = { ...recording.rows[6]!, x0: { min: NaN, max: NaN, mean: NaN, std: NaN, clipped: 0, nonFinite: 1024 } }
  const host = await showing({ run: { ...run('failed', 7), rows: [...recording.rows.slice(0, 6), broken] } })
  assert.match(await host.page.locator('footer.status .bad').innerText(), /NaN 1024/)
  assert.match(await host.page.locator('[data-frame=x0]').getAttribute('aria-label') ?? '', /1024 values not finite/)
  await host.page.close()
})

test('a run refused for a field puts the focus there', async () => {
  const host = await showing({})
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'solver.steps': 1 }), digits, { notice: { reason: 'recipeInvalid', message: 'Too few steps.', advice: 'Use 2.', field: 'solver.steps' } }) })
  await host.page.waitForFunction(() => document.activeElement?.id === 'field-solver-steps')
  await host.page.getByLabel('Dismiss').first().click()
  await host.received('dismissNotice')
  await host.page.close()
})

test('a refused field of radio buttons has its chosen one focused', async () => {
  const host = await showing({})
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'solver.order': 3 }), digits, { notice: { reason: 'recipeInvalid', message: 'No such order.', advice: 'Use 2.', field: 'solver.order' } }) })
  await host.page.waitForFunction(() => document.activeElement?.matches('#field-solver-order input[value="3"]'))
  await host.page.close()
})

test('Restricted Mode: viewing works, Run says why not, one button leads to trust', async () => {
  const host = await showing({ trusted: false, run: run('finished') })
  assert.match(await main(host), /Running models needs a trusted workspace\./)
  assert.equal(await disabled(host), true)
  assert.match(await host.page.locator('#run').getAttribute('title') ?? '', /trusted workspace/)
  await host.page.getByText('Manage Trust').click()
  await host.received('manageTrust')
  await host.page.locator('main').click({ position: { x: 4, y: 4 } })
  await host.page.keyboard.press('Home')
  await host.drawn()
  assert.match(await host.page.locator('.probe h2').first().innerText(), /Step 0 of 20/)
  await host.page.close()
})

test('the provider that ran is said, and why the others did not', async () => {
  const host = await showing({ run: run('finished') })
  const chip = host.page.locator('button.chip')
  assert.equal((await chip.innerText()).trim(), 'CPU · 1×1×32×32')
  assert.match(await chip.getAttribute('title') ?? '', /CUDA: libcudnn\.so\.9 was not found/)
  await chip.click()
  assert.match(await host.page.locator('[role=dialog]').innerText(), /CUDA\s+libcudnn\.so\.9 was not found[\s\S]*CPU\s+runs/)
  await host.page.keyboard.press('Escape')
  await host.page.locator('[role=dialog]').waitFor({ state: 'detached' })
  await host.page.close()
})

test('the machine that samples is named where it is another one, and at 400 px nothing is pushed out by it', async () => {
  const host = await showing({ run: run('finished'), remote: 'SSH: a-machine-with-quite-a-long-name.example' })
  const chip = host.page.locator('.chip.remote')
  assert.match(await chip.innerText(), /^on SSH: a-machine/)
  assert.match(await chip.getAttribute('title') ?? '', /^Models run on SSH: a-machine-with-quite-a-long-name\.example;/)
  await host.page.setViewportSize({ width: 400, height: 820 })
  await host.drawn()
  assert.ok(await host.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  await host.page.close()
})

test('of a recording it is named only while that goes on', async () => {
  for (const [status, chips] of [['running', 1], ['finished', 0]] as const) {
    const host = await showing({ recording: '/runs/run-1', run: run(status, 3), remote: 'SSH: gpu-box' })
    assert.equal(await host.page.locator('.chip.remote').count(), chips)
    await host.page.close()
  }
})

test('one evaluation is told of in the singular', async () => {
  const finished = run('finished', 2)
  const one = finished.rows.map((row) => ({ ...row, evaluations: 1 }))
  const host = await showing({ run: { ...finished, rows: one } })
  assert.match(await host.page.locator('.state').innerText(), /Finished: 1 evaluation[, ]/)
  await host.page.close()
})

test('a software adapter is said to be one', async () => {
  const finished = run('finished')
  const engine = { ...finished.document!.engine, provider: 'webgpu', tried: [{ provider: 'webgpu' }], adapter: 'software' as const }
  const host = await showing({ run: { ...finished, document: { ...finished.document!, engine } } })
  await host.page.locator('button.chip').click()
  assert.match(await host.page.locator('[role=dialog]').innerText(), /WebGPU\s+runs, on a software adapter/)
  await host.page.close()
})

test('a server that evaluated is said by its address', async () => {
  const finished = run('finished')
  const server = { url: 'http://host:8000/v2/models/digits', name: 'triton', version: '2.51.0', platform: 'onnxruntime_onnx', modelVersion: '1' }
  const engine = { ...finished.document!.engine, provider: 'server', tried: [{ provider: 'server' }], server }
  const host = await showing({ run: { ...finished, document: { ...finished.document!, engine } } })
  const chip = host.page.locator('button.chip')
  assert.equal((await chip.innerText()).trim(), 'server · 1×1×32×32')
  assert.match(await chip.getAttribute('title') ?? '', /http:\/\/host:8000\/v2\/models\/digits/)
  await chip.click()
  assert.match(await host.page.locator('[role=dialog]').innerText(), /Model\s+http:\/\/host:8000\/v2\/models\/digits\s+Version\s+1\s+Server\s+triton 2\.51\.0\s+Platform\s+onnxruntime_onnx/)
  await host.page.close()
})

test('finished: what can be done with the result, and neither Resume nor Discard', async () => {
  const host = await showing({ run: run('finished'), recipe: otherSeed })
  const bar = host.page.locator('.state')
  assert.deepEqual((await bar.locator('vscode-button').allInnerTexts()).map((text) => text.trim()), ['Save Image…', 'Export…', 'Reuse Seed'])
  await bar.getByText('Save Image…').click()
  assert.deepEqual(await host.received('saveImage'), { type: 'saveImage', runId: 'run-1', row: 20, what: 'x0' })
  await bar.getByText('Export…').click()
  assert.equal((await host.received('command')).command, 'dpmSolver.exportTrajectory')
  await bar.getByText('Reuse Seed').click()
  assert.equal((await host.received('recipe')).recipe.noise.seed, 21)
  await host.page.close()
})

test('the recipe of a run that the form differs from in more than the seed can be put into the form', async () => {
  const host = await showing({ run: run('finished'), recipe: { ...otherSeed, solver: { ...recipe.solver, steps: 9 } } })
  const use = host.page.locator('.state').getByText('Use This Recipe')
  await use.click()
  assert.deepEqual(await host.received('useRecipe'), { type: 'useRecipe' })
  await host.send({ type: 'state', state: stateOf(otherSeed, digits, { run: run('finished') }) })
  await use.waitFor({ state: 'detached' })
  assert.ok(await host.page.locator('.state').getByText('Reuse Seed').isVisible())
  await host.page.close()
})

test('a model that cannot be sampled, and no run: an illustration, two ways to another model, and how models must look', async () => {
  const error: ErrorReport = { reason: 'modelMissing', message: '/models/none.onnx does not exist.', advice: 'Choose another model.', remedy: { title: 'Select Model…', command: 'selectModel' } }
  const host = await showing({ model: { status: 'failed', path: 'digits', error }, recipe: recipeOf({ 'model.path': '/models/none.onnx' }) })
  const welcome = host.page.locator('.no-model')
  assert.equal(await welcome.getByRole('heading').innerText(), 'Choose a model to start')
  assert.equal(await welcome.locator('svg[aria-hidden=true]').count(), 1)
  assert.equal(await host.page.locator('.banner.error').count(), 1)
  assert.equal(await host.page.locator('main canvas').count(), 0)
  await welcome.getByText('Choose ONNX File…').click()
  assert.deepEqual(await host.received('browseModel'), { type: 'browseModel', what: 'file' })
  await welcome.getByRole('button', { name: 'How models must look' }).click()
  assert.deepEqual((await host.received('remedy')).remedy, { title: 'How models must look', command: 'howModelsLook' })
  await welcome.getByText('Use Demo Model').click()
  assert.equal((await host.received('recipe')).recipe.model.path, 'digits')
  await host.send({ type: 'state', state: stateOf(recipe, digits) })
  assert.equal(await welcome.count(), 0)
  assert.equal(await host.page.locator('main canvas[role=img]').count() > 0, true)
  await host.page.close()
})

test('several things are wrong: one box, the most telling first, and the others behind it', async () => {
  const wrong = (message: string): ErrorReport => ({ reason: 'evaluationFailed', message, advice: 'Do this.' })
  const host = await showing({ notice: wrong('The image cannot be saved.'), run: run('failed', 3, { error: wrong('The network failed.') }), model: { status: 'failed', path: 'digits', error: wrong('The model is gone.') } })
  const box = host.page.locator('.banner.error')
  const said: string[] = []
  for (let i = 0; i < 4; i++) {
    assert.equal(await box.count(), 1)
    assert.match(await box.innerText(), /2 more/)
    said.push(await box.locator('strong').innerText())
    assert.equal(await box.getByLabel('Dismiss').count() > 0, i % 3 === 0, 'a notice can be dismissed')
    await box.getByText('2 more').click()
    await host.drawn()
  }
  assert.deepEqual(said, ['The image cannot be saved.', 'The network failed.', 'The model is gone.', 'The image cannot be saved.'])
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: run('failed', 3, { error: wrong('The network failed.') }) }) })
  assert.equal(await box.locator('strong').innerText(), 'The network failed.')
  assert.doesNotMatch(await box.innerText(), /more/)
  await host.page.close()
})

test('a picture that is smaller than it could be while its run goes: Full Resolution stays at its step and fetches it', async () => {
  const host = await showing({ run: run('running', 6), remote: 'SSH: gpu-box' })
  const small = { row: 5, width: 16, height: 16, x: new Uint8Array(1024), x0: new Uint8Array(1024) }
  await host.send({ type: 'frame', runId: 'run-1', live: true, row: 5, frames: small })
  await host.page.locator('.state').getByText('Full Resolution').click()
  assert.equal((await host.received('frameRequest')).row, 5)
  await host.send({ type: 'frame', runId: 'run-1', live: false, row: 5, frames: recording.frames[5]! })
  assert.deepEqual((await host.pixels('[data-frame=x0]')).rgba, [...recording.frames[5]!.x0])
  assert.equal(await host.page.locator('.state').getByText('Full Resolution').count(), 0)
  await host.send({ type: 'frame', runId: 'run-1', live: true, row: 5, frames: recording.frames[5]! })
  await host.page.close()
})

test('who comes to an empty panel finds Run under their hand', async () => {
  const host = await bench.open()
  // Who is elsewhere when the panel opens comes later.
  await host.page.evaluate(() => { document.hasFocus = () => false })
  await host.send({ type: 'state', state: stateOf(recipe, digits) })
  await host.drawn()
  assert.equal(await host.page.evaluate(() => document.activeElement === document.body), true)
  await host.page.evaluate(() => { window.dispatchEvent(new Event('focus')) })
  await host.page.waitForFunction(() => document.activeElement?.id === 'run')
  await host.page.close()
})

test('who is at an empty panel before Run can be chosen finds it under their hand then, once, unless the focus is on something', async () => {
  const host = await bench.open()
  const focused = (): Promise<string | undefined> => host.page.evaluate(() => document.activeElement === document.body ? 'body' : document.activeElement?.id)
  const onTab = await bench.open()
  await onTab.page.locator('#tab-plan').focus()
  await host.send({ type: 'state', state: stateOf(recipe, digits, { trusted: false }) })
  await host.drawn()
  assert.equal(await focused(), 'body')
  await host.send({ type: 'state', state: stateOf(recipe, digits) })
  await host.page.waitForFunction(() => document.activeElement?.id === 'run')
  await host.page.evaluate(() => { (document.activeElement as HTMLElement).blur() })
  await host.send({ type: 'state', state: stateOf(recipe, digits, { trusted: false }) }, { type: 'state', state: stateOf(recipe, digits) })
  await host.drawn()
  assert.equal(await focused(), 'body', 'not a second time')
  await host.page.close()

  await onTab.send({ type: 'state', state: stateOf(recipe, digits) })
  await onTab.drawn()
  assert.equal(await onTab.page.evaluate(() => document.activeElement?.id), 'tab-plan')
  await onTab.page.close()
})

test('a popup gives the focus back to what opened it, unless it is elsewhere by then', async () => {
  const host = await showing({ run: run('finished') })
  const at = (selector: string): Promise<unknown> => host.page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector)
  const help = 'vscode-button[aria-label="Keyboard shortcuts"]'
  for (const opener of ['button.chip', help]) {
    for (const close of [() => host.page.keyboard.press('Escape'), () => host.page.locator('[role=dialog] vscode-button').click()]) {
      await host.page.locator(opener).focus()
      await host.page.keyboard.press('Enter')
      await at('[role=dialog]')
      await close()
      await host.page.locator('[role=dialog]').waitFor({ state: 'detached' })
      await at(opener)
    }
  }
  await host.page.keyboard.press('Enter')
  await at('[role=dialog]')
  await host.page.locator('#tab-sample').focus()
  await host.page.keyboard.press('Escape')
  await host.page.locator('[role=dialog]').waitFor({ state: 'detached' })
  await at('#tab-sample')
  await host.page.close()
})

test('the key list is made from the key table and closes with Escape', async () => {
  const host = await showing({ run: run('finished') })
  await host.page.locator('main').click({ position: { x: 4, y: 4 } })
  await host.page.keyboard.press('?')
  const text = await host.page.locator('[role=dialog]').innerText()
  for (const key of ['Ctrl+Enter', 'Escape', 'Space', '←', 'Shift+→', 'Home', 'End', '1', '2', '0']) assert.ok(text.includes(key), key)
  await host.page.keyboard.press('Escape')
  await host.page.locator('[role=dialog]').waitFor({ state: 'detached' })
  assert.equal(host.of('stop').length, 0, 'Escape and Ctrl+Enter are keybindings of the extension')
  await host.page.keyboard.press('Control+Enter')
  assert.equal(host.of('run').length, 0)
  await host.page.close()
})

test('runs that wait are counted, and settings are one button away', async () => {
  const host = await showing({ run: run('running', 5), queued: 2 })
  assert.match(await host.page.locator('.run-bar').innerText(), /2 waiting/)
  await host.page.locator('.run-bar').getByTitle('Open the settings of DPM-Solver').click()
  await host.received('openSettings')
  await host.page.close()
})

test('the Plan tab computes the steps of the form without a model run', async () => {
  const host = await showing({})
  await host.page.locator('#tab-sample').focus()
  await host.page.keyboard.press('ArrowRight')
  await host.drawn()
  assert.equal(await host.page.locator('.steps tbody tr').count(), 21)
  const plan = recording.document.plan
  const first = (await host.page.locator('.steps tbody tr').first().innerText()).split('\t').map((cell) => cell.trim())
  assert.deepEqual(first.slice(0, 2), ['0', plan.levels[0]!.t.toFixed(5)])
  await host.page.locator('#field-solver-steps input').fill('7')
  await host.drawn()
  assert.equal(await host.page.locator('.steps tbody tr').count(), 8)
  await host.page.close()
})
