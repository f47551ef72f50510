import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { defaultRecipe } from '../../src/recipe/defaults'
import { prepare } from '../../src/recipe/prepare'
import { Bench, type Host } from './harness'
import { digits, emoji, record, recipeOf, stateOf, viewOf } from './recording'

let bench: Bench
before(async () => { bench = await Bench.start() })
after(async () => { await bench.stop() })

/** A page that shows a recipe for a model, nothing run yet. */
async function opened(set: Record<string, unknown> = {}, facts = digits): Promise<Host> {
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'model.path': facts.path, ...set }), facts) })
  return host
}

const control = (path: string): string => `#field-${path.replaceAll('.', '-')}`
const choose = async (host: Host, path: string, label: string): Promise<void> => {
  await host.page.locator(control(path)).click()
  await host.page.locator(`${control(path)} vscode-option`, { hasText: new RegExp(`^\\s*${label}\\s*$`) }).click()
}
const type = async (host: Host, path: string, text: string): Promise<void> => { await host.page.locator(`${control(path)} input`).fill(text) }
const errorOf = (host: Host, path: string) => host.page.locator(`[data-field="${path}"] .field-error`)
const isDisabled = (host: Host, selector: string): Promise<boolean> => host.page.locator(selector).evaluate((element) => (element as HTMLButtonElement).disabled)

test('each control writes its own recipe field and no other', async () => {
  const host = await opened()
  const { page } = host
  const edits: [path: string, value: unknown, edit: () => Promise<void>][] = [
    ['noise.batch', 3, () => type(host, 'noise.batch', '3')],
    ['conditioning.classLabel', 7, () => choose(host, 'conditioning.classLabel', '7')],
    ['solver.algorithm', 'dpmsolver', () => choose(host, 'solver.algorithm', 'DPM-Solver')],
    ['solver.method', 'singlestep', () => choose(host, 'solver.method', 'singlestep')],
    ['solver.order', 3, () => page.locator(`${control('solver.order')} label`, { hasText: '3' }).click()],
    ['solver.orderSplit', 'greedy', () => choose(host, 'solver.orderSplit', 'third order first')],
    ['solver.steps', 30, () => type(host, 'solver.steps', '30')],
    ['solver.finalSigma', 'sigmaMin', () => choose(host, 'solver.finalSigma', 'σ at t_end')],
    ['schedule.noise', 'squaredcosCapV2', () => choose(host, 'schedule.noise', 'squared cosine')],
    ['schedule.spacing', 'timeQuadratic', () => choose(host, 'schedule.spacing', 'time quadratic')],
    ['schedule.tEnd', 0.002, () => type(host, 'schedule.tEnd', '0.002')],
    ['noise.seed', 1234, () => type(host, 'noise.seed', '1234')],
    ['guidance.scale', 2.5, () => type(host, 'guidance.scale', '2.5')],
  ]
  let expected = recipeOf()
  for (const [path, value, edit] of edits) {
    const sent = host.of('recipe').length
    await edit()
    const { recipe } = await host.received('recipe', sent)
    expected = recipeOf(Object.fromEntries([...edits.slice(0, edits.findIndex(([other]) => other === path)).map(([p, v]) => [p, v] as const), [path, value]]))
    assert.deepEqual(recipe, expected, path)
  }
  await page.locator('#run').click()
  assert.deepEqual((await host.received('run')).recipe, expected)
  assert.deepEqual(host.problems, [])
  await page.close()
})

test('sliders and arrow keys change numbers within their range', async () => {
  const host = await opened()
  await host.page.locator('[aria-label="Steps slider"]').focus()
  await host.page.keyboard.press('ArrowRight')
  assert.equal((await host.received('recipe')).recipe.solver.steps, 21)
  await host.page.locator(`${control('solver.steps')} input`).focus()
  await host.page.keyboard.press('Shift+ArrowUp')
  assert.equal((await host.received('recipe', 1)).recipe.solver.steps, 31)
  await type(host, 'solver.steps', '1')
  assert.equal((await host.received('recipe', 2)).recipe.solver.steps, 1)
  const sent = host.of('recipe').length
  await host.page.keyboard.press('ArrowDown')
  await host.drawn()
  assert.equal(host.of('recipe').length, sent, 'there is nothing below 1')
  await host.page.close()
})

