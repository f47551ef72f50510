// The form's fields that come from the algorithms' rows, the groups they are folded into, and the ways a field is taken back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ModelFacts } from '../../src/recipe/model'
import { getPath } from '../../src/recipe/path'
import { prepare } from '../../src/recipe/prepare'
import type { Recipe } from '../../src/recipe/recipe'
import { scheduleOptionsOf } from '../../src/recipe/scheduleOptions'
import { schemaAt } from '../../src/recipe/schema'
import { algorithms } from '../../src/sampler/algorithms'
import type { AlgorithmRow, Option } from '../../src/sampler/row'
import type { Algorithm } from '../../src/sampler/types'
import { Bench, type Host } from './harness'
import { digits, recipeOf, stateOf } from './recording'

let bench: Bench
before(async () => { bench = await Bench.start() })
after(async () => { await bench.stop() })

const facts: ModelFacts = { ...digits, statistic: { lambda: [-4, 0, 4], meanSquare: [1, 0.5, 0.1] }, learnsVariance: true, solverOffer: null }
const all = ['advanced', 'thresholding', 'guidance', 'image']
const rows = Object.entries(algorithms) as [Algorithm, AlgorithmRow][]
const valuesOf = (path: string): string[] => schemaAt(path)!.enum!.map(String)
const control = (path: string): string => `#field-${path.replaceAll('.', '-')}`

async function opened(set: Record<string, unknown> = {}, model = facts, folds: string[] = all): Promise<Host> {
  const host = await bench.open({ saved: { folds } })
  await show(host, recipeOf(set), model)
  return host
}
const show = (host: Host, recipe: Recipe, model = facts): Promise<void> => host.send({ type: 'state', state: stateOf(recipe, model) })
const fieldsIn = (host: Host, fold: string): Promise<string[]> => host.page.locator(`[data-fold=${fold}] [data-field]`).evaluateAll((fields) => fields.map((field) => field.getAttribute('data-field')!))
const why = (host: Host, path: string): Promise<string | null> => host.page.locator(`[data-field="${path}"]`).getAttribute('title')
const isDisabled = (host: Host, path: string): Promise<boolean> => host.page.locator(control(path)).evaluate((element) => (
  element.getAttribute('role') === 'radiogroup' ? [...element.querySelectorAll('input')].every(({ disabled }) => disabled) : (element as HTMLButtonElement).disabled
))
async function edited(host: Host, edit: () => Promise<void>): Promise<Recipe> {
  const sent = host.of('recipe').length
  await edit()
  return (await host.received('recipe', sent)).recipe
}
const choose = async (host: Host, path: string, label: string): Promise<void> => {
  await host.page.locator(control(path)).click()
  await host.page.locator(`${control(path)} vscode-option`).filter({ hasText: new RegExp(`^\\s*${label.replace(/[()+.]/g, '\\$&')}\\s*$`) }).click()
}

test('the algorithms are listed by the names of their rows, each with what it is', async () => {
  const host = await opened()
  const listed = await host.page.locator(`${control('solver.algorithm')} vscode-option`).evaluateAll((options) => options.map((option) => [(option as HTMLOptionElement).value, option.textContent.trim(), option.getAttribute('title')]))
  assert.deepEqual(listed, valuesOf('solver.algorithm').map((name) => {
    const { title, about } = algorithms[name as Algorithm]
    return [name, title, `${title}: ${about}`]
  }))
  await host.page.close()
})

