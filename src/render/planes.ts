import { t } from '../sampler/text'

/** Pixels of a picture, interleaved: 1 channel is grey, 2 grey and alpha, 3 red, green, blue, 4 those and alpha. Levels go from 0 to `highest`. */
export interface Picture { width: number; height: number; channels: 1 | 2 | 3 | 4; data: Uint8Array | Uint16Array; highest: number }

/** One number in [0, 1] for each pixel, row-major: 0 is black, 1 is white. */
type Plane = Float64Array

/** What was done to a picture to make it fit, in words for the user; empty where nothing was. */
export interface Fitted { values: Float32Array; changes: string[] }

/**
 * A picture as one image of a model, [C, H, W] row-major in [−1, 1]: value = 2·level/highest − 1, the inverse of greyLevel(). Transparent parts are laid over white,
 * colour becomes grey by its luma (0.299 R + 0.587 G + 0.114 B), grey is repeated for every colour, and another size is resized (see resized()), without keeping its proportions.
 * @param shape channels (1 or 3), height and width of the model
 */
export function imageValues(picture: Picture, [channels, height, width]: readonly [number, number, number]): Fitted {
  const values = new Float32Array(channels * height * width)
  const changes = new Set<string>()
  for (let c = 0; c < channels; c++) {
    // One plane at a time: all of a large picture at once take much memory.
    const plane = resized(planeOf(picture, channels === 1 ? 'grey' : c, changes), picture, { width, height })
    for (let p = 0; p < plane.length; p++) values[c * height * width + p] = 2 * plane[p]! - 1
  }
  if (channels > 1 && picture.channels < 3) changes.add(t('made colour from grey'))
  return { values, changes: [...changes, ...sizeChange(picture, width, height)] }
}

/** A picture as a mask of a model, [H, W] in [0, 1]: white is 1. Fitted as imageValues() does it for grey. */
export function maskValues(picture: Picture, [, height, width]: readonly [number, number, number]): Fitted {
  const changes = new Set<string>()
  const values = Float32Array.from(resized(planeOf(picture, 'grey', changes), picture, { width, height }))
  return { values, changes: [...changes, ...sizeChange(picture, width, height)] }
}

const sizeChange = (from: { width: number; height: number }, width: number, height: number): string[] => (
  from.width === width && from.height === height ? [] : [t('scaled from {0} to {1}', `${from.width}×${from.height}`, `${width}×${height}`)]
)

/** One colour of a picture, over white, or its grey; what that changes is added to `changes`. */
function planeOf({ width, height, channels, data, highest }: Picture, which: number | 'grey', changes: Set<string>): Plane {
  const colours = channels > 2 ? 3 : 1
  const alphaAt = channels === 2 || channels === 4 ? channels - 1 : undefined
  const out = new Float64Array(width * height)
  let transparent = false
  let coloured = false
  for (let p = 0, at = 0; p < out.length; p++, at += channels) {
    let value = data[at + (which === 'grey' ? 0 : Math.min(which, colours - 1))]! / highest
    if (which === 'grey' && colours === 3) {
      const [green, blue] = [data[at + 1]! / highest, data[at + 2]! / highest]
      // Of three equal colours the sum of the products is their value only up to rounding.
      if (green !== value || blue !== value) {
        coloured = true
        value = 0.299 * value + 0.587 * green + 0.114 * blue
      }
    }
    const alpha = alphaAt === undefined ? highest : data[at + alphaAt]!
    if (alpha < highest) {
      transparent = true
      value = 1 + alpha / highest * (value - 1)
    }
    out[p] = value
  }
  if (transparent) changes.add(t('laid over white'))
  if (coloured) changes.add(t('made grey'))
  return out
}

/** How much of which source pixels a target pixel is, along one axis. */
interface Weights { first: number; weights: number[] }

/** The plane at another size: along an axis that shrinks, the mean of what lies under a pixel; along one that grows, linear between the centres of pixels (bilinear), the edge continued. */
export function resized(plane: Plane, from: { width: number; height: number }, to: { width: number; height: number }): Plane {
  if (from.width === to.width && from.height === to.height) return plane
  const columns = axis(from.width, to.width)
  const rows = axis(from.height, to.height)
  const across = new Float64Array(to.width * from.height)
  for (let y = 0; y < from.height; y++) {
    columns.forEach(({ first, weights }, x) => { across[y * to.width + x] = weights.reduce((sum, weight, i) => sum + weight * plane[y * from.width + first + i]!, 0) })
  }
  const out = new Float64Array(to.width * to.height)
  rows.forEach(({ first, weights }, y) => {
    for (let x = 0; x < to.width; x++) out[y * to.width + x] = weights.reduce((sum, weight, i) => sum + weight * across[(first + i) * to.width + x]!, 0)
  })
  return out
}

function axis(from: number, to: number): Weights[] {
  return Array.from({ length: to }, (_, i) => {
    const [begin, end] = [i * from / to, (i + 1) * from / to]
    if (from > to) {
      const first = Math.floor(begin)
      const last = Math.min(Math.ceil(end), from)
      return { first, weights: Array.from({ length: last - first }, (_, k) => (Math.min(end, first + k + 1) - Math.max(begin, first + k)) / (end - begin)) }
    }
    const centre = Math.min(Math.max((begin + end) / 2 - 0.5, 0), from - 1)
    const first = Math.floor(centre)
    const share = centre - first
    return share === 0 ? { first, weights: [1] } : { first, weights: [1 - share, share] }
  })
}
