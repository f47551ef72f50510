import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { asNetwork, gaussian, mixture } from '../../../src/sampler/analytic'
import { phi } from '../../../src/sampler/methods/phi'
import { makePlan } from '../../../src/sampler/plan'
import type { FloatArray, Level, PlanRequest } from '../../../src/sampler/types'
import { scheduleOf } from '../../../src/sampler/schedule/schedule'
import { close, request, rows, schedules, solve, vpLinear } from './bench'

const model = gaussian([0.5, -1, 0.25, 2], [0.8, 0.3, 1.2, 0.5])
const xT = Float64Array.of(0.8, -1.1, 0.35, 0.6, -0.4, 1.7, -0.9, 0.15)

describe('exactness', () => {
  const all: [string, Partial<PlanRequest>][] = (['dpmsolver', 'dpmsolver++'] as const).flatMap((algorithm) => ([
    { method: 'multistep', order: 1 }, { method: 'multistep', order: 2 }, { method: 'multistep', order: 3 }, { method: 'singlestep', order: 1 }, { method: 'singlestep', order: 2 }, { method: 'singlestep', order: 3 },
    { method: 'singlestepFixed', order: 2 }, { method: 'singlestepFixed', order: 3 },
  ] as const).map((changes): [string, Partial<PlanRequest>] => [`${algorithm} ${changes.method} ${changes.order}`, { algorithm, ...changes }]))

  for (const [name, changes] of all) {
    test(`${name} solves a constant model exactly, on every schedule, spacing and final σ, to 1e-12`, async () => {
      const constant = Float64Array.of(0.3, -1.2, 0.9)
      const start = Float64Array.of(1.1, -0.2, 0.5)
      const noiseForm = changes.algorithm === 'dpmsolver'
      for (const [schedule_name, schedule] of schedules) {
        for (const spacing of ['logSNR', 'timeUniform', 'timeQuadratic'] as const) {
          for (const finalSigma of ['zero', 'sigmaMin'] as const) {
            const plan = makePlan(request({ ...changes, spacing, finalSigma, steps: 11 }), schedule)
            const x = (await rows(plan, start, () => constant, schedule, noiseForm ? 'epsilon' : 'sample')).at(-1)!.x
            const [s, t] = [plan.levels[0]!, plan.levels.at(-1)!]
            // What the ODE does to x where ε, or x0, never changes: the other one never changes either.
            const exact = constant.map((m, i) => noiseForm ? t.alpha * (start[i]! - s.sigma * m) / s.alpha + t.sigma * m : t.alpha * m + t.sigma * (start[i]! - s.alpha * m) / s.sigma)
            // The noise form divides by α_T, which multiplies rounding.
            const scale = noiseForm ? 1 / s.alpha : 1
            exact.forEach((value, i) => { assert.ok(close(x[i]!, value, 1e-12 * scale), `${schedule_name} ${spacing} ${finalSigma}: ${x[i]} and ${value}`) })
          }
        }
      }
    })
  }

  test('the final step to σ = 0 gives x̂₀ of the last evaluation, in both forms', async () => {
    for (const algorithm of ['dpmsolver', 'dpmsolver++'] as const) {
      const plan = makePlan(request({ algorithm, finalSigma: 'zero', steps: 12 }), vpLinear)
      const all = await rows(plan, xT, asNetwork(model, 'epsilon'), vpLinear)
      const [before, last] = [all.at(-2)!, all.at(-1)!]
      last.x.forEach((value, i) => { assert.ok(close(value, before.x0[i]!, 1e-13)) })
      assert.equal(before.level.t, vpLinear.tEnd)
      assert.deepEqual(last.x0, last.x)
    }
  })

  test('order 1 is the same in both forms, by every method (DDIM)', async () => {
    const ends: FloatArray[] = []
    for (const [, changes] of all.filter(([, { order }]) => order === 1)) ends.push(await solve(model, vpLinear, { ...changes, steps: 20 }, xT))
    for (const end of ends) end.forEach((value, i) => { assert.ok(close(value, ends[0]![i]!, 1e-11)) })
  })

  test('a network that predicts ε, x0 or v gives the same states, on a mixture', async () => {
    const data = mixture([{ weight: 0.5, mean: [1.5, 0.5], s: 0.3 }, { weight: 0.3, mean: [-1, 1.2], s: 0.25 }, { weight: 0.2, mean: [0.3, -1.4], s: 0.4 }])
    for (const [name, changes] of all) {
      const ends: FloatArray[] = []
      for (const prediction of ['epsilon', 'sample', 'v_prediction'] as const) ends.push(await solve(data, vpLinear, { ...changes, steps: 15, finalSigma: 'zero' }, xT, prediction))
      for (const end of ends) end.forEach((value, i) => { assert.ok(close(value, ends[0]![i]!, 1e-9), `${name}: ${value} and ${ends[0]![i]}`) })
    }
  })
})

