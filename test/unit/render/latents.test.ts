import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contactSheet } from '../../../src/render/contactSheet'
import { shown } from '../../../src/render/latents'
import { spaceShown } from '../../../src/protocol/latentSpace'
import { itemPixels } from '../../../src/render/pixels'
import type { LatentSpace } from '../../../src/sampler/types'

const all: [LatentSpace, number][] = [['sd', 4], ['sdxl', 4], ['sd3', 16], ['flux', 16]]
const near = (got: ArrayLike<number>, wanted: number[], what: string): void => {
  assert.ok(Array.from(got).every((value, i) => Math.abs(value - wanted[i]!) < 1e-6) && got.length === wanted.length, `${what}: ${Array.from(got).join(', ')}`)
}

test('a latent pixel becomes the colour that its map says, each item and pixel by itself', () => {
  // Two items of 4×1×2: the second pixel of the first is 2 in channel 1, the first of the second is 1 in channels 0 and 3.
  const values = new Float32Array(16)
  values[1 * 2 + 1] = 2
  values[8 + 0] = values[8 + 6] = 1
  const { values: rgb, shape } = shown(values, [2, 4, 1, 2], 'sd')
  assert.deepEqual(shape, [2, 3, 1, 2])
  near(rgb, [0, 0.65, 0, 0.9948, 0, 0.47, 0.3512 - 0.212, 0, 0.2297 - 0.2616, 0, 0.3227 - 0.7177, 0], 'red, green and blue planes of each item')
})

test('zero has the colour that a map says of it', () => {
  const bias: Record<LatentSpace, number[]> = { sd: [0, 0, 0], sdxl: [0.1084, -0.0175, -0.0011], sd3: [0.2394, 0.2135, 0.1925], flux: [-0.0329, -0.0718, -0.0851] }
  for (const [space, channels] of all) near(shown(new Float32Array(channels), [1, channels, 1, 1], space).values, bias[space], space)
})

test('the maps are linear: the colour of a sum is the sum of the colours, less that of zero', () => {
  for (const [space, channels] of all) {
    const [a, b] = [1, 2].map((seed) => Float32Array.from({ length: channels }, (_, i) => Math.sin(seed * 7 + i * 3)))
    const colour = (values: Float32Array): Float32Array => shown(values, [1, channels, 1, 1], space).values as Float32Array
    const [ca, cb, zero] = [colour(a!), colour(b!), colour(new Float32Array(channels))]
    near(colour(a!.map((value, i) => value + b![i]!)), Array.from(ca, (value, c) => value + cb[c]! - zero[c]!), space)
    assert.ok(ca.some((value, c) => value !== cb[c]), `${space} tells latents apart`)
  }
})

test('x is divided by the spread of its level before, x̂₀ is not; without a map nothing else is done', () => {
  const values = Float32Array.of(4, 0, 0, 0)
  const level = { alpha: 0, sigma: 4 }
  near(shown(values, [1, 4, 1, 1], 'sd', [level]).values, [0.3512, 0.2297, 0.3227], 'x')
  near(shown(values, [1, 4, 1, 1], 'sd').values, [1.4048, 0.9188, 1.2908], 'x̂₀')
  assert.deepEqual(shown(values, [1, 4, 1, 1], null, [level]), { values: Float32Array.of(1, 0, 0, 0), shape: [1, 4, 1, 1] })
  assert.equal(shown(values, [1, 4, 1, 1], null).values, values)
})

test('what is shown fits every picture that is made of states', () => {
  const { values, shape } = shown(new Float32Array(2 * 16 * 6).fill(0.5), [2, 16, 2, 3], 'flux')
  const sheet = contactSheet(values, shape)
  const { data, channels } = itemPixels(values, shape, 1)
  assert.deepEqual([sheet.width, sheet.height, channels], [6, 2, 3])
  assert.deepEqual([...sheet.rgba.subarray(0, 3)], [...data.subarray(0, 3)])
})

test('what the folder says goes first, where its latents have as many channels; else 4 and 16 channels are latents where that is asked for', () => {
  assert.deepEqual([spaceShown('sdxl', 4, 'auto'), spaceShown('sdxl', 4, 'latentToRgb'), spaceShown('flux', 16, 'latentToRgb')], ['sdxl', 'sdxl', 'flux'])
  assert.deepEqual([1, 2, 3, 4, 5, 16].map((channels) => [spaceShown(undefined, channels, 'auto'), spaceShown(undefined, channels, 'latentToRgb')]),
    [[null, null], [null, null], [null, null], [null, 'sd'], [null, null], [null, 'sd3']])
  assert.deepEqual([spaceShown('flux', 4, 'auto'), spaceShown('flux', 4, 'latentToRgb'), spaceShown('sd', 3, 'auto')], [null, 'sd', null])
  assert.throws(() => shown(new Float32Array(3), [1, 3, 1, 1], 'sd'), RangeError)
})