test('text that is no value is refused at its field and not sent; Run waits for it', async () => {
  const host = await opened()
  for (const [path, text, says] of [
    ['solver.steps', '0', /Steps must be a whole number from 1 to 1000/], ['solver.steps', '2.5', /whole number/], ['noise.batch', '65', /from 1 to 64/],
    ['noise.seed', '-1', /The seed must be a whole number from 0 to 18446744073709551615, or random/], ['noise.seed', '18446744073709551616', /18446744073709551615/], ['schedule.tEnd', '0', /t end must be auto or a number above 0/],
  ] as const) {
    const sent = host.of('recipe').length
    await type(host, path, text)
    await errorOf(host, path).waitFor()
    assert.match(await errorOf(host, path).innerText(), says)
    assert.equal(host.of('recipe').length, sent)
    assert.equal(await isDisabled(host, '#run'), true)
    assert.equal(await host.page.locator(`${control(path)} input`).getAttribute('aria-invalid'), 'true')
    await type(host, path, path === 'schedule.tEnd' ? 'auto' : '2')
    await errorOf(host, path).waitFor({ state: 'detached' })
    assert.equal(await isDisabled(host, '#run'), false)
  }
  await host.page.close()
})

test('the host is told while a field holds no value, and when it does again', async () => {
  const host = await opened()
  await type(host, 'solver.steps', 'many')
  assert.match((await host.received('draft')).refused ?? '', /^Steps must be a whole number/)
  await type(host, 'solver.steps', 'many more')
  await type(host, 'solver.steps', '5')
  assert.equal((await host.received('draft', 1)).refused, null)
  await type(host, 'noise.batch', '0')
  assert.match((await host.received('draft', 2)).refused ?? '', /^Batch must be/)
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'solver.steps': 9 }), digits) }) // the host's own change, which is taken
  assert.equal((await host.received('draft', 3)).refused, null)
  assert.equal(host.of('draft').length, 4)
  await host.page.close()
})

test('what is half typed is not taken out of the hand', async () => {
  const host = await opened({ 'conditioning.classLabel': 3 })
  const field = host.page.locator(`${control('guidance.scale')} input`)
  await field.fill('')
  await field.pressSequentially('2.05')
  assert.equal(await field.inputValue(), '2.05')
  assert.equal((await host.received('recipe', 3)).recipe.guidance.scale, 2.05)
  await field.fill('2.50')
  await field.blur()
  await host.drawn()
  assert.equal(await field.inputValue(), '2.5')
  await host.page.close()
})

test('seeds go up to 2^64 − 1, as numbers while they are exact; empty and dice mean random', async () => {
  const host = await opened({ 'noise.seed': 5 })
  for (const [text, seed] of [['9007199254740991', 9007199254740991], ['9007199254740992', '9007199254740992'], ['18446744073709551615', '18446744073709551615'], ['', 'random']] as const) {
    const sent = host.of('recipe').length
    await type(host, 'noise.seed', text)
    assert.equal((await host.received('recipe', sent)).recipe.noise.seed, seed)
  }
  await type(host, 'noise.seed', '7')
  const sent = host.of('recipe').length
  await host.page.getByLabel('Random seed each run').first().click()
  assert.equal((await host.received('recipe', sent)).recipe.noise.seed, 'random')
  await host.drawn()
  assert.equal(await host.page.locator(`${control('noise.seed')} input`).inputValue(), '')
  await host.page.close()
})

