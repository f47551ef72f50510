import { crc32 } from 'node:zlib'
import { encodePng } from './png'

/** One picture of an animation: 8-bit pixels with alpha, rgba.length = 4·width·height. */
export interface Picture { width: number; height: number; rgba: Uint8Array }

const signature = 8
/** Of a chunk: length, type, and checksum. */
const [lengthBytes, typeBytes, crcBytes] = [4, 4, 4]

/**
 * An animated PNG, without loss, played for ever; where it is not understood its first picture is still. No kept library writes them: each picture
 * is compressed as a PNG file of its own when it is added, and their chunks are put together. Source: PNG specification, third edition, 11.3.2 (acTL, fcTL, fdAT).
 */
export class Apng {
  private readonly frames: Uint8Array[] = []
  private sequence = 0
  private count = 0
  private head: Uint8Array[] = []
  private size = ''

  /** `text`: as encodePng() takes it. */
  constructor(private readonly text: Readonly<Record<string, string>> = {}) {}

  /** Adds a picture that is shown for `ms`, 0 … 65535. Throws RangeError where it is not as large as the first. */
  add({ width, height, rgba }: Picture, ms: number): void {
    const first = this.count === 0
    if (first) this.size = `${width}×${height}`
    if (this.size !== `${width}×${height}`) throw new RangeError('pictures of several sizes')
    const file = encodePng({ width, height, channels: 4, data: rgba }, first ? this.text : {})
    const chunks = [...chunksOf(file)]
    const named = (name: string): { type: string; data: Uint8Array }[] => chunks.filter(({ type }) => type === name)
    if (first) this.head = [file.slice(0, signature), ...[...named('IHDR'), ...named('tEXt')].map(({ type, data }) => chunk(type, data))]
    this.frames.push(chunk('fcTL', Uint8Array.of(...words(this.sequence++, width, height, 0, 0), ...shorts(ms, 1000), 0, 0)))
    for (const { data } of named('IDAT')) this.frames.push(first ? chunk('IDAT', data) : chunk('fdAT', concatenated([words(this.sequence++), data])))
    this.count++
  }

  /** The file. Throws RangeError without a picture. */
  bytes(): Uint8Array {
    if (this.count === 0) throw new RangeError('no picture')
    return concatenated([...this.head, chunk('acTL', words(this.count, 0)), ...this.frames, chunk('IEND', new Uint8Array(0))])
  }
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
