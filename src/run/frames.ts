import { spaceOfRun } from '../protocol/latentSpace'
import type { FramePair, PreviewMethod, RowEvent } from '../protocol/run'
import { contactSheet, thumbnail } from '../render/contactSheet'
import { shown, type Shown } from '../render/latents'
import { readState, type Recorded } from './store'

/** Longest side of a picture sent to the page, in pixels: more than a screen shows, and bounded where a batch of large images is not. */
export const largestFrame = 2048

/** The pictures of one recorded row: x and x̂₀, the batch as one sheet, its longest side at most `maxSize` pixels. Throws DpmError (`runFolder`) where the row cannot be read. */
export async function readFrames(run: Recorded, row: RowEvent, method: PreviewMethod, maxSize = largestFrame): Promise<FramePair> {
  const [x, x0] = await Promise.all((['x', 'x0'] as const).map(async (which) => {
    const { values, shape } = await shownState(run, row, which, method)
    return contactSheet(values, shape, maxSize)
  }))
  return { row: row.row, width: x!.width, height: x!.height, x: x!.rgba, x0: x0!.rgba }
}

/** A state as pictures show it: x̂₀ as it is, x normalised at its level, of latents their approximate colours. Throws DpmError (`runFolder`). */
export async function shownState(run: Recorded, row: RowEvent, which: 'x' | 'x0', method: PreviewMethod): Promise<Shown> {
  const values = await readState(run, row, which)
  return shown(values, run.document.shape, spaceOfRun(run.document, method), which === 'x0' ? undefined : row.lanes?.map(({ level }) => level) ?? [row.level])
}

/** Small pictures of x̂₀ of the first batch item, one a row, `size` × `size` pixels; of x where an image is noised, which x̂₀ is all along. */
export async function readThumbnails(run: Recorded, rows: RowEvent[], method: PreviewMethod, size: number): Promise<{ row: number; rgba: Uint8Array }[]> {
  return Promise.all(rows.map(async (row) => {
    const { values, shape } = await shownState(run, row, run.document.recipe.input.task === 'noise' ? 'x' : 'x0', method)
    return { row: row.row, rgba: thumbnail(values, shape, size).rgba }
  }))
}
