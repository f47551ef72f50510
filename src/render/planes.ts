/** Pixels of a picture, interleaved: 1 channel is grey, 2 grey and alpha, 3 red, green, blue, 4 those and alpha. Levels go from 0 to `highest`. */
export interface Picture { width: number; height: number; channels: 1 | 2 | 3 | 4; data: Uint8Array | Uint16Array; highest: number }

/** One float32 in [0, 1] for each pixel, row-major: 0 is black, 1 is white. */
type Plane = Float32Array

/** What was done to a picture to make it fit, in words for the user; empty where nothing was. */
export interface Fitted { values: Float32Array; changes: string[] }

/**
 * A picture as one image of a model, [C, H, W] row-major in [−1, 1]: value = 2·level/highest − 1, the inverse of greyLevel(). Transparent parts are laid over white,
 * colour becomes grey by its luma (0.299 R + 0.587 G + 0.114 B), grey is repeated for every colour, and another size is resized (see resized()), without keeping its proportions.
 * @param shape channels (1 or 3), height and width of the model
 */
export function imageValues(picture: Picture, [channels, height, width]: readonly [number, number, number]): Fitted {
  const coloured = picture.channels > 2
  const { planes, changes } = planesOf(picture, channels === 1)
  const values = new Float32Array(channels * height * width)
  for (let c = 0; c < channels; c++) {
    const plane = resized(planes[Math.min(c, planes.length - 1)]!, picture, { width, height })
    for (let p = 0; p < plane.length; p++) values[c * height * width + p] = 2 * plane[p]! - 1
  }
  if (channels > 1 && !coloured) changes.push('made colour from grey')
  return { values, changes: [...changes, ...sizeChange(picture, width, height)] }
}

/** A picture as a mask of a model, [H, W] in [0, 1]: white is 1. Fitted as imageValues() does it for grey. */
export function maskValues(picture: Picture, [, height, width]: readonly [number, number, number]): Fitted {
  const { planes, changes } = planesOf(picture, true)
  return { values: resized(planes[0]!, picture, { width, height }), changes: [...changes, ...sizeChange(picture, width, height)] }
}

const sizeChange = (from: { width: number; height: number }, width: number, height: number): string[] => (
  from.width === width && from.height === height ? [] : [`scaled from ${from.width}×${from.height} to ${width}×${height}`]
)

function planesOf({ width, height, channels, data, highest }: Picture, grey: boolean): { planes: Plane[]; changes: string[] } {
  const colours = channels > 2 ? 3 : 1
  const area = width * height
  const planes = Array.from({ length: grey ? 1 : colours }, () => new Float32Array(area))
  const hasAlpha = channels === 2 || channels === 4
  let transparent = false
  let coloured = false
  for (let p = 0; p < area; p++) {
    const at = p * channels
    const alpha = hasAlpha ? data[at + colours]! / highest : 1
    transparent ||= alpha < 1
    const shown = (c: number): number => 1 + alpha * (data[at + c]! / highest - 1)
    const [red, green, blue] = colours === 3 ? [shown(0), shown(1), shown(2)] : [shown(0), shown(0), shown(0)]
    if (!grey) [red, green, blue].slice(0, colours).forEach((value, c) => { planes[c]![p] = value })
    else {
      coloured ||= red !== green || green !== blue
      // Of three equal colours the sum of the products is their value only up to rounding.
      planes[0]![p] = red === green && green === blue ? red : 0.299 * red + 0.587 * green + 0.114 * blue
    }
  }
  return { planes, changes: [...(transparent ? ['laid over white'] : []), ...(coloured ? ['made grey'] : [])] }
}

/** How much of which source pixels a target pixel is, along one axis. */
interface Weights { first: number; weights: number[] }

/** The plane at another size: along an axis that shrinks, the mean of what lies under a pixel; along one that grows, linear between the centres of pixels (bilinear), the edge continued. */
export function resized(plane: Plane, from: { width: number; height: number }, to: { width: number; height: number }): Plane {
  const columns = axis(from.width, to.width)
  const rows = axis(from.height, to.height)
  const across = new Float64Array(to.width * from.height)
  for (let y = 0; y < from.height; y++) {
    columns.forEach(({ first, weights }, x) => { across[y * to.width + x] = weights.reduce((sum, weight, i) => sum + weight * plane[y * from.width + first + i]!, 0) })
  }
  const out = new Float32Array(to.width * to.height)
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
