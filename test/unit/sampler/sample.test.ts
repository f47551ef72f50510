import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asNetwork, gaussian } from '../../../src/sampler/analytic'
import { DpmError } from '../../../src/sampler/errors'
import { batchNormals } from '../../../src/sampler/noise'
import { makePlan } from '../../../src/sampler/plan'
import { sample, type EvaluationPoint, type Row } from '../../../src/sampler/sample'
import { timeLabel } from '../../../src/sampler/schedule/schedule'
import type { PlanRequest } from '../../../src/sampler/types'
import { close, linear, request, rows } from './bench'

const model = gaussian([0.5, -1, 0.25, 2], [0.8, 0.3, 1.2, 0.5])
const network = asNetwork(model, 'epsilon')
const label = (level: Parameters<typeof timeLabel>[0]): number => timeLabel(level, linear)
const methods: Partial<PlanRequest>[] = [{ order: 2 }, { order: 1 }, { method: 'singlestep', order: 3 }, { method: 'singlestepFixed', order: 2 }]

describe('the rows of a run', () => {
  for (const changes of methods) {
    for (const finalSigma of ['zero', 'sigmaMin'] as const) {
      test(`${changes.method ?? 'multistep'} ${changes.order}, final σ ${finalSigma}: row i lies at level i, with the x̂₀ of the evaluation made there`, async () => {
        const plan = makePlan(request({ ...changes, finalSigma, steps: 12 }), linear)
        const x = Float64Array.of(0.8, -1.1, 0.35, 0.6)
        const all = await rows(plan, x, network, linear)
        assert.equal(all.length, plan.levels.length)
        let evaluations = 0
        all.forEach((row, i) => {
          const step = plan.steps[i]
          assert.equal(row.row, i)
          assert.equal(row.level, plan.levels[i])
          assert.equal(row.order, step?.order ?? 0)
          assert.equal(row.evaluations, step ? evaluations + 1 : plan.evaluations)
          evaluations += step?.stages.length ?? 0
          if (!step) return
          const x0 = new Float64Array(4)
          model.denoise(row.x, row.level, x0)
          row.x0.forEach((value, j) => { assert.ok(close(value, x0[j]!, 1e-12)) })
          assert.equal(row.estimateFrom, i)
        })
        assert.deepEqual(all[0]!.x, x)
        const last = all.at(-1)!
        if (finalSigma === 'zero') {
          assert.deepEqual(last.x0, last.x)
          assert.equal(last.estimateFrom, last.row)
        } else {
          assert.deepEqual(last.x0, all.at(-2)!.x0)
          assert.equal(last.estimateFrom, last.row - 1)
        }
      })
    }
  }

  test('at σ = 0 the image is the last estimate, bit for bit, whatever the network predicts and the method works in', async () => {
    for (const algorithm of ['dpmsolver', 'dpmsolver++'] as const) {
      for (const prediction of ['epsilon', 'v_prediction', 'sample'] as const) {
        const plan = makePlan(request({ algorithm, finalSigma: 'zero', steps: 8, tEnd: 0.5 }), linear)
        const all = await rows(plan, batchNormals(5n, 0, 4, 4), asNetwork(model, prediction), linear, prediction)
        assert.deepEqual(all.at(-1)!.x, all.at(-2)!.x0, `${algorithm} ${prediction}`)
      }
    }
  })

  test('a row comes before the other stages of its step are evaluated', async () => {
    const plan = makePlan(request({ method: 'singlestepFixed', order: 3, steps: 9 }), linear)
    let calls = 0
    const seen: number[] = []
    const counted = (x: Parameters<typeof network>[0], at: EvaluationPoint): ReturnType<typeof network> => { calls += 1; assert.equal(at.evaluation, calls); return network(x, at) }
    for await (const row of sample({ plan, prediction: 'epsilon', x: new Float64Array(4), label, evaluate: counted })) {
      seen.push(calls)
      assert.equal(row.evaluations, calls)
    }
    assert.deepEqual(seen, [1, 4, 7, 9])
  })

  test('the network is told the level and its own label of every evaluation', async () => {
    const plan = makePlan(request({ method: 'singlestep', order: 3, steps: 10 }), linear)
    const points: EvaluationPoint[] = []
    await rows(plan, new Float64Array(4), (x, at) => { points.push(at); return network(x, at) }, linear)
    const levels = plan.steps.flatMap(({ stages }) => stages.map((stage) => stage.level))
    assert.deepEqual(points.map(({ level }) => level), levels)
    points.forEach((point) => { assert.ok(close(point.label, linear.label(point.level.t), 1e-9)) })
  })
})

