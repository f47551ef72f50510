import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DpmError } from '../../../src/sampler/errors'
import { betasOf } from '../../../src/sampler/schedule/betas'
import { outsideTraining, scheduleOf, timeLabel } from '../../../src/sampler/schedule/schedule'
import type { ScheduleSpec } from '../../../src/sampler/types'
import { close, linear, schedules, specs, vpLinear } from './bench'

describe('every noise schedule', () => {
  for (const [name, schedule] of schedules) {
    const times = Array.from({ length: 400 }, (_, i) => schedule.tEnd + (schedule.T - schedule.tEnd) * i / 399)

    test(`${name}: t → λ → t and λ → t → λ return to where they began, to 2e-12`, () => {
      let worst = 0
      for (const t of times) {
        const { lambda } = schedule.level(t)
        const back = schedule.levelAtLambda(lambda)
        worst = Math.max(worst, Math.abs(back.t - t) / t, Math.abs(schedule.level(back.t).lambda - lambda) / Math.max(1, Math.abs(lambda)))
      }
      assert.ok(worst < 2e-12, `worst ${worst}`)
    })

    test(`${name}: α² + σ² = 1, λ = ln(α/σ) and the same α, σ from t as from λ`, () => {
      for (const t of times) {
        const level = schedule.level(t)
        const same = schedule.levelAtLambda(level.lambda)
        assert.ok(close(level.alpha ** 2 + level.sigma ** 2, 1, 1e-15), `t ${t}`)
        assert.ok(close(Math.log(level.alpha / level.sigma), level.lambda, 1e-13), `t ${t}`)
        assert.ok(Math.abs(same.alpha / level.alpha - 1) < 1e-13 && Math.abs(same.sigma / level.sigma - 1) < 1e-13, `t ${t}`)
      }
    })

    test(`${name}: λ falls strictly from t_end to T`, () => {
      for (const [i, t] of times.slice(1).entries()) assert.ok(schedule.level(t).lambda < schedule.level(times[i]!).lambda, `t ${t}`)
    })

    test(`${name}: a λ that is not finite has no time`, () => {
      for (const lambda of [NaN, Infinity, -Infinity]) assert.throws(() => schedule.levelAtLambda(lambda), RangeError)
    })
  }
})

test('the continuous schedules keep 13 digits as t → 0, where √(1 − α²) has none left', () => {
  for (const t of [1e-6, 1e-9, 1e-12]) {
    // σ² = 1 − e^(−L) as a series.
    const L = t * (0.1 + 19.9 * t / 2)
    const { sigma } = vpLinear.level(t)
    assert.ok(Math.abs(sigma ** 2 / (L - L ** 2 / 2 + L ** 3 / 6) - 1) < 1e-13, `vpLinear ${t}`)
    const back = vpLinear.levelAtLambda(vpLinear.level(t).lambda).t
    assert.ok(Math.abs(back / t - 1) < 1e-12, `vpLinear ${t}: ${back}`)

    const cosine = schedules.find(([name]) => name === 'vpCosine')![1]
    const b = t / 1.008 * Math.PI / 2
    const d = 2 * Math.sin(b / 2) ** 2 + Math.tan(0.008 / 1.008 * Math.PI / 2) * Math.sin(b)
    assert.ok(Math.abs(cosine.level(t).sigma ** 2 / (d * (2 - d)) - 1) < 1e-13, `vpCosine ${t}`)
    assert.ok(Math.abs(cosine.levelAtLambda(cosine.level(t).lambda).t / t - 1) < 1e-12, `vpCosine ${t}`)
  }
})

