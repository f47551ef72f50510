import type { Plan } from '../sampler/types'
import { lambdaInWords, table } from './words'

/** The plan as a table of levels and the steps that start there: i, t, λ, h = λ_(i+1) − λ_i, α, σ, order, evaluations. */
export function planTable({ levels, steps, adaptive }: Plan): string {
  if (adaptive) return `${adaptive.pair} from λ ${lambdaInWords(adaptive.from.lambda, 4)} to ${lambdaInWords(adaptive.to.lambda, 4)}, in steps that are found while the run goes (atol ${adaptive.atol}, rtol ${adaptive.rtol})${steps.length > 0 ? ', then one step to σ = 0' : ''}\n`
  const rows = levels.map(({ t, lambda, alpha, sigma }, i) => {
    const step = steps[i]
    const h = step ? step.to.lambda - lambda : undefined
    return [String(i), t.toFixed(5), lambdaInWords(lambda, 4), h === undefined ? '' : lambdaInWords(h, 4), alpha.toFixed(5), sigma.toFixed(5), step ? String(step.order) : '', step ? String(step.stages.length) : '']
  })
  return table(['i', 't', 'λ', 'h', 'α', 'σ', 'order', 'evaluations'], rows)
}
