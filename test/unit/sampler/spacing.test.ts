import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { algorithms } from '../../../src/sampler/algorithms'
import { alignYourSteps } from '../../../src/sampler/alignYourSteps'
import { asNetwork, gaussian } from '../../../src/sampler/analytic'
import { betaCumulative, betaQuantile, logGamma } from '../../../src/sampler/betaQuantile'
import { DpmError } from '../../../src/sampler/errors'
import { makeEncodePlan, makePlan } from '../../../src/sampler/plan'
import { leastLambda, startScale } from '../../../src/sampler/schedule/level'
import { scheduleOf } from '../../../src/sampler/schedule/schedule'
import { spacedLevels } from '../../../src/sampler/spacing'
import type { Algorithm, FinalSigma, Level, NoiseSchedule, PlanRequest, Spacing, SpacingOptions } from '../../../src/sampler/types'
import { close, linear, otherSchedules, request, rows, schedules, specs, vpLinear } from './bench'

const stableDiffusion = scheduleOf({ kind: 'discrete', betas: 'scaled_linear', trainSteps: 1000, betaStart: 0.00085, betaEnd: 0.012, lambdaMin: null })
const formulas: Spacing[] = ['logSNR', 'timeUniform', 'timeQuadratic', 'timePower', 'karras', 'exponential', 'polyexponential', 'beta']
const lists: Spacing[] = ['leading', 'trailing', 'linspace', 'ays']
const ends = (schedule: NoiseSchedule): [Level, Level] => [schedule.level(schedule.T), schedule.level(schedule.tEnd)]
const labels = (spacing: Spacing, steps: number, options: SpacingOptions = {}): number[] =>
  makePlan(request({ order: 1, steps, spacing, spacingOptions: options, finalSigma: 'zero' }), stableDiffusion).steps.map(({ from }) => Math.round(stableDiffusion.label(from.t) * 1e6) / 1e6)
const ratio = ({ alpha, sigma }: Level): number => sigma / alpha

describe('every spacing', () => {
  test('goes from one end to the other in ever less noise, over as many intervals as asked, on every schedule', () => {
    fc.assert(fc.property(fc.constantFrom(...formulas, ...lists), fc.constantFrom(...schedules, ...otherSchedules), fc.integer({ min: 1, max: 60 }), fc.boolean(), (spacing, [, schedule], intervals, toZero) => {
      if (lists.includes(spacing) && intervals >= (schedule.knots ?? 1000)) return
      const [from, to] = ends(schedule)
      const levels = spacedLevels(spacing, schedule, from, to, intervals, { toZero })
      assert.equal(levels.length, intervals + 1)
      if (spacing !== 'leading') assert.equal(levels[0], from)
      if (!toZero || formulas.includes(spacing)) assert.equal(levels.at(-1), to)
      for (const [i, level] of levels.slice(1).entries()) assert.ok(level.lambda > levels[i]!.lambda, `${spacing} ${i}`)
    }), { numRuns: 400 })
  })

  test('towards the noise takes the same levels the other way', () => {
    for (const spacing of [...formulas, ...lists]) {
      const [from, to] = ends(vpLinear)
      assert.deepEqual(spacedLevels(spacing, vpLinear, to, from, 9), spacedLevels(spacing, vpLinear, from, to, 9).reverse(), spacing)
    }
  })

  test('spends its first interval on the way to a little signal where there is none and parts of λ cannot be equal', () => {
    for (const [name, schedule] of otherSchedules) {
      const [from, to] = ends(schedule)
      if (from.alpha > 0) continue
      for (const spacing of ['logSNR', 'karras', 'exponential', 'polyexponential'] as const) {
        const [, second, third] = spacedLevels(spacing, schedule, from, to, 8)
        assert.equal(second!.lambda, leastLambda, `${name} ${spacing}`)
        assert.ok(third!.lambda > leastLambda)
      }
      assert.ok(close(spacedLevels('timeUniform', schedule, from, to, 8)[1]!.t, 1 - (1 - to.t) / 8, 1e-12))
    }
  })
})

