import type { FloatArray } from '../sampler/types'

/** B, C, H, W of a state. */
export type StateShape = readonly [batch: number, channels: number, height: number, width: number]

/** True where the items of a state are points of the plane, and are drawn as such. */
export function isPlane([, channels, height, width]: StateShape): boolean {
  return channels * height * width === 2
}

/** 8-bit pixels without alpha, interleaved: one channel is grey, three are red, green, blue. */
export interface Pixels { width: number; height: number; channels: 1 | 3; data: Uint8Array }

/** 8-bit pixels with alpha, as a canvas takes them: rgba.length = 4·width·height. */
export interface RgbaPixels { width: number; height: number; rgba: Uint8Array }

/** Grey level of a value: round((clip(x, −1, 1) + 1)·127.5), in 0 … 255. NaN gives 0. */
export function greyLevel(x: number): number {
  const level = (x + 1) * 127.5 + 0.5
  if (!(level > -1e9 && level < 1e9)) return level > 0 ? 255 : 0
  // Clipped as integers, by their signs: a branch on noise is guessed wrong every third time, and previews ask this for every value.
  const below = 255 - (level | 0)
  const clippedBelow = below & ~(below >> 31)
  const above = 255 - clippedBelow
  return above & ~(above >> 31)
}

/** How many channels are shown: one as grey, three as colour; of two the first as grey, of four or more the first three as colour. */
export function shownChannels(channels: number): 1 | 3 {
  return channels < 3 ? 1 : 3
}

/**
 * Batch item `item` of a state at its full size. values: [B, C, H, W], row-major, the data range being [−1, 1].
 * Throws RangeError where the values or the item do not fit the shape.
 */
export function itemPixels(values: FloatArray, shape: StateShape, item: number): Pixels {
  checkShape(values, shape)
  const [batch, channels, height, width] = shape
  if (!(Number.isInteger(item) && item >= 0 && item < batch)) throw new RangeError(`item ${item} of a batch of ${batch}`)
  const shown = shownChannels(channels)
  const area = height * width
  const data = new Uint8Array(shown * area)
  for (let c = 0; c < shown; c++) {
    const plane = (item * channels + c) * area
    for (let p = 0; p < area; p++) data[p * shown + c] = greyLevel(values[plane + p]!)
  }
  return { width, height, channels: shown, data }
}

/** Throws RangeError where `values` is not a state of this shape. */
export function checkShape(values: FloatArray, shape: StateShape): void {
  const [batch, channels, height, width] = shape
  if (values.length !== batch * channels * height * width) throw new RangeError(`${values.length} values are no state of shape ${shape.join('×')}`)
}
