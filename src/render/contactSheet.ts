import type { FloatArray } from '../sampler/types'
import { checkShape, shownChannels, type Pixels, type RgbaPixels, type StateShape } from './pixels'
import { drawItem, type Place } from './scale'

/** Where the items of a batch lie: item k in column k mod columns, row floor(k / columns), each `cellWidth` × `cellHeight` pixels, without gaps. */
export interface SheetLayout { columns: number; rows: number; cellWidth: number; cellHeight: number }

/** A grid of ceil(√B) columns, shrunk so that its longest side is at most `maxSize` pixels; never enlarged. */
export function sheetLayout([batch, , height, width]: StateShape, maxSize = Infinity): SheetLayout {
  const columns = Math.ceil(Math.sqrt(batch))
  const rows = Math.ceil(batch / columns)
  const scale = Math.min(1, maxSize / (columns * width), maxSize / (rows * height))
  return { columns, rows, cellWidth: Math.max(1, Math.floor(width * scale)), cellHeight: Math.max(1, Math.floor(height * scale)) }
}

/** A sheet without items, all transparent. */
export function emptySheet({ columns, rows, cellWidth, cellHeight }: SheetLayout): RgbaPixels {
  const [width, height] = [columns * cellWidth, rows * cellHeight]
  return { width, height, rgba: new Uint8Array(4 * width * height) }
}

/** Where item k goes in its sheet. */
export function cellOf({ columns, cellWidth, cellHeight }: SheetLayout, k: number): Place {
  return { left: k % columns * cellWidth, top: Math.floor(k / columns) * cellHeight, width: cellWidth, height: cellHeight, sheetWidth: columns * cellWidth }
}

/**
 * The whole batch as one picture; cells without an item are transparent. values: [B, C, H, W] with data range [−1, 1]; channels as in
 * shownChannels(). Throws RangeError where the values do not fit the shape.
 */
export function contactSheet(values: FloatArray, shape: StateShape, maxSize = Infinity): RgbaPixels {
  checkShape(values, shape)
  const layout = sheetLayout(shape, maxSize)
  const sheet = emptySheet(layout)
  for (let k = 0; k < shape[0]; k++) drawItem(sheet.rgba, cellOf(layout, k), values, shape, k)
  return sheet
}

/** The whole batch as one picture at full size, as a file holds it: greyscale where its items are; cells without an item are black. Throws as contactSheet() does. */
export function sheetPixels(values: FloatArray, shape: StateShape): Pixels {
  const { width, height, rgba } = contactSheet(values, shape)
  const channels = shownChannels(shape[1])
  const data = new Uint8Array(width * height * channels)
  for (let p = 0; p < width * height; p++) for (let c = 0; c < channels; c++) data[p * channels + c] = rgba[p * 4 + c]!
  return { width, height, channels, data }
}

/** The first item of the batch, fitted into a square of `size` pixels; what it leaves free is transparent. */
export function thumbnail(values: FloatArray, shape: StateShape, size: number): RgbaPixels {
  checkShape(values, shape)
  const [, , height, width] = shape
  const scale = size / Math.max(width, height)
  const fitted = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
  const rgba = new Uint8Array(4 * size * size)
  drawItem(rgba, { left: Math.floor((size - fitted.width) / 2), top: Math.floor((size - fitted.height) / 2), ...fitted, sheetWidth: size }, values, shape, 0)
  return { width: size, height: size, rgba }
}