describe('spacings by a formula', () => {
  const [from, to] = ends(vpLinear)
  const at = (spacing: Spacing, options: SpacingOptions = {}): Level[] => spacedLevels(spacing, vpLinear, from, to, 10, options)
  const equalParts = (levels: Level[], of: (level: Level) => number): void => {
    const values = levels.map(of)
    const part = (values[10]! - values[0]!) / 10
    values.forEach((value, i) => { assert.ok(close(value, values[0]! + i * part, 1e-10), `${i}: ${value}`) })
  }

  test('timePower has equal parts of t^(1/p); 1 is time-uniform, 2 time-quadratic', () => {
    for (const power of [1.5, 2.5, 3]) equalParts(at('timePower', { power }), ({ t }) => t ** (1 / power))
    at('timePower', { power: 1 }).forEach((level, i) => { assert.ok(close(level.t, at('timeUniform')[i]!.t, 1e-14)) })
    at('timePower').forEach((level, i) => { assert.ok(close(level.t, at('timeQuadratic')[i]!.t, 1e-14)) })
  })

  test('karras has equal parts of (σ/α)^(1/ρ) for any ρ, and goes to λ-uniform as ρ grows', () => {
    for (const rho of [1, 3, 7, 20]) equalParts(at('karras', { rho }), (level) => ratio(level) ** (1 / rho))
    equalParts(at('karras'), (level) => ratio(level) ** (1 / 7))
    at('karras', { rho: 1e6 }).forEach((level, i) => { assert.ok(close(level.lambda, at('logSNR')[i]!.lambda, 1e-4)) })
  })

  test('exponential is λ-uniform, and so is polyexponential with ρ = 1', () => {
    for (const levels of [at('exponential'), at('polyexponential'), at('polyexponential', { rho: 1 })]) equalParts(levels, ({ lambda }) => lambda)
    const ramp = at('polyexponential', { rho: 1.5 }).map(({ lambda }) => ((lambda - to.lambda) / (from.lambda - to.lambda)) ** (1 / 1.5))
    ramp.forEach((share, i) => { assert.ok(close(share, 1 - i / 10, 1e-10)) })
  })

  test('beta follows the quantiles of Beta(α, β) in time or in σ/α; Beta(1, 1) is uniform', () => {
    at('beta', { alpha: 1, beta: 1 }).forEach((level, i) => { assert.ok(close(level.t, at('timeUniform')[i]!.t, 1e-12)) })
    at('beta').forEach(({ t }, i) => { assert.ok(close(betaCumulative((t - to.t) / (from.t - to.t), 0.6, 0.6), 1 - i / 10, 1e-11)) })
    equalParts(at('beta', { alpha: 1, beta: 1, betaOf: 'sigma' }), ratio)
  })
})

describe('the quantiles of a beta distribution', () => {
  test('return to where they began, and are exact where they have a formula', () => {
    fc.assert(fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.double({ min: 0.4, max: 8, noNaN: true }), fc.double({ min: 0.4, max: 8, noNaN: true }), (q, a, b) => {
      assert.ok(close(betaCumulative(betaQuantile(q, a, b), a, b), q, 1e-10))
      assert.ok(close(betaQuantile(q, a, 1), q ** (1 / a), 1e-11))
      assert.ok(close(betaQuantile(q, 0.5, 0.5), Math.sin(Math.PI * q / 2) ** 2, 1e-12))
    }))
    assert.deepEqual([betaQuantile(0, 0.6, 0.6), betaQuantile(1, 0.6, 0.6), betaQuantile(0.5, 0.6, 0.6)].map((x) => Math.round(x * 1e14) / 1e14), [0, 1, 0.5])
  })

  test('rest on ln Γ: Γ(n) = (n − 1)!, Γ(½) = √π', () => {
    for (const [x, value] of [[1, 1], [2, 1], [5, 24], [10, 362880], [0.5, Math.sqrt(Math.PI)]] as const) assert.ok(close(Math.exp(logGamma(x)), value, 1e-12), `${x}`)
  })
})

