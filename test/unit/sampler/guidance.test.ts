import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { asNetwork, mixture } from '../../../src/sampler/analytic'
import { classifierGuided, guidanceAt, guide, guidePredictions, type Gradient } from '../../../src/sampler/guidance'
import { conversion } from '../../../src/sampler/prediction'
import type { Evaluate } from '../../../src/sampler/sample'
import type { PredictionType } from '../../../src/sampler/types'
import { close, linear, otherSchedules, vpLinear } from './bench'

const deviation = (values: Float64Array | Float32Array): number => {
  const all = [...values]
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length
  return Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length)
}
const numbers = (count: number): fc.Arbitrary<number[]> => fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: count, maxLength: count })

describe('guidance rescale', () => {
  test('φ = 1 gives every item the standard deviation of its conditional output, φ = 0 nothing, between them a mixture', () => {
    fc.assert(fc.property(numbers(16), fc.double({ min: 1, max: 20, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (values, w, phi) => {
      const both = Float64Array.from(values)
      const plain = guide(both, w, new Float64Array(8))
      const whole = guide(both, w, new Float64Array(8), { phi: 1, items: 2 })
      const part = guide(both, w, new Float64Array(8), { phi, items: 2 })
      assert.deepEqual(guide(both, w, new Float64Array(8), { phi: 0, items: 2 }), plain)
      for (const begin of [0, 4]) {
        if (deviation(plain.subarray(begin, begin + 4)) > 1e-6) assert.ok(close(deviation(whole.subarray(begin, begin + 4)), deviation(both.subarray(8 + begin, 12 + begin)), 1e-9))
      }
      part.forEach((value, i) => { assert.ok(close(value, phi * whole[i]! + (1 - phi) * plain[i]!, 1e-9)) })
    }))
  })

  test('an item without any spread stays as it is', () => {
    assert.deepEqual([...guide(Float64Array.of(1, 1, 2, 2), 3, new Float64Array(2), { phi: 1, items: 1 })], [4, 4])
  })
})

test('a second output is not guided: it is the conditional branch’s own', () => {
  // Two items of one pixel: unconditional (prediction, second) twice, then conditional.
  const both = Float64Array.of(1, 10, 2, 20, 3, 30, 5, 50)
  assert.deepEqual([...guidePredictions(both, 2, new Float64Array(4), 2)], [5, 30, 8, 50])
  fc.assert(fc.property(numbers(16), fc.double({ min: 0, max: 9, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (values, w, phi) => {
    const all = Float64Array.from(values)
    const got = guidePredictions(all, w, new Float64Array(8), 2, phi)
    for (const item of [0, 1]) {
      const part = (begin: number): Float64Array => all.subarray(begin + 4 * item, begin + 4 * item + 2)
      const expected = guide(Float64Array.of(...part(0), ...part(8)), w, new Float64Array(2), { phi, items: 1 })
      assert.deepEqual([...got.subarray(4 * item, 4 * item + 4)], [...expected, ...part(10)])
    }
  }))
  assert.throws(() => guidePredictions(new Float32Array(6), 2, new Float32Array(4), 2), RangeError)
})

test('guidance acts where σ/α lies in its interval, both ends included, and everywhere without one', () => {
  for (const [name, schedule] of [['vpLinear', vpLinear], ...otherSchedules] as const) {
    for (const t of [schedule.tEnd, 0.3, schedule.T]) {
      const level = schedule.level(t)
      const ratio = level.sigma / level.alpha
      assert.equal(guidanceAt(level, { scale: 7.5 }), 7.5, name)
      assert.equal(guidanceAt(level, { scale: 7.5, interval: { from: ratio / 2, to: ratio * 2 } }), 7.5, `${name} ${t}`)
      if (level.alpha > 0) assert.equal(guidanceAt(level, { scale: 7.5, interval: { from: 0, to: ratio / 2 } }), 1, `${name} ${t}`)
    }
  }
})

describe('classifier guidance', () => {
  const components = [{ weight: 0.6, mean: [1, 2], s: 0.3 }, { weight: 0.4, mean: [-1, 0], s: 0.5 }]
  const [all, first] = [mixture(components), mixture([components[0]!])]
  const predictions: PredictionType[] = ['epsilon', 'sample', 'v_prediction', 'score', 'flow']
  /** ∇ log p(first | x): the score of the component less that of the mixture. */
  const gradient: Gradient = (x, at) => {
    const [whole, own] = [all, first].map((model) => asNetwork(model, 'epsilon')(x, at) as Float64Array)
    return whole!.map((epsilon, i) => (epsilon - own![i]!) / at.level.sigma)
  }

  test('at scale 1 with the exact gradient it is the conditional model, whatever the network predicts', async () => {
    for (const schedule of [linear, vpLinear, ...otherSchedules.map(([, other]) => other)]) {
      for (const prediction of predictions) {
        const at = { level: schedule.level(0.4), label: 0, evaluation: 1 }
        const x = Float64Array.of(0.7, -0.4, 1.2, 0.1)
        const guided = await classifierGuided(asNetwork(all, prediction), prediction, gradient, 1)(x, at)
        const expected = await asNetwork(first, prediction)(x, at)
        guided.forEach((value, i) => { assert.ok(close(value, expected[i]!, 1e-9), `${prediction} ${value} ${expected[i]}`) })
      }
    }
  })

  test('ε changes by −w σ ∇ log p, and scale 0 leaves the network as it is', async () => {
    const network: Evaluate = asNetwork(all, 'v_prediction')
    assert.equal(classifierGuided(network, 'v_prediction', gradient, 0), network)
    const at = { level: linear.level(0.7), label: 0, evaluation: 1 }
    const x = Float64Array.of(0.7, -0.4)
    const [plain, guided, slope] = [await network(x, at), await classifierGuided(network, 'v_prediction', gradient, 3)(x, at), await gradient(x, at)]
    const { output } = conversion('v_prediction', 'noise', at.level)
    guided.forEach((value, i) => { assert.ok(close((value - plain[i]!) * output, -3 * at.level.sigma * slope[i]!, 1e-12)) })
  })

  test('does nothing where there is no signal, and refuses a gradient of another length', async () => {
    const [, flow] = otherSchedules.find(([name]) => name === 'flow')!
    const at = { level: flow.level(1), label: 1000, evaluation: 1 }
    const x = Float64Array.of(0.7, -0.4)
    const network = asNetwork(all, 'flow')
    assert.deepEqual(await classifierGuided(network, 'flow', () => Float64Array.of(1, 1), 3)(x, at), await network(x, at))
    await assert.rejects(async () => classifierGuided(network, 'flow', () => new Float64Array(1), 3)(x, at), RangeError)
  })
})