test('for every algorithm, method, order, spacing and noise schedule the form shows the options that count, and no other', async () => {
  const host = await opened()
  const standing = ['schedule.lambdaMin', 'schedule.zeroTerminalSnr', 'schedule.tStart', 'model.predictionType', 'model.nullClassLabel']
  const cases: Record<string, unknown>[] = [
    ...rows.flatMap(([algorithm]) => valuesOf('schedule.spacing').map((spacing) => ({ 'solver.algorithm': algorithm, 'schedule.spacing': spacing }))),
    ...rows.flatMap(([algorithm, { methods, orders }]) => methods.flatMap((method) => orders.map((order) => ({ 'solver.algorithm': algorithm, 'solver.method': method, 'solver.order': order })))),
    ...valuesOf('schedule.noise').map((noise) => ({ 'schedule.noise': noise, 'schedule.spacing': 'leading' })),
  ]
  for (const set of cases) {
    const recipe = recipeOf(set)
    const row = algorithms[recipe.solver.algorithm]
    const method = row.methods.length === 1 ? row.methods[0]! : recipe.solver.method
    const used = row.uses({ ...recipe.solver, spacing: recipe.schedule.spacing, method, order: row.orders.length === 1 ? row.orders[0]! : recipe.solver.order })
    const { noise } = recipe.schedule
    const spacing = method === 'adaptive' ? 'logSNR' : recipe.schedule.spacing
    const expected = [
      ...row.options.filter(({ name }) => used.includes(name)).map(({ name }) => `solver.options.${name}`), ...scheduleOptionsOf({ noise, spacing }).map((name) => `schedule.options.${name}`),
      ...spacing === 'karras' ? ['schedule.karrasRho'] : [], ...spacing === 'custom' || spacing === 'tuned' ? ['schedule.timesteps'] : [], ...noise === 'betas' ? ['schedule.betas'] : [], ...standing,
    ]
    await show(host, recipe)
    assert.deepEqual(await fieldsIn(host, 'advanced'), expected, JSON.stringify(set))
  }
  console.log(`${cases.length} recipes`)
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

/** A value that the option may have and usually has not, as it is typed or chosen. */
function another(option: Option): { text: string; value: unknown } {
  if (option.kind === 'number') {
    const value = option.whole ? (option.atLeast ?? 0) + 2 : (option.atMost ?? Infinity) <= 1 ? option.name === 'r2' ? 0.9 : 0.25 : 0.5
    return { text: String(value), value }
  }
  if (option.kind === 'choice') {
    const value = option.values.find((one) => one !== option.usual)!
    return { text: value, value }
  }
  return { text: '', value: true }
}

test('every option of every algorithm arrives in the recipe, and is left out again where it is taken back', async () => {
  const host = await opened()
  const done = new Set<string>()
  for (const [algorithm, row] of rows) {
    const { methods, orders, options } = row
    for (const method of methods) for (const order of orders.length > 0 ? orders : [2 as const]) {
      if (method === 'adaptive' && order === 1) continue // there are none of order 1
      const recipe = recipeOf({ 'solver.algorithm': algorithm, 'solver.method': method, 'solver.order': order })
      const used = row.uses({ ...recipe.solver, spacing: 'logSNR' })
      for (const option of options.filter(({ name, kind }) => kind !== 'statistic' && used.includes(name) && !done.has(`${algorithm} ${name}`))) {
        done.add(`${algorithm} ${option.name}`)
        const path = `solver.options.${option.name}`
        const { text, value } = another(option)
        await show(host, recipe)
        const set = await edited(host, () => option.kind === 'number' ? host.page.locator(`${control(path)} input`).fill(text) : option.kind === 'choice' ? choose(host, path, text) : host.page.locator(control(path)).click())
        assert.deepEqual(set, { ...recipe, solver: { ...recipe.solver, options: { [option.name]: value } } }, `${algorithm} ${method} ${order} ${path}`)
        prepare(set, facts)
        await host.drawn()
        const back = await edited(host, () => host.page.locator(`[data-field="${path}"] .reset`).click({ force: true }))
        assert.deepEqual(back, recipe, `${path} taken back`)
        await host.drawn()
        assert.equal(await host.page.locator(`[data-field="${path}"] .reset`).count(), 0)
      }
    }
  }
  console.log(`${done.size} options of ${rows.length} algorithms`)
  assert.ok(done.size > 50)
  await host.page.close()
})

test('an option says what it is usually, and is left out where it says that or nothing', async () => {
  const host = await opened({ 'solver.algorithm': 'unipc', 'solver.options': { b: 'bh1' } })
  assert.deepEqual((await edited(host, () => choose(host, 'solver.options.b', 'bh2'))).solver.options, {})
  await show(host, recipeOf({ 'solver.method': 'singlestep', 'solver.order': 3, 'solver.options': { r2: 0.8 } }))
  const r1 = host.page.locator(`${control('solver.options.r1')} input`)
  assert.equal(await r1.getAttribute('placeholder'), '0.3333')
  assert.deepEqual((await edited(host, () => host.page.locator(`${control('solver.options.r2')} input`).fill(''))).solver.options, {})
  await r1.fill('1.5')
  await host.page.locator('[data-field="solver.options.r1"] .field-error').waitFor()
  assert.match(await host.page.locator('[data-field="solver.options.r1"] .field-error').innerText(), /^r₁ must be a number above 0 and at most 1\.$/)
  await show(host, recipeOf({ 'solver.method': 'singlestep', 'solver.order': 2 }))
  assert.equal(await r1.getAttribute('placeholder'), '0.5')
  await host.page.close()
})

test('options of schedules arrive too: numbers, a word, lists, a choice, yes or no', async () => {
  const host = await opened()
  const cases: [set: Record<string, unknown>, path: string, text: string, value: unknown][] = [
    [{ 'schedule.spacing': 'timePower' }, 'schedule.options.power', '3', 3], [{ 'schedule.spacing': 'leading' }, 'schedule.options.offset', '1', 1],
    [{ 'schedule.noise': 'flow' }, 'schedule.options.shift', 'dynamic', 'dynamic'], [{ 'schedule.noise': 'flow' }, 'schedule.options.shift', '3', 3], [{ 'schedule.noise': 'edm' }, 'schedule.options.sigmaMax', '40', 40],
    [{ 'schedule.spacing': 'custom', 'solver.steps': 4 }, 'schedule.timesteps', '999, 600 300;50', [999, 600, 300, 50]], [{ 'schedule.spacing': 'custom' }, 'schedule.options.sigmas', '80, 5, 0.1', [80, 5, 0.1]],
    [{ 'schedule.noise': 'betas' }, 'schedule.betas', '0.001, 0.01, 1e-1', [0.001, 0.01, 0.1]], [{ 'schedule.spacing': 'karras' }, 'schedule.karrasRho', '5', 5],
    [{}, 'schedule.lambdaMin', 'none', 'none'], [{}, 'schedule.lambdaMin', '-4', -4], [{}, 'schedule.tStart', '0.5', 0.5], [{}, 'model.nullClassLabel', '3', 3],
  ]
  for (const [set, path, text, value] of cases) {
    const recipe = recipeOf(set)
    await show(host, recipe)
    assert.deepEqual(getPath(await edited(host, () => host.page.locator(`${control(path)} input`).fill(text)), path), value, path)
  }
  for (const [set, path, label, value] of [[{ 'schedule.spacing': 'beta' }, 'schedule.options.betaOf', 'sigma', 'sigma'], [{ 'schedule.spacing': 'ays' }, 'schedule.options.table', 'sdxl', 'sdxl'], [{}, 'model.predictionType', 'v', 'v_prediction'], [{}, 'noise.generator', 'PyTorch, CPU', 'torch-cpu'], [{}, 'solver.variant', 'Taylor', 'taylor']] as const) {
    await show(host, recipeOf(set))
    assert.equal(getPath(await edited(host, () => choose(host, path, label)), path), value, path)
  }
  for (const [set, path] of [[{ 'schedule.spacing': 'linspace' }, 'schedule.options.extraPoint'], [{}, 'schedule.zeroTerminalSnr'], [{}, 'solver.thresholding']] as const) {
    await show(host, recipeOf(set))
    assert.equal(getPath(await edited(host, () => host.page.locator(control(path)).click()), path), true, path)
  }
  await show(host, recipeOf({ 'schedule.spacing': 'custom' }))
  await host.page.locator(`${control('schedule.timesteps')} input`).fill('999, many')
  await host.page.locator('[data-field="schedule.timesteps"] .field-error').waitFor()
  await host.page.locator(`${control('schedule.lambdaMin')} input`).fill('low')
  assert.match(await host.page.locator('[data-field="schedule.lambdaMin"] .field-error').innerText(), /^λ min must be /, 'a symbol is not capitalised')
  await host.page.close()
})

test('what a choice rules out is off and says why', async () => {
  const host = await opened()
  const cases: [set: Record<string, unknown>, path: string, says: RegExp | null][] = [
    [{ 'solver.algorithm': 'heun' }, 'solver.order', /Heun has one order\./], [{ 'solver.algorithm': 'heun' }, 'solver.method', /Heun has one method\./], [{ 'solver.algorithm': 'unipc' }, 'solver.variant', /UniPC has one variant\./],
    [{ 'solver.algorithm': 'unipc' }, 'solver.order', null], [{ 'solver.algorithm': 'unipc', 'solver.order': 3 }, 'solver.lowerOrderBelow', null], [{ 'solver.algorithm': 'lms' }, 'solver.lowerOrderBelow', /LMS does not lower/],
    [{ 'solver.method': 'adaptive' }, 'solver.steps', /Adaptive steps find their own number\./], [{ 'solver.method': 'adaptive' }, 'schedule.spacing', /their own places/], [{ 'solver.algorithm': 'rk45' }, 'solver.steps', /their own number/],
    [{}, 'solver.thresholdingRatio', /not on/], [{ 'solver.thresholding': true }, 'solver.thresholdingRatio', null], [{ 'solver.thresholding': true, 'solver.thresholdingForm': 'clip' }, 'solver.thresholdingRatio', /no quantile/],
    [{ 'conditioning.classLabel': 3 }, 'guidance.rescale', /Scale 1 is no guidance/], [{ 'conditioning.classLabel': 3, 'guidance.scale': 2 }, 'guidance.rescale', null], [{}, 'guidance.classifierScale', /No classifier/],
    [{ 'guidance.classifier': '/m/c.onnx' }, 'guidance.classifierScale', null], [{}, 'input.way', /several ways/], [{ 'input.task': 'noise', 'input.image': '/a.png' }, 'input.way', null], [{}, 'input.mask', /what to keep/],
    ...['noise', 'encode', 'reconstruct'].map((task): [Record<string, unknown>, string, RegExp] => [{ 'input.task': task, 'input.image': '/a.png', 'input.mask': '/m.png' }, 'input.mask', /Only sampling/]), [{ 'input.image': '/a.png', 'input.mask': '/m.png' }, 'input.mask', null],
    [{ 'input.task': 'noise', 'input.image': '/a.png' }, 'solver.algorithm', /needs no solver/], [{ 'input.task': 'noise', 'input.image': '/a.png' }, 'solver.steps', null], [{ 'input.task': 'encode', 'input.image': '/a.png' }, 'solver.finalSigma', /ends of the schedule/],
    [{ 'schedule.noise': 'vpLinear' }, 'schedule.lambdaMin', /Only discrete/], [{ 'schedule.zeroTerminalSnr': true }, 'schedule.lambdaMin', /all knots/],
  ]
  for (const [set, path, says] of cases) {
    await show(host, recipeOf(set))
    assert.equal(await isDisabled(host, path), says !== null, `${path} ${JSON.stringify(set)}`)
    if (says) assert.match(await why(host, path) ?? '', says)
    if (says && !['input.mask'].includes(path)) {
      const described = host.page.locator(control(path)).locator('input, button').or(host.page.locator(control(path)))
      assert.ok((await described.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-description')))).some((text) => text !== null && says.test(text)), `${path} tells assistive technology`)
    }
  }
  await show(host, recipeOf({ 'solver.algorithm': 'sde-dpmsolver++' }))
  assert.deepEqual(await host.page.locator(`${control('solver.method')} vscode-option`).evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value)), ['multistep', 'singlestep', 'singlestepFixed'])
  await host.page.close()
})

test('of a model of latents neither image nor thresholding can be set, and both say why; an image that is set is refused with its remedy', async () => {
  const latent: ModelFacts = { ...facts, name: 'latent', shape: [4, 8, 8], latents: 'sd' }
  const host = await opened({}, latent)
  for (const path of ['input.task', 'input.image', 'input.mask', 'input.way']) assert.deepEqual([await isDisabled(host, path), await why(host, path)], [true, 'latent works on 4 channels; a picture gives 1 or 3.'], path)
  assert.deepEqual([await isDisabled(host, 'solver.thresholding'), await why(host, 'solver.thresholding')], [true, 'Thresholding is meant for pixels in [−1, 1], and latent samples latents.'])
  await show(host, recipeOf({ 'input.image': '/a.png' }), latent)
  const refused = host.page.locator('[data-field="input.image"] .field-error')
  await refused.waitFor()
  assert.equal((await edited(host, () => refused.locator('button').click())).input.image, '')
  await show(host, recipeOf({}), facts)
  assert.deepEqual([await isDisabled(host, 'input.image'), await isDisabled(host, 'solver.thresholding')], [false, false])
  await host.page.close()
})

test('groups are folded until they are wanted, come back as they were left, and tell of what is changed in them', async () => {
  const host = await opened({ 'solver.thresholding': true }, facts, [])
  assert.equal(await host.page.locator('details[open]').count(), 0)
  assert.deepEqual(await host.page.locator('details:has(.dot)').evaluateAll((groups) => groups.map((group) => (group as HTMLElement).dataset['fold'])), ['thresholding'])
  await host.page.locator('[data-fold=thresholding] summary').focus()
  await host.page.keyboard.press('Enter')
  await host.page.locator('[data-field="solver.thresholding"]').waitFor()
  await host.drawn()
  assert.deepEqual((await host.saved())['folds'], ['thresholding'])
  await host.page.locator('[data-fold=thresholding] summary').click()
  await host.page.locator('[data-field="solver.thresholding"]').waitFor({ state: 'detached' })
  assert.deepEqual((await host.saved())['folds'], [])
  await host.page.close()
})

test('a group unfolds when something in it is wrong, and can be folded again', async () => {
  const host = await opened({ 'schedule.noise': 'betas' }, facts, [])
  const error = host.page.locator('[data-fold=advanced] [data-field="schedule.betas"] .field-error')
  await error.waitFor()
  assert.match(await error.innerText(), /schedule\.betas lists none/)
  assert.equal(await host.page.locator('.field-error').count(), 1)
  await host.page.locator('[data-fold=advanced] summary').click()
  await error.waitFor({ state: 'detached' })
  await show(host, recipeOf({ 'solver.algorithm': 'ddpm', 'solver.options': { variance: 'learned' } }), digits)
  await host.page.locator('[data-field="solver.options.variance"] .field-error').waitFor()
  assert.equal(await host.page.locator('details[open]').count(), 1)
  await host.page.close()
})

test('why Run is not possible is said beside it, and leads to the field', async () => {
  const host = await opened({ 'schedule.spacing': 'custom' }, facts, [])
  const why = host.page.locator('.run-bar .why')
  await why.waitFor()
  assert.equal((await why.innerText()).trim(), await host.page.locator('#run').getAttribute('title'))
  assert.ok((await why.boundingBox())!.height <= 60, 'three lines at the most')
  await host.page.locator('[data-fold=advanced] summary').click()
  await host.page.locator('[data-field="schedule.timesteps"]').waitFor({ state: 'detached' })
  await why.click()
  await host.page.waitForFunction(() => document.activeElement?.id === 'field-schedule-timesteps')
  await show(host, recipeOf())
  await why.waitFor({ state: 'detached' })
  await host.page.close()
})

test('a refused run puts the focus into the group that the field is folded into', async () => {
  const host = await opened({}, facts, [])
  await host.send({ type: 'state', state: stateOf(recipeOf(), facts, { notice: { reason: 'recipeInvalid', message: 'The mask could not be read.', advice: 'Choose another.', field: 'input.way' } }) })
  await host.page.waitForFunction(() => document.querySelector('[data-fold=image]')?.hasAttribute('open'))
  await host.page.close()
})

test('a changed field is taken back by its mark, by mouse and keyboard', async () => {
  const host = await opened({ 'solver.steps': 25, 'noise.seed': 5, 'guidance.classifier': '/m/c.onnx' })
  assert.deepEqual(await host.page.locator('.reset').evaluateAll((marks) => marks.map((mark) => mark.getAttribute('aria-label'))), ['Reset Steps to 20', 'Reset Seed to random', 'Reset Classifier to none'])
  await host.page.locator('[data-field="solver.steps"] .reset').focus()
  assert.equal(await host.page.locator('[data-field="solver.steps"] .reset svg').isVisible(), true)
  assert.equal((await edited(host, () => host.page.keyboard.press('Enter'))).solver.steps, 20)
  await host.page.locator('[data-field="noise.seed"]').hover()
  assert.equal((await edited(host, () => host.page.locator('[data-field="noise.seed"] .reset').click())).noise.seed, 'random')
  await host.page.close()
})

test('a long reason why Run is not possible is broken, not cut; beside custom time steps stands how many they are, also where the model does not take them', async () => {
  const other: ModelFacts = { ...facts, schedule: { kind: 'edm', sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5 } }
  const timesteps = [999, 800, 600, 450, 300, 200, 100, 20]
  const host = await opened({ 'schedule.spacing': 'custom', 'schedule.timesteps': timesteps, 'solver.steps': 200 }, other)
  const why = host.page.locator('.run-bar .why')
  await why.waitFor()
  assert.match(await why.innerText(), /^The time 999 lies beyond/)
  assert.deepEqual(await why.locator('span').evaluate((one) => [one.scrollHeight <= one.clientHeight, one.scrollWidth <= one.clientWidth]), [true, true])
  const steps = (): Promise<string> => host.page.locator(control('solver.steps')).evaluate((one) => (one as HTMLInputElement).value)
  assert.deepEqual([await isDisabled(host, 'solver.steps'), await steps()], [true, '8'])
  assert.equal(await host.page.locator('[data-field="schedule.timesteps"] vscode-button, [data-field="schedule.timesteps"] ~ * vscode-button').filter({ hasText: 'Use' }).first().innerText(), 'Use log-SNR uniform')
  await host.page.close()
})

test('options and lists that nothing reads can be left out at once', async () => {
  const host = await opened({ 'solver.algorithm': 'ddim', 'solver.options': { eta: 1, r1: 0.4, foo: 1 }, 'schedule.options': { power: 3 }, 'schedule.timesteps': [900, 1], 'schedule.betas': [0.1, 0.2] })
  const recipe = await edited(host, () => host.page.getByText('Leave Out r1, foo, power, timesteps, betas').click())
  assert.deepEqual([recipe.solver.options, recipe.schedule.options, recipe.schedule.timesteps, recipe.schedule.betas], [{ eta: 1 }, {}, [], []])
  await host.drawn()
  assert.equal(await host.page.getByText(/^Leave Out/).count(), 0)
  await host.page.close()
})

test('files are asked of the host, named, and cleared', async () => {
  const host = await opened()
  for (const field of ['input.image', 'guidance.classifier'] as const) {
    const sent = host.of('browseFile').length
    await host.page.locator(control(field)).click()
    assert.deepEqual(await host.received('browseFile', sent), { type: 'browseFile', field })
  }
  await show(host, recipeOf({ 'input.image': '/home/me/cat.png', 'input.mask': 'C:\\pictures\\hole.png' }))
  assert.deepEqual(await host.page.locator('[data-fold=image] .file').allInnerTexts(), ['cat.png', 'hole.png'])
  assert.equal(await host.page.locator('[data-field="input.image"] .file').getAttribute('title'), '/home/me/cat.png')
  assert.deepEqual((await edited(host, () => host.page.getByLabel('Clear Mask').first().click())).input, { ...recipeOf().input, image: '/home/me/cat.png' })
  assert.equal(await host.page.locator('[data-fold=image] [data-field="schedule.tStart"]').count(), 1, 'where it begins is asked beside the image')
  assert.equal(await host.page.locator('[data-field="schedule.tStart"]').count(), 1)
  assert.match(await host.page.locator('main').innerText(), /The run begins with the image/)
  await host.page.close()
})

test('Analytic-DPM’s statistic says where it is from, and is estimated by a command', async () => {
  const own = { lambda: [0, 1], meanSquare: [0.5, 0.2] }
  const host = await opened({ 'solver.algorithm': 'analyticDpm' }, digits, [])
  const statistic = host.page.locator('[data-field="solver.options.statistic"]')
  await statistic.locator('.field-error').waitFor()
  assert.match(await statistic.innerText(), /none yet/)
  await statistic.getByText('Estimate…').click()
  assert.deepEqual(await host.received('command'), { type: 'command', command: 'dpmSolver.estimateVariance' })
  await show(host, recipeOf({ 'solver.algorithm': 'analyticDpm' }), facts)
  assert.match(await statistic.innerText(), /the model \(3 levels\)/)
  await show(host, recipeOf({ 'solver.algorithm': 'analyticDpm', 'solver.options': { statistic: own } }), facts)
  assert.match(await statistic.innerText(), /this recipe \(2 levels\)/)
  const text = statistic.locator('.own-line')
  assert.equal(await text.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth), true, 'nothing is cut off')
  assert.ok((await text.boundingBox())!.y + 10 < (await statistic.getByText('Estimate…').boundingBox())!.y, 'its buttons stand below')
  assert.deepEqual((await edited(host, () => statistic.getByText('Clear').click())).solver.options, {})
  await host.page.close()
})

test('a row stays one line after its dropdown was opened', async () => {
  const host = await opened()
  const row = host.page.locator('[data-field="model.path"]')
  const heights = async (): Promise<number> => (await row.boundingBox())!.height
  const before = await heights()
  await host.page.locator(control('model.path')).click()
  await host.page.keyboard.press('Escape')
  await host.drawn()
  assert.match(await host.page.locator(control('model.path')).getAttribute('class') ?? '', /below|above/, 'what the toolkit leaves there')
  assert.equal(await heights(), before)
  await host.page.close()
})
