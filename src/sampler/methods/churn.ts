import type { Level, Method, Term } from '../types'
import { numberOf } from './terms'

/**
 * Stochasticity by churning (Karras et al. 2022, arXiv 2206.00364, Algorithm 2): noise lifts the state from σ̃ = σ/α to σ̃ (1 + γ) before every step of an ODE method,
 * which then begins there. γ = min(sChurn/count, √2 − 1) while sTmin ≤ σ̃ ≤ sTmax. `sChurn` (0), `sTmin`, `sTmax`, `sNoise` (1). Draw `index + 1` of the run.
 */
export function churned(method: Method): Method {
  return (at, options) => {
    const { from, index, count } = at
    const sigma = from.sigma / from.alpha
    // Where there is no signal, noise has nothing to lift.
    const inside = sigma < Infinity && sigma >= (numberOf(options, 'sTmin') ?? 0) && sigma <= (numberOf(options, 'sTmax') ?? Infinity)
    const gamma = inside ? Math.min((numberOf(options, 'sChurn') ?? 0) / count, Math.SQRT2 - 1) : 0
    if (gamma === 0) return method(at, options)
    const lifted = at.levelAtLambda(from.lambda - Math.log1p(gamma))
    const step = method({ ...at, from: lifted }, options)
    const weight = lifted.alpha * sigma * Math.sqrt(gamma * (2 + gamma)) * (numberOf(options, 'sNoise') ?? 1)
    const lift = (terms: readonly Term[]): Term[] => terms.flatMap((term) => term.of === 'state' ? liftedState(term, from, lifted, weight, index + 1) : [term])
    return { ...step, from, stages: step.stages.map((stage) => ({ ...stage, input: lift(stage.input) })), update: lift(step.update) }
  }
}

/** x̂ = (α̂/α) x + α̂ √(σ̃̂² − σ̃²) z in place of the state. */
const liftedState = ({ coefficient }: Term, from: Level, lifted: Level, weight: number, draw: number): Term[] => [
  { of: 'state', coefficient: coefficient * lifted.alpha / from.alpha }, { of: { draw }, coefficient: coefficient * weight },
]
