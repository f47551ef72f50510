import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contactSheet, sheetLayout, sheetPixels, thumbnail } from '../../../src/render/contactSheet'
import { itemPixels, type RgbaPixels, type StateShape } from '../../../src/render/pixels'

const at = ({ width, rgba }: RgbaPixels, x: number, y: number): number[] => [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)]
const ramp = (shape: StateShape): Float32Array => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i % 256) / 127.5 - 1)

test('a batch lies in a grid of ceil(√B) columns', () => {
  const grid = (batch: number): number[] => { const { columns, rows } = sheetLayout([batch, 1, 8, 8]); return [columns, rows] }
  assert.deepEqual([1, 2, 3, 4, 5, 9, 10, 16, 64].map(grid), [[1, 1], [2, 1], [2, 2], [2, 2], [3, 2], [3, 3], [4, 3], [4, 4], [8, 8]])
})

test('at full size every item is found in its cell pixel by pixel, and empty cells are transparent', () => {
  for (const channels of [1, 3]) {
    const shape: StateShape = [5, channels, 2, 3]
    const values = ramp(shape)
    const sheet = contactSheet(values, shape)
    assert.deepEqual([sheet.width, sheet.height], [9, 4])
    for (let k = 0; k < 5; k++) {
      const { data } = itemPixels(values, shape, k)
      for (let p = 0; p < 6; p++) {
        const expected = channels === 1 ? [data[p], data[p], data[p], 255] : [...data.subarray(p * 3, p * 3 + 3), 255]
        assert.deepEqual(at(sheet, k % 3 * 3 + p % 3, Math.floor(k / 3) * 2 + Math.floor(p / 3)), expected)
      }
    }
    assert.deepEqual(at(sheet, 8, 3), [0, 0, 0, 0])
  }
})

test('a sheet for a file is that sheet without alpha, greyscale where its items are', () => {
  for (const channels of [1, 3] as const) {
    const shape: StateShape = [5, channels, 2, 3]
    const sheet = contactSheet(ramp(shape), shape)
    const { data, ...rest } = sheetPixels(ramp(shape), shape)
    assert.deepEqual(rest, { width: 9, height: 4, channels })
    for (let p = 0; p < 36; p++) assert.deepEqual([...data.subarray(p * channels, (p + 1) * channels)], [...sheet.rgba.subarray(p * 4, p * 4 + channels)])
  }
})

test('the pixels are exactly as many bytes as the size says, alone in their buffer, and no side exceeds the limit', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 2, 3, 4), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 16, max: 200 }),
    (batch, channels, height, width, maxSize) => {
      const shape: StateShape = [batch, channels, height, width]
      const sheet = contactSheet(new Float32Array(batch * channels * height * width), shape, maxSize)
      assert.equal(sheet.rgba.length, 4 * sheet.width * sheet.height)
      assert.equal(sheet.rgba.buffer.byteLength, sheet.rgba.length)
      assert.ok(sheet.width <= maxSize && sheet.height <= maxSize)
    }), { numRuns: 300 })
})

test('a sheet at half size holds the means of 2 × 2 pixels, of the clipped values', () => {
  const sheet = contactSheet(Float32Array.of(-1, 1, 0, 0, 9, 9, 1, -9), [1, 1, 2, 4], 2)
  assert.deepEqual([sheet.width, sheet.height], [2, 1])
  // (−1 + 1 + 1 + 1)/4 = 0.5 and (0 + 0 + 1 − 1)/4 = 0
  assert.deepEqual([...sheet.rgba], [191, 191, 191, 255, 128, 128, 128, 255])
})

test('shrinking keeps the mean grey of an item', () => {
  const shape: StateShape = [1, 1, 48, 48]
  const values = Float32Array.from({ length: 48 * 48 }, (_, i) => Math.sin(i * 0.37) * 0.8)
  const mean = (sheet: RgbaPixels): number => sheet.rgba.filter((_, i) => i % 4 === 0).reduce((sum, level) => sum + level, 0) / (sheet.width * sheet.height)
  for (const size of [24, 16, 12]) assert.ok(Math.abs(mean(contactSheet(values, shape, size)) - mean(contactSheet(values, shape))) < 0.6)
})

test('a sheet below the limit is not enlarged', () => {
  assert.deepEqual([contactSheet(new Float32Array(12), [1, 3, 2, 2], 512).width], [2])
})

test('a thumbnail is a square of the first item; a small one is enlarged by repeating pixels, a flat one is centred', () => {
  const doubled = thumbnail(Float32Array.of(-1, 1, 1, -1, 0, 0, 0, 0), [2, 1, 2, 2], 4)
  assert.deepEqual(doubled.rgba.filter((_, i) => i % 4 === 0), Uint8Array.of(0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 0, 0, 255, 255, 0, 0))
  const flat = thumbnail(Float32Array.of(1, 1), [1, 1, 1, 2], 4)
  assert.equal(flat.rgba.length, 64)
  assert.deepEqual(flat.rgba.filter((_, i) => i % 4 === 3), Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0))
})

test('values that do not fit the shape are refused', () => {
  assert.throws(() => contactSheet(new Float32Array(3), [1, 1, 2, 2]), RangeError)
  assert.throws(() => thumbnail(new Float32Array(3), [1, 1, 2, 2], 8), RangeError)
})
