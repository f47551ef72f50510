import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { asNetwork, mixture } from '../../../src/sampler/analytic'
import type { LoopMemory } from '../../../src/sampler/memory'
import { makePlan } from '../../../src/sampler/plan'
import { batchSeeds, noiseSource } from '../../../src/sampler/random/source'
import { rebuildable, rebuilt } from '../../../src/sampler/rebuild'
import { sample, type Row, type SampleRequest } from '../../../src/sampler/sample'
import { timeLabel } from '../../../src/sampler/schedule/schedule'
import type { FloatArray, NoiseSchedule, Plan, PlanRequest } from '../../../src/sampler/types'
import { anyOf, anySchedule, names, planOf } from './arbitrary'
import { linear, request, vpLinear } from './bench'

const data = mixture([{ weight: 0.6, mean: [0.9, -0.4], s: 0.3 }, { weight: 0.4, mean: [-0.7, 0.8], s: 0.2 }])
const batch = Float32Array.of(0.8, -1.1, -0.35, 0.6, 1.9, 0.2)
const adaptiveKinds: [string, Partial<PlanRequest>][] = [
  ['DPM-Solver-23', { algorithm: 'dpmsolver', order: 3 }], ['DPM-Solver++ 12', { order: 2 }], ['the authors’ controller', { order: 3, options: { controller: 'authors' } }],
  ['RK45', { algorithm: 'rk45' }], ['RK45 in λ', { algorithm: 'rk45', options: { variable: 'lambda' } }],
]

interface Part { rows: Row[]; calls: number; memory: LoopMemory | undefined; outcome: 'finished' | 'stopped' }

/** Goes on from `resume`, and stops before evaluation number `until` of this part. */
async function part(plan: Plan, schedule: NoiseSchedule, more: Partial<SampleRequest> = {}, until = Infinity): Promise<Part> {
  const done: Part = { rows: [], calls: 0, memory: undefined, outcome: 'finished' }
  const network = asNetwork(data, 'sample')
  const rows = sample({
    plan, prediction: 'sample', x: batch, label: (level) => timeLabel(level, schedule), schedule, items: 3, noise: noiseSource('philox4x32-10/v1', batchSeeds('5', 3)), ...more,
    shouldStop: () => done.calls >= until, onStop: (memory) => { done.memory = memory },
    evaluate: (state, at) => { done.calls += 1; return network(state, at) },
  })
  for (;;) {
    const next = await rows.next()
    if (next.done) { done.outcome = next.value; return done }
    const { value: row } = next
    done.rows.push({ ...row, x: row.x.slice(), x0: row.x0.slice() })
  }
}

/** As it comes back from a file: scalars through JSON, tensors as bytes. */
function stored({ tensors, ...rest }: LoopMemory): LoopMemory {
  const infinities = (_key: string, value: unknown): unknown => typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
  const back = JSON.parse(JSON.stringify(rest, infinities), (_key, value: unknown) => value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : value) as Omit<LoopMemory, 'tensors'>
  return { ...back, tensors: Object.fromEntries(Object.entries(tensors).map(([name, values]) => [name, Float32Array.from(values)])) }
}

const bits = (values: FloatArray): string => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex')
const seen = ({ level, x, x0, ...rest }: Row): unknown => ({ ...rest, level: { ...level }, x: bits(x), x0: bits(x0) })

/** Stops before each of the evaluations `at`, one after the other, and compares what comes with what comes in one go. */
async function assertSame(plan: Plan, schedule: NoiseSchedule, at: readonly number[], more: () => Partial<SampleRequest> = () => ({})): Promise<void> {
  const whole = await part(plan, schedule, more())
  let [made, resume]: [number, LoopMemory | undefined] = [0, undefined]
  const rows: Row[] = []
  for (const until of [...at.filter((n) => n < whole.calls), Infinity]) {
    const next: Part = await part(plan, schedule, { ...more(), ...(resume ? { resume } : {}) }, until - made)
    rows.push(...next.rows)
    made += next.calls
    if (until === Infinity) { assert.equal(next.outcome, 'finished'); break }
    assert.equal(next.outcome, 'stopped')
    resume = stored(next.memory!)
    assert.deepEqual([resume.rows, resume.evaluations], [rows.length, made])
  }
  assert.equal(made, whole.calls)
  assert.deepEqual(rows.map(seen), whole.rows.map(seen))
}