describe('spacings of training steps', () => {
  test('are those of diffusers: DDIM and Euler as they are, DPM-Solver with one point more', () => {
    assert.deepEqual(labels('trailing', 10), [999, 899, 799, 699, 599, 499, 399, 299, 199, 99])
    assert.deepEqual(labels('leading', 10), [900, 800, 700, 600, 500, 400, 300, 200, 100, 0])
    assert.deepEqual(labels('leading', 10, { offset: 1 }), [901, 801, 701, 601, 501, 401, 301, 201, 101, 1])
    assert.deepEqual(labels('leading', 10, { offset: 1, extraPoint: true }), [901, 811, 721, 631, 541, 451, 361, 271, 181, 91])
    assert.deepEqual(labels('linspace', 10), [999, 888, 777, 666, 555, 444, 333, 222, 111, 0])
    assert.deepEqual(labels('linspace', 10, { extraPoint: true }), [999, 899, 799, 699, 599, 500, 400, 300, 200, 100])
  })

  test('end at t_end where no step to σ = 0 follows, never twice', () => {
    for (const spacing of ['leading', 'trailing', 'linspace'] as const) {
      const plan = makePlan(request({ order: 1, steps: 10, spacing }), stableDiffusion)
      assert.equal(plan.levels.length, 11)
      assert.equal(plan.levels.at(-1)!.t, stableDiffusion.tEnd)
      assert.ok(plan.steps.every(({ from, to }) => to.lambda > from.lambda))
    }
  })

  test('need not be whole steps on a continuous schedule', () => {
    const { steps } = makePlan(request({ order: 1, steps: 7, spacing: 'trailing', finalSigma: 'zero' }), vpLinear)
    steps.forEach(({ from }, i) => { assert.ok(close(from.t, 1 - i / 7, 1e-12)) })
  })

  test('are refused where there are more steps than training steps', () => {
    assert.throws(() => makePlan(request({ order: 1, steps: 9, spacing: 'trailing', finalSigma: 'zero' }), scheduleOf(specs['given']!)), (error) => error instanceof DpmError && error.field === 'solver.steps')
  })
})

