import { sheetLayout } from '../src/render/contactSheet'
import { thumbnailOf } from './pictures'
import { shapeOf, type Frame, type PageState, type Thumbnail } from './state'

/** What was cut out of a frame last: the strip is drawn anew far more often than another image is chosen. */
const cut = new WeakMap<Frame, { item: number; thumbnail: Thumbnail }>()

/** A row's thumbnail of one item, cut from the frame that the page has of the row; undefined where it has none. */
export function imageThumbnail(state: PageState, row: number, item: number): Thumbnail | undefined {
  const frame = state.frames.get(row)
  if (!frame) return undefined
  const before = cut.get(frame)
  if (before?.item === item) return before.thumbnail
  const { columns, rows } = sheetLayout(shapeOf(state))
  const thumbnail = thumbnailOf(frame, columns, rows, state.view?.run?.document?.recipe.input.task === 'noise' ? 'x' : 'x0', item)
  cut.set(frame, { item, thumbnail })
  return thumbnail
}