describe('a run that was stopped and goes on', () => {
  for (const name of names) {
    test(`${name}: gives every row of one that was not, bit for bit, for any request on any schedule, stopped before any two evaluations`, async () => {
      await fc.assert(fc.asyncProperty(anyOf(name), anySchedule, fc.tuple(fc.nat(40), fc.nat(40)), async (asked, schedule, [a, b]) => {
        const plan = planOf({ ...asked, options: { ...asked.options, ...(asked.options['variance'] === 'learned' ? { variance: 'small' } : {}), ...(asked.method === 'adaptive' || name === 'rk45' ? { atol: 0.05, rtol: 0.05 } : {}) } }, schedule)
        // An η of 10^-300 has noise for no way at all, which no generator gives.
        fc.pre(plan !== undefined && !(Number(asked.options['eta']) > 0 && Number(asked.options['eta']) < 1e-6))
        await assertSame(plan, schedule, [Math.min(a, b), Math.max(a, b)])
      }), { numRuns: 60, maxSkipsPerRun: 50, seed: 6 })
    })
  }

  for (const [name, changes] of adaptiveKinds) {
    for (const laneTimes of [true, false]) {
      test(`adaptive, ${name}, ${laneTimes ? 'items together' : 'one after the other'}: stopped before every evaluation there is`, async () => {
        const plan = makePlan(request({ method: 'adaptive', finalSigma: 'zero', ...changes, options: { ...changes.options, atol: 0.02, rtol: 0.02 } }), vpLinear)
        const { calls } = await part(plan, vpLinear, { laneTimes })
        assert.ok(calls > 10)
        await assertSame(plan, vpLinear, Array.from({ length: calls }, (_, n) => n), () => ({ laneTimes }))
        for (let n = 1; n < Math.min(calls, 12); n++) await assertSame(plan, vpLinear, [n], () => ({ laneTimes }))
      })
    }
  }

  test('with corrections of estimate and state: thresholding, and a mask that renews what an adaptive run knows', async () => {
    const corrections = (): Partial<SampleRequest> => ({
      correctEstimate: (x0) => { x0.forEach((value, i) => { x0[i] = Math.max(-0.8, Math.min(0.8, value)) }) },
      correctState: (x) => { x[0] = Math.fround(x[0]! * 0.99) },
    })
    for (const changes of [{ order: 3 }, { algorithm: 'dpmsolver', order: 3 }, { algorithm: 'unipc', order: 3 }, { method: 'adaptive', order: 2 }, { algorithm: 'rk45', method: 'adaptive' }] as Partial<PlanRequest>[]) {
      const options = changes.method === 'adaptive' ? { atol: 0.05, rtol: 0.05 } : {}
      const plan = makePlan(request({ steps: 8, ...changes, options }), vpLinear)
      const { calls } = await part(plan, vpLinear, corrections())
      for (let n = 1; n < calls; n++) await assertSame(plan, vpLinear, [n], corrections)
    }
  })

  test('with a second output (learned variance), and with PyTorch’s noise, which has an order', async () => {
    const plan = makePlan(request({ algorithm: 'ddpm', order: 1, steps: 9, options: { variance: 'learned' } }), linear)
    const network = asNetwork(data, 'epsilon')
    const second = (): Partial<SampleRequest> => ({ secondOutput: { items: 3 } })
    const asked = async (resume: LoopMemory | undefined, until: number): Promise<Part> => {
      const done: Part = { rows: [], calls: 0, memory: undefined, outcome: 'finished' }
      const rows = sample({
        plan, prediction: 'epsilon', x: batch, label: (level) => timeLabel(level, linear), items: 3, noise: noiseSource('philox4x32-10/v1', batchSeeds('5', 3)), ...second(), ...(resume ? { resume } : {}),
        shouldStop: () => done.calls >= until, onStop: (memory) => { done.memory = memory },
        evaluate: async (state, at) => {
          done.calls += 1
          const values = await network(state, at)
          const both = new Float32Array(12)
          for (let item = 0; item < 3; item++) {
            both.set(values.slice(2 * item, 2 * item + 2), 4 * item)
            both.set(state.slice(2 * item, 2 * item + 2), 4 * item + 2)
          }
          return both
        },
      })
      for await (const row of rows) done.rows.push({ ...row, x: row.x.slice(), x0: row.x0.slice() })
      return done
    }
    const whole = await asked(undefined, Infinity)
    for (let n = 1; n < 9; n++) {
      const first = await asked(undefined, n)
      const rest = await asked(stored(first.memory!), Infinity)
      assert.deepEqual([...first.rows, ...rest.rows].map(seen), whole.rows.map(seen))
    }
    for (const changes of [{ algorithm: 'sde-dpmsolver++', order: 2 }, { algorithm: 'dpmppSde', order: 2, method: 'singlestep' }, { algorithm: 'dpm2Ancestral', order: 2, method: 'singlestep' }] as Partial<PlanRequest>[]) {
      const noisy = makePlan(request({ steps: 8, ...changes }), linear)
      for (let n = 1; n < 8; n++) await assertSame(noisy, linear, [n], () => ({ noise: noiseSource('torch-cpu', batchSeeds('5', 3)) }))
    }
  })
})

