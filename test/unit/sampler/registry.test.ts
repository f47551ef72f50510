import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { makePlan } from '../../../src/sampler/plan'
import type { NoiseSchedule, Plan, PlanRequest } from '../../../src/sampler/types'
import { anyOf, anySchedule, names, planOf, rowOf } from './arbitrary'
import { close, request, rows, schedules } from './bench'

/** What `steps` promises. */
function promised({ steps, order, method, finalSigma }: PlanRequest, { form }: Plan, schedule: NoiseSchedule): number {
  // A run that begins without any signal takes one step of first order first.
  const silent = form === 'data' && schedule.level(schedule.T).alpha === 0 ? 1 : 0
  const left = steps - (finalSigma === 'zero' ? 1 : 0) - silent
  return silent + (method === 'singlestepFixed' ? Math.floor(left / order) * order : left) + (finalSigma === 'sigmaMin' ? 0 : 1)
}

describe('plans of every algorithm', () => {
  for (const name of names) {
    test(`${name}: takes the evaluations it promises, goes strictly forward and has finite coefficients, for any request on any schedule`, (t) => {
      let made = 0
      fc.assert(fc.property(anyOf(name), anySchedule, (asked, schedule) => {
        const plan = planOf(asked, schedule)
        fc.pre(plan !== undefined)
        made += 1
        if (plan.adaptive) {
          assert.ok(plan.adaptive.to.lambda > plan.adaptive.from.lambda)
          return
        }
        // Where all noise is new nothing is left to step down to, and a second evaluation has no place.
        const renewsAll = name.endsWith('Ancestral') && Number(asked.options['eta']) > 1
        if (renewsAll) assert.ok(plan.evaluations <= promised(asked, plan, schedule))
        else assert.equal(plan.evaluations, promised(asked, plan, schedule))
        const fewer = plan.evaluations < asked.steps
        assert.equal(plan.notes.some((note) => note.includes(`takes ${plan.evaluations} of the ${asked.steps} evaluations`)), fewer)
        assert.equal(plan.steps.reduce((sum, step) => sum + step.stages.length, 0), plan.evaluations)
        assert.equal(plan.levels.length, plan.steps.length + 1)
        const history: (typeof plan.levels[number])[] = []
        plan.steps.forEach((step, i) => {
          assert.equal(step.from, plan.levels[i])
          assert.equal(step.to, plan.levels[i + 1])
          assert.ok(step.to.lambda > step.from.lambda, `step ${i} does not go forward`)
          step.stages.forEach(({ input }, k) => {
            for (const { of, coefficient } of input) {
              assert.ok(Number.isFinite(coefficient), `step ${i}, stage ${k}: ${coefficient}`)
              if (typeof of === 'object' && 'stage' in of) assert.ok(of.stage < k, 'a stage asks for one that comes later')
            }
          })
          for (const { of, coefficient } of [...step.update, ...step.stages.flatMap(({ input }) => input)]) {
            assert.ok(Number.isFinite(coefficient), `step ${i}: ${coefficient}`)
            if (typeof of === 'object' && 'past' in of) assert.ok(of.past < history.length, 'a step asks for an output that is not there')
            if (typeof of === 'object' && 'stage' in of) assert.ok(of.stage < step.stages.length)
          }
          // What is shown belongs to the level where the step begins; noise may have lifted it.
          if (asked.options['sChurn'] === undefined) assert.equal(step.estimate === -1 ? history[0] : step.stages[step.estimate]?.level, step.from)
          for (const k of step.remember) history.unshift(step.stages[k]!.level)
        })
        const end = plan.levels.at(-1)!
        assert.equal(end.sigma === 0, asked.finalSigma !== 'sigmaMin')
      }), { numRuns: 300, maxSkipsPerRun: 50 })
      t.diagnostic(`${made} plans`)
    })
  }
})

describe('a model that never changes is solved exactly, whatever the recipe', () => {
  const constant = Float64Array.of(0.3, -1.2, 0.9)
  const start = Float64Array.of(1.1, -0.2, 0.5)
  // RK45 is exact to its tolerances only, and noise is noise.
  const deterministic = names.filter((name) => !rowOf(name).stochastic && name !== 'rk45')

  for (const name of deterministic) {
    test(`${name}, to 1e-12`, async () => {
      await fc.assert(fc.asyncProperty(anyOf(name), anySchedule, async (asked, schedule) => {
        const options = Object.fromEntries(Object.entries(asked.options).filter(([key]) => key !== 'sChurn' && key !== 'eta'))
        const plan = planOf({ ...asked, options }, schedule)
        fc.pre(plan !== undefined && !plan.adaptive)
        const x = (await rows(plan, start, () => constant, schedule, plan.form === 'noise' ? 'epsilon' : 'sample')).at(-1)!.x
        const [s, e] = [plan.levels[0]!, plan.levels.at(-1)!]
        // What the ODE does where ε, or x₀, never changes: the other one never changes either.
        const exact = constant.map((m, i) => plan.form === 'noise' ? e.alpha * (start[i]! - s.sigma * m) / s.alpha + e.sigma * m : e.alpha * m + e.sigma * (start[i]! - s.alpha * m) / s.sigma)
        // The noise form multiplies rounding by α_e σ_s/α_s; weights of several signs add to it.
        const weights = Math.max(...plan.steps.map(({ update }) => update.reduce((sum, { of, coefficient }) => of === 'state' ? sum : sum + Math.abs(coefficient), 0)))
        const scale = Math.max(1, plan.form === 'noise' ? s.sigma / s.alpha : 1, weights)
        exact.forEach((value, i) => { assert.ok(close(x[i]!, value, 1e-12 * scale), `${x[i]} instead of ${value}, scale ${scale}`) })
      }), { numRuns: 120, maxSkipsPerRun: 50 })
    })
  }
})

test('the registry says what forms and schemas need: titles, choices and options with their usual values', () => {
  for (const name of names) {
    const { title, about, methods, variants, options } = rowOf(name)
    assert.ok(title.length > 0 && about.endsWith('.'), name)
    assert.ok(methods.length > 0 && variants.length > 0, name)
    assert.equal(new Set(options.map((option) => option.name)).size, options.length, name)
    for (const option of options) {
      assert.ok(option.about.length > 0)
      if (option.kind === 'statistic' || option.usual === undefined) continue
      const steps = { steps: 12, algorithm: name, ...(name === 'analyticDpm' ? { options: { statistic: { lambda: [0], meanSquare: [0.5] }, [option.name]: option.usual } } : { options: { [option.name]: option.usual } }) }
      assert.ok(makePlan(request(steps), schedules[0]![1]).levels.length > 1, `${name} refuses the usual ${option.name}`)
    }
  }
})
