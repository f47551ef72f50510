import type { PixelPlace, Region, Tensor } from '../src/protocol/inspect'
import { sheetLayout } from '../src/render/contactSheet'
import type { StateShape } from '../src/render/pixels'
import { wholeView, type Look, type View } from './look'

/** What is looked at through a frame: a picture of width × height pixels of the state, and the frame's size in CSS pixels, into which all of it fits. */
export interface Pane { shape: StateShape; item: number | null; width: number; height: number; cssWidth: number; cssHeight: number }
interface Point { x: number; y: number }
/** Where the picture lies: CSS pixels for one of its own, and its corner in the frame. */
export interface Placed { scale: number; left: number; top: number }

/** CSS pixels for a pixel of the state that the zoom goes through. */
export const zoomLevels: readonly number[] = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]

/** The view of a frame. */
export const viewOf = (look: Look, tensor: Tensor): View => look.linked ? look.view : look.own[tensor] ?? look.view

/** With the view of a frame changed: of all frames where they are linked. */
export function withView(look: Look, tensor: Tensor, view: View): Look {
  return look.linked ? { ...look, view } : { ...look, own: { ...look.own, [tensor]: view } }
}

/** With views linked, beginning as the active frame's is; or each on its own, beginning where all are. */
export function withLinked(look: Look, linked: boolean): Look {
  return linked ? { ...look, linked, view: viewOf(look, look.active), own: {} } : { ...look, linked, own: {} }
}

/** As many CSS pixels for a pixel as make the picture fit. */
export const fitScale = (pane: Pane): number => pane.cssWidth / pane.width

/** Where a view puts the picture: its edges never come into the frame, or it is in the middle where it is smaller. Whole device pixels, so that its pixels stay sharp. */
export function placed({ zoom, x, y }: View, pane: Pane, pixelRatio = 1): Placed {
  const scale = zoom ?? fitScale(pane)
  const along = (size: number, room: number, middle: number): number => {
    const corner = size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, room / 2 - middle * size))
    return Math.round(corner * pixelRatio) / pixelRatio
  }
  return { scale, left: along(pane.width * scale, pane.cssWidth, x), top: along(pane.height * scale, pane.cssHeight, y) }
}

/** The view that has the picture's corner at (left, top). */
function viewAt(zoom: number | null, scale: number, { x: left, y: top }: Point, pane: Pane): View {
  const share = (room: number, corner: number, size: number): number => size <= room ? 0.5 : Math.min(1, Math.max(0, (room / 2 - corner) / size))
  return { zoom, x: share(pane.cssWidth, left, pane.width * scale), y: share(pane.cssHeight, top, pane.height * scale) }
}

/** The next level in or out; null where there is none. Out ends where the picture fits or is as large as its pixels. */
export function nextZoom(view: View, pane: Pane, direction: 1 | -1): number | null {
  const { scale } = placed(view, pane)
  if (direction > 0) return zoomLevels.find((level) => level > scale * 1.001) ?? null
  const least = Math.min(1, fitScale(pane))
  const level = [...zoomLevels].reverse().find((one) => one < scale * 0.999)
  if (scale <= least * 1.001 || level === undefined) return null
  return Math.max(least, level)
}

/** At another zoom, with what is at `at` (in the frame, CSS pixels; else its middle) left there. */
export function zoomedTo(view: View, pane: Pane, zoom: number, at: Point = { x: pane.cssWidth / 2, y: pane.cssHeight / 2 }): View {
  const { scale, left, top } = placed(view, pane)
  if (Math.abs(zoom - fitScale(pane)) < 1e-9) return wholeView
  const ratio = zoom / scale
  return viewAt(zoom, zoom, { x: at.x - (at.x - left) * ratio, y: at.y - (at.y - top) * ratio }, pane)
}

/** Moved by CSS pixels: what is looked at goes along with the pointer. */
export function panned(view: View, pane: Pane, by: Point): View {
  const { scale, left, top } = placed(view, pane)
  return viewAt(view.zoom, scale, { x: left + by.x, y: top + by.y }, pane)
}

