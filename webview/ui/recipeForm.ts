import { html, nothing, type TemplateResult } from 'lit-html'
import { getPath } from '../../src/recipe/path'
import type { Recipe } from '../../src/recipe/recipe'
import { algorithms } from '../../src/recipe/solverName'
import { checked, factsOf, guidanceOff, offeredChanges } from '../form'
import { classField } from './classField'
import { button, dropdown } from './controls'
import { describe, field, numberField, type Context } from './field'
import { icons } from './icons'
import { segments } from './native'
import { seedField } from './seedField'
import { ends, methods, noises, scheduleWord, spacings, splits } from './text'

/** Fields with a place in the form; what is refused at another is said above it. */
const placed = ['model.path', 'conditioning.classLabel', 'solver.algorithm', 'solver.order', 'solver.method', 'solver.steps', 'solver.orderSplit', 'solver.lowerOrderBelow', 'solver.finalSigma',
  'schedule.noise', 'schedule.spacing', 'schedule.tEnd', 'noise.seed', 'noise.batch', 'guidance.scale']

/** The left column: this run's recipe. */
export function recipeForm(context: Context): TemplateResult {
  const { state, act } = context
  const recipe = state.form?.recipe
  if (!recipe) return html`<div class="form"></div>`
  const check = checked(state)
  const { method, order } = recipe.solver
  const splitOff = method !== 'singlestep' ? 'Only singlestep divides its evaluations over steps of different order.' : order === 1 ? 'Order 1 has nothing to divide.' : null
  const lowerOff = method !== 'multistep' ? 'Only multistep lowers the order at the end.' : order === 1 ? 'Order 1 is the lowest.' : null
  return html`<form class="form" @submit=${(event: Event) => { event.preventDefault() }}>
    ${elsewhere(context)}
    ${group('Model', html`${modelField(context, recipe)}${classField(context)}`)}
    ${group('Solver', html`
      ${choice(context, 'solver.algorithm', 'Algorithm', algorithms)}
      ${field(context, 'solver.order', 'Order', segments({ ...describe(state, 'solver.order', null), label: 'Order', value: String(order), options: ['1', '2', '3'].map((value) => ({ value, label: value })), onChange: (value) => { act.edit('solver.order', Number(value)) } }))}
      ${choice(context, 'solver.method', 'Method', methods)}
      ${choice(context, 'solver.orderSplit', 'NFE split', splits, splitOff)}
      ${numberField(context, { path: 'solver.steps', label: 'Steps', integer: true, range: [1, 50, 1] })}
      ${numberField(context, { path: 'solver.lowerOrderBelow', label: 'Lower below', integer: true, off: lowerOff })}
      ${choice(context, 'solver.finalSigma', 'Final σ', ends)}
      ${offer(context)}`)}
    ${group('Schedule', html`
      ${choice(context, 'schedule.noise', 'Noise', noisesFor(context, recipe))}
      ${choice(context, 'schedule.spacing', 'Spacing', spacings)}
      ${numberField(context, { path: 'schedule.tEnd', label: 't end', integer: false, word: 'auto' })}`)}
    ${group('Noise', html`${seedField(context)}${numberField(context, { path: 'noise.batch', label: 'Batch', integer: true })}`)}
    ${group('Guidance', numberField(context, { path: 'guidance.scale', label: 'Scale', integer: false, range: [0, 10, 0.5], off: guidanceOff(state) }))}
    ${notes([...check?.prepared?.notes ?? [], ...factsOf(state)?.notes ?? []])}
  </form>`
}

function group(title: string, content: TemplateResult): TemplateResult {
  return html`<fieldset><legend>${title}</legend>${content}</fieldset>`
}

/** A dropdown of a field's values, with the schema's words as tooltip. */
function choice(context: Context, path: string, label: string, words: Readonly<Record<string, string>>, off: string | null = null): TemplateResult {
  const { state, act } = context
  return field(context, path, label, dropdown({
    ...describe(state, path, off), label, value: String(getPath(state.form?.recipe, path)),
    options: Object.entries(words).map(([value, text]) => ({ value, label: text })), onChange: (value) => { act.edit(path, value) },
  }), off)
}

function modelField(context: Context, recipe: Recipe): TemplateResult {
  const { state, act } = context
  const { models = [], model } = state.view ?? {}
  const path = recipe.model.path
  const listed = models.some((choice) => choice.path === path) ? models : [...models, { path, label: path.split(/[\\/]/).filter(Boolean).at(-1) ?? 'digits' }]
  const failed = model?.status === 'failed' && model.path === path ? model.error.message : undefined
  const described = describe(state, 'model.path', null)
  return field(context, 'model.path', 'Model', html`
    ${dropdown({
      ...described, label: 'Model', value: path, invalid: described.invalid || failed !== undefined, description: failed ?? path,
      options: listed.map((choice) => ({ value: choice.path, label: choice.label })), onChange: (value) => { act.edit('model.path', value) },
    })}
    ${button({ label: 'Browse…', icon: icons.folder, appearance: 'icon', description: 'Browse… for an .onnx file or a diffusers folder', onClick: act.browse })}`)
}

/** The model's own schedule is named; the betas are offered only where there are some. */
function noisesFor({ state }: Context, recipe: Recipe): Record<string, string> {
  const facts = factsOf(state)
  const { betas, ...others } = noises
  const { noise, betas: given } = recipe.schedule
  return { ...others, ...(facts ? { model: `${noises.model} (${scheduleWord(facts.schedule)})` } : {}), ...(noise === 'betas' || given.length > 0 ? { betas } : {}) }
}

function offer({ state, act }: Context): TemplateResult | typeof nothing {
  const changes = offeredChanges(state)
  if (Object.keys(changes).length === 0) return nothing
  const words = Object.entries(changes).map(([path, value]) => `${path.split('.').at(-1)} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')
  return html`<p class="offer">${button({ label: 'Use the Model’s Solver', description: `Sets what the model’s scheduler_config.json names: ${words}.`, onClick: () => { act.apply(changes) } })}</p>`
}

/** An error at a field that the form does not show. */
function elsewhere({ state, act }: Context): TemplateResult | typeof nothing {
  const error = checked(state)?.error
  if (!error || (error.field !== undefined && placed.includes(error.field))) return nothing
  const { remedy } = error
  return html`<p class="field-error" role="alert">${error.message} ${error.advice}
    ${remedy ? button({ label: remedy.title, onClick: () => { if ('set' in remedy) act.apply(remedy.set); else act.remedy(remedy) } }) : nothing}</p>`
}

function notes(texts: readonly string[]): TemplateResult | typeof nothing {
  return texts.length === 0 ? nothing : html`<ul class="notes" aria-label="Notes">${texts.map((text) => html`<li>${text}</li>`)}</ul>`
}

