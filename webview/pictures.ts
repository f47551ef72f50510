import type { FramePair } from '../src/protocol/run'
import type { Frame, Thumbnail } from './state'

/** Bytes of frames the page keeps: those seen last. */
const frameBudget = 16e6
const thumbnailLimit = 400
/** Longest side of a thumbnail made here, in pixels. */
const thumbnailSize = 48

/** The frames with one more, or one moved to the newest end; the oldest go once the budget is spent. */
export function withFrame(frames: ReadonlyMap<number, Frame>, pair: Frame): ReadonlyMap<number, Frame> {
  const kept = new Map(frames)
  kept.delete(pair.row)
  kept.set(pair.row, pair)
  let bytes = 0
  for (const { x, x0 } of kept.values()) bytes += x.byteLength + x0.byteLength
  for (const [row, { x, x0 }] of kept) {
    if (bytes <= frameBudget || row === pair.row) break
    kept.delete(row)
    bytes -= x.byteLength + x0.byteLength
  }
  return kept
}

export function withThumbnails(thumbnails: ReadonlyMap<number, Thumbnail>, more: readonly { row: number; thumbnail: Thumbnail }[]): ReadonlyMap<number, Thumbnail> {
  const kept = new Map(thumbnails)
  for (const { row, thumbnail } of more) kept.set(row, thumbnail)
  for (const row of kept.keys()) {
    if (kept.size <= thumbnailLimit) break
    kept.delete(row)
  }
  return kept
}

/** The first item's x̂₀ (or x) of a frame, cut out of the contact sheet (`columns` × `rows` cells without gaps) and thinned by repetition of nearest pixels. */
export function thumbnailOf({ width, height, ...frames }: FramePair, columns: number, rows: number, shown: 'x' | 'x0' = 'x0'): Thumbnail {
  const cellWidth = Math.floor(width / columns)
  const cellHeight = Math.floor(height / rows)
  const longest = Math.max(cellWidth, cellHeight)
  const size = Math.min(longest, thumbnailSize)
  const scale = longest / size
  const [left, top] = [(longest - cellWidth) / 2, (longest - cellHeight) / 2]
  const rgba = new Uint8Array(4 * size * size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [Math.floor(x * scale - left), Math.floor(y * scale - top)]
      if (u < 0 || v < 0 || u >= cellWidth || v >= cellHeight) continue
      const from = 4 * (v * width + u)
      rgba.set(frames[shown].subarray(from, from + 4), 4 * (y * size + x))
    }
  }
  return { size, rgba }
}

/** Rows that get a thumbnail: all, or as many as there is room for, evenly spread, with the first and the last. */
export function stripRows(count: number, room: number): number[] {
  if (count <= room) return Array.from({ length: count }, (_, row) => row)
  const places = Math.max(2, room)
  return Array.from({ length: places }, (_, k) => Math.round(k * (count - 1) / (places - 1)))
}
