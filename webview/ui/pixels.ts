import type { DirectiveResult } from 'lit-html/directive.js'
import { ref } from 'lit-html/directives/ref.js'

/**
 * What a canvas shows: RGBA pixels and the size in CSS pixels they are stretched to; null pixels clear it. `from`: the pixels are part of a larger picture, which begins there.
 * `transform`: where it is looked at, as CSS has it.
 */
export interface Picture { width: number; height: number; rgba: Uint8Array | null; cssWidth?: number; cssHeight?: number; from?: { width: number; height: number; left: number; top: number }; transform?: string }

/** What each canvas shows. */
const drawn = new WeakMap<Element, { rgba: Uint8Array | null; left: number; top: number }>()

/** Draws a picture into the canvas it stands on, where pixels or size changed. */
export const draw = (picture: Picture): DirectiveResult => ref((canvas) => { if (canvas) paint(canvas as HTMLCanvasElement, picture) })

function paint(canvas: HTMLCanvasElement, { width, height, rgba, cssWidth, cssHeight, transform = '', from = { width, height, left: 0, top: 0 } }: Picture): void {
  // Through the style object, which the page's policy allows, as it does not allow a style attribute.
  if (cssWidth !== undefined) canvas.style.width = `${cssWidth}px`
  if (cssHeight !== undefined) canvas.style.height = `${cssHeight}px`
  canvas.style.transform = transform
  const before = drawn.get(canvas)
  if (before?.rgba === rgba && before.left === from.left && before.top === from.top && canvas.width === width && canvas.height === height) return
  canvas.width = width // which clears it
  canvas.height = height
  drawn.set(canvas, { rgba, left: from.left, top: from.top })
  if (rgba && width > 0 && height > 0) canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(rgba.buffer as ArrayBuffer, rgba.byteOffset, rgba.byteLength), from.width, from.height), -from.left, -from.top, from.left, from.top, width, height)
}

/**
 * How large a sheet of width × height pixels is shown in the room there is, in CSS pixels: whole device pixels for each of its own,
 * so that all are squares of one size; shrunk to fit where it is larger than the room.
 */
export function shownSize(width: number, height: number, room: { width: number; height: number }, pixelRatio: number): { width: number; height: number } {
  const fit = Math.min(room.width / width, room.height / height)
  const scale = fit * pixelRatio >= 1 ? Math.floor(fit * pixelRatio) / pixelRatio : fit
  return { width: Math.max(1, width * scale), height: Math.max(1, height * scale) }
}
