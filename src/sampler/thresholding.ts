import type { FloatArray } from './types'

/**
 * Dynamic thresholding of x̂₀ (Saharia et al. 2022, arXiv 2205.11487, §2.3): each item is clipped to [−s, s] and divided by s, where s comes from the `ratio` quantile q of
 * its absolute values. `authors` (DPM-Solver's code): s = max(q, max), which never enlarges beyond 1 where max is 1. `diffusers`: s = min(max(q, 1), max), a plain clip to ±1
 * where max is 1.
 */
export interface Thresholding { ratio: number; max: number; form: 'authors' | 'diffusers' }

/**
 * Changes the estimate in place, item by item, for pictures with values in [−1, 1].
 * @param items batch items in x0
 */
export function threshold(x0: FloatArray, items: number, { ratio, max, form }: Thresholding): void {
  const size = x0.length / items
  const magnitudes = new Float64Array(size)
  for (let begin = 0; begin < x0.length; begin += size) {
    const item = x0.subarray(begin, begin + size)
    for (let i = 0; i < size; i++) magnitudes[i] = Math.abs(item[i]!)
    const q = quantile(magnitudes, ratio)
    const s = form === 'authors' ? Math.max(q, max) : Math.min(Math.max(q, 1), max)
    for (let i = 0; i < size; i++) item[i] = Math.min(Math.max(item[i]!, -s), s) / s
  }
}

/** Clips in place to [−range, range]. */
export function clip(x: FloatArray, range: number): void {
  for (let i = 0; i < x.length; i++) x[i] = Math.min(Math.max(x[i]!, -range), range)
}

/** The quantile of values, linear between the two nearest ranks (as torch and numpy have it). Reorders the values. NaN if one of them is. */
export function quantile(values: Float64Array, ratio: number): number {
  const position = ratio * (values.length - 1)
  const rank = Math.floor(position)
  if (values.some(Number.isNaN)) return NaN
  const low = select(values, rank)
  if (position === rank) return low
  let high = Infinity
  for (let i = rank + 1; i < values.length; i++) high = Math.min(high, values[i]!)
  return low + (high - low) * (position - rank)
}

/** The value of a rank, the smaller ones before it and the larger ones after it (Hoare's selection). */
function select(values: Float64Array, rank: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const swapped = values[i]!
      values[i++] = values[j]!
      values[j--] = swapped
    }
    if (rank <= j) high = j
    else if (rank >= i) low = i
    else break
  }
  return values[rank]!
}
