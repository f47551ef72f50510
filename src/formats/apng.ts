import { encodePng } from './png'

/** One picture of an animation: 8-bit pixels with alpha, rgba.length = 4·width·height. */
export interface Picture { width: number; height: number; rgba: Uint8Array }

const signature = 8
/** Of a chunk: length, type, and checksum. */
const [lengthBytes, typeBytes, crcBytes] = [4, 4, 4]

/**
 * An animated PNG, without loss, played for ever; where it is not understood its first picture is still. No kept library writes them: each picture
 * is compressed as a PNG file of its own, and their chunks are put together. Source: PNG specification, third edition, 11.3.2 (acTL, fcTL, fdAT).
 * @param pictures of one size. @param ms how long each is shown, 0 … 65535. Throws RangeError without a picture, or where sizes differ.
 */
export function apng(pictures: readonly Picture[], ms: readonly number[]): Uint8Array {
  const [first] = pictures
  if (!first) throw new RangeError('no picture')
  if (pictures.some(({ width, height }) => width !== first.width || height !== first.height)) throw new RangeError('pictures of several sizes')
  let sequence = 0
  const parts: Uint8Array[] = []
  for (const [i, { width, height, rgba }] of pictures.entries()) {
    const file = encodePng({ width, height, channels: 4, data: rgba })
    const chunks = [...chunksOf(file)]
    if (i === 0) parts.push(file.subarray(0, signature), chunk('IHDR', chunks.find(({ type }) => type === 'IHDR')!.data), chunk('acTL', words(pictures.length, 0)))
    parts.push(chunk('fcTL', Uint8Array.of(...words(sequence++, width, height, 0, 0), ...shorts(ms[i] ?? 0, 1000), 0, 0)))
    for (const { data } of chunks.filter(({ type }) => type === 'IDAT')) {
      parts.push(i === 0 ? chunk('IDAT', data) : chunk('fdAT', concatenated([words(sequence++), data])))
    }
  }
  return concatenated([...parts, chunk('IEND', new Uint8Array(0))])
}

function* chunksOf(file: Uint8Array): Generator<{ type: string; data: Uint8Array }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  for (let at = signature; at < file.length;) {
    const length = view.getUint32(at)
    const begin = at + lengthBytes + typeBytes
    yield { type: String.fromCharCode(...file.subarray(at + lengthBytes, begin)), data: file.subarray(begin, begin + length) }
    at = begin + length + crcBytes
  }
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const typed = concatenated([Uint8Array.from(type, (letter) => letter.charCodeAt(0)), data])
  return concatenated([words(data.length), typed, words(crc32(typed))])
}

/** Big-endian numbers of 32 and of 16 bits. */
const words = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap((value) => [value >>> 24, value >>> 16, value >>> 8, value]))
const shorts = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap((value) => [value >>> 8, value]))

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

/** The checksum of a chunk's type and data. Source: PNG specification, annex D. */
function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const byte of bytes) c = table[(c ^ byte) & 255]! ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}
