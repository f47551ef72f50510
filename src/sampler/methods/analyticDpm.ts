import type { MethodContext, MethodOptions, Step } from '../types'
import { ddimDeviation, ddimMean, oneStage, posteriorMean, renewed } from './ddim'
import { numberOf, ofPath } from './terms'

/** E|ε̂|²/D of the network at a level: what Analytic-DPM has to know of the model. */
export interface NoiseStatistic { lambda: readonly number[]; meanSquare: readonly number[]; /** The recipe's model.path it was estimated for, where that is known. */ model?: string }

/**
 * Analytic-DPM (Bao et al. 2022, arXiv 2201.06503, theorem 1): DDPM's step (η = 1), or DDIM's with another η, with the variance that is optimal for the model,
 * σ*² = σ_η² + c² Var(x₀|x), where c is the weight of x̂₀ in the mean and Var(x₀|x) = (σ_s²/α_s²)(1 − E|ε̂|²/D), from a statistic of the model.
 * `eta` (1), `sNoise` (1), `statistic` (see NoiseStatistic; linear in λ between its levels), `dataVariance`: the largest Var(x₀|x) to believe, 1 for data in
 * [−1, 1]; `epsilon` as in ddim.
 */
export function analyticDpm(at: MethodContext, options: MethodOptions): Step {
  const { from: s, to: t } = at
  const eta = numberOf(options, 'eta') ?? 1
  const deviation = ddimDeviation(at, eta)
  const mean = eta === 1 ? { terms: posteriorMean(at), data: t.alpha * renewed(at) } : ddimMean(at, deviation, options)
  // Where the step ends without noise there is none to add.
  if (t.sigma === 0) return oneStage(at, mean.terms)
  const spread = Math.max((s.sigma / s.alpha) ** 2 * (1 - meanSquareAt(options['statistic'], s.lambda)), 0)
  const variance = deviation ** 2 + mean.data ** 2 * Math.min(spread, numberOf(options, 'dataVariance') ?? 1)
  return oneStage(at, [...mean.terms, ...ofPath(s, t, Math.sqrt(variance) * (numberOf(options, 'sNoise') ?? 1))])
}

/** Two lists of numbers, of one length and not empty. */
export function isStatistic(value: unknown): value is NoiseStatistic {
  if (typeof value !== 'object' || value === null || !('lambda' in value) || !('meanSquare' in value)) return false
  const { lambda, meanSquare } = value
  const numbers = (list: unknown): list is number[] => Array.isArray(list) && list.every((entry) => typeof entry === 'number' && Number.isFinite(entry))
  return numbers(lambda) && numbers(meanSquare) && lambda.length > 0 && lambda.length === meanSquare.length
}

/** @throws RangeError where there is no statistic */
function meanSquareAt(statistic: unknown, lambda: number): number {
  if (!isStatistic(statistic)) throw new RangeError('Analytic-DPM needs a statistic of the model')
  const order = statistic.lambda.map((_, i) => i).sort((a, b) => statistic.lambda[a]! - statistic.lambda[b]!)
  const at = (i: number): { lambda: number; value: number } => ({ lambda: statistic.lambda[order[i]!]!, value: statistic.meanSquare[order[i]!]! })
  const after = order.findIndex((i) => statistic.lambda[i]! >= lambda)
  if (after <= 0) return at(after === 0 ? 0 : order.length - 1).value
  const [low, high] = [at(after - 1), at(after)]
  return low.value + (high.value - low.value) * (lambda - low.lambda) / (high.lambda - low.lambda)
}
