import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asNetwork, gaussian } from '../../../src/sampler/analytic'
import { DpmError } from '../../../src/sampler/errors'
import { denoiserOf, denoising, onOwnTerms, type NetworkTerms } from '../../../src/sampler/network'
import { makePlan } from '../../../src/sampler/plan'
import { requireEstimate } from '../../../src/sampler/prediction'
import type { Evaluate } from '../../../src/sampler/sample'
import { preconditioning } from '../../../src/sampler/schedule/edm'
import { startScale } from '../../../src/sampler/schedule/level'
import type { PredictionType } from '../../../src/sampler/types'
import { close, linear, otherSchedules, request, rows, vpLinear } from './bench'

const scheduleNamed = (name: string): typeof linear => otherSchedules.find(([other]) => other === name)![1]
const [edm, flow, shifted, silent] = [scheduleNamed('edm'), scheduleNamed('flow'), scheduleNamed('shiftedFlow'), scheduleNamed('zeroTerminalSnr')]
const model = gaussian([0.5, -1], [0.8, 0.3])

/** A network F of EDM's kind for the closed-form model: it sees c_in x and ln(σ)/4 and nothing else. */
const edmNetwork: Evaluate = (x, { label }) => {
  const sigma = Math.exp(4 * label)
  const { skip, out, in: scale } = preconditioning(sigma, 0.5)
  const state = Float64Array.from(x, (value) => value / scale)
  const x0 = new Float64Array(x.length)
  model.denoise(state, { t: sigma, alpha: 1, sigma, lambda: -Math.log(sigma) }, x0)
  return x0.map((value, i) => (value - skip * state[i]!) / out)
}
/** One that sees its own schedule's states and labels only. */
const networkOn = (own: typeof linear, prediction: PredictionType): Evaluate => (x, at) => asNetwork(model, prediction)(x, { ...at, level: own.level(own.timeOf(at.label)) })

describe('a network on other terms than the plan’s', () => {
  const trained: [string, NetworkTerms, Evaluate][] = [
    ['EDM', { schedule: edm, prediction: 'epsilon', sigmaData: 0.5 }, edmNetwork],
    ['discrete ε', { schedule: linear, prediction: 'epsilon' }, networkOn(linear, 'epsilon')],
    ['discrete v', { schedule: linear, prediction: 'v_prediction' }, networkOn(linear, 'v_prediction')],
    ['continuous score', { schedule: vpLinear, prediction: 'score' }, networkOn(vpLinear, 'score')],
    ['flow', { schedule: shifted, prediction: 'flow' }, networkOn(shifted, 'flow')],
    ['x0 without an end', { schedule: silent, prediction: 'sample' }, networkOn(silent, 'sample')],
  ]
  for (const [what, terms, network] of trained) {
    test(`${what}: gives the model’s x̂₀ at the levels of every schedule`, async () => {
      for (const placedBy of [linear, vpLinear, edm, flow, shifted, silent]) {
        const denoise = denoising(network, terms, placedBy)
        for (const lambda of [-4, -1, 0, 1.5, 3]) {
          const level = placedBy.levelAtLambda(lambda)
          const x = Float64Array.of(0.7, -0.4, 1.2, 0.1)
          const expected = new Float64Array(4)
          model.denoise(x, level, expected)
          const got = await denoise(x, { level, label: NaN, evaluation: 1 })
          got.forEach((value, i) => { assert.ok(close(value, expected[i]!, 1e-9), `${placedBy.spec.kind} λ ${lambda}: ${value} ${expected[i]}`) })
        }
      }
    })
  }

  test('an EDM network sampled on its own schedule reaches the exact solution', async () => {
    const terms: NetworkTerms = { schedule: edm, prediction: 'epsilon', sigmaData: 0.5 }
    const plan = makePlan(request({ steps: 60, order: 3, lowerOrderBelow: 0, spacing: 'karras', spacingOptions: { rho: 7 } }), edm)
    const start = plan.levels[0]!
    const x = Float64Array.of(0.7, -0.4).map((value) => value * startScale(start))
    const run = await rows(plan, x, denoising(edmNetwork, terms, edm), edm, 'sample')
    const exact = model.exact(x, start, plan.levels.at(-1)!)
    run.at(-1)!.x.forEach((value, i) => { assert.ok(Math.abs(value - exact[i]!) < 2e-3, `${value} ${exact[i]}`) })
  })

  test('takes the items of an adaptive run each at its own level', async () => {
    const terms: NetworkTerms = { schedule: linear, prediction: 'v_prediction' }
    const levels = [flow.level(0.8), flow.level(0.2)]
    const x = Float64Array.of(0.7, -0.4, 1.2, 0.1)
    const seen: number[] = []
    const network: Evaluate = (state, at) => {
      seen.push(...at.labels ?? [])
      return Float64Array.of(...[0, 1].flatMap((item) => [...networkOn(linear, 'v_prediction')(state.subarray(2 * item, 2 * item + 2), { level: at.level, label: at.labels![item]!, evaluation: 1 }) as Float64Array]))
    }
    const got = await denoising(network, terms, flow)(x, { level: levels[0]!, label: NaN, evaluation: 1, items: [0, 1], labels: [NaN, NaN], levels })
    assert.equal(seen.length, 2)
    for (const [item, level] of levels.entries()) {
      const expected = new Float64Array(2)
      model.denoise(x.subarray(2 * item, 2 * item + 2), level, expected)
      expected.forEach((value, i) => { assert.ok(close(got[2 * item + i]!, value, 1e-9)) })
    }
  })

  test('needs no change where the terms are the plan’s', () => {
    assert.equal(onOwnTerms({ schedule: linear, prediction: 'epsilon' }, linear), true)
    assert.equal(onOwnTerms({ schedule: linear, prediction: 'epsilon' }, vpLinear), true)
    assert.equal(onOwnTerms({ schedule: linear, prediction: 'epsilon' }, edm), false)
    assert.equal(onOwnTerms({ schedule: linear, prediction: 'epsilon' }, flow), false)
    assert.equal(onOwnTerms({ schedule: edm, prediction: 'epsilon', sigmaData: 0.5 }, edm), false)
    assert.deepEqual(denoiserOf({ schedule: linear, prediction: 'sample' }, linear.level(0.5), linear), { skip: 0, out: 1, in: 1, label: linear.label(0.5) })
  })

  test('EDM’s scaling has a limit where there is no signal', () => {
    const { skip, out, in: scale } = denoiserOf({ schedule: edm, prediction: 'epsilon', sigmaData: 0.5 }, flow.level(1), flow)
    assert.deepEqual([skip, out, scale], [0, 0.5, 1])
  })
})

test('a network that predicts the noise is refused where a plan in data form starts without any signal', () => {
  const plan = makePlan(request({ steps: 8 }), silent)
  for (const prediction of ['epsilon', 'score'] as const) {
    assert.throws(() => { requireEstimate(prediction, plan) }, (error) => error instanceof DpmError && error.field === 'solver.algorithm' && error.remedy !== undefined)
  }
  for (const prediction of ['v_prediction', 'sample', 'flow'] as const) requireEstimate(prediction, plan)
  requireEstimate('epsilon', makePlan(request({ steps: 8, algorithm: 'dpmsolver' }), silent))
  requireEstimate('epsilon', makePlan(request({ steps: 8 }), linear))
})
