import { encodePng } from '../formats/png'
import { spaceOfRun } from '../protocol/latentSpace'
import type { PreviewMethod, RowEvent } from '../protocol/run'
import { sheetPixels } from '../render/contactSheet'
import { isPlane, itemPixels } from '../render/pixels'
import { readThumbnails, shownState } from './frames'
import { plotOf } from './plot'
import { pngTexts, type Metadata } from './pngText'
import type { Recorded } from './store'

/**
 * The bytes of a PNG file of one row at full size: the picture, or the batch as one sheet; of a run in the plane, its points.
 * @param rows those recorded so far, which the points' ways are drawn from
 * @param metadata what is kept in it of how it was made
 * @param method how the state becomes a picture
 * Throws DpmError (`runFolder`).
 */
export async function readImage(run: Recorded, row: RowEvent, which: 'x' | 'x0', rows: readonly RowEvent[], metadata: Metadata, method: PreviewMethod): Promise<Uint8Array> {
  const texts = pngTexts(run.document, row, which, metadata, { space: spaceOfRun(run.document, method) })
  if (isPlane(run.document.shape)) return encodePng(await plotOf(run, rows.slice(0, row.row + 1), which), texts)
  const { values, shape } = await shownState(run, row, which, method)
  return encodePng(shape[0] === 1 ? itemPixels(values, shape, 0) : sheetPixels(values, shape), texts)
}

/**
 * The same of each image of the batch by itself, one after the other; of a run in the plane one of all points, which is no image of the batch (`item` undefined).
 * Throws DpmError (`runFolder`).
 */
export async function* readImages(run: Recorded, row: RowEvent, which: 'x' | 'x0', rows: readonly RowEvent[], metadata: Metadata, method: PreviewMethod): AsyncGenerator<{ item: number | undefined; bytes: Uint8Array }> {
  if (isPlane(run.document.shape)) {
    yield { item: undefined, bytes: await readImage(run, row, which, rows, metadata, method) }
    return
  }
  const { values, shape } = await shownState(run, row, which, method)
  const space = spaceOfRun(run.document, method)
  for (let item = 0; item < shape[0]; item++) yield { item, bytes: encodePng(itemPixels(values, shape, item), pngTexts(run.document, row, which, metadata, { item, space })) }
}

/** A small PNG of a row, `size` × `size` pixels, of the first image of the batch; of a run in the plane, its points. Throws DpmError (`runFolder`). */
export async function thumbnailPng(run: Recorded & { rows: readonly RowEvent[] }, row: RowEvent, method: PreviewMethod, size: number): Promise<Uint8Array> {
  if (isPlane(run.document.shape)) return encodePng(await plotOf(run, run.rows.slice(0, row.row + 1), 'x0'))
  const [thumbnail] = await readThumbnails(run, [row], method, size)
  return encodePng({ width: size, height: size, channels: 4, data: thumbnail!.rgba })
}
