import type { MethodContext, MethodOptions, Step, Term } from '../types'
import { numberOf, ofPath, ofStage, ofState } from './terms'

/** 1 − e^(−2h): the share of the noise that a step of width h in λ renews; σ_t² of it is DDPM's posterior variance β̃, σ_s² of it the forward variance β. */
export const renewed = ({ from, to }: MethodContext): number => -Math.expm1(2 * (from.lambda - to.lambda))

/** A step of one evaluation, at its start. */
export const oneStage = ({ from, to }: MethodContext, update: Term[]): Step => (
  { from, to, order: 1, stages: [{ level: from, input: [ofState(1)] }], update, remember: [0], estimate: 0 }
)

/**
 * DDIM with η (Song et al. 2021, arXiv 2010.02502, eq. 12 and 16), data form: x_t = α_t x̂₀ + √(σ_t² − σ_η²) ε + σ_η z with σ_η² = η² σ_t² (1 − e^(−2h)).
 * η = 0 is deterministic, η = 1 is DDPM with its small variance. `eta` (0), `sNoise` (1), and `epsilon`: 'raw' keeps the ε of the network where x̂₀ has been
 * clipped (diffusers); else ε belongs to the clipped x̂₀.
 */
export function ddim(at: MethodContext, options: MethodOptions): Step {
  const deviation = ddimDeviation(at, numberOf(options, 'eta') ?? 0)
  return oneStage(at, [...ddimMean(at, deviation, options).terms, ...ofPath(at.from, at.to, deviation * (numberOf(options, 'sNoise') ?? 1))])
}

/** σ_η. */
export const ddimDeviation = (at: MethodContext, eta: number): number => eta === 0 ? 0 : eta * at.to.sigma * Math.sqrt(renewed(at))

/** α_t x̂₀ + √(σ_t² − σ_η²) ε, and the weight that x̂₀ has in it by itself and through ε = (x − α_s x̂₀)/σ_s. */
export function ddimMean({ from: s, to: t }: MethodContext, deviation: number, options: MethodOptions): { terms: Term[]; data: number } {
  const direction = Math.sqrt(Math.max(0, t.sigma ** 2 - deviation ** 2))
  const kept = direction / s.sigma
  const data = t.alpha - kept * s.alpha
  if (options['epsilon'] !== 'raw') return { terms: [ofState(kept), ofStage(0, data)], data }
  return { terms: [ofStage(0, t.alpha), { of: { stage: 0, raw: 'noise' }, coefficient: direction }], data }
}

/**
 * DDPM's ancestral step (Ho et al. 2020, arXiv 2006.11239, eq. 6, 7 and 11), data form, for levels however far apart: the posterior mean
 * (σ_t/σ_s) e^(−h) x + α_t (1 − e^(−2h)) x̂₀ and a noise of variance β̃ = σ_t² (1 − e^(−2h)) (`variance: 'small'`, right for data that are one point),
 * β = σ_s² (1 − e^(−2h)) ('large', right for data that are unit normal) or between them ('learned': the network's second output v in [−1, 1] mixes the logarithms of
 * the two, Nichol and Dhariwal 2021, arXiv 2102.09672, eq. 15).
 */
export function ddpm(at: MethodContext, options: MethodOptions): Step {
  return oneStage(at, [...posteriorMean(at), ...ddpmNoise(at, options)])
}

/** The mean of q(x_t | x_s, x̂₀). */
export function posteriorMean(at: MethodContext): Term[] {
  const { from: s, to: t } = at
  return [ofState(t.sigma / s.sigma * Math.exp(s.lambda - t.lambda)), ofStage(0, t.alpha * renewed(at))]
}

function ddpmNoise(at: MethodContext, options: MethodOptions): Term[] {
  const { from: s, to: t } = at
  // Where the step ends without noise there is none to add, whatever the variance.
  if (t.sigma === 0) return []
  const sNoise = numberOf(options, 'sNoise') ?? 1
  const root = Math.sqrt(renewed(at))
  switch (options['variance']) {
    case 'large': return ofPath(s, t, sNoise * s.sigma * root)
    // √(exp(½ (v + 1) ln β + ½ (1 − v) ln β̃)) = (β β̃)^(1/4) exp(v ln(β/β̃)/4)
    case 'learned': return ofPath(s, t, sNoise * Math.sqrt(s.sigma * t.sigma) * root).map((term) => ({ ...term, scaledBy: { stage: 0, exponent: Math.log(s.sigma / t.sigma) / 2 } }))
    default: return ofPath(s, t, sNoise * t.sigma * root)
  }
}
