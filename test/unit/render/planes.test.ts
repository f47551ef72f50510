import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { greyLevel } from '../../../src/render/pixels'
import { imageValues, maskValues, resized, type Picture } from '../../../src/render/planes'

const picture = (channels: Picture['channels'], width: number, height: number, levels: ArrayLike<number>): Picture => ({ width, height, channels, data: Uint8Array.from(levels), highest: 255 })

test('values are the inverse of grey levels: what was saved comes back, level for level', () => {
  const levels = Array.from({ length: 256 }, (_, level) => level)
  const { values, changes } = imageValues(picture(1, 16, 16, levels), [1, 16, 16])
  assert.deepEqual([...values].map(greyLevel), levels)
  assert.deepEqual([values[0], values[255], changes.length], [-1, 1, 0])
  const deep: Picture = { width: 3, height: 1, channels: 1, data: Uint16Array.of(0, 13107, 65535), highest: 65535 }
  assert.deepEqual([...imageValues(deep, [1, 1, 3]).values], [-1, Math.fround(-0.6), 1])
})

test('colour becomes grey by its luma, grey is repeated, and what is transparent is white; each is said', () => {
  const colour = imageValues(picture(3, 2, 1, [255, 0, 0, 60, 60, 60]), [1, 1, 2])
  assert.deepEqual([...colour.values], [Math.fround(2 * 0.299 - 1), Math.fround(2 * 60 / 255 - 1)])
  assert.deepEqual(colour.changes, ['made grey'])
  const grey = imageValues(picture(1, 2, 1, [0, 255]), [3, 1, 2])
  assert.deepEqual([[...grey.values], grey.changes], [[-1, 1, -1, 1, -1, 1], ['made colour from grey']])
  const planes = imageValues(picture(4, 1, 1, [255, 0, 0, 0]), [3, 1, 1])
  assert.deepEqual([[...planes.values], planes.changes], [[1, 1, 1], ['laid over white']])
  assert.deepEqual([...imageValues(picture(2, 1, 1, [0, 127]), [1, 1, 1]).values], [Math.fround(2 * (1 - 127 / 255) - 1)])
  assert.deepEqual([...imageValues(picture(3, 1, 1, [255, 127, 0]), [3, 1, 1]).values].map(greyLevel), [255, 127, 0])
})

test('a mask is white where it is 1', () => {
  assert.deepEqual([...maskValues(picture(1, 3, 1, [0, 255, 51]), [3, 1, 3]).values], [0, 1, Math.fround(0.2)])
})

test('shrinking takes the mean of what lies under a pixel, whatever the sizes; growing is linear between centres', () => {
  assert.deepEqual([...resized(Float64Array.of(0, 1, 1, 1), { width: 4, height: 1 }, { width: 2, height: 1 })], [0.5, 1])
  const three = [...resized(Float64Array.of(0, 3, 6), { width: 3, height: 1 }, { width: 2, height: 1 })]
  three.forEach((value, i) => { assert.ok(Math.abs(value - [1, 5][i]!) < 1e-12) })
  assert.deepEqual([...resized(Float64Array.of(0, 1), { width: 1, height: 2 }, { width: 1, height: 4 })], [0, 0.25, 0.75, 1])
  fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (w, h, toWidth, toHeight, level, stream) => {
    const to = { width: toWidth, height: toHeight }
    for (const value of resized(new Float64Array(w * h).fill(level), { width: w, height: h }, to)) assert.ok(Math.abs(value - level) < 1e-12, 'one level stays it')
    const plane = Float64Array.from(stream.take(w * h))
    const out = resized(plane, { width: w, height: h }, to)
    const [low, high] = [Math.min(...plane), Math.max(...plane)]
    assert.ok(out.every((value) => value >= low - 1e-12 && value <= high + 1e-12))
    if (toWidth <= w && toHeight <= h) {
      const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
      assert.ok(Math.abs(mean(out) - mean(plane)) < 1e-9, 'shrinking keeps the mean')
    }
  }))
})

test('another size is said, both ways', () => {
  assert.deepEqual(imageValues(picture(1, 2, 4, new Uint8Array(8)), [1, 2, 2]).changes, ['scaled from 2×4 to 2×2'])
  assert.deepEqual(maskValues(picture(1, 1, 1, [9]), [1, 2, 2]).changes, ['scaled from 1×1 to 2×2'])
})
