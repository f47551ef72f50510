import type { FloatArray, Level } from './types'

/** What inpainting keeps: the known picture, one unit noise for the whole run, and where the picture is to be made anew (1) or kept (0), all of the state's length. */
export interface KnownPart { known: FloatArray; noise: FloatArray; mask: FloatArray }

/**
 * Inpainting's step after every update, in place: where the mask is 0 the state becomes q(x_t | known) = α known + σ noise, so that the known part follows its own path and is
 * exact where σ = 0; between 0 and 1 it is mixed (RePaint, arXiv 2201.09865, eq. 8). For `correctState` of the loop, and for the state it starts with.
 */
export function keepKnown(x: FloatArray, { alpha, sigma }: Level, { known, noise, mask }: KnownPart): void {
  for (let i = 0; i < x.length; i++) {
    const m = mask[i]!
    if (m !== 1) x[i] = m * x[i]! + (1 - m) * (alpha * known[i]! + sigma * noise[i]!)
  }
}

/** A mask of one channel or one item for a whole state: repeated over the channels of every item. */
export function maskFor(pixels: FloatArray, channels: number, items: number): Float32Array {
  const out = new Float32Array(pixels.length * channels * items)
  for (let begin = 0; begin < out.length; begin += pixels.length) out.set(pixels, begin)
  return out
}
