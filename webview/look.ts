import type { PixelPlace, Region, Tensor } from '../src/protocol/inspect'
import type { StateShape } from '../src/render/pixels'

/** Where a frame is looked at. `zoom`: CSS pixels for one of the state's, null for as many as fit; x and y: what is in the middle, in shares of the picture. */
export interface View { zoom: number | null; x: number; y: number }

/** How the frames are looked at. */
export interface Look {
  /** All frames have `view`; else each has its own, which begins as `view`. */
  linked: boolean
  view: View
  own: Readonly<Partial<Record<Tensor, View>>>
  /** The frame that was pointed at or had the focus last: keys and buttons act on it where each has its own view. */
  active: Tensor
  /** The one batch item that is shown; null for all of them. */
  item: number | null
  /** The arrow keys move `cursor`, not along the timeline. */
  probing: boolean
  /** The pixel under the pointer, or that the keys came to. */
  cursor: PixelPlace | null
  region: Region | null
  /** Where the keys began the rectangle that they grow. */
  anchor: PixelPlace | null
  /** Which of x_t and x̂₀ stands in the place of all frames just now; null where they do not take turns. */
  blink: 'x' | 'x0' | null
}

export const wholeView: View = { zoom: null, x: 0.5, y: 0.5 }
export const firstLook: Look = { linked: true, view: wholeView, own: {}, active: 'x', item: null, probing: false, cursor: null, region: null, anchor: null, blink: null }

/** What of a look and a pin still means something in states of this shape [B, C, H, W]. */
export function lookInto(shape: StateShape, look: Look, pinned: PixelPlace | null): { look: Look; pinned: PixelPlace | null } {
  const [batch, , height, width] = shape
  const within = (place: PixelPlace | null): PixelPlace | null => place && place.item < batch && place.y < height && place.x < width ? place : null
  const { item, region } = look
  return {
    look: { ...look, item: item !== null && item < batch && batch > 1 ? item : null, cursor: within(look.cursor), region: region && within({ item: region.item, y: region.bottom - 1, x: region.right - 1 }) && region, anchor: within(look.anchor) },
    pinned: within(pinned),
  }
}
