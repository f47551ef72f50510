import { noChange } from 'lit-html'
import { Directive, directive, type ElementPart } from 'lit-html/directive.js'

/** What a canvas shows: RGBA pixels and the size in CSS pixels they are stretched to; null pixels clear it. */
export interface Picture { width: number; height: number; rgba: Uint8Array | null; cssWidth?: number; cssHeight?: number }

/** Draws RGBA into the canvas it stands on, when pixels or size changed. Sizes go through the style object, which the page's CSP allows. */
class Draw extends Directive {
  private drawn: Uint8Array | null | undefined

  override render(_picture: Picture): symbol { return noChange }

  override update(part: ElementPart, [{ width, height, rgba, cssWidth, cssHeight }]: [Picture]): symbol {
    const canvas = part.element as HTMLCanvasElement
    if (cssWidth !== undefined) canvas.style.width = `${cssWidth}px`
    if (cssHeight !== undefined) canvas.style.height = `${cssHeight}px`
    if (this.drawn === rgba && canvas.width === width && canvas.height === height) return noChange
    canvas.width = width // clears it
    canvas.height = height
    this.drawn = rgba
    if (rgba && width > 0 && height > 0) canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(rgba.buffer as ArrayBuffer, rgba.byteOffset, rgba.byteLength), width, height), 0, 0)
    return noChange
  }
}
export const draw = directive(Draw)

/**
 * How large a sheet of width × height pixels is shown in the room there is, in CSS pixels: whole device pixels for each of its own,
 * so that all are squares of one size; shrunk to fit where it is larger than the room.
 */
export function shownSize(width: number, height: number, room: { width: number; height: number }, pixelRatio: number): { width: number; height: number } {
  const fit = Math.min(room.width / width, room.height / height)
  const scale = fit * pixelRatio >= 1 ? Math.floor(fit * pixelRatio) / pixelRatio : fit
  return { width: Math.max(1, width * scale), height: Math.max(1, height * scale) }
}
