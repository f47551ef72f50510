import { conversion } from './prediction'
import type { Evaluate, EvaluationPoint } from './sample'
import type { FloatArray, Level, PredictionType } from './types'

/** Further parameters of classifier-free guidance. */
export interface Rescale {
  /** φ from 0 (nothing) to 1: how far the guided output goes back to the standard deviation of the conditional one. */
  phi: number
  /** Batch items in the output: each has a standard deviation of its own. */
  items: number
}

/**
 * Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598) on the network's own output, whatever it predicts: out = u + w (c − u).
 * One batched evaluation gives both halves.
 * @param both the network's output for a doubled batch, first the unconditional half u, then the conditional half c
 * @param w guidance scale: 0 is u, 1 is c (one branch is enough then), above 1 goes beyond c
 * @param out half the length of `both`; may be its first half
 * @param rescale against the overexposure of large scales (Lin et al. 2024, arXiv 2305.08891, eq. 15, 16): φ·out·std(c)/std(out) + (1 − φ)·out
 */
export function guide(both: FloatArray, w: number, out: FloatArray, rescale?: Rescale): FloatArray {
  const n = out.length
  if (both.length !== 2 * n) throw new RangeError(`guidance needs two outputs of ${n} values, not ${both.length} values`)
  for (let i = 0; i < n; i++) {
    const u = both[i]!
    out[i] = u + w * (both[i + n]! - u)
  }
  if (!rescale || rescale.phi === 0) return out
  const size = n / rescale.items
  for (let begin = 0; begin < n; begin += size) {
    const item = out.subarray(begin, begin + size)
    const spread = deviation(item)
    const factor = spread === 0 ? 1 : 1 + rescale.phi * (deviation(both.subarray(n + begin, n + begin + size)) / spread - 1)
    for (let i = 0; i < size; i++) item[i] = item[i]! * factor
  }
  return out
}

function deviation(values: FloatArray): number {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return Math.sqrt(squares / values.length)
}

/**
 * The same where each item has a second output after its prediction (learned variance): predictions are guided, and the second output is the conditional branch's own, as in
 * DiT (arXiv 2212.09748) and ADM, since guidance says nothing about the variance.
 * @param both for each of twice `items`, its prediction and then its second output; unconditional items first
 * @param out half the length of `both`
 */
export function guidePredictions(both: FloatArray, w: number, out: FloatArray, items: number, phi = 0): FloatArray {
  const n = out.length
  if (both.length !== 2 * n) throw new RangeError(`guidance needs two outputs of ${n} values, not ${both.length} values`)
  const size = n / items / 2
  const pair = new Float64Array(2 * size)
  for (let begin = 0; begin < n; begin += 2 * size) {
    pair.set(both.subarray(begin, begin + size))
    pair.set(both.subarray(n + begin, n + begin + size), size)
    const second = both.subarray(n + begin + size, n + begin + 2 * size)
    guide(pair, w, out.subarray(begin, begin + size), { phi, items: 1 })
    out.set(second, begin + size)
  }
  return out
}

/** Writes x twice into `out`: the state of a doubled batch. */
export function doubled(x: FloatArray, out: FloatArray): FloatArray {
  out.set(x)
  out.set(x, x.length)
  return out
}

/** How strong guidance is, and between which σ/α it acts (both ends included); outside them the conditional branch is enough. */
export interface GuidanceStrength { scale: number; interval?: { from: number; to: number } }

/**
 * The guidance scale at a level: 1 outside the interval (Kynkäänniemi et al. 2024, arXiv 2404.07724, whose σ is σ/α here: guidance hurts where there is much noise and does
 * nothing where there is little).
 */
export function guidanceAt({ alpha, sigma }: Level, { scale, interval }: GuidanceStrength): number {
  return !interval || interval.from <= sigma / alpha && sigma / alpha <= interval.to ? scale : 1
}

/** ∇ₓ log p(y | x) of a classifier that was trained on noisy data, at the level of `at`, for the whole batch. */
export type Gradient = (x: FloatArray, at: EvaluationPoint) => FloatArray | Promise<FloatArray>

/**
 * Classifier guidance (Dhariwal and Nichol 2021, arXiv 2105.05233, Algorithm 2): ε̂ = ε − w σ ∇ₓ log p(y | x), as a network that predicts what the given one does, so that
 * v and the velocity of a flow never pass through ε.
 * @param w guidance scale; 0 leaves the network as it is
 */
export function classifierGuided(network: Evaluate, prediction: PredictionType, gradient: Gradient, w: number): Evaluate {
  if (w === 0) return network
  return async (x, at) => {
    const predicted = await network(x, at)
    const out = predicted.slice()
    const slope = await gradient(x, at)
    if (predicted.length !== x.length || slope.length !== x.length) throw new RangeError(`a prediction and a gradient of ${x.length} values are needed, not ${predicted.length} and ${slope.length}`)
    const levels = at.levels ?? [at.level]
    const size = x.length / levels.length
    for (const [item, level] of levels.entries()) {
      // Without any signal x says nothing about y, and the gradient is 0.
      if (level.alpha === 0) continue
      // What the output changes by where ε changes by 1 and x stays: 1/(∂ε/∂output).
      const weight = -w * level.sigma / conversion(prediction, 'noise', level).output
      for (let i = item * size; i < (item + 1) * size; i++) out[i] = predicted[i]! + weight * slope[i]!
    }
    return out
  }
}