test('a combination the solver refuses is said under the field it names, with the remedy as a button', async () => {
  const cases: [set: Record<string, unknown>, field: string, says: RegExp, then: Record<string, unknown>][] = [
    [{ 'solver.steps': 1 }, 'solver.steps', /takes at least 2 steps/, { 'solver.steps': 2 }],
    [{ 'solver.steps': 2, 'solver.order': 3, 'solver.method': 'singlestepFixed', 'solver.finalSigma': 'sigmaMin' }, 'solver.steps', /3/, { 'solver.steps': 3 }],
    [{ 'solver.order': 1, 'solver.method': 'adaptive' }, 'solver.order', /Adaptive steps are of order 2 or 3/, { 'solver.order': 3 }],
    [{ 'conditioning.classLabel': 'cat' }, 'conditioning.classLabel', /“cat”/, { 'conditioning.classLabel': 'none' }],
  ]
  for (const [set, field, says, then] of cases) {
    const host = await opened(set)
    const error = errorOf(host, field)
    await error.waitFor()
    assert.match(await error.innerText(), says)
    assert.equal(await host.page.locator('.field-error').count(), 1)
    assert.equal(await isDisabled(host, '#run'), true)
    await error.locator('vscode-button').click()
    assert.deepEqual((await host.received('recipe')).recipe, recipeOf({ ...set, ...then }))
    await host.page.locator('.field-error').waitFor({ state: 'detached' })
    assert.equal(await isDisabled(host, '#run'), false)
    await host.page.close()
  }
})

test('an error at a field the form does not show stands above it', async () => {
  const host = await opened({ 'solver.options': { nonsense: 1 } })
  const error = host.page.locator('.form > .field-error')
  await error.waitFor()
  assert.match(await error.innerText(), /no option nonsense/)
  await error.locator('vscode-button').click()
  assert.deepEqual((await host.received('recipe')).recipe.solver.options, {})
  await host.page.close()
})

test('a model without a statistic offers to estimate one', async () => {
  const host = await opened({ 'solver.algorithm': 'analyticDpm' })
  const error = errorOf(host, 'solver.options.statistic')
  await error.waitFor()
  assert.match(await error.innerText(), /needs a statistic of the network/)
  await error.locator('vscode-button').click()
  assert.deepEqual((await host.received('remedy')).remedy, { title: 'Estimate Variance…', command: 'estimateVariance' })
  await host.page.close()
})

test('a disabled field says why, to the eye and to the ear', async () => {
  const host = await opened()
  const reasons: [path: string, why: RegExp][] = [['guidance.scale', /Guidance needs a class/], ['solver.orderSplit', /Only singlestep/]]
  for (const [path, why] of reasons) {
    assert.equal(await isDisabled(host, control(path)), true, path)
    assert.match(await host.page.locator(`[data-field="${path}"]`).getAttribute('title') ?? '', why)
    const described = path === 'guidance.scale' ? `${control(path)} input` : control(path)
    assert.match(await host.page.locator(described).getAttribute('aria-description') ?? '', why)
  }
  await choose(host, 'solver.method', 'singlestep')
  await choose(host, 'conditioning.classLabel', '7')
  await host.drawn()
  assert.equal(await isDisabled(host, control('solver.orderSplit')), false)
  assert.equal(await isDisabled(host, control('guidance.scale')), false)
  assert.equal(await isDisabled(host, control('solver.lowerOrderBelow')), true)
  await host.page.close()

  const without = await opened({}, { ...digits, classes: null })
  assert.match(await without.page.locator('[data-field="conditioning.classLabel"]').getAttribute('title') ?? '', /no classes/)
  assert.match(await without.page.locator('[data-field="guidance.scale"]').getAttribute('title') ?? '', /no class labels/)
  await without.page.close()
  const noNull = await opened({ 'conditioning.classLabel': 2 }, { ...digits, classes: { ...digits.classes!, nullLabel: null } })
  assert.match(await noNull.page.locator('[data-field="guidance.scale"]').getAttribute('title') ?? '', /no label for “no class”/)
  await noNull.page.close()
})

