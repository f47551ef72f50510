import { html, nothing, type TemplateResult } from 'lit-html'
import { planText } from '../../src/protocol/planJson'
import type { Recipe } from '../../src/recipe/recipe'
import { runName } from '../../src/recipe/recipeWords'
import { schedulesOf } from '../../src/recipe/scheduleChoice'
import { scheduleOf } from '../../src/sampler/schedule/schedule'
import { t } from '../../src/sampler/text'
import type { AdaptivePlan, NoiseSchedule, Plan, ScheduleSpec } from '../../src/sampler/types'
import { checked, factsOf } from '../form'
import type { PageState } from '../state'
import { button } from '../ui/controls'
import type { Context } from '../ui/field'
import { fixed } from '../ui/text'
import { addAfter, customOff, makeCustom, remove, resetCustom, stepsOf, undo } from './custom'
import { focusActive, lambdaPlot } from './lambdaPlot'
import { liveToggle } from './liveToggle'
import { planTable } from './planTable'
import { result } from './result'
import { planCsv } from './rows'

/** The Plan tab: what the form's recipe will compute, before any model runs; of a recording what was computed. */
export function planTab(context: Context): TemplateResult {
  const { state } = context
  const { recipe, plan, notes, schedule, error } = shown(state)
  const steps = state.view?.recording === undefined ? stepsOf(state) : null
  const wrong = error ?? (plan ? null : factsOf(state) ? t('The planner is being loaded.') : t('The plan appears once the model is known.'))
  return html`<div class="plan">
    ${plan && recipe ? html`<p class="summary">${runName(recipe)}: ${summary(plan)} ${notes.join(' ')}</p>` : html`<p class=${error ? 'field-error' : 'hint'}>${wrong}</p>`}
    ${toolbar(context, recipe, plan, notes, schedule)}
    ${schedule && (plan || steps) ? html`<div class="levels">${lambdaPlot(context, plan, steps, scheduleAt(schedule))}${result(context)}</div>` : nothing}
    ${plan && plan.levels.length > 0 ? html`<p class="hint">${legend(plan)}</p>${planTable(context, plan)}` : nothing}</div>`
}

interface ShownPlan { recipe: Recipe | undefined; plan: Plan | null; notes: readonly string[]; schedule: ScheduleSpec | null; error: string | null }

function shown(state: PageState): ShownPlan {
  const document = state.view?.run?.document
  if (state.view?.recording !== undefined) return { recipe: document?.recipe, plan: document?.plan ?? null, notes: document?.plan.notes ?? [], schedule: document?.schedule ?? null, error: null }
  const [recipe, facts, check] = [state.form?.recipe, factsOf(state), checked(state)]
  const error = check?.error ? `${check.error.message} ${check.error.advice}` : null
  if (check?.prepared) return { recipe, plan: check.prepared.plan, notes: check.prepared.notes, schedule: check.prepared.schedule, error }
  try { return { recipe, plan: null, notes: [], schedule: recipe && facts ? schedulesOf(recipe, facts).schedule : null, error } } catch { return { recipe, plan: null, notes: [], schedule: null, error } }
}

let last: { key: string; schedule: NoiseSchedule } | undefined

function scheduleAt(spec: ScheduleSpec): NoiseSchedule {
  const key = JSON.stringify(spec)
  if (last?.key !== key) last = { key, schedule: scheduleOf(spec) }
  return last.schedule
}

/** What can be done with the plan, and with its levels. */
function toolbar(context: Context, recipe: Recipe | undefined, plan: Plan | null, notes: readonly string[], schedule: ScheduleSpec | null): TemplateResult {
  const { state, act } = context
  const without = plan ? null : t('There is no plan.')
  return html`<div class="toolbar" role="toolbar" aria-label=${t('Plan')}>
    ${state.view?.recording === undefined ? html`${levelButtons(context)}<span class="grow"></span>${liveToggle(context)}` : html`<span class="grow"></span>`}
    ${button({ label: t('Copy as CSV'), disabled: !plan, description: without ?? t('The table with all digits'), onClick: () => { if (plan) act.copyText(planCsv(plan), t('the plan as CSV')) } })}
    ${button({ label: t('Open as JSON'), disabled: !plan, description: without ?? t('Levels, steps and coefficients, as the command line’s plan --json gives them'), onClick: () => { if (plan && recipe && schedule) act.openText(planText(recipe, { plan, schedule, notes: [...notes] }, 2), 'json') } })}
  </div>`
}

/** Of custom steps what can be done with them, of any other spacing the way to them. */
function levelButtons(context: Context): TemplateResult {
  const { state } = context
  const steps = stepsOf(state)
  const back = button({ label: t('Undo'), disabled: state.plan.undo.length === 0, description: state.plan.undo.length === 0 ? t('Nothing to take back') : t('Takes the last change of the steps back (Ctrl+Z)'), onClick: () => { undo(context) } })
  if (!steps) {
    const off = customOff(state)
    return html`${button({ label: t('Make Custom'), disabled: off !== null, description: off ?? t('Takes these levels over as steps that can be moved'), onClick: () => { makeCustom(context) } })}${state.plan.undo.length > 0 ? back : nothing}`
  }
  const active = Math.max(0, Math.min(state.plan.active, steps.points.length - 1))
  const only = steps.points.length < 2 ? t('One step stays.') : null
  return html`
    ${button({ label: t('Add Step'), description: t('One more after step {0} (Insert); a double click on the axis adds one there', active), onClick: () => { addAfter(context, active); focusActive(context) } })}
    ${button({ label: t('Delete Step'), disabled: only !== null, description: only ?? t('Takes step {0} away (Delete)', active), onClick: () => { remove(context, active) } })}
    ${back}
    ${button({ label: t('Reset'), description: t('Back to the spacing that there was before'), onClick: () => { resetCustom(context) } })}`
}

function summary({ steps, evaluations, adaptive }: Plan): string {
  if (adaptive) return found(adaptive)
  const orders = steps.map(({ order }) => order).filter((order) => order > 0)
  const counts = [...new Set(orders)].sort((a, b) => a - b).map((order) => t('{0} of order {1}', orders.filter((one) => one === order).length, order)).join(', ')
  return `${t('{0} steps, {1} model evaluations', steps.length, evaluations)}${counts ? ` (${counts})` : ''}.`
}

/** What is known beforehand of steps that are found while the run goes; the tolerances are in the notes. */
function found({ from, to, variable }: AdaptivePlan): string {
  return t('its steps are found while it runs, in {0}, for each image by itself, from λ = {1} to λ = {2}.', variable === 't' ? 't' : 'λ', fixed(from.lambda, 3), fixed(to.lambda, 3))
}

function legend({ form, steps, adaptive }: Plan): string {
  const terms = steps.flatMap(({ stages, update }) => [...update, ...stages.flatMap(({ input }) => input)])
  const has = (part: string): boolean => terms.some(({ of }) => of !== 'state' && part in of)
  return [
    ...adaptive && steps.length > 0 ? [t('The last step comes after those that are found.')] : [],
    ...has('stage') || has('past') ? [form === 'data'
      ? t('m is the network’s output as an estimate x̂₀ of the data: m₀, m₁, … of this step’s evaluations, m₋₁ the newest of the steps before.')
      : t('m is the network’s output as an estimate ε of the noise: m₀, m₁, … of this step’s evaluations, m₋₁ the newest of the steps before.')] : [],
    ...has('draw') || has('brownian') ? [t('z is unit noise.')] : [],
    ...terms.some(({ scaledBy }) => scaledBy) ? [t('v is the variance that the network predicts.')] : [],
  ].join(' ')
}
