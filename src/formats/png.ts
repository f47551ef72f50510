import { convertIndexedToRgb, decode, encode, type DecodedPng } from 'fast-png'

/** 8-bit pixels, interleaved: 1 channel is grey, 3 are red, green, blue, 4 those and alpha. data.length = channels·width·height. */
export interface PngImage { width: number; height: number; channels: 1 | 3 | 4; data: Uint8Array }

/** Pixels of a file, interleaved: 1 channel is grey, 2 grey and alpha, 3 red, green, blue, 4 those and alpha. Levels go from 0 to `highest`. */
export interface DecodedImage { width: number; height: number; channels: 1 | 2 | 3 | 4; data: Uint8Array | Uint16Array; highest: number }

/** Pixels that are decoded at most: what a file of some bytes can claim to hold is not bounded by its size. */
export const mostPixels = 2 ** 25

/**
 * The bytes of a PNG file. `text`: keyword → text of tEXt chunks; characters outside Latin-1 are written as \uXXXX, which JSON reads back.
 */
export function encodePng(image: PngImage, text: Readonly<Record<string, string>> = {}): Uint8Array {
  const latin = Object.fromEntries(Object.entries(text).map(([keyword, value]) => [keyword, value.replace(/[^\x20-\x7e]/g, escaped)]))
  return encode({ ...image, depth: 8, ...(Object.keys(latin).length === 0 ? {} : { text: latin }) })
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Width and height that the bytes of a PNG file claim; undefined where they do not begin as one. */
export function pngSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
  if (bytes.length < 24 || !signature.every((byte, i) => bytes[i] === byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { width: view.getUint32(16), height: view.getUint32(20) }
}

/**
 * The pixels of a PNG file: palettes are looked up, depths below 8 spread to whole bytes, a transparent colour becomes alpha. Colour profiles and gamma are not applied.
 * Throws Error, in the library's words, where the file is damaged, and RangeError where it has more than `mostPixels`.
 */
export function decodePng(bytes: Uint8Array): DecodedImage {
  const size = pngSize(bytes)
  if (size && size.width * size.height > mostPixels) throw new RangeError(`more than ${mostPixels} pixels`)
  const png = decode(bytes)
  const { width, height, depth, palette } = png
  if (palette) return { width, height, channels: palette[0]?.length === 4 ? 4 : 3, data: convertIndexedToRgb(png), highest: 255 }
  const image = { width, height, channels: png.channels as DecodedImage['channels'], data: unpacked(png), highest: 2 ** depth - 1 }
  return png.transparency ? withAlpha(image, png.transparency) : image
}

/** One number a sample: below a depth of 8 several share a byte, and every line begins a new one. */
function unpacked({ data, width, height, depth, channels }: DecodedPng): DecodedImage['data'] {
  if (depth >= 8) return data instanceof Uint16Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.length)
  const perLine = Math.ceil(width * channels * depth / 8)
  const out = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width * channels; x++) {
      const bit = x * depth
      out[y * width * channels + x] = data[y * perLine + (bit >> 3)]! >> (8 - depth - (bit & 7)) & (2 ** depth - 1)
    }
  }
  return out
}

function withAlpha({ width, height, channels, data, highest }: DecodedImage, colour: Uint16Array): DecodedImage {
  const out = highest > 255 ? new Uint16Array(width * height * (channels + 1)) : new Uint8Array(width * height * (channels + 1))
  for (let p = 0; p < width * height; p++) {
    const pixel = data.subarray(p * channels, (p + 1) * channels)
    out.set(pixel, p * (channels + 1))
    out[p * (channels + 1) + channels] = pixel.every((level, c) => level === colour[c]) ? 0 : highest
  }
  return { width, height, channels: channels + 1 as DecodedImage['channels'], data: out, highest }
}
