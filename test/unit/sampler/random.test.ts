import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { batchNormals } from '../../../src/sampler/noise'
import { BrownianPath } from '../../../src/sampler/random/brownian'
import { toHalf } from '../../../src/sampler/random/half'
import { batchSeeds, drawBatch, noiseGenerators, noiseSource } from '../../../src/sampler/random/source'
import { TorchCpuGenerator } from '../../../src/sampler/random/torchCpu'
import { cudaNormals } from '../../../src/sampler/random/torchCuda'
import { close } from './bench'

describe('PyTorch’s generators', () => {
  const randn = (seed: bigint, n: number): Float32Array => {
    const out = new Float32Array(n)
    new TorchCpuGenerator(seed).randn(out)
    return out
  }

  test('torch.manual_seed(0); torch.randn(1, 4, 64, 64): the latent every script begins with, bit for bit', () => {
    const out = randn(0n, 4 * 64 * 64)
    assert.deepEqual([...new Uint32Array(out.buffer, 0, 4)], [3213892485, 3214114954, 3196079062, 3202229597])
    assert.equal(createHash('sha256').update(new Uint8Array(out.buffer)).digest('hex').length, 64)
    assert.ok(close(out.reduce((sum, value) => sum + value, 0) / out.length, 0, 0.03))
  })

  test('the lowest 32 bits of the seed count, and −1 is 2^32 − 1', () => {
    assert.deepEqual(randn(1n, 40), randn((1n << 32n) + 1n, 40))
    assert.deepEqual(randn(-1n, 40), randn((1n << 32n) - 1n, 40))
    assert.notDeepEqual(randn(1n, 40), randn(2n, 40))
  })

  test('a draw in another order than the first time is the same draw', () => {
    const source = noiseSource('torch-cpu', [5n])
    const draws = [0, 1, 2].map((draw) => { const out = new Float32Array(20); source.draw(out, draw, 0); return out })
    for (const draw of [2, 0, 1, 1]) {
      const again = new Float32Array(20)
      source.draw(again, draw, 0)
      assert.deepEqual(again, draws[draw])
    }
  })

  test('below the number of threads a GPU does not matter; above it does', () => {
    const at = (n: number, threads?: number): Float32Array => {
      const out = new Float32Array(n)
      cudaNormals(out, 42n, 0, threads === undefined ? undefined : { threads })
      return out
    }
    assert.deepEqual(at(1000, 1024), at(1000))
    assert.deepEqual(at(1000, 82 * 1536), at(1000))
    assert.notDeepEqual(at(3000, 1024), at(3000))
    assert.deepEqual(at(3000, 1024).subarray(0, 1024), at(1024))
  })

  test('float16 numbers are float16 numbers', () => {
    const out = new Float64Array(100)
    new TorchCpuGenerator(3n).randn(out, 'float16')
    for (const value of out) assert.equal(toHalf(value), value)
    assert.deepEqual([1, -2.5, 65504, 65519.99, 65520, 2 ** -24, 2 ** -25, 3 * 2 ** -26].map(toHalf), [1, -2.5, 65504, 65504, Infinity, 2 ** -24, 0, 2 ** -24])
    assert.deepEqual([2049, 2051, 4098, 4102].map(toHalf), [2048, 2052, 4096, 4104])
  })
})

describe('noise sources', () => {
  for (const generator of noiseGenerators) {
    test(`${generator}: item k of a batch is the single run with seed + k`, () => {
      const batch = new Float32Array(3 * 33)
      drawBatch(noiseSource(generator, batchSeeds(9n, 3)), batch, 1)
      for (let k = 0; k < 3; k++) {
        const one = new Float32Array(33)
        noiseSource(generator, [9n + BigInt(k)]).draw(one, 1, 0)
        assert.deepEqual(batch.slice(k * 33, (k + 1) * 33), one)
      }
    })
  }

  test('our own generator’s draws are those it always gave', () => {
    const out = new Float32Array(2 * 50)
    drawBatch(noiseSource('philox4x32-10/v1', batchSeeds('18446744073709551615', 2)), out, 0)
    assert.deepEqual(out, batchNormals('18446744073709551615', 0, 2, 50))
  })

  test('PyTorch’s draw a tensor for every way between two levels, in the order of the run', () => {
    const source = noiseSource('torch-cpu', [7n])
    const [draw, way] = [new Float64Array(18), new Float64Array(18)]
    source.draw(draw, 2, 0)
    source.increment(way, 0.1, 0.3, 2, 0)
    assert.deepEqual(way, draw)
  })
})