describe('φ-functions', () => {
  test('agree with their defining integral, and are smooth where the series takes over', () => {
    // Simpson's rule with 2000 intervals: an error below 1e-13 here.
    const integral = (k: 1 | 2 | 3, z: number): number => {
      const n = 2000
      const f = (u: number): number => Math.exp((1 - u) * z) * (k === 1 ? 1 : k === 2 ? u : u * u / 2)
      let sum = f(0) + f(1)
      for (let i = 1; i < n; i++) sum += f(i / n) * (i % 2 === 1 ? 4 : 2)
      return sum / (3 * n)
    }
    fc.assert(fc.property(fc.constantFrom(1, 2, 3), fc.double({ min: -4, max: 4, noNaN: true }), (k, z) => {
      assert.ok(Math.abs(phi(k, z) / integral(k, z) - 1) < 2e-12, `φ_${k}(${z})`)
    }))
    for (const k of [1, 2, 3] as const) {
      for (const edge of [-1, 1]) {
        const [inside, outside] = [edge * (1 - 1e-9), edge * (1 + 1e-9)]
        assert.ok(Math.abs(phi(k, inside) / phi(k, outside) - 1) < 3e-9)
      }
      assert.equal(phi(k, 0), [1, 1 / 2, 1 / 6][k - 1])
    }
  })
})

test('Heun on a flow-matching schedule steps in σ with the velocity ε − x₀, from σ = 1 on, and has order 2', async () => {
  const flow = scheduleOf({ kind: 'flow', shift: 3, trainSteps: 1000 })
  const steps = 8
  const plan = makePlan(request({ algorithm: 'heun', steps, spacing: 'timeUniform' }), flow)
  assert.equal(plan.form, 'data')
  assert.equal(plan.evaluations, steps)
  const velocity = asNetwork(model, 'flow')
  const v = (x: Float64Array, level: Level): Float64Array => velocity(x, { level, label: level.t, evaluation: 1 }) as Float64Array
  let x = xT
  for (const { from, to } of plan.steps) {
    const h = to.sigma - from.sigma
    const v0 = v(x, from)
    const v1 = v(x.map((value, i) => value + h * v0[i]!), to)
    x = x.map((value, i) => value + h / 2 * (v0[i]! + v1[i]!))
  }
  const end = await solve(model, flow, { algorithm: 'heun', steps, spacing: 'timeUniform' }, xT, 'flow')
  end.forEach((value, i) => { assert.ok(close(value, x[i]!, 1e-12)) })

  const exact = model.exact(xT, flow.level(1), flow.level(flow.tEnd))
  const errors: number[] = []
  for (const n of [512, 1024, 2048]) errors.push(Math.max(...(await solve(model, flow, { algorithm: 'heun', steps: n, spacing: 'timeUniform' }, xT, 'flow')).map((value, i) => Math.abs(value - exact[i]!))))
  for (const [i, error] of errors.slice(1).entries()) assert.ok(Math.abs(Math.log2(errors[i]! / error) - 2) < 0.15, errors.join(' '))
})
