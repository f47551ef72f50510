import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { asNetwork, gaussian } from '../../../src/sampler/analytic'
import { DpmError } from '../../../src/sampler/errors'
import { forward, forwardLevels, noised, transition, type ForwardWay } from '../../../src/sampler/forward'
import { makeEncodePlan, makePlan } from '../../../src/sampler/plan'
import { clockTime } from '../../../src/sampler/random/clock'
import { drawBatch, noiseSource, type NoiseSource } from '../../../src/sampler/random/source'
import { sample } from '../../../src/sampler/sample'
import type { FloatArray, Level, NoiseSchedule, Plan, PlanRequest } from '../../../src/sampler/types'
import { linear, request, schedules, vpLinear } from './bench'

const last = (way: ForwardWay, schedule: NoiseSchedule, levels: readonly Level[], x0: FloatArray, noise: NoiseSource): FloatArray => {
  let x = x0
  for (const row of forward({ way, x0, levels, schedule, noise })) x = row.x.slice()
  return x
}

describe('an image becomes noise', () => {
  test('row 0 is the image, then one row a level, and x̂₀ is the image all along', () => {
    for (const way of ['direct', 'chain', 'sde'] as const) {
      const levels = forwardLevels(linear, 7)
      const x0 = Float32Array.of(0.5, -0.25)
      const rows = [...forward({ way, x0, levels, schedule: linear, noise: noiseSource('philox4x32-10/v1', [1n]) })].map((row) => ({ ...row, x0: row.x0.slice() }))
      assert.equal(rows.length, 8)
      assert.deepEqual(rows.map(({ level }) => level.t), [0, ...levels.map(({ t }) => t)])
      for (const row of rows) assert.deepEqual(row.x0, x0)
    }
  })

  test('levels of a discrete schedule are training steps, all of them where so many are asked for', () => {
    assert.deepEqual(forwardLevels(linear, 1000).map(({ t }) => Math.round(linear.label(t))), Array.from({ length: 1000 }, (_, i) => i))
    for (const { t } of forwardLevels(linear, 37)) assert.ok(Math.abs(linear.label(t) - Math.round(linear.label(t))) < 1e-9)
  })

  test('the chain has the variance of q(x_t | x₀), exactly: transitions compose', () => {
    fc.assert(fc.property(fc.constantFrom(...schedules), fc.integer({ min: 2, max: 40 }), ([, schedule], count) => {
      let [state, variance] = [1, 0]
      let from: Level = { t: 0, alpha: 1, sigma: 0, lambda: Infinity }
      for (const to of forwardLevels(schedule, count)) {
        const step = transition(from, to)
        state *= step.state
        variance = step.state ** 2 * variance + step.deviation ** 2
        assert.ok(Math.abs(state / to.alpha - 1) < 1e-11)
        assert.ok(Math.abs(variance / to.sigma ** 2 - 1) < 1e-11)
        from = to
      }
    }))
  })

  test('chains of other steps pass the same states: they refine one path', () => {
    const x0 = Float64Array.of(0.3, -0.7, 0, 1)
    const noise = noiseSource('philox4x32-10/v1', [21n])
    const coarse = last('chain', vpLinear, forwardLevels(vpLinear, 3), x0, noise)
    for (const count of [6, 30, 300]) last('chain', vpLinear, forwardLevels(vpLinear, count), x0, noise).forEach((value, i) => { assert.ok(Math.abs(value - coarse[i]!) < 1e-11) })
  })

  test('the forward SDE by Euler–Maruyama approaches q(x_t | x₀) with weak order 1', (t) => {
    const moments = (count: number): { mean: number; variance: number } => {
      const levels = forwardLevels(vpLinear, count)
      const times = [0, ...levels.map((level) => clockTime(level, 't'))]
      // Value j of a noise shows the share of step j; value 0 that of the image.
      const probe: NoiseSource = { items: 1, draw: () => undefined, increment: (out, _from, _to, draw) => { out.fill(0); out[draw] = 1 } }
      const x0 = new Float64Array(times.length)
      x0[0] = 1
      const x = [...last('sde', vpLinear, levels, x0, probe)]
      return { mean: x[0]!, variance: x.slice(1).reduce((sum, response) => sum + response ** 2, 0) }
    }
    const { alpha, sigma } = vpLinear.level(vpLinear.T)
    const error = (count: number): number => Math.abs(moments(count).variance - sigma ** 2)
    t.diagnostic(`${error(100).toExponential(1)} ${error(200).toExponential(1)}`)
    assert.ok(Math.log2(error(100) / error(200)) > 0.9)
    assert.ok(Math.abs(moments(1000).mean - alpha) < 1e-2 && error(1000) < 0.02)
  })

  test('direct: one noise for all levels, the draw a run of the same seed starts with', () => {
    const noise = noiseSource('torch-cpu', [3n])
    const z = new Float64Array(20)
    drawBatch(noise, z, 0)
    const x0 = Float64Array.from({ length: 20 }, (_, i) => i / 20)
    const levels = forwardLevels(vpLinear, 5)
    assert.deepEqual(last('direct', vpLinear, levels, x0, noise), noised(x0, z, levels.at(-1)!, new Float64Array(20)))
  })
})

