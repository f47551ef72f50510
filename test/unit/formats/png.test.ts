import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from 'fast-png'
import fc from 'fast-check'
import { encodePng } from '../../../src/formats/png'

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
