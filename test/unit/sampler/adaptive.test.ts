import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asNetwork, gaussian, mixture } from '../../../src/sampler/analytic'
import { DpmError } from '../../../src/sampler/errors'
import type { Attempt } from '../../../src/sampler/lane'
import { makePlan } from '../../../src/sampler/plan'
import { sample, type Row, type SampleRequest } from '../../../src/sampler/sample'
import type { FloatArray, PlanRequest } from '../../../src/sampler/types'
import { close, otherSchedules, request, vpLinear } from './bench'

const data = mixture([{ weight: 0.5, mean: [1.5, 0.5], s: 0.3 }, { weight: 0.3, mean: [-1, 1.2], s: 0.25 }, { weight: 0.2, mean: [0.3, -1.4], s: 0.4 }])
const batch = Float64Array.of(0.8, -1.1, -0.35, 0.6, 1.9, 0.2)

const kinds: [string, Partial<PlanRequest>][] = [
  ['DPM-Solver-12', { algorithm: 'dpmsolver', order: 2 }], ['DPM-Solver-23', { algorithm: 'dpmsolver', order: 3 }], ['DPM-Solver-23, taylor', { algorithm: 'dpmsolver', order: 3, variant: 'taylor' }],
  ['DPM-Solver++ 12', { order: 2 }], ['DPM-Solver++ 23', { order: 3 }], ['DPM-Solver++ 23 with the authors’ controller', { order: 3, options: { controller: 'authors' } }],
  ['RK45 in t', { algorithm: 'rk45' }], ['RK45 in λ', { algorithm: 'rk45', options: { variable: 'lambda' } }],
]
const tolerances = (tolerance: number, options: PlanRequest['options'] = {}): PlanRequest['options'] => ({ ...options, atol: tolerance, rtol: tolerance })

interface Run { rows: Row[]; attempts: Attempt[]; calls: number }

async function run(changes: Partial<PlanRequest>, x: FloatArray = batch, more: Partial<SampleRequest> = {}, model = data): Promise<Run> {
  const done: Run = { rows: [], attempts: [], calls: 0 }
  const network = asNetwork(model, 'epsilon')
  const rows = sample({
    plan: makePlan(request({ method: 'adaptive', ...changes }), vpLinear), prediction: 'epsilon', x, label: ({ t }) => t, schedule: vpLinear, items: x.length / model.size,
    onAttempt: (attempt) => { done.attempts.push(attempt) }, ...more,
    evaluate: (state, at) => {
      done.calls += 1
      return network(state, at)
    },
  })
  for await (const row of rows) done.rows.push({ ...row, x: row.x.slice(), x0: row.x0.slice() })
  return done
}
const endOf = ({ rows }: Run): Float64Array => rows.at(-1)!.x as Float64Array
const pathOf = ({ attempts }: Run, item: number): [number, number, boolean][] => attempts.filter(({ items }) => items.includes(item)).map(({ from, to, accepted }) => [from.lambda, to.lambda, accepted])