const model = asNetwork(gaussian([0.5, -1, 0.25], [0.8, 0.3, 1.2]), 'epsilon')
async function run(plan: Plan, x: Float64Array): Promise<Float64Array> {
  let end: FloatArray = x
  for await (const row of sample({ plan, prediction: 'epsilon', x, label: ({ t }) => t, evaluate: model, schedule: vpLinear })) end = row.x
  return Float64Array.from(end)
}

describe('encoding', () => {
  const image = Float64Array.of(0.9, -1.2, -0.4)
  const wayBack = async (changes: Partial<PlanRequest>): Promise<number> => {
    const asked = request({ finalSigma: 'sigmaMin', lowerOrderBelow: 0, ...changes })
    const back = await run(makePlan(asked, vpLinear), await run(makeEncodePlan(asked, vpLinear), image))
    return Math.max(...back.map((value, i) => Math.abs(value - image[i]!)))
  }

  for (const [name, changes, order] of [
    ['DDIM', { algorithm: 'ddim', order: 1 }, 1], ['++2M', { order: 2 }, 2], ['++2S', { order: 2, method: 'singlestepFixed' }, 2], ['++3M', { order: 3 }, 3],
    ['DPM-Solver-3', { algorithm: 'dpmsolver', order: 3, method: 'singlestepFixed' }, 3], ['UniPC-2', { algorithm: 'unipc', order: 2 }, 2], ['Heun', { algorithm: 'heun', order: 2 }, 2],
  ] as const) {
    test(`then decoding returns the image, within the order of ${name}`, async (t) => {
      const [coarse, fine] = [await wayBack({ ...changes, steps: 60 }), await wayBack({ ...changes, steps: 120 })]
      t.diagnostic(`${coarse.toExponential(1)} ${fine.toExponential(1)}: slope ${Math.log2(coarse / fine).toFixed(2)}`)
      assert.ok(Math.log2(coarse / fine) > order - 0.4 || fine < 1e-9)
    })
  }

  test('its levels are those of sampling, the other way round; a network of whole time steps too', () => {
    for (const snapToKnots of [false, true]) {
      const asked = request({ steps: 12, order: 1, algorithm: 'ddim', finalSigma: 'sigmaMin', snapToKnots })
      const times = (plan: Plan): number[] => plan.levels.map(({ t }) => Math.round(t * 1e9) / 1e9)
      assert.deepEqual(times(makeEncodePlan(asked, linear)), times(makePlan(asked, linear)).reverse())
    }
  })

  test('is refused where noise is added', () => {
    for (const changes of [{ algorithm: 'ddpm' }, { algorithm: 'ddim', options: { eta: 0.5 } }, { algorithm: 'sde-dpmsolver++' }] as const) {
      assert.throws(() => makeEncodePlan(request(changes), vpLinear), (error) => error instanceof DpmError && error.field === 'solver.algorithm')
    }
    assert.ok(makeEncodePlan(request({ algorithm: 'ddim' }), vpLinear))
  })
})

describe('an image taken up midway', () => {
  test('the plan begins at tStart, and Gaussian data noised up to there come out as Gaussian data', async () => {
    const plan = makePlan(request({ tStart: 0.5, steps: 40 }), vpLinear)
    assert.equal(plan.levels[0]!.t, 0.5)
    assert.equal(plan.evaluations, 40)
    // The exact solution from t = 0.5 on.
    const x = Float64Array.of(0.2, -0.4, 0.9)
    const end = await run(makePlan(request({ tStart: 0.5, steps: 200, finalSigma: 'sigmaMin' }), vpLinear), x)
    gaussian([0.5, -1, 0.25], [0.8, 0.3, 1.2]).exact(x, vpLinear.level(0.5), vpLinear.level(vpLinear.tEnd)).forEach((value, i) => { assert.ok(Math.abs(value - end[i]!) < 1e-4) })
  })

  test('a start before the end or beyond T is refused', () => {
    for (const tStart of [0, 1e-4, 1.5, NaN]) assert.throws(() => makePlan(request({ tStart }), vpLinear), (error) => error instanceof DpmError && error.field === 'schedule.tStart')
    assert.deepEqual(makePlan(request({ tStart: 1 }), vpLinear), makePlan(request(), vpLinear))
  })
})
