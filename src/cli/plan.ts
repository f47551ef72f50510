import type { Prepared } from '../recipe/prepare'
import type { Recipe } from '../recipe/recipe'
import type { Plan } from '../sampler/types'
import { lambdaInWords, table } from './words'

/** The plan as a table of levels and the steps that start there: i, t, λ, h = λ_(i+1) − λ_i, α, σ, order, evaluations. */
export function planTable({ levels, steps }: Plan): string {
  const rows = levels.map(({ t, lambda, alpha, sigma }, i) => {
    const step = steps[i]
    const h = step ? step.to.lambda - lambda : undefined
    return [String(i), t.toFixed(5), lambdaInWords(lambda, 4), h === undefined ? '' : lambdaInWords(h, 4), alpha.toFixed(5), sigma.toFixed(5), step ? String(step.order) : '', step ? String(step.stages.length) : '']
  })
  return table(['i', 't', 'λ', 'h', 'α', 'σ', 'order', 'evaluations'], rows)
}

/** The plan for programs: its levels, and its steps with their coefficients. */
export function planJson(recipe: Recipe, { plan, schedule, notes }: Prepared): Record<string, unknown> {
  return { recipe, schedule, form: plan.form, evaluations: plan.evaluations, levels: plan.levels, steps: plan.steps, notes }
}
