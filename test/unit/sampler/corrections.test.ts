import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { asNetwork, gaussian } from '../../../src/sampler/analytic'
import { keepKnown, maskFor } from '../../../src/sampler/mask'
import { makePlan } from '../../../src/sampler/plan'
import { sample } from '../../../src/sampler/sample'
import { timeLabel } from '../../../src/sampler/schedule/schedule'
import { clip, quantile, threshold } from '../../../src/sampler/thresholding'
import type { FloatArray } from '../../../src/sampler/types'
import { close, otherSchedules, request, schedules, vpLinear } from './bench'

describe('a quantile', () => {
  test('is linear between the two nearest ranks of the sorted values', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, ratio) => {
      const sorted = [...values].sort((a, b) => a - b)
      const position = ratio * (values.length - 1)
      const low = sorted[Math.floor(position)]!
      const high = sorted[Math.ceil(position)]!
      assert.ok(close(quantile(Float64Array.from(values), ratio), low + (high - low) * (position - Math.floor(position)), 1e-12))
    }))
  })

  test('of many equal values is found, and of a value that is no number is none', () => {
    assert.equal(quantile(new Float64Array(10_000).fill(0.5), 0.995), 0.5)
    assert.ok(Number.isNaN(quantile(Float64Array.of(1, NaN, 2), 0.5)))
  })
})

describe('dynamic thresholding', () => {
  const values = [0.2, -0.5, 4, -1, 0.1, 0.3, -0.2, 0.4]
  const of = (form: 'authors' | 'diffusers', max: number): number[] => {
    const x0 = Float64Array.from(values)
    threshold(x0, 2, { ratio: 1, max, form })
    return [...x0]
  }

  test('divides an item by its quantile where that is above 1, each item by its own', () => {
    const [first, second] = [values.slice(0, 4).map((value) => value / 4), values.slice(4)]
    assert.deepEqual(of('authors', 1), [...first, ...second])
    assert.deepEqual(of('diffusers', 10), [...first, ...second])
  })

  test('takes max as the least s in the authors’ form and as the largest in diffusers’', () => {
    assert.deepEqual(of('authors', 2).slice(4), values.slice(4).map((value) => value / 2))
    assert.deepEqual(of('diffusers', 1), values.map((value) => Math.min(Math.max(value, -1), 1)))
    assert.deepEqual(of('diffusers', 2).slice(0, 4), [0.1, -0.25, 1, -0.5])
  })

  test('leaves nothing beyond ±1 and keeps float32', () => {
    const x0 = Float32Array.from({ length: 400 }, (_, i) => 3 * Math.sin(i * i))
    threshold(x0, 4, { ratio: 0.9, max: 1, form: 'authors' })
    assert.ok(x0.every((value) => Math.abs(value) <= 1))
  })
})

test('clipping limits every value and nothing else', () => {
  const x = Float64Array.of(-3, -1, 0.5, 2)
  clip(x, 1)
  assert.deepEqual([...x], [-1, -1, 0.5, 1])
})

describe('the known part of a picture', () => {
  const model = gaussian([0.5, -1, 0, 1], [0.8, 0.3, 0.5, 0.1])
  const known = Float64Array.of(2, -2, 1, 0.25)
  const noise = Float64Array.of(0.3, -0.7, 1.1, 0.2)
  const mask = Float64Array.of(1, 0, 1, 0)

  async function inpaint(withMask: FloatArray): Promise<FloatArray> {
    const plan = makePlan(request({ steps: 12, finalSigma: 'zero' }), vpLinear)
    const x = Float64Array.from(noise)
    keepKnown(x, plan.levels[0]!, { known, noise, mask: withMask })
    let last: FloatArray = x
    for await (const row of sample({
      plan, prediction: 'epsilon', x, label: (level) => timeLabel(level, vpLinear), evaluate: asNetwork(model, 'epsilon'),
      correctState: (state, level) => { keepKnown(state, level, { known, noise, mask: withMask }) },
    })) last = row.x.slice()
    return last
  }

  test('is exact at the end, and the rest is as if there were none, where the values do not depend on each other', async () => {
    const [masked, free] = [await inpaint(mask), await inpaint(new Float64Array(4).fill(1))]
    assert.deepEqual([masked[1], masked[3]], [known[1], known[3]])
    assert.deepEqual([masked[0], masked[2]], [free[0], free[2]])
  })

  test('is α known + σ noise on every schedule, and mixed where the mask is between 0 and 1', () => {
    for (const [name, schedule] of [...schedules, ...otherSchedules]) {
      const level = schedule.level(0.5)
      const x = Float64Array.of(9, 9, 9, 9)
      keepKnown(x, level, { known, noise, mask: Float64Array.of(1, 0, 0.25, 0) })
      const at = (i: number): number => level.alpha * known[i]! + level.sigma * noise[i]!
      x.forEach((value, i) => { assert.ok(close(value, [9, at(1), 9 * 0.25 + 0.75 * at(2), at(3)][i]!, 1e-15), name) })
    }
  })

  test('a mask of pixels is repeated over channels and items', () => {
    assert.deepEqual([...maskFor(Float32Array.of(0, 1), 2, 2)], [0, 1, 0, 1, 0, 1, 0, 1])
  })
})