describe('the Brownian path', () => {
  const size = 40_000
  const increment = (path: BrownianPath, from: number, to: number): Float64Array => {
    const out = new Float64Array(size)
    path.increment(out, from, to)
    return out
  }
  const mean = (values: Float64Array, of: (value: number, i: number) => number): number => values.reduce((sum, value, i) => sum + of(value, i), 0) / values.length

  test('smaller steps refine it: the increments of the parts add up to that of the whole, to rounding', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.array(fc.double({ min: -12, max: 12, noNaN: true }), { minLength: 3, maxLength: 12 }), (seed, logs) => {
      const times = [...new Set(logs.map(Math.exp))].sort((a, b) => a - b)
      // Both ends in one cell have noise of their own.
      for (let i = times.length - 1; i > 0; i--) if (times[i]! / times[i - 1]! < 1.01) times.splice(i, 1)
      if (times.length < 2) return
      const path = new BrownianPath(seed, 6)
      const of = (from: number, to: number): Float64Array => { const out = new Float64Array(6); path.increment(out, from, to); return out.map((z) => z * Math.sqrt(Math.abs(to - from))) }
      const whole = of(times[0]!, times.at(-1)!)
      const sum = new Float64Array(6)
      for (let i = 1; i < times.length; i++) of(times[i - 1]!, times[i]!).forEach((value, k) => { sum[k]! += value })
      whole.forEach((value, k) => { assert.ok(Math.abs(value - sum[k]!) <= 1e-12 * Math.sqrt(times.at(-1)!) * 10) })
    }), { numRuns: 60 })
  })

  test('its increments are unit normals, and those over different parts do not depend on each other', (t) => {
    const path = new BrownianPath(20220601n, size)
    const times = [0, 1e-6, 0.003, 0.2, 0.7, 0.7002, 0.9, 1.3, 1.99, 2, 5, 17, 17.2, 1e5]
    const parts = times.slice(1).map((time, i) => increment(path, times[i]!, time))
    const variances = parts.map((z) => mean(z, (value) => value * value))
    t.diagnostic(variances.map((value) => value.toFixed(3)).join(' '))
    // Five standard errors.
    for (const variance of variances) assert.ok(Math.abs(variance - 1) < 5 * Math.SQRT2 / Math.sqrt(size))
    parts.forEach((a, i) => { parts.slice(i + 1).forEach((b) => { assert.ok(Math.abs(mean(a, (value, k) => value * b[k]!)) < 5 / Math.sqrt(size)) }) })
    assert.ok(Math.abs(mean(parts[4]!, (value) => value ** 4) - 3) < 0.3)
  })

  test('neither the order of questions nor their direction changes it, and two seeds have two', () => {
    const [a, b] = [new BrownianPath(3n, size), new BrownianPath(3n, size)]
    const first = increment(a, 0.4, 1.7)
    increment(b, 3, 3.5)
    assert.deepEqual(increment(b, 1.7, 0.4), first)
    assert.notDeepEqual(increment(new BrownianPath(4n, size), 0.4, 1.7), first)
  })

  test('it has no increment without width, below 0 or to infinity', () => {
    const path = new BrownianPath(1n, 2)
    for (const [from, to] of [[1, 1], [-1, 1], [1, Infinity], [NaN, 1]]) assert.throws(() => { path.increment(new Float64Array(2), from!, to!) }, RangeError)
  })
})
