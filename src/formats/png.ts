import { encode } from 'fast-png'

/** 8-bit pixels, interleaved: 1 channel is grey, 3 are red, green, blue, 4 those and alpha. data.length = channels·width·height. */
export interface PngImage { width: number; height: number; channels: 1 | 3 | 4; data: Uint8Array }

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
