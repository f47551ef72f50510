import { pseudoMessages } from '../unit/l10n/pseudo'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ViewState } from '../../src/protocol/view'
import { analyticFacts, analyticModels } from '../../src/recipe/analyticModels'
import { recipeSchema, type SchemaNode } from '../../src/recipe/schema'
import { algorithms } from '../../src/recipe/solverName'
import { untrusted } from '../../src/run/trust'
import { DpmError, type ErrorReport } from '../../src/sampler/errors'
import { t } from '../../src/sampler/text'
import { settingTitle } from '../../src/recipe/settingTitle'
import { keysOf } from '../../webview/keys'
import { settingKeys } from '../unit/manifestFile'
import { Bench, type Host } from './harness'
import { digits, emoji, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

// The page in the pseudo-locale of test/unit/l10n/pseudo.ts: every text of ours is accented, so a word in ASCII is one that nobody could translate, but for those below.

/** All strings that a schema allows as values. */
const valuesOf = (node: SchemaNode): string[] => [...node.enum ?? [], ...node.const === undefined ? [] : [node.const], ...node.anyOf?.flatMap(valuesOf) ?? [], ...Object.values(node.properties ?? {}).flatMap(valuesOf)].map(String)
const namesOf = (node: SchemaNode, prefix = ''): string[] => Object.entries(node.properties ?? {}).flatMap(([key, child]) => [`${prefix}${key}`, key, ...namesOf(child, `${prefix}${key}.`)])

const names = [
  ...Object.values(algorithms), 'adaptive', ...analyticModels.flatMap(({ name, title }) => [name, title]), // methods and models
  'digits', 'emoji', 'emoji 32×32', 'digits 32×32', ...emoji.classes!.names, 'Flags', '/home/me/one.dpmrun', 'one.dpmrun', 'unet/model.onnx', 'model.onnx', 'libcudnn.so.9 was not found', 'build-server', // what the test's host says
  ...valuesOf(recipeSchema), ...namesOf(recipeSchema), // as recipes and settings.json spell them
  'Karras', 'Align Your Steps', 'linspace', 'Taylor', 'SDE', 'EDM', 'diffusers', 'Philox', 'PyTorch, CPU', 'PyTorch, CUDA', // names of their inventors or programs
  'CPU', 'CUDA', 'ONNX Runtime', 'true', 'false',
  ...settingKeys().map(settingTitle), // as VS Code names settings, in any language
  ...keysOf({}).rows.flatMap(({ action }) => action ?? []), // as the setting preview.keys spells them
  'Ctrl', 'Enter', 'Escape', 'Space', 'Shift', 'Home', 'End', 'Alt', 'Tab', 'PageUp', 'PageDown', 'Delete', 'Backspace', // keys
]
/** Units, symbols, numbers, and the time of day as the browser writes it. */
const symbols = /\b(NFE|ms|kB|MB|px|NaN|p50|p95|log|sin|cos|exp|SNR|ODE|AM|PM)\b|x_[tT]|\d+(\.\d+)?e[+-]?\d+/g

interface Said { where: string; text: string }

/** What stands on the page for people, in its shadow trees too. */
function said(): Said[] {
  const found: Said[] = []
  const attributes = ['aria-label', 'aria-description', 'aria-valuetext', 'aria-roledescription', 'title', 'placeholder', 'alt']
  const above = (element: Element): Element | null => element.parentElement ?? (element.getRootNode() as Partial<ShadowRoot>).host ?? null
  const place = (element: Element | null): string => element === null ? '' : `${place(above(element))} ${element.localName}${element.id ? `#${element.id}` : ''}${typeof element.className === 'string' && element.className ? `.${element.className.trim().split(/\s+/).join('.')}` : ''}`.trim()
  const visit = (node: Node): void => {
    if (node instanceof Element) {
      if (['style', 'script'].includes(node.localName)) return
      for (const name of attributes) if (node.getAttribute(name)) found.push({ where: `${place(node)} [${name}]`, text: node.getAttribute(name)! })
      if (node.shadowRoot) visit(node.shadowRoot)
    } else if (node instanceof Text && node.data.trim() !== '') found.push({ where: place(node.parentElement ?? (node.parentNode as Partial<ShadowRoot>).host ?? null), text: node.data.trim() })
    node.childNodes.forEach(visit)
  }
  visit(document.body)
  return found
}

const allowed = [...new Set(names)].filter((name) => /[A-Za-z]{2,}/.test(name)).sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
const known = new RegExp(`(?<![A-Za-z])(${allowed.join('|')})(?![A-Za-z])`, 'g')

let all = 0
async function assertTranslated(host: Host, state: string): Promise<void> {
  const texts = await host.page.evaluate(said)
  all += texts.length
  assert.ok(texts.some(({ text }) => text.includes('⟦')), state)
  const left = texts.map(({ where, text }) => ({ where, text, words: text.replace(known, '').replace(symbols, '').match(/[A-Za-z]{2,}/g) ?? [] })).filter(({ words }) => words.length > 0)
  assert.deepEqual([...new Set(left.map(({ where, text, words }) => `${state}: “${words.join(' ')}” in ${JSON.stringify(text)} at ${where.split(' ').slice(-4).join(' ')}`))], [])
}

let bench: Bench
let recording: Recording
const recipe = recipeOf({ 'model.path': 'emoji', 'noise.seed': 4, 'noise.batch': 2, 'solver.steps': 6, 'conditioning.classLabel': ['Flags', 'Objects'], 'guidance.scale': 2 })
before(async () => {
  bench = await Bench.start()
  recording = await record(recipe, emoji)
})
after(async () => {
  await bench.stop()
  console.log(`${all} texts looked at`)
})

async function showing(more: Partial<ViewState> = {}, width = 1280, made = recipe, facts = emoji): Promise<Host> {
  const host = await bench.open({ messages: pseudoMessages, width })
  await host.send({ type: 'state', state: stateOf(made, facts, more) })
  return host
}

/** Everything that is folded is unfolded, and drawn. */
async function unfold(host: Host): Promise<void> {
  const folds = host.page.locator('details:not([open]) > summary')
  while (await folds.count() > 0) {
    await folds.first().click()
    await host.drawn()
  }
}

async function close(host: Host): Promise<void> {
  assert.deepEqual(host.problems, [])
  await host.page.close()
}

test('before the host answers, and idle, with the form unfolded', async () => {
  const starting = await bench.open({ messages: pseudoMessages })
  await assertTranslated(starting, 'starting')
  await close(starting)
  const host = await showing()
  await unfold(host)
  await assertTranslated(host, 'idle')
  await host.page.locator('#tab-plan').click()
  await host.page.locator('table.steps').waitFor()
  await assertTranslated(host, 'plan of the form')
  await close(host)
})

test('while a run loads, goes, stops and is over, its popups, and on a narrow page', async () => {
  const { document } = recording
  const host = await showing({ run: { ...viewOf(recording, 'loading', 0), document: null, loading: { file: 'unet/model.onnx', bytes: 8_870_000, provider: 'cpu' } } })
  await assertTranslated(host, 'loading')
  const states: [string, Partial<ViewState>][] = [
    ['running', { run: viewOf(recording, 'running', 4), queued: 2, remote: 'build-server' }], ['stopping', { run: viewOf(recording, 'stopping', 4, { stopOverdue: true }) }],
    ['stopped', { run: viewOf(recording, 'stopped', 4) }], ['interrupted', { run: viewOf(recording, 'stopped', 4, { interrupted: true }) }], ['finished', { run: viewOf(recording, 'finished') }],
  ]
  for (const [name, more] of states) {
    await host.send({ type: 'state', state: stateOf(recipe, emoji, more) })
    if (name === 'running') for (const frames of recording.frames.slice(0, 4)) await host.send({ type: 'frame', runId: document.id, live: true, row: frames.row, frames })
    await assertTranslated(host, name)
  }
  await host.page.locator('header button.chip').click()
  await host.page.locator('.popup').waitFor()
  await assertTranslated(host, 'providers')
  await host.page.keyboard.press('Escape')
  await host.page.locator('.popup').waitFor({ state: 'detached' })
  await host.page.locator('main').click({ position: { x: 2, y: 2 } })
  await host.page.keyboard.press('?')
  await host.page.locator('.popup').waitFor()
  await assertTranslated(host, 'keys')
  await host.page.keyboard.press('Escape')
  await host.page.locator('.popup').waitFor({ state: 'detached' })
  await host.page.locator('#tab-plan').click()
  await host.page.locator('table.steps').waitFor()
  await assertTranslated(host, 'plan of the run')
  await close(host)

  const narrow = await showing({ run: viewOf(recording, 'finished') }, 400)
  await narrow.page.locator('.drawer').click()
  await narrow.drawn()
  await assertTranslated(narrow, 'narrow')
  await close(narrow)
})

test('what went wrong: with a model, a run, the workspace, a field, and a hint', async () => {
  const error: ErrorReport = new DpmError({ reason: 'nonFinite', message: t('The network gave values that are infinite or NaN.'), advice: t('Check its prediction type, or choose another model.'), remedy: { title: t('Select Model…'), command: 'selectModel' } }).report()
  const host = await showing({ model: { status: 'failed', path: 'emoji', error } })
  await assertTranslated(host, 'model failed')
  const states: [string, Partial<ViewState>][] = [
    ['model loading', { model: { status: 'loading', path: 'emoji' } }], ['failed', { run: viewOf(recording, 'failed', 3, { error }) }], ['notice', { notice: error }], ['hint', { hint: error, run: viewOf(recording, 'finished') }],
    ['not trusted', { trusted: false, notice: untrusted().report() }],
  ]
  for (const [name, more] of states) {
    await host.send({ type: 'state', state: stateOf(recipe, emoji, more) })
    await assertTranslated(host, name)
  }
  await close(host)

  const wrong = recipeOf({ 'solver.steps': 1, 'solver.order': 3, 'schedule.timesteps': [5] })
  const refused = await showing({}, 1280, wrong, digits)
  await unfold(refused)
  await assertTranslated(refused, 'refused')
  await refused.page.locator('#field-solver-steps input').fill('many')
  await refused.page.locator('.field-error').first().waitFor()
  await refused.drawn()
  await assertTranslated(refused, 'typed')
  await close(refused)
})

test('forms of other kinds of runs: adaptive, noising, encoding, of points', async () => {
  const of: [string, Record<string, unknown>][] = [
    ['adaptive', { 'solver.method': 'adaptive', 'solver.order': 3, 'solver.options': { atol: 0.01 } }], ['RK45', { 'solver.algorithm': 'rk45' }], ['UniPC', { 'solver.algorithm': 'unipc', 'schedule.spacing': 'karras', 'schedule.noise': 'vpLinear' }],
    ['noising', { 'input.task': 'noise', 'input.image': '/home/me/one.dpmrun' }], ['encoding', { 'input.task': 'encode', 'input.image': '/home/me/one.dpmrun' }], ['a list', { 'schedule.noise': 'betas', 'schedule.betas': [0.1, 0.2], 'schedule.spacing': 'custom', 'schedule.timesteps': [0, 1] }],
    ['Analytic-DPM', { 'solver.algorithm': 'analyticDpm' }], ['thresholding', { 'solver.thresholding': true, 'solver.options': { r2: 0.6 } }],
  ]
  const host = await showing({}, 1280, recipeOf(), digits)
  await unfold(host)
  for (const [name, set] of of) {
    await host.send({ type: 'state', state: stateOf(recipeOf({ 'noise.seed': 1, ...set }), digits) })
    await assertTranslated(host, name)
  }
  await close(host)

  const plane = analyticFacts(analyticModels[1]!)
  const points = recipeOf({ 'model.path': plane.path, 'noise.seed': 3, 'noise.batch': 8, 'solver.steps': 5 })
  const made = await record(points, plane)
  const drawn = await showing({ run: viewOf(made, 'finished') }, 1280, points, plane)
  for (const frames of made.frames) await drawn.send({ type: 'frame', runId: made.document.id, live: true, row: frames.row, frames })
  await assertTranslated(drawn, 'points')
  await close(drawn)
})

test('a recording that is looked at', async () => {
  const host = await bench.open({ messages: pseudoMessages })
  await host.send({ type: 'state', state: { ...stateOf(recording.document.recipe, emoji, { run: viewOf(recording, 'finished') }), recording: '/home/me/one.dpmrun', models: [], model: { status: 'loading', path: 'emoji' } } })
  await unfold(host)
  await assertTranslated(host, 'recording')
  await close(host)
})
