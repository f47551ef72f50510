// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- it declares what gifenc, which has no types of its own, exports
/// <reference path="../gifenc.d.ts" />
import { GIFEncoder, applyPalette, quantize } from 'gifenc'
import type { Picture } from './apng'

const colours = 256

/** An animated GIF, picture by picture, all of one size: 256 colours each, shown for `ms` (counted in hundredths of a second), played for ever. Alpha is not looked at. */
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
