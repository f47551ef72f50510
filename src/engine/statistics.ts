import type { TensorStatistics } from '../protocol/run'

/**
 * Statistics of a tensor over its finite values: min, max, mean, standard deviation, the share outside [−1, 1]; and how many are not finite.
 * Where none is finite the first four are NaN and the share is 0. Sums are formed in float64.
 */
export function statistics(values: Float32Array): TensorStatistics {
  const n = values.length
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let squares = 0
  let inside = 0
  // Taken twice for every evaluation. Without branches, which random values would make the processor guess wrong.
  for (let i = 0; i < n; i++) {
    const value = values[i]!
    sum += value
    squares += value * value
    min = Math.min(min, value)
    max = Math.max(max, value)
    inside += Number(Math.abs(value) <= 1)
  }
  if (!Number.isFinite(squares)) return ofFinite(values)
  const mean = sum / n
  return { min, max, mean, std: Math.sqrt(Math.max(squares / n - mean * mean, 0)), clipped: 1 - inside / n, nonFinite: 0 }
}

/** Squares of float32 values cannot overflow a float64 sum: where that is not finite, some value is not. */
function ofFinite(values: Float32Array): TensorStatistics {
  const finite = values.filter((value) => Number.isFinite(value))
  const nonFinite = values.length - finite.length
  return finite.length === 0 ? { min: NaN, max: NaN, mean: NaN, std: NaN, clipped: 0, nonFinite } : { ...statistics(finite), nonFinite }
}
