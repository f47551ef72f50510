import type { FramePair, RowEvent } from '../protocol/run'
import { contactSheet, thumbnail } from '../render/contactSheet'
import { normalised } from '../render/normalised'
import type { FloatArray } from '../sampler/types'
import { readState, type Recorded } from './store'

/** Longest side of a picture sent to the page, in pixels: more than a screen shows, and bounded where a batch of large images is not. */
export const largestFrame = 2048

/** The pictures of one recorded row: x and x̂₀, the batch as one sheet, its longest side at most `maxSize` pixels. Throws DpmError (`runFolder`) where the row cannot be read. */
export async function readFrames(run: Recorded, row: RowEvent, maxSize = largestFrame): Promise<FramePair> {
  const [x, x0] = await Promise.all((['x', 'x0'] as const).map(async (which) => contactSheet(await shownState(run, row, which), run.document.shape, maxSize)))
  return { row: row.row, width: x!.width, height: x!.height, x: x!.rgba, x0: x0!.rgba }
}

/** A state on the scale of pictures: x̂₀ as it is, x normalised at its level. Throws DpmError (`runFolder`). */
export async function shownState(run: Recorded, row: RowEvent, which: 'x' | 'x0'): Promise<FloatArray> {
  const values = await readState(run, row, which)
  return which === 'x0' ? values : normalised(values, run.document.shape, row.lanes?.map(({ level }) => level) ?? [row.level])
}

/** Small pictures of x̂₀ of the first batch item, one a row, `size` × `size` pixels; of x where an image is noised, which x̂₀ is all along. */
export async function readThumbnails(run: Recorded, rows: RowEvent[], size: number): Promise<{ row: number; rgba: Uint8Array }[]> {
  return Promise.all(rows.map(async (row) => ({ row: row.row, rgba: thumbnail(await shownState(run, row, run.document.recipe.input.task === 'noise' ? 'x' : 'x0'), run.document.shape, size).rgba })))
}
