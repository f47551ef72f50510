import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { decode } from 'fast-png'
import fc from 'fast-check'
import { decodePng, encodePng, pngSize } from '../../../src/formats/png'

test('pixels come back as they went in, with the same number of channels', () => {
  fc.assert(fc.property(fc.constantFrom<1 | 3 | 4>(1, 3, 4), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.nat(255)), (channels, width, height, bytes) => {
    const data = Uint8Array.from(bytes.take(width * height * channels))
    const read = decode(encodePng({ width, height, channels, data }), { checkCrc: true })
    assert.deepEqual([read.width, read.height, read.channels, read.depth], [width, height, channels, 8])
    assert.deepEqual([...read.data], [...data])
  }))
})

test('one channel makes a greyscale file, as its header says', () => {
  const png = encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) })
  assert.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10])
  assert.deepEqual([png[24], png[25]], [8, 0], 'bit depth 8, colour type 0')
})

test('the same pixels make the same bytes', () => {
  const image = { width: 3, height: 3, channels: 3 as const, data: new Uint8Array(27).fill(7) }
  assert.deepEqual(encodePng(image), encodePng(image))
})

test('a recipe travels as a text chunk whatever letters it holds', () => {
  const recipe = { model: { path: '/Модели/été 💫' } }
  const png = encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(0) }, { 'dpm-solver': JSON.stringify(recipe) })
  assert.deepEqual(JSON.parse(decode(png, { checkCrc: true }).text['dpm-solver']!), recipe)
})

/** A file with an image header and raw lines, each with its filter byte, and chunks between the two. */
function pngOf(width: number, height: number, depth: number, colourType: number, lines: Uint8Array, between: [type: string, data: Uint8Array][] = []): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, colourType, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), ...between.map(([type, data]) => chunk(type, data)), chunk('IDAT', deflateSync(lines)), chunk('IEND', new Uint8Array(0))])
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let k = 0; k < 8; k++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

test('whatever was written is read: channels, 16 bits, fewer than 8, palettes, a transparent colour', () => {
  fc.assert(fc.property(fc.constantFrom<1 | 3 | 4>(1, 3, 4), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.nat(255)), (channels, width, height, bytes) => {
    const data = Uint8Array.from(bytes.take(width * height * channels))
    assert.deepEqual(decodePng(encodePng({ width, height, channels, data })), { width, height, channels, data, highest: 255 })
  }))
  const deep = decodePng(pngOf(2, 1, 16, 0, Uint8Array.of(0, 0x12, 0x34, 0xff, 0xff)))
  assert.deepEqual([deep.channels, deep.highest, [...deep.data]], [1, 65535, [0x1234, 65535]])
  // Two lines of three pixels of one bit.
  const bits = decodePng(pngOf(3, 2, 1, 0, Uint8Array.of(0, 0b10100000, 0, 0b01000000)))
  assert.deepEqual([bits.channels, bits.highest, [...bits.data]], [1, 1, [1, 0, 1, 0, 1, 0]])
  const indexed = decodePng(pngOf(3, 1, 2, 3, Uint8Array.of(0, 0b00011000), [['PLTE', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)]]))
  assert.deepEqual([indexed.channels, indexed.highest, [...indexed.data]], [3, 255, [1, 2, 3, 4, 5, 6, 7, 8, 9]])
  const seeThrough = decodePng(pngOf(2, 1, 8, 0, Uint8Array.of(0, 9, 10), [['tRNS', Uint8Array.of(0, 9)]]))
  assert.deepEqual([seeThrough.channels, [...seeThrough.data]], [2, [9, 0, 10, 255]])
})

test('what is no PNG, damaged or too large is refused; the size is read without reading the pixels', () => {
  const png = encodePng({ width: 5, height: 3, channels: 1, data: new Uint8Array(15) })
  assert.deepEqual(pngSize(png), { width: 5, height: 3 })
  assert.equal(pngSize(Uint8Array.from({ length: 40 })), undefined)
  assert.equal(pngSize(png.subarray(0, 20)), undefined)
  assert.throws(() => decodePng(png.subarray(0, 45)))
  assert.throws(() => decodePng(Uint8Array.of(1, 2, 3)))
  assert.throws(() => decodePng(pngOf(1 << 16, 1 << 16, 8, 0, Uint8Array.of(0))), RangeError)
})
