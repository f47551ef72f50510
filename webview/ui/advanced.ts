// Part of the file that is loaded later: the fields are made from the rows of the algorithms.
import { html, nothing, type TemplateResult } from 'lit-html'
import { isDiscrete, scheduleChoices } from '../../src/recipe/choices'
import type { Recipe } from '../../src/recipe/recipe'
import { takesTimes, unusedLists } from '../../src/recipe/scheduleOptions'
import { schemaAt } from '../../src/recipe/schema'
import type { Option } from '../../src/sampler/row'
import { t } from '../../src/sampler/text'
import { choices, factsOf, leftOut, noNetwork } from '../form'
import type { PageState } from '../state'
import { button } from './controls'
import { describe, field, type Context, type FieldSpec } from './field'
import { folded } from './group'
import { numberField } from './numberField'
import { optionLabel } from './optionLabel'
import { startField } from './startField'
import { predictions } from './text'
import { checkField, choiceField, listField } from './valueFields'

/** A field of the Advanced group, as data. `usual` is there for an option, which is left out of the recipe where it has that value. */
export type AdvancedField = FieldSpec & (
  | { kind: 'number'; integer: boolean; word?: string; usual?: number }
  | { kind: 'choice'; words: Readonly<Record<string, string>>; usual?: string | null }
  | { kind: 'boolean'; usual?: boolean }
  | { kind: 'list'; placeholder: string; optional: boolean }
  | { kind: 'statistic' }
  | { kind: 'start' }
)

/** The fields of what a recipe's algorithm, spacing and noise schedule have options for, and of what is seldom changed. */
export function advancedFields(state: PageState, recipe: Recipe): AdvancedField[] {
  const noising = recipe.input.task === 'noise'
  return [...noising ? [] : (choices(state)?.options ?? []).map(fromRow), ...ofSchedule(state, recipe, noising), ...ofModel(state, noising)]
}

function fromRow(option: Option): AdvancedField {
  const spec = { path: `solver.options.${option.name}`, label: optionLabel(option.name), about: option.about }
  switch (option.kind) {
    case 'number': return { ...spec, kind: 'number', integer: option.whole ?? false, usual: option.usual }
    case 'choice': return { ...spec, kind: 'choice', words: sameWords(option.values), usual: option.usual ?? null }
    case 'boolean': return { ...spec, kind: 'boolean', usual: option.usual }
    case 'statistic': return { ...spec, kind: 'statistic' }
  }
}

const sameWords = (values: readonly (string | number)[]): Record<string, string> => Object.fromEntries(values.map((value) => [value, String(value)]))

/** A field of schedule.options by its schema. */
function fromSchema({ name, usual }: { name: string; usual: unknown }): AdvancedField {
  const path = `schedule.options.${name}`
  const spec = { path, label: optionLabel(name) }
  const node = schemaAt(path)
  const word = node?.anyOf?.find((one) => one.const !== undefined)?.const
  if (node?.enum) return { ...spec, kind: 'choice', words: sameWords(node.enum), usual: typeof usual === 'string' ? usual : null }
  if (node?.type === 'boolean') return { ...spec, kind: 'boolean', usual: usual === true }
  if (node?.type === 'array') return { ...spec, kind: 'list', placeholder: t('none'), optional: true }
  return { ...spec, kind: 'number', integer: node?.type === 'integer', ...typeof usual === 'number' ? { usual } : {}, ...typeof word === 'string' ? { word } : {} }
}

function ofSchedule(state: PageState, { schedule, input: { image } }: Recipe, noising: boolean): AdvancedField[] {
  const { noise, spacing, zeroTerminalSnr } = schedule
  // Where steps find their own places, or an image is noised, no spacing is asked.
  const spaced = !noising && choices(state)?.adaptive !== true
  const options = scheduleChoices({ noise, spacing: spaced ? spacing : 'logSNR' })
  const discreteOff = isDiscrete(noise, factsOf(state)?.schedule) ? null : t('Only discrete schedules have training steps.')
  return [
    ...options.map(fromSchema),
    ...spaced && spacing === 'karras' ? [{ path: 'schedule.karrasRho', label: 'ρ', kind: 'number', integer: false } as const] : [],
    ...spaced && takesTimes(spacing) ? [{ path: 'schedule.timesteps', label: t('Time steps'), kind: 'list', placeholder: '999, 500, 100', optional: false } as const] : [],
    ...noise === 'betas' ? [{ path: 'schedule.betas', label: 'β', kind: 'list', placeholder: '0.0001, 0.01, 0.02', optional: false } as const] : [],
    { path: 'schedule.lambdaMin', label: t('λ min'), kind: 'number', integer: false, word: 'none', off: discreteOff ?? (zeroTerminalSnr ? t('With zero-terminal SNR all knots are kept.') : null) },
    { path: 'schedule.zeroTerminalSnr', label: t('Zero SNR'), kind: 'boolean', off: discreteOff },
    ...image === '' ? [{ path: 'schedule.tStart', label: t('t start'), kind: 'start' } as const] : [],
  ]
}