describe('tables and lists', () => {
  test('Align Your Steps is its own table at ten steps on the schedule it was made for, within its three digits', () => {
    const { steps } = makePlan(request({ order: 1, steps: 10, spacing: 'ays', finalSigma: 'zero' }), stableDiffusion)
    steps.forEach(({ from }, i) => { assert.ok(Math.abs(ratio(from) / alignYourSteps.sd15[i]! - 1) < 0.01, `${i}: ${ratio(from)}`) })
    const { levels } = makePlan(request({ order: 1, steps: 10, spacing: 'ays', spacingOptions: { table: 'sdxl' } }), stableDiffusion)
    levels.forEach((level, i) => { assert.ok(Math.abs(ratio(level) / alignYourSteps.sdxl[i]! - 1) < 0.01, `${i}: ${ratio(level)}`) })
  })

  test('a table is interpolated log-linearly to other numbers of steps', () => {
    const [from, to] = ends(stableDiffusion)
    const ten = spacedLevels('ays', stableDiffusion, from, to, 10)
    const twenty = spacedLevels('ays', stableDiffusion, from, to, 20)
    twenty.forEach(({ lambda }, i) => {
      const expected = i % 2 === 0 ? ten[i / 2]!.lambda : (ten[(i - 1) / 2]!.lambda + ten[(i + 1) / 2]!.lambda) / 2
      assert.ok(close(lambda, expected, 1e-12), `${i}`)
    })
    const tuned = spacedLevels('tuned', stableDiffusion, from, to, 10, { sigmas: alignYourSteps.sd15 })
    tuned.forEach(({ lambda }, i) => { assert.ok(close(lambda, ten[i]!.lambda, 1e-12)) })
  })

  const custom = (changes: Partial<PlanRequest>, spacingOptions: SpacingOptions): ReturnType<typeof makePlan> => makePlan(request({ order: 1, spacing: 'custom', spacingOptions, ...changes }), stableDiffusion)

  test('a list of times is evaluated exactly there; σ = 0 or t_end follows', () => {
    const timesteps = [999, 850, 736, 645, 545, 455, 343, 233, 124, 24]
    const zero = custom({ steps: 10, finalSigma: 'zero' }, { timesteps })
    zero.steps.forEach(({ from }, i) => { assert.ok(close(stableDiffusion.label(from.t), timesteps[i]!, 1e-9)) })
    assert.equal(zero.levels.at(-1)!.sigma, 0)
    assert.equal(custom({ steps: 10 }, { timesteps }).levels.at(-1)!.t, stableDiffusion.tEnd)
    assert.equal(custom({ steps: 3, finalSigma: 'denoise' }, { timesteps: [999, 500, 100] }).evaluations, 4)
  })

  test('a list of σ/α is too, whether its last 0 is given or not', () => {
    const sigmas = [14, 5, 1, 0.1]
    for (const given of [sigmas, [...sigmas, 0]]) {
      const { steps } = custom({ steps: 4, finalSigma: 'zero' }, { sigmas: given })
      steps.forEach(({ from }, i) => { assert.ok(close(ratio(from), sigmas[i]!, 1e-12)) })
    }
  })

  test('a list that ends at t_end has one evaluation fewer than times', () => {
    assert.equal(custom({ steps: 3 }, { timesteps: [999, 600, 200, 0] }).evaluations, 3)
  })

  const refused: [string, () => unknown, string][] = [
    ['another number of steps than times', () => custom({ steps: 5 }, { timesteps: [999, 500] }), 'solver.steps'],
    ['no list', () => custom({ steps: 5 }, {}), 'schedule.timesteps'],
    ['both lists', () => custom({ steps: 2 }, { timesteps: [999, 500], sigmas: [9, 1] }), 'schedule.timesteps'],
    ['a time twice', () => custom({ steps: 3, finalSigma: 'zero' }, { timesteps: [999, 500, 500] }), 'schedule.timesteps'],
    ['rising times', () => custom({ steps: 3, finalSigma: 'zero' }, { timesteps: [1, 500, 999] }), 'schedule.timesteps'],
    ['a negative σ', () => custom({ steps: 2, finalSigma: 'zero' }, { sigmas: [3, -1] }), 'schedule.timesteps'],
    ['a table of one entry', () => makePlan(request({ spacing: 'tuned', spacingOptions: { sigmas: [3] } }), vpLinear), 'schedule.timesteps'],
  ]
  for (const [what, make, field] of refused) {
    test(`${what} is refused at ${field}`, () => { assert.throws(make, (error) => error instanceof DpmError && error.reason === 'recipeInvalid' && error.field === field) })
  }
})

describe('runs on schedules without any signal at the start', () => {
  const model = gaussian([0.5, -1], [0.8, 0.3])
  for (const [name, schedule] of otherSchedules) {
    test(`${name}: every form reaches the exact solution as the steps shrink`, async (t) => {
      for (const changes of [{ algorithm: 'dpmsolver++', order: 2 }, { algorithm: 'dpmsolver', order: 2 }, { algorithm: 'dpmsolver++', order: 3, method: 'singlestep' }, { algorithm: 'unipc', order: 2 }] as const) {
        const errors: number[] = []
        for (const steps of [20, 80]) {
          const plan = makePlan(request({ ...changes, steps, lowerOrderBelow: 0 }), schedule)
          assert.equal(plan.evaluations, steps)
          const [start, end] = [plan.levels[0]!, plan.levels.at(-1)!]
          const x = Float64Array.of(0.7, -0.4).map((value) => value * startScale(start))
          const run = await rows(plan, x, asNetwork(model, 'flow'), schedule, 'flow')
          const exact = model.exact(x, start, end)
          errors.push(Math.max(...run.at(-1)!.x.map((value, i) => Math.abs(value - exact[i]!))))
        }
        t.diagnostic(`${JSON.stringify(changes)} ${errors.map((error) => error.toExponential(1)).join(' → ')}`)
        assert.ok(errors[1]! < 1e-3 && errors[1]! < errors[0]! / 8, `${errors.join()}`)
      }
    })
  }

  test('a method in noise form starts at λ = −5.1 and says so', () => {
    const [, flow] = otherSchedules.find(([name]) => name === 'flow')!
    const plan = makePlan(request({ algorithm: 'dpmsolver', steps: 8 }), flow)
    assert.equal(plan.levels[0]!.lambda, leastLambda)
    assert.match(plan.notes.join(), /starts at λ = -5\.1/)
    assert.equal(makePlan(request({ steps: 8 }), flow).levels[0]!.alpha, 0)
  })
})

