import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { prepare } from '../../../src/recipe/prepare'
import type { Recipe } from '../../../src/recipe/recipe'
import { algorithms } from '../../../src/sampler/algorithms'
import { drawBatch, noiseGenerators, noiseSource } from '../../../src/sampler/random/source'
import { sample } from '../../../src/sampler/sample'
import { scheduleOf, timeLabel } from '../../../src/sampler/schedule/schedule'
import type { Algorithm } from '../../../src/sampler/types'
import { carryOut, largest, withDigits } from './digits'
import { clientFor, recipe } from './withClient'

const all = Object.keys(algorithms) as Algorithm[]
/** Analytic-DPM wants a statistic of the network, which the model may not have. */
const statistic = { lambda: [-6, 0, 6], meanSquare: [0.95, 0.9, 0.5] }

/** Few steps of an algorithm: every method that it has only one of is taken by itself. */
function fewSteps(algorithm: Algorithm, change: (r: Recipe) => void = () => {}): Recipe {
  return recipe((r) => {
    r.solver.algorithm = algorithm
    r.solver.steps = algorithm === 'pndm' ? 12 : 5
    r.conditioning.classLabel = 3
    if (algorithm === 'analyticDpm') r.solver.options = { statistic }
    if (algorithm === 'rk45') r.solver.options = { atol: 0.05, rtol: 0.05 }
    change(r)
  })
}

test('every algorithm in the engine is the sampler itself on the same network, bit for bit, and again the same bytes', async (t) => {
  const client = clientFor(t)
  for (const algorithm of all) {
    const made = fewSteps(algorithm)
    const run = await carryOut(client, made)
    assert.equal(run.end.outcome, 'finished', `${algorithm}: ${run.end.error?.message}`)
    const direct = await withDigits(1, [3], async ({ facts }, evaluate) => {
      const { plan, predictionType, ownSchedule } = prepare(made, facts)
      const own = scheduleOf(ownSchedule)
      const noise = noiseSource('philox4x32-10/v1', ['7'])
      const x = new Float32Array(1024)
      drawBatch(noise, x, 0)
      const states: Float32Array[] = []
      for await (const row of sample({ plan, prediction: predictionType, x, label: (level) => timeLabel(level, own), evaluate, noise, schedule: own, items: 1 })) {
        states.push(row.x.slice() as Float32Array, row.x0.slice() as Float32Array)
      }
      return states
    })
    assert.equal(direct.length, 2 * run.rows.length, algorithm)
    direct.forEach((values, i) => { assert.deepEqual(run.states.subarray(i * 1024, (i + 1) * 1024), values, `${algorithm}, tensor ${i}`) })
    assert.ok(largest(run.last, run.x(0)) > 0.1, algorithm)
    assert.deepEqual((await carryOut(client, made)).states, run.states, `${algorithm} again`)
  }
})

test('batch item k is the single run with seed + k, with every generator: methods that add noise, and those that find their steps', async (t) => {
  const client = clientFor(t)
  const cases: [what: string, change: (r: Recipe) => void][] = [
    ['sde-dpmsolver++', (r) => { r.solver.algorithm = 'sde-dpmsolver++' }],
    ['ddpm', (r) => { r.solver.algorithm = 'ddpm' }],
    ['dpmsolver adaptive', (r) => { r.solver.algorithm = 'dpmsolver'; r.solver.method = 'adaptive'; r.solver.options = { rtol: 0.3, atol: 0.1 } }],
    ['rk45', (r) => { r.solver.algorithm = 'rk45'; r.solver.options = { atol: 0.05, rtol: 0.05 } }],
  ]
  for (const generator of noiseGenerators) {
    for (const [what, change] of cases) {
      const made = (k: number, batch: number): Recipe => recipe((r) => {
        r.noise = { seed: 100 + k, batch, generator }
        r.solver.steps = 5
        r.conditioning.classLabel = batch === 1 ? [2, 'none', 8][k]! : [2, 'none', 8]
        r.guidance.scale = 2
        change(r)
      })
      const together = await carryOut(client, made(0, 3))
      assert.equal(together.end.outcome, 'finished', `${what}: ${together.end.error?.message}`)
      for (const k of [0, 2]) {
        const alone = await carryOut(client, made(k, 1))
        assert.deepEqual(together.x(0).subarray(k * 1024, (k + 1) * 1024), alone.x(0), `${generator}, ${what}, noise of item ${k}`)
        assert.deepEqual(together.last.subarray(k * 1024, (k + 1) * 1024), alone.last, `${generator}, ${what}, item ${k}`)
      }
    }
  }
})

test('an adaptive run says where every item is, and what it tried', async (t) => {
  const client = clientFor(t)
  const run = await carryOut(client, recipe((r) => {
    r.solver = { ...r.solver, algorithm: 'dpmsolver', method: 'adaptive', order: 3 }
    r.noise.batch = 3
  }))
  const { document: { plan }, rows, end } = run
  assert.deepEqual([end.outcome, end.rows], ['finished', rows.length])
  const lanes = rows.filter((row) => row.lanes)
  assert.ok(lanes.length > 3)
  for (const row of lanes) {
    assert.deepEqual(row.lanes!.map(({ item }) => item), [0, 1, 2])
    assert.ok(row.lanes!.some((lane) => lane.row === row.row))
    assert.ok(row.lanes!.every((lane) => lane.row <= row.row))
  }
  // Items that are not new are shown as they were.
  const waiting = lanes.flatMap((row) => row.lanes!.filter((lane) => lane.row < row.row).map((lane) => ({ row, lane })))
  for (const { row, lane } of waiting) assert.deepEqual(run.x(row.row).subarray(lane.item * 1024, (lane.item + 1) * 1024), run.x(lane.row).subarray(lane.item * 1024, (lane.item + 1) * 1024))
  const accepted = lanes.at(-1)!.lanes!.reduce((sum, lane) => sum + lane.accepted, 0)
  assert.ok(end.accepted! > accepted && end.rejected! >= 0)
  assert.deepEqual(rows.at(-1)!.level, plan.levels.at(-1))
  assert.equal(rows.at(-1)!.order, 0)
  console.log(`${end.accepted} steps taken, ${end.rejected} not, ${rows.length} rows, ${end.evaluations} evaluations`)
})

test('with the generator torch-cpu x_T is what PyTorch draws for the same seed', async (t) => {
  const { cases } = JSON.parse(readFileSync('test/fixtures/golden/torch_cpu.json', 'utf8')) as { cases: { op: string; dtype: string; seed: string; shape: number[]; head: number[]; tail: number[] }[] }
  const drawn = cases.find(({ op, dtype, seed, shape }) => op === 'randn' && dtype === 'float32' && seed === '42' && shape.join() === '1,3,32,32')!
  const run = await carryOut(clientFor(t), recipe((r) => { r.model.path = 'emoji'; r.noise = { seed: 42, batch: 1, generator: 'torch-cpu' }; r.solver.steps = 2 }))
  assert.deepEqual(run.document.shape, drawn.shape)
  const values = (bits: number[]): Float32Array => new Float32Array(Uint32Array.from(bits).buffer)
  const gap = Math.max(largest(run.x(0).subarray(0, 64), values(drawn.head)), largest(run.x(0).subarray(-64), values(drawn.tail)))
  console.log(`x_T of seed 42 and PyTorch’s: ${gap.toExponential(1)}`)
  assert.ok(gap <= 3e-6)
})