describe('a run that left its rows only', () => {
  const cases: [string, Partial<PlanRequest>, goesOn: boolean][] = [
    ['DPM-Solver++ 2M', {}, true], ['UniPC', { algorithm: 'unipc', order: 3 }, true], ['SDE-DPM-Solver++ 2M', { algorithm: 'sde-dpmsolver++' }, true],
    ['singlestep 3', { method: 'singlestep', order: 3, algorithm: 'dpmsolver' }, true], ['DDPM', { algorithm: 'ddpm', order: 1 }, true], ['Euler ancestral', { algorithm: 'eulerAncestral', order: 1 }, true],
    ['DEIS', { algorithm: 'deis', order: 3 }, false], ['LMS', { algorithm: 'lms', order: 3 }, false], ['DPM-Solver 2M', { algorithm: 'dpmsolver' }, false], ['adaptive', { method: 'adaptive' }, false],
  ]
  for (const [name, changes, goesOn] of cases) {
    for (const finalSigma of ['zero', 'sigmaMin'] as const) {
      test(`${name}, final σ ${finalSigma}: ${goesOn ? 'goes on from any of them, bit for bit' : 'does not go on, but where nothing is remembered'}`, async () => {
        const plan = makePlan(request({ steps: 10, finalSigma, ...changes, ...(changes.method === 'adaptive' ? { options: { atol: 0.05, rtol: 0.05 } } : {}) }), linear)
        const whole = await part(plan, linear)
        if (!goesOn) assert.equal(rebuildable(plan, 5), null)
        for (let recorded = 1; goesOn && recorded <= whole.rows.length; recorded++) {
          const place = rebuildable(plan, recorded)
          assert.ok(place, `${recorded} rows`)
          const rest = await part(plan, linear, { resume: rebuilt(place, (row, which) => whole.rows[row]![which]) })
          assert.deepEqual([...whole.rows.slice(0, place.rows), ...rest.rows].map(seen), whole.rows.map(seen), `${recorded} rows`)
        }
      })
    }
  }

  test('DPM-Solver++ 3M begins with an output between rows, and goes on from where that is not looked back at any more', async () => {
    const plan = makePlan(request({ steps: 10, order: 3 }), linear)
    const whole = await part(plan, linear)
    const from = whole.rows.map((_, i) => rebuildable(plan, i + 1) !== null)
    assert.deepEqual(from, [true, ...from.slice(1).map((_, i) => i >= plan.steps[0]!.stages.length)])
    const place = rebuildable(plan, 6)!
    const rest = await part(plan, linear, { resume: rebuilt(place, (row, which) => whole.rows[row]![which]) })
    assert.deepEqual([...whole.rows.slice(0, place.rows), ...rest.rows].map(seen), whole.rows.map(seen))
  })

  test('has none, or more than its plan: nothing to go on with', () => {
    const plan = makePlan(request({ steps: 10 }), linear)
    assert.equal(rebuildable(plan, 0), null)
    assert.equal(rebuildable(plan, plan.levels.length + 1), null)
  })
})

test('a memory of another run is refused', async () => {
  const plan = makePlan(request({ steps: 8 }), linear)
  const { memory } = await part(plan, linear, {}, 4)
  const other = { ...memory!, tensors: { ...memory!.tensors, state: new Float32Array(2) } }
  await assert.rejects(part(plan, linear, { resume: other }), RangeError)
})
