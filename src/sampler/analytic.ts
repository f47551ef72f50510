import { assertNever } from './errors'
import type { Evaluate } from './sample'
import type { FloatArray, Level, PredictionType } from './types'

/** A data distribution whose optimal denoiser is known in closed form: the test bench, and a teaching model. `x` holds items of `size` values. */
export interface AnalyticModel {
  /** Values in one item. */
  readonly size: number
  /** E[x0 | x] at a level. */
  denoise(x: FloatArray, level: Level, out: FloatArray): void
  /** E[ε | x] = −σ·score at a level. */
  noise(x: FloatArray, level: Level, out: FloatArray): void
}

/**
 * x0 ~ N(mu, diag(s²)). With v = α² s² + σ²: ε = σ (x − α mu)/v, x̂₀ = mu + α s² (x − α mu)/v.
 */
export function gaussian(mu: readonly number[], s: readonly number[]): AnalyticModel & { exact(x: FloatArray, from: Level, to: Level): Float64Array } {
  const size = mu.length
  const variance = (j: number, { alpha, sigma }: Level): number => (alpha * s[j]!) ** 2 + sigma ** 2
  const each = (x: FloatArray, out: FloatArray, value: (xj: number, j: number) => number): void => { for (let i = 0; i < x.length; i++) out[i] = value(x[i]!, i % size) }

  return {
    size,
    denoise: (x, level, out) => { each(x, out, (xj, j) => mu[j]! + level.alpha * s[j]! ** 2 * (xj - level.alpha * mu[j]!) / variance(j, level)) },
    noise: (x, level, out) => { each(x, out, (xj, j) => level.sigma * (xj - level.alpha * mu[j]!) / variance(j, level)) },
    /** The exact solution of the probability-flow ODE: x_t = α_t mu + √(v_t/v_T) (x_T − α_T mu). */
    exact(x, from, to) {
      const out = new Float64Array(x.length)
      each(x, out, (xj, j) => to.alpha * mu[j]! + Math.sqrt(variance(j, to) / variance(j, from)) * (xj - from.alpha * mu[j]!))
      return out
    },
  }
}

/** One component of a mixture: its weight, mean and (isotropic) standard deviation. */
export interface Component { weight: number; mean: readonly number[]; s: number }

/**
 * x0 ~ Σ_k w_k N(m_k, s_k² I). With v_k = α² s_k² + σ² and the responsibilities r = softmax(log w_k − (D/2) log v_k − |x − α m_k|²/(2 v_k)):
 * ε = σ Σ_k r_k (x − α m_k)/v_k, x̂₀ = Σ_k r_k (m_k + α s_k² (x − α m_k)/v_k).
 */
export function mixture(components: readonly Component[]): AnalyticModel {
  const size = components[0]?.mean.length ?? 0

  /** Every component's responsibility for the item that begins at `begin`. */
  function responsibilities(x: FloatArray, begin: number, { alpha, sigma }: Level): number[] {
    const logits = components.map(({ weight, mean, s }) => {
      const v = (alpha * s) ** 2 + sigma ** 2
      const distance = mean.reduce((sum, m, j) => sum + (x[begin + j]! - alpha * m) ** 2, 0)
      return Math.log(weight) - size / 2 * Math.log(v) - distance / (2 * v)
    })
    const largest = Math.max(...logits)
    const shares = logits.map((logit) => Math.exp(logit - largest))
    const total = shares.reduce((sum, share) => sum + share, 0)
    return shares.map((share) => share / total)
  }

  function each(x: FloatArray, level: Level, out: FloatArray, value: (xj: number, m: number, s: number) => number): void {
    for (let begin = 0; begin < x.length; begin += size) {
      const r = responsibilities(x, begin, level)
      for (let j = 0; j < size; j++) out[begin + j] = components.reduce((sum, { mean, s }, k) => sum + r[k]! * value(x[begin + j]!, mean[j]!, s), 0)
    }
  }

  return {
    size,
    denoise: (x, level, out) => { each(x, level, out, (xj, m, s) => m + level.alpha * s ** 2 * (xj - level.alpha * m) / ((level.alpha * s) ** 2 + level.sigma ** 2)) },
    noise: (x, level, out) => { each(x, level, out, (xj, m, s) => level.sigma * (xj - level.alpha * m) / ((level.alpha * s) ** 2 + level.sigma ** 2)) },
  }
}

/** The model as a network that predicts any of the quantities, in float64. Takes items at levels of their own. */
export function asNetwork(model: AnalyticModel, prediction: PredictionType): Evaluate {
  return (x, { level, levels }) => {
    if (!levels) return predict(model, prediction, x, level)
    const out = new Float64Array(x.length)
    levels.forEach((own, k) => { out.set(predict(model, prediction, x.subarray(k * model.size, (k + 1) * model.size), own), k * model.size) })
    return out
  }
}

function predict(model: AnalyticModel, prediction: PredictionType, x: FloatArray, level: Level): Float64Array {
  const { alpha, sigma } = level
  const x0 = new Float64Array(x.length)
  const epsilon = new Float64Array(x.length)
  if (prediction !== 'epsilon' && prediction !== 'score') model.denoise(x, level, x0)
  if (prediction !== 'sample') model.noise(x, level, epsilon)
  switch (prediction) {
    case 'epsilon': return epsilon
    case 'sample': return x0
    case 'v_prediction': return epsilon.map((e, i) => alpha * e - sigma * x0[i]!)
    case 'score': return epsilon.map((e) => -e / sigma)
    case 'flow': return epsilon.map((e, i) => e - x0[i]!)
    default: return assertNever(prediction)
  }
}
