import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DpmError } from '../../../src/sampler/errors'
import { betasOf, zeroTerminalSnr } from '../../../src/sampler/schedule/betas'
import { preconditioning } from '../../../src/sampler/schedule/edm'
import { dynamicShift } from '../../../src/sampler/schedule/flow'
import { leastLambda, startScale } from '../../../src/sampler/schedule/level'
import { outsideTraining, ownLevel, scheduleOf, startLevel, timeLabel } from '../../../src/sampler/schedule/schedule'
import type { ScheduleSpec } from '../../../src/sampler/types'
import { close, linear, otherSchedules, schedules, specs, vpLinear } from './bench'

describe('every noise schedule', () => {
  for (const [name, schedule] of [...schedules, ...otherSchedules]) {
    const { kind } = schedule.spec
    const silent = schedule.level(schedule.T).alpha === 0
    const times = Array.from({ length: 400 }, (_, i) => schedule.tEnd + (schedule.T - schedule.tEnd) * i / 399)

    test(`${name}: t → λ → t and λ → t → λ return to where they began, to 2e-12`, () => {
      let worst = 0
      for (const t of times) {
        const { lambda } = schedule.level(t)
        const back = schedule.levelAtLambda(lambda)
        assert.ok(close(schedule.timeOf(schedule.label(t)), t, 1e-12), `label of ${t}`)
        if (lambda === -Infinity) assert.equal(back.t, t)
        else worst = Math.max(worst, Math.abs(back.t - t) / t, Math.abs(schedule.level(back.t).lambda - lambda) / Math.max(1, Math.abs(lambda)))
      }
      assert.ok(worst < 2e-12, `worst ${worst}`)
    })

    const whole = kind === 'edm' ? 'α = 1' : kind === 'flow' ? 'α + σ = 1' : 'α² + σ² = 1'
    test(`${name}: ${whole}, λ = ln(α/σ) and the same α, σ from t as from λ`, () => {
      for (const t of times) {
        const level = schedule.level(t)
        const same = schedule.levelAtLambda(level.lambda)
        assert.ok(close(kind === 'edm' ? level.alpha : kind === 'flow' ? level.alpha + level.sigma : level.alpha ** 2 + level.sigma ** 2, 1, 1e-15), `t ${t}`)
        assert.ok(close(Math.log(level.alpha / level.sigma), level.lambda, 1e-13), `t ${t}`)
        assert.ok(Math.abs(same.alpha - level.alpha) <= 1e-13 * level.alpha && Math.abs(same.sigma / level.sigma - 1) < 1e-13, `t ${t}`)
      }
    })

    test(`${name}: λ falls strictly from t_end to T`, () => {
      for (const [i, t] of times.slice(1).entries()) assert.ok(schedule.level(t).lambda < schedule.level(times[i]!).lambda, `t ${t}`)
    })

    test(`${name}: a λ that is not finite has no time${silent ? ', but −∞ at T' : ''}`, () => {
      for (const lambda of [NaN, Infinity, ...(silent ? [] : [-Infinity])]) assert.throws(() => schedule.levelAtLambda(lambda), RangeError)
      if (silent) assert.deepEqual(schedule.levelAtLambda(-Infinity), { t: 1, alpha: 0, sigma: 1, lambda: -Infinity })
    })

    test(`${name}: the slopes are those of log α and λ`, () => {
      for (const t of times.slice(1, -1)) {
        // Not across a knot, where a piecewise linear log α has none.
        const step = 1e-6 * t
        const [below, above] = [schedule.level(t - step), schedule.level(t + step)]
        if (schedule.knots !== undefined && Math.floor((t - step) * schedule.knots) !== Math.floor((t + step) * schedule.knots)) continue
        const slope = schedule.slope(t)
        assert.ok(close((above.lambda - below.lambda) / (2 * step), slope.lambda, 1e-4 * Math.max(1, Math.abs(slope.lambda))), `λ at ${t}`)
        assert.ok(close((Math.log(above.alpha) - Math.log(below.alpha)) / (2 * step), slope.logAlpha, 1e-4 * Math.max(1, Math.abs(slope.logAlpha))), `log α at ${t}`)
      }
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

  test('betas of 1 are left out with the knots below lambdaMin; where all knots stay, only the last may be one', () => {
    const of = (betas: number[], lambdaMin: number | null): ScheduleSpec => ({ kind: 'discrete', betas, trainSteps: 0, betaStart: 0, betaEnd: 0, lambdaMin })
    assert.equal(scheduleOf(of([0.1, 0.2, 0.3, 1], -5.1)).knots, 3)
    assert.equal(scheduleOf(of([0.1, 0.2, 0.3, 1], null)).level(1).alpha, 0)
    assert.throws(() => scheduleOf(of([0.1, 0.2, 1, 0.3], null)), DpmError)
  })
})

describe('zero terminal SNR', () => {
  const betas = betasOf('scaled_linear', 1000, 0.00085, 0.012)
  const root = (of: readonly number[], count: number): number => of.slice(0, count).reduce((product, beta) => product * Math.sqrt(1 - beta), 1)

  test('stretches √ᾱ to 0 at the last step, keeps the first and is linear in what it was', () => {
    const rescaled = zeroTerminalSnr(betas)
    assert.equal(rescaled.at(-1), 1)
    assert.ok(close(rescaled[0]!, betas[0]!, 1e-15))
    const [first, last] = [root(betas, 1), root(betas, 1000)]
    for (const count of [2, 250, 999]) assert.ok(close(root(rescaled, count), (root(betas, count) - last) * first / (first - last), 1e-11), `knot ${count}`)
  })

  test('ends with no signal, α itself linear on the last step, and loses that end to a lambdaMin', () => {
    const [, schedule] = otherSchedules.find(([name]) => name === 'zeroTerminalSnr')!
    assert.deepEqual(schedule.level(1), { t: 1, alpha: 0, sigma: 1, lambda: -Infinity })
    const before = schedule.level(0.999)
    for (const share of [0.25, 0.5, 0.999]) assert.ok(Math.abs(schedule.level(0.999 + share / 1000).alpha / (before.alpha * (1 - share)) - 1) < 1e-9, `share ${share}`)
    assert.equal(scheduleOf({ ...schedule.spec, lambdaMin: -5.1 } as ScheduleSpec).level(1).alpha > 0, true)
  })

  test('starts a method in noise form where there is a little signal', () => {
    for (const [, schedule] of otherSchedules) {
      const silent = schedule.level(schedule.T).alpha === 0
      assert.equal(startLevel(schedule, 'data').t, schedule.T)
      assert.equal(startLevel(schedule, 'noise').lambda, silent ? leastLambda : schedule.level(schedule.T).lambda)
    }
  })
})

describe('EDM and flow matching', () => {
  const [, edm] = otherSchedules.find(([name]) => name === 'edm')!
  const [, flow] = otherSchedules.find(([name]) => name === 'flow')!
  const [, shifted] = otherSchedules.find(([name]) => name === 'shiftedFlow')!

  test('σ is EDM’s time, ln σ/4 its label, and √(1 + σ_max²) what unit noise is scaled by', () => {
    assert.equal(edm.level(3).sigma, 3)
    assert.ok(close(edm.label(80), Math.log(80) / 4, 1e-15))
    assert.equal(startScale(edm.level(80)), Math.hypot(1, 80))
    for (const [name, schedule] of schedules) assert.ok(close(startScale(schedule.level(schedule.T)), 1, 1e-15), name)
  })

  test('preconditioning makes a denoiser that is exact for Gaussian data where F = 0', () => {
    // x0 ~ N(0, σ_data²): E[x0 | x] = c_skip x, and c_in x has variance 1, c_out² is what is left of x0's.
    for (const sigma of [0.01, 0.5, 80]) {
      const { skip, out, in: scale, noise } = preconditioning(sigma, 0.5)
      assert.ok(close(skip, 0.25 / (0.25 + sigma ** 2), 1e-15))
      assert.ok(close(scale * Math.hypot(0.5, sigma), 1, 1e-15))
      assert.ok(close(out ** 2, 0.25 * (1 - skip), 1e-15))
      assert.ok(close(noise, Math.log(sigma) / 4, 1e-15))
    }
  })

  test('a shift moves σ = t to s t/(1 + (s − 1) t), and the label is σ in training steps', () => {
    assert.ok(close(shifted.level(0.5).sigma, 0.75, 1e-15))
    assert.ok(close(shifted.label(0.5), 750, 1e-12))
    assert.ok(close(flow.label(0.5), 500, 1e-12))
    assert.equal(flow.label(1), 1000)
    assert.ok(close(shifted.timeOf(750), 0.5, 1e-15))
  })

  test('a dynamic shift is e^0.5 for a picture of 256 tokens and e^1.15 for one of 4096', () => {
    assert.ok(close(dynamicShift(256), Math.exp(0.5), 1e-14))
    assert.ok(close(dynamicShift(4096), Math.exp(1.15), 1e-14))
    assert.ok(close(dynamicShift(4096, { form: 'linear' }), 1.15, 1e-14))
    assert.ok(close(dynamicShift(2176, { maxShift: 2.5 }), Math.exp(1.5), 1e-14))
  })

  test('a schedule of another kind finds its own level at equal λ, and its noisiest one where it has none with so little signal', () => {
    const at = flow.level(0.3)
    assert.equal(ownLevel(at, linear, flow).lambda, at.lambda)
    assert.equal(ownLevel(flow.level(1), linear, flow).t, 1)
    assert.equal(timeLabel(flow.level(1), linear, flow), 999)
    assert.ok(outsideTraining(flow.level(1), linear))
    assert.equal(outsideTraining(flow.level(1), flow), false)
    assert.equal(outsideTraining(edm.level(0.002), edm), false)
    assert.ok(outsideTraining(edm.level(100), edm))
    assert.ok(close(timeLabel(edm.level(0.002), edm), Math.log(0.002) / 4, 1e-15))
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
    ['a least σ of 0', { kind: 'edm', sigmaMin: 0, sigmaMax: 80, sigmaData: 0.5 }, 'schedule.noise'],
    ['a range of σ upside down', { kind: 'edm', sigmaMin: 1, sigmaMax: 0.5, sigmaData: 0.5 }, 'schedule.noise'],
    ['data without spread', { kind: 'edm', sigmaMin: 1, sigmaMax: 2, sigmaData: 0 }, 'schedule.noise'],
    ['a flow shift of 0', { kind: 'flow', shift: 0, trainSteps: 1000 }, 'schedule.noise'],
    ['a flow of one step', { kind: 'flow', shift: 1, trainSteps: 1 }, 'schedule.noise'],
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
