// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- the tests' project sees it through this file only
/// <reference path="../gifenc.d.ts" />
import { GIFEncoder, applyPalette, quantize } from 'gifenc'
import UPNG from 'upng-js'

/** One picture of an animation: RGBA, 8 bits, width·height·4 bytes; all of an animation are of one size. */
export interface Picture { width: number; height: number; rgba: Uint8Array }

const colours = 256

/** An animated GIF, picture by picture: 256 colours each, `ms` long (in hundredths of a second), played for ever. What is transparent is black. */
export class Gif {
  private readonly encoder = GIFEncoder()

  add({ width, height, rgba }: Picture, ms: number): void {
    const palette = quantize(rgba, colours)
    this.encoder.writeFrame(applyPalette(rgba, palette), width, height, { palette, delay: ms, repeat: 0 })
  }

  bytes(): Uint8Array {
    this.encoder.finish()
    return this.encoder.bytes()
  }
}

/** An animated PNG (first picture still where it is not understood), without loss, played for ever. Throws RangeError without pictures. */
export function apng(pictures: readonly Picture[], ms: readonly number[]): Uint8Array {
  const [first] = pictures
  if (!first) throw new RangeError('no picture')
  const buffers = pictures.map(({ rgba }) => rgba.buffer.slice(rgba.byteOffset, rgba.byteOffset + rgba.byteLength) as ArrayBuffer)
  return new Uint8Array(UPNG.encode(buffers, first.width, first.height, 0, [...ms]))
}
