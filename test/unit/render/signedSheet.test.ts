import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contactSheet } from '../../../src/render/contactSheet'
import type { RgbaPixels, StateShape } from '../../../src/render/pixels'
import { largest, signedSheet } from '../../../src/render/signedSheet'

function finished<T>(work: Generator<void, T>): T {
  for (;;) { const { done, value } = work.next(); if (done) return value }
}
const sheet = (values: ArrayLike<number>, shape: StateShape, scale: number, maxSize = Infinity): RgbaPixels => finished(signedSheet(Float32Array.from(values), shape, scale, maxSize))
/** Lightness L* of sRGB. */
function lightness([red, green, blue]: readonly number[]): number {
  const linear = [red!, green!, blue!].map((level) => level / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  const y = 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y
}

test('zero is neutral grey, signs differ in lightness and hue, and lightness rises evenly', () => {
  const values = Array.from({ length: 201 }, (_, i) => i / 100 - 1)
  const { rgba } = sheet(values, [1, 1, 1, 201], 1)
  const colours = values.map((_, i) => [...rgba.subarray(4 * i, 4 * i + 3)])
  assert.deepEqual(colours[100], [128, 128, 128])
  const [low, middle, high] = [0, 100, 200].map((i) => lightness(colours[i]!)) as [number, number, number]
  console.log(`lightness ${low.toFixed(1)} … ${middle.toFixed(1)} … ${high.toFixed(1)}`)
  for (let i = 1; i < colours.length; i++) assert.ok(lightness(colours[i]!) >= lightness(colours[i - 1]!) - 0.5, `at ${values[i]}`)
  assert.ok(Math.abs(high + low - 2 * middle) < 8, 'as far from grey on either side')
  // Blue against red and green together is the one contrast that red-blind and green-blind eyes keep.
  for (const [i, [red, green, blue]] of colours.entries()) if (Math.abs(values[i]!) > 0.1) assert.equal(blue! > (red! + green!) / 2, values[i]! < 0, `at ${values[i]}`)
})

test('the layout is that of x and x̂₀, shrunk as they are; three channels are colours around mid grey', () => {
  for (const [shape, maxSize] of [[[5, 1, 4, 6], Infinity], [[5, 3, 4, 6], Infinity], [[7, 3, 8, 8], 12], [[2, 1, 5, 9], 7]] as const) {
    const values = Float32Array.from({ length: shape[0] * shape[1] * shape[2] * shape[3] }, (_, i) => Math.sin(i))
    const [own, usual] = [sheet(values.map((v) => 3 * v), shape, 3, maxSize), contactSheet(values, shape, maxSize)]
    assert.deepEqual([own.width, own.height], [usual.width, usual.height])
    for (let p = 0; p < usual.width * usual.height; p++) assert.equal(own.rgba[4 * p + 3], usual.rgba[4 * p + 3])
    if (shape[1] === 3) assert.ok(own.rgba.every((level, i) => Math.abs(level - usual.rgba[i]!) <= 1))
  }
})

test('an item of NaN alone is transparent, and a scale of 0 is grey throughout', () => {
  const { rgba } = sheet([NaN, NaN, 0, 0], [2, 1, 1, 2], 0)
  assert.deepEqual([...rgba], [0, 0, 0, 0, 0, 0, 0, 0, 128, 128, 128, 255, 128, 128, 128, 255])
})

test('a scale holds its share of the values and is the least to do so, but for 1 in 128', () => {
  fc.assert(fc.property(fc.array(fc.float({ noDefaultInfinity: false }), { minLength: 1, maxLength: 300 }), fc.constantFrom(0.5, 0.9, 0.995, 1), (values, share) => {
    const scale = finished(largest(Float32Array.from(values), share))
    const sorted = values.filter((value) => Number.isFinite(value)).map(Math.abs).sort((a, b) => a - b)
    const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
    assert.ok(scale >= exact - 1e-38 && scale <= exact * (1 + 1 / 128) + 1e-38, `${scale} for ${exact}`)
  }))
})
