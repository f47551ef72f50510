import type { FloatArray } from '../sampler/types'
import { cellOf, emptySheet, sheetLayout } from './contactSheet'
import type { RgbaPixels, StateShape } from './pixels'
import { drawItem, type Place } from './scale'

/** Share of the values that the scale of a picture holds: the few largest would leave the others grey. */
export const scaleShare = 0.995

/** Colours of −1, −½, 0, ½ and 1: from dark blue over neutral grey to light amber, in even steps of lightness, so that signs can be told apart without hues too. */
const anchors = [[8, 48, 132], [68, 94, 146], [128, 128, 128], [188, 148, 92], [238, 178, 54]] as const
/** The colour of each grey level: 128 is what zero has. */
const diverging = Array.from({ length: 256 }, (_, level) => {
  const at = level < 128 ? level / 64 : 2 + (level - 128) / 63.5
  const from = Math.min(3, Math.floor(at))
  return anchors[from]!.map((red, c) => Math.round(red + (at - from) * (anchors[from + 1]![c]! - red)))
})

/**
 * The batch as one picture like contactSheet(), of values around zero: one channel in a diverging map, three as red, green and blue around mid grey; both from −scale to scale,
 * beyond which they are clipped. Yields after each item. An item of NaN alone is left out, which is transparent.
 * @param values [B, C, H, W] with C = 1 or 3
 * @param scale more than 0, or 0 where all values are
 */
export function* signedSheet(values: FloatArray, [batch, channels, height, width]: StateShape, scale: number, maxSize: number): Generator<void, RgbaPixels> {
  const layout = sheetLayout([batch, channels, height, width], maxSize)
  const sheet = emptySheet(layout)
  const item = new Float32Array(channels * height * width)
  for (let k = 0; k < batch; k++) {
    let drawn = false
    for (let i = 0; i < item.length; i++) {
      const value = values[k * item.length + i]!
      item[i] = scale > 0 ? value / scale : value
      drawn ||= !Number.isNaN(value)
    }
    if (!drawn) continue
    const cell = cellOf(layout, k)
    drawItem(sheet.rgba, cell, item, [1, channels, height, width], 0)
    if (channels === 1) colour(sheet.rgba, cell)
    yield
  }
  return sheet
}

function colour(rgba: Uint8Array, { left, top, width, height, sheetWidth }: Place): void {
  for (let y = top; y < top + height; y++) {
    const begin = (y * sheetWidth + left) * 4
    for (let out = begin; out < begin + 4 * width; out += 4) rgba.set(diverging[rgba[out]!]!, out)
  }
}

/** Values that are looked at before others have their turn. */
const slice = 2 ** 20

/** The least |v| that `share` of the finite values do not exceed, to 1 in 128 and never less; 0 where there is none. Yields now and then. */
export function* largest(values: Float32Array, share: number): Generator<void, number> {
  // The upper half of a float's bits, without the sign, orders magnitudes.
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const counts = new Float64Array(infinity)
  let finite = 0
  for (let i = 0; i < bits.length; i++) {
    const bin = bits[i]! >>> 16 & 0x7fff
    if (bin < infinity) { counts[bin]! += 1; finite += 1 }
    if (i % slice === slice - 1) yield
  }
  let below = 0
  for (let bin = 0; bin < infinity; bin++) {
    below += counts[bin]!
    if (below >= share * finite && below > 0) return bin === 0 ? 0 : new Float32Array(Uint32Array.of(bin << 16 | 0xffff).buffer)[0]!
  }
  return 0
}
/** Upper half of what is not finite. */
const infinity = 0x7f80
