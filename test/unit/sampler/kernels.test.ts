import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gaussian, mixture } from '../../../src/sampler/analytic'
import { combine } from '../../../src/sampler/combine'
import { doubled, guide } from '../../../src/sampler/guidance'
import { conversion } from '../../../src/sampler/prediction'
import { sumTogether, tensors } from '../../../src/sampler/simd'
import type { FloatArray, Level } from '../../../src/sampler/types'
import { close, linear, vpLinear } from './bench'

const value = fc.double({ min: -100, max: 100, noNaN: true })

test('combine sums any number of terms, into one of them too', () => {
  fc.assert(fc.property(fc.array(fc.tuple(value, fc.array(value, { minLength: 5, maxLength: 5 })), { maxLength: 7 }), fc.nat(6), (terms, alias) => {
    for (const make of [(values: number[]) => Float32Array.from(values), (values: number[]) => Float64Array.from(values)]) {
      const buffers: FloatArray[] = terms.map(([, values]) => make(values))
      const expected = make([0, 1, 2, 3, 4].map((i) => terms.reduce((sum, [c], k) => sum + c * buffers[k]![i]!, 0)))
      const out: FloatArray = alias < buffers.length ? buffers[alias]! : make([NaN, NaN, NaN, NaN, NaN])
      combine(out, terms.map(([c]) => c), buffers)
      out.forEach((got, i) => { assert.ok(close(got, expected[i]!, out instanceof Float32Array ? 1e-6 : 1e-12)) })
    }
  }))
})

test('combine reads no more than the first `count` terms of its lists', () => {
  const out = new Float64Array(2)
  combine(out, [2, NaN, NaN], [Float64Array.of(1, 2), new Float64Array(2), new Float64Array(2)], 1)
  assert.deepEqual([...out], [2, 4])
  combine(out, [NaN], [new Float64Array(2)], 0)
  assert.deepEqual([...out], [0, 0])
})

test('tensors of one memory are summed two values at once, to the same bits as value by value', () => {
  for (const length of [4096, 4099, 5000]) {
    for (let count = 1; count <= 9; count++) {
      const own = tensors(count + 1, length)
      const coefficients = own.slice(1).map((_, k) => Math.cos(3 * k + 1))
      for (const [k, buffer] of own.entries()) buffer.forEach((_, i) => { buffer[i] = Math.sin(17 * i + k) * 10 ** (i % 7 - 3) })
      const elsewhere = own.map((buffer) => buffer.slice())
      const summed = sumTogether(own[0]!, coefficients, own.slice(1), count)
      assert.equal(summed, count <= 8 ? length - length % 8 : 0, `${summed} of ${length} values, ${count} terms`)
      assert.equal(sumTogether(own[0]!, coefficients, elsewhere.slice(1), count), 0)
      for (const into of [0, count]) {
        combine(own[into]!, coefficients, own.slice(1), count)
        combine(elsewhere[into]!, coefficients, elsewhere.slice(1), count)
        for (const [k, buffer] of own.entries()) assert.deepEqual(buffer, elsewhere[k], `${count} terms of ${length} values into ${into}, tensor ${k}`)
      }
    }
  }
})

test('tensors are there where WebAssembly is not', () => {
  const had = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly')!
  try {
    Object.defineProperty(globalThis, 'WebAssembly', { ...had, value: undefined })
    const [out, a] = tensors(2, 5000) as [Float32Array, Float32Array]
    a.fill(3)
    combine(out, [2], [a])
    assert.deepEqual([out.length, out[0], out[4999]], [5000, 6, 6])
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', had)
  }
})

test('every prediction type gives the ε and x0 that made x, at every level', () => {
  fc.assert(fc.property(value, value, fc.double({ min: 0.001, max: 1, noNaN: true }), (x0, epsilon, t) => {
    const level = vpLinear.level(t)
    const { alpha, sigma } = level
    const x = alpha * x0 + sigma * epsilon
    const outputs = { epsilon, sample: x0, v_prediction: alpha * epsilon - sigma * x0, score: -epsilon / sigma, flow: epsilon - x0 } as const
    for (const [prediction, output] of Object.entries(outputs) as [keyof typeof outputs, number][]) {
      for (const [form, wanted] of [['noise', epsilon], ['data', x0]] as const) {
        const c = conversion(prediction, form, level)
        // Rounding grows by 1/α from ε to x0 and by 1/σ from x0 to ε.
        assert.ok(Math.abs(c.state * x + c.output * output - wanted) < 1e-13 * 400 / Math.min(alpha, sigma), `${prediction} ${form}`)
      }
    }
  }))
})

