import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { externalLocations } from '../../../src/engine/externalData'
import { fromHalf, toHalf } from '../../../src/engine/float16'
import { statistics } from '../../../src/engine/statistics'
import { folderWith, half, network } from './testModels'

test('every half-precision number survives the way to float32 and back', () => {
  const all = Uint16Array.from({ length: 1 << 16 }, (_, i) => i)
  const back = new Uint16Array(all.length)
  toHalf(fromHalf(all), back)
  const isNaN16 = (h: number): boolean => (h & 0x7fff) > 0x7c00
  for (const h of all) assert.ok(back[h] === h || (isNaN16(h) && isNaN16(back[h]!)), `0x${h.toString(16)} became 0x${back[h]!.toString(16)}`)
})

test('float32 rounds to the nearest half, ties to even', () => {
  const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65504, 65519.9, 65520, 2 ** -25, 2 ** -25 * 1.0001, 2 ** -24 * 1.5, -0.1, 2 ** -14 - 2 ** -25]
  const out = new Uint16Array(values.length)
  toHalf(Float32Array.from(values), out)
  assert.deepEqual([...fromHalf(out)], [1, 1 + 2 ** -9, 65504, 65504, Infinity, 0, 2 ** -24, 2 ** -23, -0.0999755859375, 2 ** -14])
})

test('statistics of a tensor', () => {
  assert.deepEqual(statistics(Float32Array.of(-2, 0, 1, 1)), { min: -2, max: 1, mean: 0, std: Math.sqrt(1.5), clipped: 0.25, nonFinite: 0 })
  assert.deepEqual(statistics(Float32Array.of(NaN, 3, Infinity, -1, -Infinity)), { min: -1, max: 3, mean: 1, std: 2, clipped: 0.5, nonFinite: 3 })
  assert.deepEqual(statistics(Float32Array.of(NaN)), { min: NaN, max: NaN, mean: NaN, std: NaN, clipped: 0, nonFinite: 1 })
})

test('external data of an ONNX file are found by reading its headers', () => {
  const external = network([{ op: 'Mul', inputs: ['sample', 'a'], output: 'out_sample' }], { constants: [{ name: 'a', values: [0.5], external: 'weights.bin' }, { name: 'b', values: [1], external: 'weights.bin' }, { name: 'c', values: [1], external: 'deep/more.bin' }] })
  const folder = folderWith({ 'external.onnx': external, 'inline.onnx': half(), 'cut.onnx': external.slice(0, 150), 'text.onnx': 'no model at all, but some text' })
  assert.deepEqual(externalLocations(join(folder, 'external.onnx')), ['weights.bin', 'deep/more.bin'])
  for (const file of ['inline.onnx', 'text.onnx']) assert.deepEqual(externalLocations(join(folder, file)), [])
  assert.doesNotThrow(() => externalLocations(join(folder, 'cut.onnx')))
})