describe('what the loop does with its arrays', () => {
  test('it neither changes x_T nor keeps the network’s array, which may be reused', async () => {
    for (const changes of methods) {
      const plan = makePlan(request({ ...changes, steps: 9, algorithm: 'dpmsolver' }), linear)
      const x = batchNormals(3n, 0, 1, 8)
      const before = x.slice()
      const fresh = await rows(plan, x, (state, at) => Float32Array.from(network(state, at) as Float64Array), linear)
      const reused = new Float32Array(8)
      const same = await rows(plan, x, (state, at) => { reused.fill(NaN); reused.set(network(state, at) as Float64Array); return reused }, linear)
      assert.deepEqual(same, fresh)
      assert.deepEqual(x, before)
    }
  })

  test('float32 states follow the float64 ones to float32 precision', async () => {
    const plan = makePlan(request({ steps: 20 }), linear)
    const x = batchNormals(9n, 0, 2, 4)
    const narrow = (await rows(plan, x, network, linear)).at(-1)!.x
    const wide = (await rows(plan, Float64Array.from(x), network, linear)).at(-1)!.x
    assert.ok(narrow instanceof Float32Array && wide instanceof Float64Array)
    narrow.forEach((value, i) => { assert.ok(close(value, wide[i]!, 2e-5)) })
  })

  test('batch item k is the single run with seed + k, bit for bit, in every row', async () => {
    for (const changes of methods) {
      const plan = makePlan(request({ ...changes, finalSigma: 'zero', steps: 10 }), linear)
      const batch = await rows(plan, batchNormals(41n, 0, 3, 4), network, linear)
      for (let k = 0; k < 3; k++) {
        const single = await rows(plan, batchNormals(41n + BigInt(k), 0, 1, 4), network, linear)
        single.forEach((row, i) => {
          assert.deepEqual(batch[i]!.x.slice(4 * k, 4 * k + 4), row.x)
          assert.deepEqual(batch[i]!.x0.slice(4 * k, 4 * k + 4), row.x0)
        })
      }
    }
  })

  test('an output of another length than the state ends the run with a reason', async () => {
    const plan = makePlan(request(), linear)
    await assert.rejects(rows(plan, new Float32Array(4), () => new Float32Array(8), linear), (error) => error instanceof DpmError && error.reason === 'evaluationFailed' && /8 values .* 4/.test(error.message))
  })

  test('numbers that are not finite reach the row after the evaluation that made them', async () => {
    const plan = makePlan(request({ steps: 10 }), linear)
    const all = await rows(plan, new Float32Array(4), (x, at) => at.evaluation === 4 ? new Float32Array(4).fill(NaN) : network(x, at), linear)
    assert.equal(all.findIndex(({ x0 }) => x0.some(Number.isNaN)), 3)
    assert.equal(all.findIndex(({ x }) => x.some(Number.isNaN)), 4)
  })
})

describe('stopping', () => {
  test('ends before the next evaluation, in the middle of a step too, and the rows before stand', async () => {
    const plan = makePlan(request({ method: 'singlestepFixed', order: 3, steps: 12 }), linear)
    for (const [allowed, kept] of [[0, 0], [1, 1], [3, 1], [4, 2], [6, 2], [11, 4]] as const) {
      let calls = 0
      const got: Row[] = []
      const run = sample({ plan, prediction: 'epsilon', x: new Float64Array(4), label, evaluate: (x, at) => { calls += 1; return network(x, at) }, shouldStop: () => calls >= allowed })
      let next = await run.next()
      for (; !next.done; next = await run.next()) got.push(next.value)
      assert.equal(next.value, 'stopped')
      assert.equal(calls, allowed)
      assert.equal(got.length, kept)
    }
  })

  test('a run that is not stopped says it finished', async () => {
    const run = sample({ plan: makePlan(request({ steps: 3 }), linear), prediction: 'epsilon', x: new Float64Array(4), label, evaluate: network })
    let next = await run.next()
    while (!next.done) next = await run.next()
    assert.equal(next.value, 'finished')
  })

  test('what the network throws ends the run and is thrown on', async () => {
    const broken = new Error('broken')
    const plan = makePlan(request({ steps: 5 }), linear)
    await assert.rejects(rows(plan, new Float64Array(4), (x, at) => { if (at.evaluation === 3) throw broken; return network(x, at) }, linear), broken)
  })
})
