import { html, nothing, type TemplateResult } from 'lit-html'
import type { Recipe } from '../../src/recipe/recipe'
import { t } from '../../src/sampler/text'
import { checked, choices, factsOf, guidanceOff, noNetwork } from '../form'
import { classField } from './classField'
import { button, dropdown } from './controls'
import { describe, field, type Context } from './field'
import { group } from './group'
import { icons } from './icons'
import { numberField } from './numberField'
import { seedField } from './seedField'
import { solverGroup } from './solverGroup'
import { fileName, generators, noises, scheduleWord, spacings } from './text'
import { choiceField } from './valueFields'

/** Fields with a place in the form, those of the Advanced group aside; what is refused at another is said above it. */
const placed = [
  'model.path', 'conditioning.classLabel', 'solver.algorithm', 'solver.order', 'solver.method', 'solver.variant', 'solver.steps', 'solver.orderSplit', 'solver.lowerOrderBelow', 'solver.finalSigma',
  'solver.thresholding', 'solver.thresholdingForm', 'solver.thresholdingRatio', 'solver.thresholdingMax', 'schedule.noise', 'schedule.spacing', 'schedule.tStart', 'schedule.tEnd', 'noise.seed', 'noise.batch', 'noise.generator',
  'guidance.scale', 'guidance.rescale', 'guidance.interval', 'guidance.classifier', 'guidance.classifierScale', 'input.task', 'input.image', 'input.mask', 'input.way',
]

/** The left column: this run's recipe. */
export function recipeForm(context: Context): TemplateResult {
  const { state } = context
  const recipe = state.form?.recipe
  if (!recipe) return html`<div class="form"></div>`
  const off = recipe.input.task === 'noise' ? noNetwork : null
  const spacingOff = off ?? (choices(state)?.adaptive ? t('Adaptive steps find their own places.') : null)
  return html`<form class="form" @submit=${(event: Event) => { event.preventDefault() }}>
    ${elsewhere(context)}
    ${group(t('Model'), html`${modelField(context, recipe)}${classField(context)}`)}
    ${solverGroup(context, recipe)}
    ${group(t('Schedule'), html`
      ${choiceField(context, { path: 'schedule.noise', label: t('Noise'), words: noisesFor(context) })}
      ${choiceField(context, { path: 'schedule.spacing', label: t('Spacing'), words: spacings, off: spacingOff, choose: (value) => value === 'custom' && recipe.schedule.timesteps.length === 0 && typeof state.planner !== 'string' && state.planner.makeCustom(context) })}
      ${numberField(context, { path: 'schedule.tEnd', label: t('t end'), word: 'auto', off: off && t('Noising goes all the way.') })}`)}
    ${group(t('Noise'), html`${seedField(context)}
      ${numberField(context, { path: 'noise.batch', label: t('Batch'), integer: true })}
      ${choiceField(context, { path: 'noise.generator', label: t('Generator'), words: generators })}`)}
    ${group(t('Guidance'), numberField(context, { path: 'guidance.scale', label: t('Scale'), range: [0, 10, 0.5], off: guidanceOff(state) }))}
    ${typeof state.planner === 'string' ? nothing : state.planner.foldedGroups(context, recipe)}
    ${notes([...checked(state)?.prepared?.notes ?? [], ...factsOf(state)?.notes ?? []])}
  </form>`
}

function modelField(context: Context, recipe: Recipe): TemplateResult {
  const { state, act } = context
  const { models = [], model } = state.view ?? {}
  const path = recipe.model.path
  const listed = models.some((choice) => choice.path === path) ? models : [...models, { path, label: fileName(path) }]
  const failed = model?.status === 'failed' && model.path === path ? model.error.message : undefined
  const spec = { path: 'model.path', label: t('Model') }
  const described = describe(state, spec)
  return field(context, spec, html`
    ${dropdown({
      ...described, value: path, invalid: described.invalid || failed !== undefined, description: failed ?? path,
      options: listed.map((choice) => ({ value: choice.path, label: choice.label })), onChange: (value) => { act.edit('model.path', value) },
    })}
    ${button({ label: t('Browse…'), icon: icons.folder, appearance: 'icon', description: t('Browse… for an .onnx file or a diffusers folder'), onClick: () => { act.browse() } })}`)
}

/** The model's own schedule is named. */
function noisesFor({ state }: Context): Record<string, string> {
  const facts = factsOf(state)
  return { ...noises, ...(facts ? { model: `${noises.model} (${scheduleWord(facts.schedule)})` } : {}) }
}

/** An error at a field that the form does not show. */
function elsewhere({ state, act }: Context): TemplateResult | typeof nothing {
  const error = checked(state)?.error
  const { planner, form } = state
  if (!error || !form || typeof planner === 'string') return nothing
  if (error.field !== undefined && (placed.includes(error.field) || planner.advancedFields(state, form.recipe).some(({ path }) => path === error.field))) return nothing
  const { remedy } = error
  return html`<p class="field-error" role="alert">${error.message} ${error.advice}
    ${remedy ? button({ label: remedy.title, onClick: () => { act.help(remedy) } }) : nothing}</p>`
}

function notes(texts: readonly string[]): TemplateResult | typeof nothing {
  return texts.length === 0 ? nothing : html`<ul class="notes" aria-label=${t('Notes')}>${texts.map((text) => html`<li>${text}</li>`)}</ul>`
}