test('changed fields carry the mark and can be saved as defaults', async () => {
  const host = await opened()
  assert.equal(await host.page.locator('label.modified').count(), 0)
  await type(host, 'solver.steps', '25')
  await host.drawn()
  assert.equal(await host.page.locator('label.modified').textContent(), 'Steps (changed from the default)')
  await host.page.getByText('Save as Defaults').click()
  assert.equal((await host.received('saveDefaults')).recipe.solver.steps, 25)
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'solver.steps': 25 }), digits, { defaults: recipeOf({ 'solver.steps': 25 }) }) })
  assert.equal(await host.page.locator('label.modified').count(), 0)
  await host.page.close()
})

test('the model’s own solver is offered, and taken only when asked for', async () => {
  const host = await opened()
  await host.page.getByText('Use the Model’s Solver').click()
  assert.deepEqual((await host.received('recipe')).recipe, recipeOf({ 'solver.order': 3, 'solver.method': 'singlestep' }))
  await host.drawn()
  assert.equal(await host.page.getByText('Use the Model’s Solver').count(), 0)
  assert.equal(host.of('recipe').length, 1)
  await host.page.close()
})

test('classes are named, and a batch may have a list of them', async () => {
  const host = await opened({ 'noise.batch': 3 }, emoji)
  await choose(host, 'conditioning.classLabel', 'Food & Drink')
  assert.equal((await host.received('recipe')).recipe.conditioning.classLabel, 'Food & Drink')
  await choose(host, 'conditioning.classLabel', 'a list…')
  assert.deepEqual((await host.received('recipe', 1)).recipe.conditioning.classLabel, ['Smileys & Emotion', 'People & Body', 'Animals & Nature'])
  await host.page.locator('[data-field="conditioning.classLabel"] vscode-text-field input').fill('Flags, 2')
  assert.deepEqual((await host.received('recipe', 2)).recipe.conditioning.classLabel, ['Flags', 2])
  await host.page.locator('[data-field="conditioning.classLabel"] vscode-text-field input').fill('Flags, ')
  await errorOf(host, 'conditioning.classLabel').waitFor()
  await host.page.close()
})

test('a class whose name is not its own, or has a comma, is called by its index', async () => {
  const names = ['crane', 'crane', 'jay, blue', '0', 'none', 'owl']
  const host = await opened({ 'noise.batch': 6 }, { ...digits, classes: { count: 6, names, nullLabel: null, nullLabelAssumed: false } })
  const chosen = async (label: string): Promise<unknown> => {
    const sent = host.of('recipe').length
    await choose(host, 'conditioning.classLabel', label)
    return (await host.received('recipe', sent)).recipe.conditioning.classLabel
  }
  assert.deepEqual([await chosen('crane \\(1\\)'), await chosen('crane \\(0\\)'), await chosen('jay, blue \\(2\\)'), await chosen('0 \\(3\\)'), await chosen('none \\(4\\)'), await chosen('owl')], [1, 0, 2, 3, 4, 'owl'])
  assert.deepEqual(await chosen('a list…'), [0, 1, 2, 3, 4, 'owl'])
  const list = host.page.locator('[data-field="conditioning.classLabel"] vscode-text-field input')
  const sent = host.of('recipe').length
  await list.fill('0, 1, 2, 3, 4, owl, owl')
  assert.deepEqual((await host.received('recipe', sent)).recipe.conditioning.classLabel, [0, 1, 2, 3, 4, 'owl', 'owl'])
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'conditioning.classLabel': ['owl', 'jay, blue'] }), { ...digits, classes: { count: 6, names, nullLabel: null, nullLabelAssumed: false } }) })
  assert.equal(await list.inputValue(), 'owl, 2', 'a name with a comma is no item of a list')
  await host.page.close()
})

