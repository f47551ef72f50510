import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { greyLevel, itemPixels, shownChannels } from '../../../src/render/pixels'

test('a grey level is round((clip(x, −1, 1) + 1)·127.5)', () => {
  const expected: [x: number, level: number][] = [[-1, 0], [-0.9922, 1], [0, 128], [0.5, 191], [1, 255], [-3, 0], [3, 255], [Infinity, 255], [-Infinity, 0], [NaN, 0]]
  for (const [x, level] of expected) assert.equal(greyLevel(x), level, `x = ${x}`)
  fc.assert(fc.property(fc.float({ noNaN: true }), (x) => {
    assert.equal(greyLevel(x), Math.round((Math.min(Math.max(x, -1), 1) + 1) * 127.5))
  }))
})

test('each of the 256 levels is reached by the value that stands for it', () => {
  for (let level = 0; level < 256; level++) assert.equal(greyLevel(Math.fround(level / 127.5 - 1)), level)
})

test('one channel is grey, three are colour; of two the first, of more the first three are shown', () => {
  assert.deepEqual([1, 2, 3, 4, 16].map(shownChannels), [1, 1, 3, 3, 3])
})

test('the pixels of an item are its own, interleaved', () => {
  const values = Float32Array.from({ length: 2 * 3 * 1 * 2 }, (_, i) => i / 127.5 - 1)
  assert.deepEqual(itemPixels(values, [2, 3, 1, 2], 1), { width: 2, height: 1, channels: 3, data: Uint8Array.of(6, 8, 10, 7, 9, 11) })
  assert.deepEqual(itemPixels(values, [6, 1, 2, 1], 2), { width: 1, height: 2, channels: 1, data: Uint8Array.of(4, 5) })
  assert.deepEqual(itemPixels(values, [1, 4, 1, 3], 0).data, Uint8Array.of(0, 3, 6, 1, 4, 7, 2, 5, 8))
})

test('values that do not fit the shape and items that are not there are refused', () => {
  assert.throws(() => itemPixels(new Float32Array(11), [1, 3, 2, 2], 0), RangeError)
  for (const item of [-1, 2, 0.5]) assert.throws(() => itemPixels(new Float32Array(8), [2, 1, 2, 2], item), RangeError)
})
