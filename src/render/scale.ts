import type { FloatArray } from '../sampler/types'
import { greyLevel, shownChannels, type StateShape } from './pixels'

/** Where an item goes: its top left corner and size, in pixels of a sheet that is `sheetWidth` wide. */
export interface Place { left: number; top: number; width: number; height: number; sheetWidth: number }

/**
 * Draws one batch item into an RGBA sheet. At its own size pixels are copied; smaller, each pixel is the mean of the source pixels
 * under it (of the clipped values, before they become 8-bit levels); larger, source pixels are repeated.
 */
export function drawItem(rgba: Uint8Array, place: Place, values: FloatArray, shape: StateShape, item: number): void {
  const [, channels, height, width] = shape
  const shown = shownChannels(channels)
  const area = height * width
  const first = item * channels * area
  if (place.width === width && place.height === height) { copyItem(rgba, place, values, first, shown === 3 ? area : 0); return }
  for (let c = 0; c < 3; c++) {
    // Grey is drawn once and repeated: drawing costs more than copying bytes.
    if (c < shown) meanPlane(rgba, place, values, first + c * area, width, height, c)
    else repeatFirst(rgba, place, c)
  }
  fill(rgba, place, 3, 255)
}

/** Pixel for pixel; `apart`: how far the colours of a pixel are from one another, 0 where they are one grey. */
function copyItem(rgba: Uint8Array, { left, top, width, height, sheetWidth }: Place, values: FloatArray, first: number, apart: number): void {
  let i = first
  for (let y = 0; y < height; y++) {
    const begin = ((top + y) * sheetWidth + left) * 4
    for (let out = begin; out < begin + 4 * width; out += 4, i++) {
      const red = greyLevel(values[i]!)
      rgba[out] = red
      rgba[out + 1] = apart === 0 ? red : greyLevel(values[i + apart]!)
      rgba[out + 2] = apart === 0 ? red : greyLevel(values[i + 2 * apart]!)
      rgba[out + 3] = 255
    }
  }
}

function meanPlane(rgba: Uint8Array, place: Place, values: FloatArray, plane: number, width: number, height: number, c: number): void {
  const columns = edges(width, place.width)
  const rows = edges(height, place.height)
  for (let y = 0; y < place.height; y++) {
    const top = rows[2 * y]!
    const bottom = rows[2 * y + 1]!
    let out = ((place.top + y) * place.sheetWidth + place.left) * 4 + c
    for (let x = 0; x < place.width; x++, out += 4) {
      const left = columns[2 * x]!
      const right = columns[2 * x + 1]!
      let sum = 0
      for (let v = top; v < bottom; v++) {
        for (let i = plane + v * width + left; i < plane + v * width + right; i++) {
          const value = values[i]!
          sum += value < -1 ? -1 : value > 1 ? 1 : value
        }
      }
      rgba[out] = greyLevel(sum / ((right - left) * (bottom - top)))
    }
  }
}

/** For each of `to` pixels the half-open range of the `from` pixels under it, at least one: start and end of pixel i at 2i and 2i + 1. */
function edges(from: number, to: number): Int32Array {
  const ranges = new Int32Array(2 * to)
  for (let i = 0; i < to; i++) {
    const start = Math.floor(i * from / to)
    ranges[2 * i] = start
    ranges[2 * i + 1] = Math.max(start + 1, Math.floor((i + 1) * from / to))
  }
  return ranges
}

function repeatFirst(rgba: Uint8Array, { left, top, width, height, sheetWidth }: Place, c: number): void {
  for (let y = 0; y < height; y++) {
    const begin = ((top + y) * sheetWidth + left) * 4
    for (let out = begin; out < begin + 4 * width; out += 4) rgba[out + c] = rgba[out]!
  }
}

function fill(rgba: Uint8Array, { left, top, width, height, sheetWidth }: Place, c: number, level: number): void {
  for (let y = 0; y < height; y++) {
    const begin = ((top + y) * sheetWidth + left) * 4 + c
    for (let out = begin; out < begin + 4 * width; out += 4) rgba[out] = level
  }
}