test('a model is chosen from the list or browsed for, and the dropdown follows the host', async () => {
  const host = await opened()
  await choose(host, 'model.path', 'emoji 32×32')
  const { recipe } = await host.received('recipe')
  assert.equal(recipe.model.path, 'emoji')
  await host.send({ type: 'state', state: stateOf(recipe, emoji, { models: [{ path: 'digits', label: 'digits' }, { path: '/m/cats', label: 'cats' }, { path: 'emoji', label: 'emoji' }] }) })
  const value = (): Promise<string> => host.page.locator(control('model.path')).evaluate((element) => (element as HTMLSelectElement).value)
  assert.equal(await value(), 'emoji')
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'model.path': '/elsewhere/unlisted' }), { ...digits, path: '/elsewhere/unlisted' }) })
  assert.equal(await value(), '/elsewhere/unlisted')
  await host.page.locator('[data-field="model.path"] vscode-button').click()
  await host.received('browseModel')
  await host.page.close()
})

test('an echo of what was typed does not undo what was typed since; a change by the host is taken', async () => {
  const host = await opened()
  await type(host, 'solver.steps', '25')
  await type(host, 'noise.batch', '2')
  await host.received('recipe', 1)
  const steps = (): Promise<string> => host.page.locator(`${control('solver.steps')} input`).inputValue()
  const batch = (): Promise<string> => host.page.locator(`${control('noise.batch')} input`).inputValue()
  await host.send({ type: 'state', state: stateOf(recipeOf(), digits) }) // crossed both edits
  assert.deepEqual([await steps(), await batch()], ['25', '2'])
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'solver.steps': 25 }), digits) }) // echo of the first
  assert.deepEqual([await steps(), await batch()], ['25', '2'])
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'solver.steps': 25, 'noise.batch': 2 }), digits) })
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'solver.steps': 40 }), digits) })
  assert.deepEqual([await steps(), await batch()], ['40', '1'])
  await host.page.close()
})

test('an entry that gets another text shows it', async () => {
  const host = await bench.open()
  const shown = (): Promise<string> => host.page.locator(`${control('schedule.noise')} [part=selected-value]`).innerText()
  await host.send({ type: 'state', state: stateOf(recipeOf(), digits, { model: { status: 'loading', path: 'digits' } }) })
  assert.equal((await shown()).trim(), 'model’s')
  await host.send({ type: 'state', state: stateOf(recipeOf(), digits) })
  assert.equal((await shown()).trim(), 'model’s (linear)')
  await host.page.close()
})

test('notes of plan and model are shown, another schedule and a fixed order among them', async () => {
  const host = await opened({ 'schedule.noise': 'vpCosine', 'solver.method': 'singlestepFixed', 'solver.order': 3, 'solver.finalSigma': 'sigmaMin' }, { ...digits, notes: ['The schedule was assumed.'] })
  const text = await host.page.locator('.notes').innerText()
  assert.match(text, /singlestepFixed of order 3 takes 18 of the 20 evaluations/)
  assert.match(text, /equal λ in its own/)
  assert.match(text, /The schedule was assumed\./)
  await host.page.close()
})

test('what a run’s plan notes is said beside it once, and nothing more', async () => {
  for (const [set, note] of [[{ 'schedule.noise': 'vpCosine' }, /equal λ in its own/], [{ 'schedule.noise': 'linear' }, null]] as const) {
    const recipe = recipeOf({ 'noise.seed': 1, 'solver.steps': 4, ...set })
    const { document, ...rest } = await record(recipe, digits)
    const notes = prepare(recipe, digits).notes
    const host = await bench.open()
    await host.send({ type: 'state', state: stateOf(recipe, digits, { run: viewOf({ ...rest, document: { ...document, plan: { ...document.plan, notes } } }, 'finished') }) })
    assert.deepEqual(await host.page.locator('.probe .notes li').allInnerTexts(), notes)
    assert.equal(notes.some((text) => note?.test(text)), note !== null)
    await host.page.close()
  }
})

test('the seed of the run shown can be taken into the form', async () => {
  const recipe = recipeOf({ 'noise.seed': 42, 'solver.steps': 4 })
  const run = viewOf(await record(recipe, digits), 'finished')
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(defaultRecipe(), digits, { run }) })
  await host.page.locator('[data-field="noise.seed"] vscode-button').last().click()
  assert.equal((await host.received('recipe')).recipe.noise.seed, 42)
  await host.page.close()
})