describe('discrete schedules', () => {
  test('log α at knot i is half the sum of log(1 − β), at t = (i + 1)/N, and its label is i', () => {
    for (const [name, schedule] of schedules) {
      const { spec, knots } = schedule
      if (spec.kind !== 'discrete' || knots === undefined) continue
      const betas = betasOf(spec.betas, spec.trainSteps, spec.betaStart, spec.betaEnd)
      let alphaBar = 1
      for (let i = 0; i < knots; i++) {
        alphaBar *= 1 - betas[i]!
        const level = schedule.level((i + 1) / knots)
        assert.ok(Math.abs(level.alpha ** 2 / alphaBar - 1) < 1e-11, `${name} knot ${i}`)
        assert.ok(Math.abs(schedule.label((i + 1) / knots) - i) < 1e-9, `${name} knot ${i}`)
      }
    }
  })

  test('the noisiest knots with λ below lambdaMin go, T stays 1 and t is re-spaced over the rest', () => {
    const clipped = scheduleOf(specs['squaredcosCapV2']!)
    assert.equal(clipped.knots, 996)
    assert.ok(clipped.level(1).lambda >= -5.1)
    const whole = scheduleOf({ ...specs['squaredcosCapV2']!, lambdaMin: null } as ScheduleSpec)
    assert.equal(whole.knots, 1000)
    assert.ok(whole.level(997 / 1000).lambda < -5.1)
    assert.equal(clipped.level(996 / 996).lambda, whole.level(996 / 1000).lambda)
    assert.equal(clipped.tEnd, 1 / 996)
  })

  test('between knots log α is linear in t, and beyond both ends it goes on so', () => {
    const logAlpha = (t: number): number => Math.log(linear.level(t).alpha)
    for (const [t, a, b] of [[0.5005, 0.5, 0.501], [1.001, 0.999, 1], [0.0005, 0.001, 0.002]] as const) {
      const expected = logAlpha(a) + (logAlpha(b) - logAlpha(a)) * (t - a) / (b - a)
      assert.ok(Math.abs(logAlpha(t) - expected) < 1e-13, `t ${t}`)
    }
    assert.ok(close(linear.levelAtLambda(linear.level(1.001).lambda).t, 1.001, 1e-12))
  })

  test('betas of 1 are left out with the knots below lambdaMin, and refused where all knots stay', () => {
    const betas = [0.1, 0.2, 0.3, 1]
    assert.equal(scheduleOf({ kind: 'discrete', betas, trainSteps: 0, betaStart: 0, betaEnd: 0, lambdaMin: -5.1 }).knots, 3)
    assert.throws(() => scheduleOf({ kind: 'discrete', betas, trainSteps: 0, betaStart: 0, betaEnd: 0, lambdaMin: null }), DpmError)
  })
})

describe('a specification that makes no schedule is refused, naming the field', () => {
  const base = { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 } as const
  const cases: [string, ScheduleSpec, string][] = [
    ['no training steps', { ...base, trainSteps: 1 }, 'schedule.noise'],
    ['a broken number of training steps', { ...base, trainSteps: 10.5 }, 'schedule.noise'],
    ['betas above 1', { ...base, betaEnd: 2 }, 'schedule.noise'],
    ['betas that are not numbers', { ...base, betaStart: NaN }, 'schedule.noise'],
    ['no betas', { ...base, betas: [] }, 'schedule.betas'],
    ['a given beta of 0', { ...base, betas: [0.1, 0, 0.2] }, 'schedule.betas'],
    ['a lambdaMin above all knots', { ...base, lambdaMin: 50 }, 'schedule.lambdaMin'],
    ['a lambdaMin that is not a number', { ...base, lambdaMin: NaN }, 'schedule.lambdaMin'],
    ['beta0 = 0', { kind: 'vpLinear', beta0: 0, beta1: 20 }, 'schedule.noise'],
    ['beta1 below beta0', { kind: 'vpLinear', beta0: 1, beta1: 0.5 }, 'schedule.noise'],
    ['a cosine offset of 0', { kind: 'vpCosine', s: 0 }, 'schedule.noise'],
  ]
  for (const [what, spec, field] of cases) {
    test(what, () => {
      assert.throws(() => scheduleOf(spec), (error) => error instanceof DpmError && error.reason === 'recipeInvalid' && error.field === field && error.advice.length > 0)
    })
  }
})

describe('the time label', () => {
  test('is t·N − 1 of the schedule that placed the level, between knots a fraction', () => {
    assert.equal(timeLabel(linear.level(1), linear), 999)
    assert.ok(close(timeLabel(linear.level(0.25), linear), 249, 1e-12))
    assert.ok(close(timeLabel(linear.level(0.2505), linear), 249.5, 1e-12))
    assert.equal(timeLabel(vpLinear.level(0.3), vpLinear), 0.3)
  })

  test('is found at equal λ where another schedule placed the level', () => {
    fc.assert(fc.property(fc.double({ min: 0.001, max: 1, noNaN: true }), (t) => {
      const own = linear.level(t)
      const placed = vpLinear.levelAtLambda(own.lambda)
      return close(timeLabel(placed, linear, vpLinear), Math.max(0, linear.label(t)), 1e-9)
    }))
  })

  test('never leaves the labels the network was trained with', () => {
    const noisier = vpLinear.level(1)
    const own = scheduleOf(specs['scaledLinear']!)
    assert.ok(noisier.lambda < own.level(1).lambda)
    assert.equal(timeLabel(noisier, own, vpLinear), 999)
    assert.ok(outsideTraining(noisier, own))
    assert.equal(timeLabel(vpLinear.level(1e-5), own, vpLinear), 0)
    assert.ok(outsideTraining(vpLinear.level(1e-5), own))
    for (const t of [own.tEnd, 0.5, own.T]) assert.equal(outsideTraining(own.level(t), own), false)
  })
})
