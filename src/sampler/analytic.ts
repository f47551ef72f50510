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
  const shares = new Float64Array(components.length)

  /** Σ_k r_k (offset_k + slope_k (x − α m_k)) for every item. */
  function each(x: FloatArray, { alpha, sigma }: Level, out: FloatArray, ofData: boolean): void {
    const parts = components.map(({ weight, mean, s }) => {
      const v = (alpha * s) ** 2 + sigma ** 2
      return { constant: Math.log(weight) - size / 2 * Math.log(v), half: 1 / (2 * v), slope: (ofData ? alpha * s * s : sigma) / v, mean, centre: mean.map((m) => alpha * m) }
    })
    for (let begin = 0; begin < x.length; begin += size) {
      let largest = -Infinity
      for (let k = 0; k < parts.length; k++) {
        const { constant, half, centre } = parts[k]!
        let distance = 0
        for (let j = 0; j < size; j++) distance += (x[begin + j]! - centre[j]!) ** 2
        shares[k] = constant - distance * half
        largest = Math.max(largest, shares[k]!)
      }
      let total = 0
      for (let k = 0; k < parts.length; k++) total += shares[k] = Math.exp(shares[k]! - largest)
      for (let j = 0; j < size; j++) {
        let sum = 0
        for (let k = 0; k < parts.length; k++) {
          const { slope, mean, centre } = parts[k]!
          sum += shares[k]! * ((ofData ? mean[j]! : 0) + slope * (x[begin + j]! - centre[j]!))
        }
        out[begin + j] = sum / total
      }
    }
  }

  return { size, denoise: (x, level, out) => { each(x, level, out, true) }, noise: (x, level, out) => { each(x, level, out, false) } }
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