test('denoise spends one evaluation more than the steps, and says so', () => {
  for (const algorithm of ['dpmsolver++', 'unipc'] as const) {
    const plan = makePlan(request({ algorithm, steps: 12, finalSigma: 'denoise' }), linear)
    assert.equal(plan.evaluations, 13)
    assert.equal(plan.steps.at(-1)!.from.t, linear.tEnd)
    assert.equal(plan.levels.at(-1)!.sigma, 0)
    assert.match(plan.notes.join(), /evaluation 13, one more than the 12 steps/)
  }
})

describe('the way back to where there is no signal', () => {
  const model = gaussian([0.5, -1], [0.8, 0.3])
  for (const [name, schedule] of otherSchedules) {
    test(`${name}: encodes data and decodes them again, within the method’s order`, async (t) => {
      for (const changes of [{ algorithm: 'dpmsolver++', order: 2 }, { algorithm: 'dpmsolver', order: 2 }, { algorithm: 'dpmsolver++', order: 3, method: 'singlestep' }] as const) {
        const errors: number[] = []
        for (const steps of [30, 120]) {
          const asked = request({ ...changes, steps, lowerOrderBelow: 0 })
          const data = Float64Array.of(0.9, -1.2)
          const encode = makeEncodePlan(asked, schedule)
          const latent = (await rows(encode, data, asNetwork(model, 'flow'), schedule, 'flow')).at(-1)!.x
          const back = (await rows(makePlan(asked, schedule), latent, asNetwork(model, 'flow'), schedule, 'flow')).at(-1)!.x
          assert.equal(encode.evaluations, steps)
          errors.push(Math.max(...back.map((value, i) => Math.abs(value - data[i]!))))
        }
        t.diagnostic(`${JSON.stringify(changes)} ${errors.map((error) => error.toExponential(1)).join(' → ')}`)
        assert.ok(errors[1]! < 2e-3 && errors[1]! < errors[0]! / 8, `${JSON.stringify(changes)} ${errors.join()}`)
      }
    })
  }
})

test('an Euler step at the end takes the place of the last multistep one, unless a step to σ = 0 is the last', () => {
  const last = (changes: Partial<PlanRequest>): number => makePlan(request({ steps: 20, ...changes }), linear).steps.at(-1)!.order
  for (const order of [2, 3] as const) {
    assert.equal(last({ order, options: { eulerAtEnd: true } }), 1)
    assert.equal(last({ order }), order)
    assert.equal(makePlan(request({ order, steps: 20, options: { eulerAtEnd: true }, finalSigma: 'zero' }), linear).steps.at(-2)!.order, order)
  }
})

test('every algorithm has a plan of finite coefficients on every schedule and spacing, or is refused with a reason', () => {
  const choices = Object.entries(algorithms).flatMap(([algorithm, row]) => row.orders.flatMap((order) => row.methods.map((method) => ({ algorithm: algorithm as Algorithm, order, method }))))
  const ends: FinalSigma[] = ['zero', 'sigmaMin', 'denoise']
  fc.assert(fc.property(fc.constantFrom(...choices), fc.constantFrom(...formulas, ...lists), fc.constantFrom(...ends), fc.integer({ min: 1, max: 40 }), fc.constantFrom(...schedules, ...otherSchedules), (choice, spacing, finalSigma, steps, [name, schedule]) => {
    try {
      const plan = makePlan(request({ ...choice, spacing, finalSigma, steps, variant: algorithms[choice.algorithm].variants[0]! }), schedule)
      for (const step of plan.steps) {
        assert.ok([...step.update, ...step.stages.flatMap(({ input }) => input)].every(({ coefficient }) => Number.isFinite(coefficient)), `${name} ${step.from.lambda} → ${step.to.lambda}`)
      }
    } catch (error) {
      if (!(error instanceof DpmError)) throw error
    }
  }), { numRuns: 1500 })
})
