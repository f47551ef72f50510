import type { FloatArray } from './types'

/**
 * Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598) on the network's own output, whatever it predicts: out = u + w (c − u).
 * One batched evaluation gives both halves.
 * @param both the network's output for a doubled batch, first the unconditional half u, then the conditional half c
 * @param w guidance scale: 0 is u, 1 is c (one branch is enough then), above 1 goes beyond c
 * @param out half the length of `both`; may be its first half
 */
export function guide(both: FloatArray, w: number, out: FloatArray): FloatArray {
  const n = out.length
  if (both.length !== 2 * n) throw new RangeError(`guidance needs two outputs of ${n} values, not ${both.length} values`)
  for (let i = 0; i < n; i++) {
    const u = both[i]!
    out[i] = u + w * (both[i + n]! - u)
  }
  return out
}

/** Writes x twice into `out`: the state of a doubled batch. */
export function doubled(x: FloatArray, out: FloatArray): FloatArray {
  out.set(x)
  out.set(x, x.length)
  return out
}