/** True where part of the picture lies outside the frame. */
export const isZoomed = (view: View, pane: Pane): boolean => placed(view, pane).scale > fitScale(pane) * 1.001

/** In how many columns items lie, and where the corner of one is, in pixels of the picture. */
function cornerOf(item: number, { shape, item: alone }: Pane): Point {
  const { columns } = sheetLayout(shape)
  return alone === null ? { x: item % columns * shape[3], y: Math.floor(item / columns) * shape[2] } : { x: 0, y: 0 }
}

/** The pixel at a point of the frame; null beside the picture and where the sheet has no item. */
export function placeAt(point: Point, view: View, pane: Pane): PixelPlace | null {
  const { scale, left, top } = placed(view, pane)
  const [column, row] = [Math.floor((point.x - left) / scale), Math.floor((point.y - top) / scale)]
  if (column < 0 || row < 0 || column >= pane.width || row >= pane.height) return null
  const [batch, , height, width] = pane.shape
  const item = pane.item ?? Math.floor(row / height) * sheetLayout(pane.shape).columns + Math.floor(column / width)
  return item < batch ? { item, y: row % height, x: column % width } : null
}

/** The pixel of the item nearest to a point of the frame. */
export function placeIn(item: number, point: Point, view: View, pane: Pane): PixelPlace {
  const { scale, left, top } = placed(view, pane)
  const corner = cornerOf(item, pane)
  const within = (value: number, size: number): number => Math.min(size - 1, Math.max(0, Math.floor(value)))
  return { item, y: within((point.y - top) / scale - corner.y, pane.shape[2]), x: within((point.x - left) / scale - corner.x, pane.shape[3]) }
}

/** Where a rectangle of pixels lies in the frame, in CSS pixels; null where its item is not shown. */
export function boxOf({ item, top, left, bottom, right }: Region, view: View, pane: Pane, pixelRatio = 1): { x: number; y: number; width: number; height: number } | null {
  if (pane.item !== null && pane.item !== item) return null
  const at = placed(view, pane, pixelRatio)
  const corner = cornerOf(item, pane)
  return { x: at.left + (corner.x + left) * at.scale, y: at.top + (corner.y + top) * at.scale, width: (right - left) * at.scale, height: (bottom - top) * at.scale }
}

export const regionOfPixel = ({ item, y, x }: PixelPlace): Region => ({ item, top: y, left: x, bottom: y + 1, right: x + 1 })

/** The least rectangle with both pixels, which are of one item. */
export function regionBetween(a: PixelPlace, b: PixelPlace): Region {
  return { item: a.item, top: Math.min(a.y, b.y), left: Math.min(a.x, b.x), bottom: Math.max(a.y, b.y) + 1, right: Math.max(a.x, b.x) + 1 }
}

/** A pixel on: within the item, or in the grid over to the one beside it. */
export function placeBeside({ item, y, x }: PixelPlace, dx: number, dy: number, pane: Pane): PixelPlace {
  const [batch, , height, width] = pane.shape
  const within = (value: number, size: number): number => Math.min(size - 1, Math.max(0, value))
  const stay = { item, y: within(y + dy, height), x: within(x + dx, width) }
  if (pane.item !== null) return stay
  const { columns, rows } = sheetLayout(pane.shape)
  const column = within(item % columns * width + x + dx, columns * width)
  const row = within(Math.floor(item / columns) * height + y + dy, rows * height)
  const next = Math.floor(row / height) * columns + Math.floor(column / width)
  return next < batch ? { item: next, y: row % height, x: column % width } : stay
}

/** Panned as little as shows the pixel. */
export function viewWith(place: PixelPlace, view: View, pane: Pane): View {
  const box = boxOf(regionOfPixel(place), view, pane)
  if (!box || !isZoomed(view, pane)) return view
  const by = (from: number, size: number, room: number): number => from < 0 ? -from : from + size > room ? room - from - size : 0
  return panned(view, pane, { x: by(box.x, box.width, pane.cssWidth), y: by(box.y, box.height, pane.cssHeight) })
}

/** “4×”: CSS pixels for a pixel of the state. */
export const zoomText = (scale: number): string => `${Number(scale.toFixed(scale < 10 ? 2 : 1))}×`
