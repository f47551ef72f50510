import { blobsOf, type Distribution } from '../sampler/distribution'
import type { Level } from '../sampler/types'

/** A square of the plane around the origin, `half` to each side, in `size` × `size` pixels; y grows upwards. */
export interface PlaneWindow { half: number; size: number }

/**
 * The density of q_t at the centre of every pixel, row by row from the top: the mixture with means α m and variances α² s² + σ², for data in the plane.
 */
export function planeDensity(distribution: Distribution, { alpha, sigma }: Pick<Level, 'alpha' | 'sigma'>, { half, size }: PlaneWindow): Float64Array {
  const out = new Float64Array(size * size)
  for (const { weight, mean: [mx = 0, my = 0], s: [sx = 0, sy = 0] } of blobsOf(distribution)) {
    // A Gaussian with independent axes is a product, so that there is one exp a row and one a column.
    const across = profile(alpha * mx, Math.hypot(alpha * sx, sigma), half, size)
    const up = profile(alpha * my, Math.hypot(alpha * sy, sigma), half, size)
    for (let v = 0; v < size; v++) {
      const factor = weight * up[size - 1 - v]!
      if (factor === 0) continue
      for (let u = 0; u < size; u++) out[v * size + u]! += factor * across[u]!
    }
  }
  return out
}

/** The normal density with mean m and deviation s at `size` places from −half to half. */
function profile(m: number, s: number, half: number, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => Math.exp(-0.5 * (((2 * i + 1) / size * half - half - m) / s) ** 2) / (s * Math.sqrt(2 * Math.PI)))
}
