// What a user does to custom steps, as recipe fields.
import { added, asCustom, customSteps, fieldsOf, middleAfter, moved, removed, spacingOff, type CustomSteps } from '../../src/recipe/customSteps'
import type { ModelFacts } from '../../src/recipe/model'
import { getPath, withoutPath } from '../../src/recipe/path'
import type { Recipe } from '../../src/recipe/recipe'
import { takesTimes } from '../../src/recipe/scheduleOptions'
import { t } from '../../src/sampler/text'
import { checked, factsOf, leftOut } from '../form'
import type { CustomFields, PageState } from '../state'
import type { Context } from '../ui/field'

/** Undone one after the other; older ones are forgotten. */
const mostUndone = 100
const paths = ['schedule.spacing', 'schedule.timesteps', 'schedule.options', 'solver.steps'] as const

const fieldsNow = (recipe: Recipe): CustomFields => Object.fromEntries(paths.map((path) => [path, getPath(recipe, path)]))

let last: { recipe: Recipe; facts: ModelFacts; steps: CustomSteps | null } | undefined

/** The custom steps of the form; null where there are none. Remembered for one recipe and model. */
export function stepsOf(state: PageState): CustomSteps | null {
  const [recipe, facts] = [state.form?.recipe, factsOf(state)]
  if (!recipe || !facts) return null
  if (last?.recipe !== recipe || last.facts !== facts) last = { recipe, facts, steps: customSteps(recipe, facts) }
  return last.steps
}

/** How many steps a list of custom steps comes to that the model's schedule does not take, an evaluation at each; null where the recipe has the number, and where there is no list. */
export function countOf(state: PageState): number | null {
  const schedule = state.form?.recipe.schedule
  if (schedule?.spacing !== 'custom' || stepsOf(state)) return null
  const { timesteps, options: { sigmas } } = schedule
  return (Array.isArray(sigmas) && sigmas.length > 0 ? sigmas.length - Number(sigmas.at(-1) === 0) : timesteps.length) || null
}

/** Why the plan's levels cannot be made custom steps, in one sentence; null where they can. */
export function customOff(state: PageState): string | null {
  const recipe = state.form?.recipe
  if (!recipe) return t('The panel is starting.')
  return spacingOff(recipe) ?? (checked(state)?.prepared ? null : t('There is no plan to take steps from.'))
}

/** Takes the levels of the form's plan over as custom steps. False where there is no plan to take them from. */
export function makeCustom({ state, act }: Context): boolean {
  if (customOff(state) !== null) return false
  change({ state, act }, (recipe, facts) => {
    try { return asCustom(recipe, facts) } catch { return null }
  }, { before: fieldsNow(state.form!.recipe), active: 0 })
  return true
}

/** Back to the spacing that there was before, or to the default. */
export function resetCustom({ state, act }: Context): void {
  const { defaults } = state.view!
  const spacing = defaults.schedule.spacing === 'custom' ? 'logSNR' : defaults.schedule.spacing
  change({ state, act }, (recipe) => {
    return state.plan.before ?? { 'schedule.spacing': spacing, 'schedule.timesteps': [], 'schedule.options': withoutPath(recipe, 'schedule.options.sigmas').schedule.options }
  }, { before: null })
}

/** What goes with edits that put another spacing in the place of listed steps: the lists go back to their defaults, as no other spacing reads them, and can be taken back in the Plan tab. Null for other edits. */
export function leavingCustom(state: PageState, set: Readonly<Record<string, unknown>>): { fields: Record<string, unknown>; plan: Partial<PageState['plan']> } | null {
  const [recipe, defaults] = [state.form?.recipe, state.view?.defaults]
  const spacing = set['schedule.spacing']
  if (!recipe || !defaults || spacing === undefined || 'schedule.timesteps' in set || takesTimes(spacing) || !takesTimes(recipe.schedule.spacing)) return null
  return { fields: { 'schedule.timesteps': defaults.schedule.timesteps, 'schedule.options.sigmas': defaults.schedule.options['sigmas'] ?? leftOut }, plan: kept(state, recipe) }
}

export function undo({ act }: Context): void {
  act.derive((state) => {
    const fields = state.plan.undo.at(-1)
    return fields ? { fields, plan: { undo: state.plan.undo.slice(0, -1) } } : null
  })
}

/** Moves a point; false where it stays. `first`: the movement begins here, and is undone as a whole. */
export function move(context: Context, index: number, lambda: number, first: boolean): boolean {
  return changePoints(context, (steps) => ({ values: moved(steps, index, lambda), index }), first)
}

/** Moves a point by a share of the whole range. */
export function moveBy(context: Context, index: number, share: number, first: boolean): void {
  changePoints(context, (steps) => ({ values: moved(steps, index, steps.points[index]!.lambda + share * (steps.most - steps.least)), index }), first)
}

export function add(context: Context, lambda: number): void {
  changePoints(context, (steps) => added(steps, lambda), true)
}

/** One more in the middle between a point and the next; after the last one, before it. */
export function addAfter(context: Context, index: number): void {
  changePoints(context, (steps) => {
    const after = added(steps, middleAfter(steps, index))
    return after.index >= 0 ? after : added(steps, middleAfter(steps, index - 1))
  }, true)
}

export function remove(context: Context, index: number): void {
  changePoints(context, (steps) => {
    const values = removed(steps, index)
    return { values, index: Math.min(index, values.length - 1) }
  }, true)
}

function changePoints(context: Context, next: (steps: CustomSteps) => { values: number[]; index: number }, first: boolean): boolean {
  let changed = false
  context.act.derive((state) => {
    const steps = stepsOf(state)
    const [recipe, facts] = [state.form?.recipe, factsOf(state)]
    if (!steps || !recipe || !facts) return null
    const { values, index } = next(steps)
    if (index < 0 || JSON.stringify(values) === JSON.stringify(steps.values)) return null
    changed = true
    return { fields: fieldsOf(recipe, facts, { of: steps.of, values }), plan: { active: index, ...first ? kept(state, recipe) : {} } }
  })
  return changed
}

function change({ act }: Context, next: (recipe: Recipe, facts: ModelFacts) => CustomFields | null, plan: Partial<PageState['plan']>): void {
  act.derive((state) => {
    const [recipe, facts] = [state.form?.recipe, factsOf(state)]
    const fields = recipe && facts ? next(recipe, facts) : null
    return fields && recipe ? { fields, plan: { ...plan, ...kept(state, recipe) } } : null
  })
}

const kept = ({ plan }: PageState, recipe: Recipe): Pick<PageState['plan'], 'undo'> => ({ undo: [...plan.undo, fieldsNow(recipe)].slice(-mostUndone) })
