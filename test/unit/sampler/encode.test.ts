import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeEncodePlan, makePlan } from '../../../src/sampler/plan'
import type { NoiseSchedule, Plan, PlanRequest } from '../../../src/sampler/types'
import { anyOf, anySchedule, names, planOf, rowOf } from './arbitrary'
import { close, rows } from './bench'

const image = Float64Array.of(0.9, -1.2, -0.4)
const deterministic = names.filter((name) => !rowOf(name).stochastic && name !== 'rk45')

/** Any request for the way back, its start anywhere and its network of whole time steps or not. */
const anyWay = (name: (typeof names)[number]): fc.Arbitrary<[PlanRequest, NoiseSchedule]> => fc.tuple(anyOf(name), anySchedule, fc.option(fc.double({ min: 0.3, max: 0.99, noNaN: true }), { nil: undefined }), fc.boolean())
  .map(([asked, schedule, share, snapToKnots]) => {
    const options = Object.fromEntries(Object.entries(asked.options).filter(([key]) => key !== 'sChurn' && key !== 'eta'))
    return [{ ...asked, options, finalSigma: 'sigmaMin', ...(share === undefined ? {} : { tStart: share * schedule.T }), snapToKnots: snapToKnots && schedule.knots !== undefined }, schedule]
  })

function assertAlong({ levels, steps, evaluations }: Plan): void {
  assert.equal(levels.length, steps.length + 1)
  steps.forEach((step, i) => {
    assert.equal(step.from, levels[i], `step ${i} begins at its level`)
    assert.equal(step.to, levels[i + 1], `step ${i} ends at its level`)
    assert.ok(step.to.lambda < step.from.lambda, `step ${i} goes to more noise`)
  })
  assert.equal(steps.reduce((sum, { stages }) => sum + stages.length, 0), evaluations)
}

for (const name of deterministic) {
  test(`${name}: the way back goes along its levels, and a model that never changes is followed there and back to rounding, for any request on any schedule`, async () => {
    await fc.assert(fc.asyncProperty(anyWay(name), async ([asked, schedule]) => {
      const [there, back] = [planOf(asked, schedule, makeEncodePlan), planOf(asked, schedule, makePlan)]
      // Where there is no signal at all nothing of the image is left to come back.
      fc.pre(there !== undefined && back !== undefined && !there.adaptive && schedule.level(asked.tStart ?? schedule.T).alpha > 0)
      assertAlong(there)
      assert.equal(there.levels.at(-1)!.lambda, back.levels[0]!.lambda, 'both ways begin and end at the same noise')
      const constant = Float64Array.of(0.3, -1.2, 0.9)
      const run = async (plan: Plan, x: Float64Array): Promise<Float64Array> => (
        Float64Array.from((await rows(plan, x, () => constant, schedule, plan.form === 'noise' ? 'epsilon' : 'sample')).at(-1)!.x)
      )
      const returned = await run(back, await run(there, image))
      const [end] = there.levels
      const start = there.levels.at(-1)!
      const weights = Math.max(...[...there.steps, ...back.steps].map(({ update }) => update.reduce((sum, { coefficient }) => sum + Math.abs(coefficient), 0)))
      // Rounding of the noisy state comes back multiplied by what the way multiplies differences by.
      const scale = weights * Math.max(1, there.form === 'noise' ? start.sigma / start.alpha * end!.alpha : start.sigma / end!.sigma, end!.sigma / start.sigma)
      returned.forEach((value, i) => { assert.ok(close(value, image[i]!, 1e-11 * scale), `${value} instead of ${image[i]}, scale ${scale}`) })
    }), { numRuns: 100, maxSkipsPerRun: 50 })
  })
}