function ofModel(state: PageState, noising: boolean): AdvancedField[] {
  const facts = factsOf(state)
  const off = noising ? noNetwork : null
  return [
    { path: 'model.predictionType', label: t('Prediction'), kind: 'choice', words: predictions, off },
    { path: 'model.nullClassLabel', label: t('“No class”'), kind: 'number', integer: true, word: 'auto', off: off ?? (facts && !facts.classes ? t('{0} has no classes.', facts.name) : null) },
  ]
}

/** The Advanced group. */
export function advancedGroup(context: Context, recipe: Recipe): TemplateResult {
  return folded(context, 'advanced', t('Advanced'), () => html`${advancedFields(context.state, recipe).map((spec) => control(context, spec, recipe))}${leftovers(context, recipe)}`)
}

function control(context: Context, spec: AdvancedField, recipe: Recipe): TemplateResult {
  switch (spec.kind) {
    case 'number': return numberField(context, spec)
    case 'choice': return choiceField(context, spec)
    case 'boolean': return checkField(context, spec)
    case 'list': return listField(context, spec)
    case 'start': return startField(context, recipe.input.task)
    case 'statistic': return statisticField(context, spec, recipe)
  }
}

/** Where Analytic-DPM's statistic comes from, and the command that makes one. */
function statisticField(context: Context, spec: FieldSpec, { solver }: Recipe): TemplateResult {
  const { state, act } = context
  const own = levelsOf(solver.options['statistic'])
  const models = levelsOf(factsOf(state)?.statistic)
  const from = own !== null ? t('this recipe ({0} levels)', own) : models !== null ? t('the model ({0} levels)', models) : t('none yet')
  const { id, description } = describe(state, spec)
  return field(context, spec, html`<span class="own-line">${from}</span>
    ${own === null ? nothing : button({ label: t('Clear'), description: models === null ? t('Do without this recipe’s statistic') : t('Use the model’s statistic'), onClick: () => { act.edit(spec.path, leftOut) } })}
    ${button({ id, label: t('Estimate…'), description: t('Estimate it for this model. {0}', description), onClick: () => { act.command('dpmSolver.estimateVariance') } })}`)
}

function levelsOf(statistic: unknown): number | null {
  const { lambda } = (statistic ?? {}) as { lambda?: unknown }
  return Array.isArray(lambda) ? lambda.length : null
}

/** Options and lists that the recipe has for something else than it is set to, by the names it has them under: some may be no options at all. */
function leftovers({ state, act }: Context, recipe: Recipe): TemplateResult | typeof nothing {
  const { solver, schedule } = recipe
  const used = new Set([...(choices(state)?.options ?? []).map(({ name }) => `solver.options.${name}`), ...scheduleChoices(schedule).map(({ name }) => `schedule.options.${name}`)])
  const left = [...Object.keys(solver.options).map((name) => `solver.options.${name}`), ...Object.keys(schedule.options).map((name) => `schedule.options.${name}`)].filter((path) => !used.has(path))
  const lists = unusedLists(recipe)
  if (left.length + lists.length === 0) return nothing
  const names = [...left, ...lists].map((path) => path.split('.').at(-1)!).join(', ')
  return html`<p class="offer">${button({ label: t('Leave Out {0}', names), description: t('The recipe has {0}, which are of no use with this solver and schedule.', names), onClick: () => { act.apply(Object.fromEntries([...left.map((path): [string, unknown] => [path, leftOut]), ...lists.map((path): [string, unknown] => [path, []])])) } })}</p>`
}
