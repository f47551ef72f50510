import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { batchNormals, drawNormals, fillNormals } from '../../../src/sampler/noise'
import { philox4x32 } from '../../../src/sampler/philox'

const seed = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })

test('Philox4x32-10 gives the published answer for all bits set', () => {
  const out = new Uint32Array(4)
  philox4x32([0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], out)
  assert.deepEqual([...out].map((word) => word.toString(16)), ['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd'])
})

test('any stretch of a draw equals that stretch of the whole', () => {
  fc.assert(fc.property(seed, fc.nat(40), fc.nat(60), fc.nat(30), (s, draw, first, length) => {
    const part = new Float64Array(length)
    fillNormals(part, s, draw, first)
    assert.deepEqual(part, drawNormals(s, draw, first + length).slice(first))
  }))
})

test('batch item k is the single run with seed + k modulo 2^64, bit for bit', () => {
  fc.assert(fc.property(seed, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 33 }), (s, batch, size) => {
    const all = batchNormals(s, 0, batch, size)
    for (let k = 0; k < batch; k++) assert.deepEqual(all.slice(k * size, (k + 1) * size), batchNormals((s + BigInt(k)) % (1n << 64n), 0, 1, size))
  }))
  const last = (1n << 64n) - 1n
  assert.deepEqual(batchNormals(last, 0, 2, 8).slice(8), batchNormals(0n, 0, 1, 8))
})

test('a seed in decimal is the same seed', () => {
  assert.deepEqual(drawNormals('18446744073709551615', 3, 10), drawNormals((1n << 64n) - 1n, 3, 10))
})

test('float32 numbers are the float64 ones, rounded once', () => {
  assert.deepEqual(batchNormals(7n, 2, 1, 101), Float32Array.from(drawNormals(7n, 2, 101)))
})

test('two seeds or two draws share no number', () => {
  const taken = new Set(drawNormals(1n, 0, 500))
  for (const other of [drawNormals(2n, 0, 500), drawNormals(1n, 1, 500), drawNormals(1n + (1n << 32n), 0, 500)]) {
    assert.ok(other.every((value) => !taken.has(value)))
  }
})

test('a million numbers have the moments of a unit normal, and neighbours do not depend on each other', (t) => {
  const n = 1_000_000
  const z = drawNormals(20220601n, 0, n)
  const mean = (of: (value: number, i: number) => number): number => z.reduce((sum, value, i) => sum + of(value, i), 0) / n
  const moments = { mean: mean((v) => v), variance: mean((v) => v * v), skewness: mean((v) => v ** 3), kurtosis: mean((v) => v ** 4), neighbours: mean((v, i) => v * z[(i + 1) % n]!), tail: mean((v) => Math.abs(v) > 1.959964 ? 1 : 0) }
  t.diagnostic(JSON.stringify(moments))
  // Five standard errors of each.
  assert.ok(Math.abs(moments.mean) < 5e-3)
  assert.ok(Math.abs(moments.variance - 1) < 7.1e-3)
  assert.ok(Math.abs(moments.skewness) < 1.95e-2)
  assert.ok(Math.abs(moments.kurtosis - 3) < 4.9e-2)
  assert.ok(Math.abs(moments.neighbours) < 5e-3)
  assert.ok(Math.abs(moments.tail - 0.05) < 1.1e-3)
})
