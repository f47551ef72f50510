import { isKept } from '../src/protocol/keptRows'
import type { FramePair } from '../src/protocol/run'
import { isGoing, smallFrame, type RunView } from '../src/protocol/view'
import { sheetLayout } from '../src/render/contactSheet'
import type { StateShape } from '../src/render/pixels'
import type { Frame, PageState, Thumbnail } from './state'

/** Bytes of frames the page keeps, those seen last: at full size, and small ones, of which there are so many that a trajectory can be gone through. */
const [frameBudget, smallBudget] = [16e6, 32e6]
const thumbnailLimit = 400
/** Longest side of a thumbnail made here, in pixels. */
const thumbnailSize = 48

/** The frames with one more, or one moved to the newest end. Once the budget is spent the oldest become small, and of those the oldest go; a small one does not take the place of a larger. `shape`: of the states that the frames show. */
export function withFrame(frames: ReadonlyMap<number, Frame>, pair: Frame, shape: StateShape = [1, 1, pair.height, pair.width]): ReadonlyMap<number, Frame> {
  const kept = new Map(frames)
  const before = kept.get(pair.row)
  kept.delete(pair.row)
  kept.set(pair.row, before && before.width > pair.width ? before : pair)
  let [large, small] = [0, 0]
  for (const frame of kept.values()) if (isSmall(frame)) small += bytesOf(frame); else large += bytesOf(frame)
  for (const [row, frame] of kept) {
    if (large <= frameBudget || row === pair.row) break
    if (isSmall(frame)) continue
    const shrunk = smallOf(frame, shape)
    large -= bytesOf(frame)
    small += bytesOf(shrunk)
    kept.set(row, shrunk)
  }
  for (const [row, frame] of kept) {
    if (small <= smallBudget) break
    if (!isSmall(frame) || row === pair.row) continue
    kept.delete(row)
    small -= bytesOf(frame)
  }
  return kept
}

const bytesOf = ({ x, x0 }: Frame): number => x.byteLength + x0.byteLength
/** No larger than the smallest that the host sends. */
export const isSmall = ({ width, height }: Frame): boolean => Math.max(width, height) <= smallFrame

/** A frame thinned to smallFrame, by repetition of nearest pixels: each item's cell to whole pixels, as the host does it, so that items can be cut out. */
function smallOf({ row, width, height, x, x0 }: Frame, shape: StateShape): Frame {
  const { columns, rows, cellWidth, cellHeight } = sheetLayout(shape, smallFrame)
  const [wide, high] = [columns * cellWidth, rows * cellHeight]
  const thinned = (rgba: Uint8Array): Uint8Array => {
    const from = new Uint32Array(rgba.slice().buffer) // a view into a message may begin anywhere
    const to = new Uint32Array(wide * high)
    for (let v = 0; v < high; v++) for (let u = 0; u < wide; u++) to[v * wide + u] = from[Math.floor((v + 0.5) * height / high) * width + Math.floor((u + 0.5) * width / wide)]!
    return new Uint8Array(to.buffer)
  }
  return { row, width: wide, height: high, x: thinned(x), x0: thinned(x0), full: false }
}

export function withThumbnails(thumbnails: ReadonlyMap<number, Thumbnail>, more: readonly { row: number; thumbnail: Thumbnail }[]): ReadonlyMap<number, Thumbnail> {
  const kept = new Map(thumbnails)
  for (const { row, thumbnail } of more) kept.set(row, thumbnail)
  keepNewest(kept, thumbnailLimit)
  return kept
}

/** Takes out of a map what came first, until no more than `most` are left. */
export function keepNewest<Key>(map: Map<Key, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}

/** An item's x̂₀ (or x) of a frame, cut out of the contact sheet (`columns` × `rows` cells without gaps) and thinned by repetition of nearest pixels. */
export function thumbnailOf({ width, height, ...frames }: FramePair, columns: number, rows: number, shown: 'x' | 'x0' = 'x0', item = 0): Thumbnail {
  const cellWidth = Math.floor(width / columns)
  const cellHeight = Math.floor(height / rows)
  const first = Math.floor(item / columns) * cellHeight * width + item % columns * cellWidth
  const longest = Math.max(cellWidth, cellHeight)
  const size = Math.min(longest, thumbnailSize)
  const scale = longest / size
  const [left, top] = [(longest - cellWidth) / 2, (longest - cellHeight) / 2]
  const rgba = new Uint8Array(4 * size * size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [Math.floor(x * scale - left), Math.floor(y * scale - top)]
      if (u < 0 || v < 0 || u >= cellWidth || v >= cellHeight) continue
      const from = 4 * (first + v * width + u)
      rgba.set(frames[shown].subarray(from, from + 4), 4 * (y * size + x))
    }
  }
  return { size, rgba }
}

/** True where the pictures of a run are small as they are. */
export function fits({ view }: PageState): boolean {
  const shape = view?.run?.document?.shape
  if (!shape) return false
  const { columns, rows } = sheetLayout(shape)
  return Math.max(columns * shape[3], rows * shape[2]) <= smallFrame
}

/** Rows that get a thumbnail: all, or as many as there is room for, evenly spread, with the first and the last; of a run that does not keep all their nearest neighbours that are kept, as far as it has come. */
export function stripRows(count: number, room: number, run?: RunView | null): number[] {
  if (count <= room) return Array.from({ length: count }, (_, row) => row)
  const places = Math.max(2, room)
  const apart = (count - 1) / (places - 1)
  // The last row will be kept, unless the run was stopped before.
  const [document, newest] = [run?.document?.version === 1 ? null : run?.document, run && !isGoing(run) ? run.rows.length - 1 : count - 1]
  const reach = Math.ceil(apart / 2)
  const near = (row: number): number => {
    for (let away = 0; document && row - newest <= reach && away <= reach; away++) for (const of of [row - away, row + away]) if (of <= newest && isKept(document, of, newest)) return of
    return row
  }
  return [...new Set(Array.from({ length: places }, (_, k) => near(Math.round(k * apart))))]
}