test('v and a flow’s velocity are read directly: they need no division where α or σ is 0', () => {
  const noise: Level = { t: 1, alpha: 0, sigma: 1, lambda: -Infinity }
  const clean: Level = { t: 0, alpha: 1, sigma: 0, lambda: Infinity }
  assert.deepEqual(conversion('v_prediction', 'data', noise), { state: 0, output: -1 })
  assert.deepEqual(conversion('v_prediction', 'noise', noise), { state: 1, output: 0 })
  assert.deepEqual(conversion('v_prediction', 'data', clean), { state: 1, output: -0 })
  assert.deepEqual(conversion('flow', 'data', noise), { state: 1, output: -1 })
  assert.deepEqual(conversion('flow', 'noise', clean), { state: 1, output: 1 })
  assert.throws(() => conversion('epsilon', 'data', noise), RangeError)
  assert.throws(() => conversion('score', 'data', noise), RangeError)
  assert.throws(() => conversion('sample', 'noise', clean), RangeError)
})

test('guidance is u + w (c − u) on the halves of one doubled output', () => {
  fc.assert(fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 9 }), fc.double({ min: 0, max: 20, noNaN: true }), (pairs, w) => {
    const both = Float64Array.of(...pairs.map(([u]) => u), ...pairs.map(([, c]) => c))
    const guided = guide(both.slice(), w, new Float64Array(pairs.length))
    pairs.forEach(([u, c], i) => { assert.ok(close(guided[i]!, u + w * (c - u), 1e-13)) })
    const inPlace = both.slice()
    assert.deepEqual(guide(inPlace, w, inPlace.subarray(0, pairs.length)), guided)
  }))
  assert.deepEqual(doubled(Float32Array.of(1, 2), new Float32Array(4)), Float32Array.of(1, 2, 1, 2))
  assert.throws(() => guide(new Float32Array(3), 2, new Float32Array(2)), RangeError)
})

test('the closed-form models: x = α x̂₀ + σ ε̂, and a mixture of one component is that Gaussian', () => {
  const one = mixture([{ weight: 1, mean: [0.4, -0.7], s: 0.6 }])
  const same = gaussian([0.4, -0.7], [0.6, 0.6])
  const two = mixture([{ weight: 0.6, mean: [1, 2], s: 0.3 }, { weight: 0.4, mean: [-1, 0], s: 0.5 }])
  fc.assert(fc.property(fc.array(value, { minLength: 2, maxLength: 2 }), fc.double({ min: 0.001, max: 1, noNaN: true }), (values, t) => {
    const x = Float64Array.from(values)
    const level = linear.level(t)
    const [x0, epsilon, other] = [new Float64Array(2), new Float64Array(2), new Float64Array(2)]
    for (const model of [one, same, two]) {
      model.denoise(x, level, x0)
      model.noise(x, level, epsilon)
      x.forEach((value, i) => { assert.ok(close(level.alpha * x0[i]! + level.sigma * epsilon[i]!, value, 1e-11)) })
    }
    one.denoise(x, level, x0)
    same.denoise(x, level, other)
    x0.forEach((value, i) => { assert.ok(close(value, other[i]!, 1e-12)) })
  }))
})

test('the exact solution for Gaussian data carries the marginal of one level to that of another', () => {
  const model = gaussian([0.5], [0.8])
  const [from, to] = [linear.level(1), linear.level(0.1)]
  const spread = (level: Level): number => Math.sqrt((0.8 * level.alpha) ** 2 + level.sigma ** 2)
  const z = [-2, 0, 1.3]
  const moved = model.exact(Float64Array.from(z, (value) => from.alpha * 0.5 + spread(from) * value), from, to)
  z.forEach((value, i) => { assert.ok(close(moved[i]!, to.alpha * 0.5 + spread(to) * value, 1e-14)) })
})
