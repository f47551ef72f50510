import type { FramePair, RowEvent } from '../protocol/run'
import { contactSheet, sheetPixels, thumbnail } from '../render/contactSheet'
import { normalised } from '../render/normalised'
import { isPlane, itemPixels } from '../render/pixels'
import type { FloatArray } from '../sampler/types'
import { plotOf } from './plot'
import { readState, type StoredRun } from './store'

type Recorded = Pick<StoredRun, 'folder' | 'document'>

/** Longest side of a picture sent to the page, in pixels: more than a screen shows, and bounded where a batch of large images is not. */
const largestFrame = 2048

/** The pictures of one recorded row: x and x̂₀, the batch as one sheet. Throws DpmError (`runFolder`) where the row cannot be read. */
export async function readFrames(run: Recorded, row: RowEvent): Promise<FramePair> {
  const [x, x0] = await Promise.all((['x', 'x0'] as const).map(async (which) => contactSheet(await shownState(run, row, which), run.document.shape, largestFrame)))
  return { row: row.row, width: x!.width, height: x!.height, x: x!.rgba, x0: x0!.rgba }
}

/** A state on the scale of pictures: x̂₀ as it is, x normalised at its level. */
async function shownState(run: Recorded, row: RowEvent, which: 'x' | 'x0'): Promise<FloatArray> {
  const values = await readState(run, row, which)
  return which === 'x0' ? values : normalised(values, run.document.shape, row.lanes?.map(({ level }) => level) ?? [row.level])
}

/** Small pictures of x̂₀ of the first batch item, one a row, `size` × `size` pixels; of x where an image is noised, which x̂₀ is all along. */
export async function readThumbnails(run: Recorded, rows: RowEvent[], size: number): Promise<{ row: number; rgba: Uint8Array }[]> {
  return Promise.all(rows.map(async (row) => ({ row: row.row, rgba: thumbnail(await shownState(run, row, run.document.recipe.input.task === 'noise' ? 'x' : 'x0'), run.document.shape, size).rgba })))
}

/**
 * The bytes of a PNG file of one row at full size: the picture, or the batch as one sheet; of a run in the plane, its points.
 * @param rows those recorded so far, which the points' ways are drawn from
 * Throws DpmError (`runFolder`).
 */
export async function readImage(run: Recorded, row: RowEvent, which: 'x' | 'x0', rows: readonly RowEvent[]): Promise<Uint8Array> {
  const { encodePng } = await import('../formats/png') // of use here only, and it takes a third of the extension's time to load
  const { shape } = run.document
  if (isPlane(shape)) return encodePng(await plotOf(run, rows.slice(0, row.row + 1), which))
  const values = await shownState(run, row, which)
  return encodePng(shape[0] === 1 ? itemPixels(values, shape, 0) : sheetPixels(values, shape))
}