describe('adaptive runs', () => {
  test('items on ways of their own reserve no memory each; they end as one alone does, which has one', async () => {
    const size = 4096
    const model = gaussian(Array.from({ length: size }, (_, i) => Math.sin(i)), Array.from({ length: size }, () => 0.5))
    const x = Float32Array.from({ length: 3 * size }, (_, i) => Math.cos(7 * i))
    const made: number[] = []
    const { WebAssembly: had } = globalThis as unknown as { WebAssembly: { Memory: new (pages: { initial: number }) => object } }
    const own = had.Memory
    had.Memory = class extends own { constructor(pages: { initial: number }) { super(pages); made.push(pages.initial) } }
    try {
      const ends = async (of: Float32Array): Promise<Float32Array> => (await run({ order: 2 }, of, {}, model)).rows.at(-1)!.x as Float32Array
      const whole = await ends(x)
      assert.equal(made.length, 0)
      assert.deepEqual(whole.slice(size, 2 * size), await ends(x.slice(size, 2 * size)))
      assert.equal(made.length, 1)
    } finally {
      had.Memory = own
    }
  })

  for (const [name, changes] of kinds) {
    test(`${name}: a batch never changes an item’s path, evaluated together or one after the other`, async () => {
      const together = await run(changes, batch, { laneTimes: true })
      const apart = await run(changes)
      for (let item = 0; item < 3; item++) {
        const alone = await run(changes, batch.slice(2 * item, 2 * item + 2))
        for (const whole of [together, apart]) {
          assert.deepEqual(endOf(whole).slice(2 * item, 2 * item + 2), endOf(alone))
          assert.deepEqual(pathOf(whole, item), pathOf(alone, 0))
        }
      }
      assert.ok(together.calls < apart.calls)
    })

    test(`${name}: the error follows the tolerance`, async (t) => {
      const model = gaussian([0.5, -1], [0.8, 0.3])
      const exact = model.exact(batch, vpLinear.level(1), vpLinear.level(vpLinear.tEnd))
      const errors: number[] = []
      for (const tolerance of [1e-3, 1e-5, 1e-7]) {
        const done = await run({ ...changes, options: tolerances(tolerance, changes.options) }, batch, { laneTimes: true }, model)
        const error = Math.max(...exact.map((value, i) => Math.abs(value - endOf(done)[i]!)))
        t.diagnostic(`tolerance ${tolerance}: error ${error.toExponential(1)}, ${done.calls} evaluations`)
        // A step's share of the tolerance, times a few hundred steps at most.
        assert.ok(error < 300 * tolerance, `${error} at ${tolerance}`)
        errors.push(error)
      }
      assert.ok(errors[0]! > 5 * errors[1]! && errors[1]! > 5 * errors[2]!, errors.join(' '))
    })

    test(`${name}: rows tell of the items that moved, up to the end and on to σ = 0`, async () => {
      const { rows, calls } = await run({ ...changes, finalSigma: 'zero' }, batch, { laneTimes: true })
      const level = [-Infinity, -Infinity, -Infinity]
      rows.forEach((row, i) => {
        assert.equal(row.row, i)
        for (const lane of row.lanes ?? []) {
          assert.ok(lane.level.lambda > level[lane.item]!)
          level[lane.item] = lane.level.lambda
          assert.equal(lane.evaluations <= row.evaluations, true)
        }
      })
      const [before, last] = rows.slice(-2)
      assert.equal(before!.level.t, vpLinear.tEnd)
      assert.equal(last!.level.sigma, 0)
      assert.equal(last!.evaluations, calls)
      last!.x.forEach((value, i) => { assert.ok(close(value, before!.x0[i]!, 1e-12)) })
      // The first row: x_T and what the model makes of it.
      assert.deepEqual(rows[0]!.lanes!.map(({ item }) => item), [0, 1, 2])
      assert.deepEqual(rows[0]!.x, batch)
      const x0 = asNetwork(data, 'sample')(batch, { level: vpLinear.level(1), label: 1, evaluation: 1 }) as Float64Array
      x0.forEach((value, i) => { assert.ok(close(rows[0]!.x0[i]!, value, 1e-9)) })
    })

    test(`${name}: stopping keeps the rows so far`, async () => {
      let asked = 0
      const { rows, calls } = await run(changes, batch, { laneTimes: true, shouldStop: () => ++asked > 7 })
      assert.equal(calls, 7)
      assert.ok(rows.length >= 1 && rows.every(({ level }) => level.lambda < vpLinear.level(vpLinear.tEnd).lambda))
    })
  }

  test('tolerances beyond reach end the run with advice, and do not run on for ever', async () => {
    await assert.rejects(run({ order: 3, options: tolerances(1e-300) }, batch.slice(0, 2)), (error) => error instanceof DpmError && error.reason === 'evaluationFailed' && error.advice === 'Use larger tolerances.')
  })

  test('states that are not finite end the run', async () => {
    await assert.rejects(run({ order: 2 }, Float64Array.of(NaN, 0)), (error) => error instanceof DpmError && error.reason === 'nonFinite')
  })

  test('a schedule that begins without any signal, and one of another kind than α² + σ² = 1', async () => {
    const model = gaussian([0.5, -1], [0.8, 0.3])
    for (const [name, schedule] of otherSchedules) {
      for (const [, changes] of kinds) {
        const plan = makePlan(request({ method: 'adaptive', ...changes, options: tolerances(1e-4, changes.options) }), schedule)
        const network = asNetwork(model, 'epsilon')
        let end = batch
        for await (const row of sample({ plan, prediction: 'epsilon', x: batch, label: ({ t }) => t, schedule, items: 3, evaluate: network })) end = Float64Array.from(row.x)
        const exact = model.exact(batch, plan.adaptive!.from, plan.adaptive!.to)
        exact.forEach((value, i) => { assert.ok(Math.abs(value - end[i]!) < 0.03 * Math.max(1, Math.abs(value)), `${name} ${JSON.stringify(changes)}: ${end[i]} instead of ${value}`) })
      }
    }
  })

  test('a state that is changed after a step is evaluated anew', async () => {
    for (const [, changes] of kinds) {
      const { rows } = await run(changes, batch, { correctState: (x) => { x.fill(0.25) } })
      assert.ok(rows.slice(1).every(({ lanes, x }) => (lanes ?? []).every(({ item }) => x[2 * item] === 0.25)))
      const row = rows.at(-3)!
      const x0 = asNetwork(data, 'sample')(row.x, { level: row.level, label: 1, evaluation: 1 })
      const { item } = row.lanes![0]!
      assert.ok(close(row.x0[2 * item]!, (x0 as Float64Array)[2 * item]!, 1e-9))
    }
  })

  test('the output at the start of a step serves a second attempt too', async () => {
    const { attempts, calls } = await run({ order: 3 }, batch.slice(0, 2))
    const rejected = attempts.filter(({ accepted }) => !accepted).length
    assert.ok(rejected > 0)
    assert.equal(calls, 3 * attempts.length - rejected)
  })

  test('a plan says where it goes and by what, and counts the last evaluation only', () => {
    const plan = makePlan(request({ method: 'adaptive', order: 3, finalSigma: 'zero', options: { atol: 0.01 } }), vpLinear)
    assert.equal(plan.evaluations, 1)
    assert.deepEqual(plan.levels.map(({ t }) => t), [1, vpLinear.tEnd, 0])
    assert.equal(plan.adaptive?.pair, 'dpm23')
    assert.equal(plan.adaptive?.atol, 0.01)
    assert.match(plan.notes.join(' '), /an error of 0.01, or 0.05 times the state/)
    assert.deepEqual(JSON.parse(JSON.stringify(plan.adaptive)), plan.adaptive)
  })
})
