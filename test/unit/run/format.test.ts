import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { sample, workFolder } from '../cli/run'

// Everything here is written from docs/run-format.md alone: nothing of the reader in src/run/store.ts is used.
type Json = Record<string, unknown>
interface Level { t: number; alpha: number; sigma: number; lambda: number }
interface Term { of: 'state' | { stage: number } | { past: number }; coefficient: number }
interface Step { from: Json; to: Json; order: number; stages: { level: Json; input: Term[] }[]; update: Term[]; remember: number[]; estimate: number }
interface Row { row: number; level: Json; order: number; evaluations: number; ms: number; estimateFrom: number; offset: number; x: Json; x0: Json }

interface Trajectory { run: Json & { plan: { form: string; levels: Json[]; steps: Step[]; evaluations: number }; shape: number[]; seeds: string[] }; rows: Row[]; end: Json; x: number[][]; x0: number[][]; bytes: number }

function read(folder: string): Trajectory {
  const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as Trajectory['run']
  const events = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Json)
  const rows = events.filter(({ event }) => event === 'row') as unknown as Row[]
  const count = run.shape.reduce((product, n) => product * n, 1)
  const raw = readFileSync(join(folder, 'states.f32'))
  const state = (offset: number): number[] => Array.from({ length: count }, (_, i) => raw.readFloatLE(offset + 4 * i))
  return { run, rows, end: events.at(-1)!, x: rows.map(({ offset }) => state(offset)), x0: rows.map(({ offset }) => state(offset + 4 * count)), bytes: raw.length }
}

/** Numbers that are not finite are words. */
const level = (json: Json): Level => ({ t: Number(json['t']), alpha: Number(json['alpha']), sigma: Number(json['sigma']), lambda: Number(json['lambda']) })

const near = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b))

/** Philox4x32-10, as the page states it. */
function philox(block: number, seed: bigint): number[] {
  const mask = 0xffffffffn
  let [c0, c1, c2, c3] = [BigInt(block), 0n, 0n, 0n] as [bigint, bigint, bigint, bigint]
  let [k0, k1] = [seed & mask, seed >> 32n] as [bigint, bigint]
  for (let round = 0; round < 10; round++) {
    const p0 = c0 * 0xd2511f53n
    const p1 = c2 * 0xcd9e8d57n
    ;[c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & mask, (p0 >> 32n) ^ c3 ^ k1, p0 & mask]
    ;[k0, k1] = [(k0 + 0x9e3779b9n) & mask, (k1 + 0xbb67ae85n) & mask]
  }
  return [c0, c1, c2, c3].map(Number)
}

function normals(seed: bigint, count: number): number[] {
  return Array.from({ length: count / 2 }, (_, j) => {
    const w = philox(j, seed)
    const [u1, u2] = [0, 2].map((i) => ((w[i]! >>> 5) * 2 ** 26 + (w[i + 1]! >>> 6) + 0.5) / 2 ** 53) as [number, number]
    const r = Math.sqrt(-2 * Math.log(u1))
    return [r * Math.cos(2 * Math.PI * u2), r * Math.sin(2 * Math.PI * u2)]
  }).flat()
}

const runs: [what: string, args: string[]][] = [
  ['multistep to σ = 0, three items, class and guidance', ['--batch', '3', '--seed', '18446744073709551614', '--steps', '8', '--class-label', '1,none', '--guidance', '2']],
  ['noise form, ending above σ = 0', ['--algorithm', 'dpmsolver', '--steps', '7', '--final-sigma', 'sigmaMin', '--seed', '5']],
  ['singlestep of order 3, another schedule, colour', ['--model', 'emoji', '--method', 'singlestep', '--order', '3', '--steps', '10', '--schedule', 'vpLinear', '--seed', '9']],
]

for (const [what, args] of runs) {
  describe(`a run folder read by docs/run-format.md: ${what}`, () => {
    let made: Trajectory
    before(async () => { made = read((await sample(args, workFolder())).runFolder) })

    test('run.json says what it is, and its sizes agree', () => {
      const { run, rows, bytes } = made
      assert.equal(run['format'], 'dpm-solver-run')
      assert.equal(run['version'], 1)
      assert.match(String(run['created']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      const states = run['states'] as Json
      assert.deepEqual({ ...states, rowBytes: 0 }, { file: 'states.f32', dtype: 'float32', byteOrder: 'little', tensors: ['x', 'x0'], rowBytes: 0 })
      assert.equal(states['rowBytes'], 2 * 4 * run.shape.reduce((product, n) => product * n, 1))
      assert.equal(bytes, rows.length * Number(states['rowBytes']))
      assert.equal(run.seeds.length, run.shape[0])
    })

    test('there is a row for each level of the plan, without gaps, and an end', () => {
      const { run: { plan }, rows, end } = made
      assert.equal(plan.levels.length, plan.steps.length + 1)
      assert.deepEqual(rows.map(({ row }) => row), plan.levels.map((_, i) => i))
      assert.deepEqual(rows.map((row) => row.level), plan.levels)
      assert.deepEqual(rows.map(({ order }) => order), [...plan.steps.map(({ order }) => order), 0])
      assert.equal(rows.at(-1)!.evaluations, plan.evaluations)
      assert.deepEqual([end['event'], end['outcome'], end['rows'], end['evaluations']], ['end', 'finished', rows.length, plan.evaluations])
      assert.ok(Number(end['ms']) > 0 && rows.every(({ ms }) => ms >= 0))
    })

    test('α² + σ² = 1 and λ = ln(α/σ) at every level, λ rising', () => {
      const levels = made.run.plan.levels.map(level)
      for (const { alpha, sigma, lambda } of levels) {
        assert.ok(near(alpha ** 2 + sigma ** 2, 1, 1e-12))
        if (sigma > 0) assert.ok(near(Math.log(alpha / sigma), lambda, 1e-9))
        else assert.equal(lambda, Infinity)
      }
      assert.ok(levels.every(({ lambda }, i) => i === 0 || lambda > levels[i - 1]!.lambda))
    })

    test('x of row 0 is the noise of the seeds', () => {
      const { run, x } = made
      const size = run.shape.slice(1).reduce((product, n) => product * n, 1)
      for (const [k, seed] of run.seeds.entries()) {
        for (const [i, z] of normals(BigInt(seed), size).entries()) assert.ok(near(x[0]![k * size + i]!, z, 3e-7))
      }
    })

    test('steps whose only stage is the recorded one can be taken again from their coefficients', () => {
      const { run: { plan }, x, x0 } = made
      const outputs: number[][] = []
      let taken = 0
      for (const [i, { from, update, stages, remember }] of plan.steps.entries()) {
        if (stages.length > 1) continue
        const { alpha, sigma } = level(from)
        const output = plan.form === 'data' ? x0[i]! : x0[i]!.map((value, v) => (x[i]![v]! - alpha * value) / sigma)
        const terms = update.map(({ of, coefficient }) => ({ coefficient, values: of === 'state' ? x[i]! : 'stage' in of ? output : outputs[of.past]! }))
        for (const [v, value] of x[i + 1]!.entries()) {
          const sum = terms.reduce((total, { coefficient, values }) => total + coefficient * values[v]!, 0)
          assert.ok(near(value, sum, 1e-4), `row ${i + 1}, value ${v}: ${value}, not ${sum}`)
        }
        if (remember.length > 0) outputs.unshift(output)
        taken++
      }
      assert.ok(taken > 0)
    })

    test('the statistics are those of the states', () => {
      const { rows, x, x0 } = made
      for (const [i, row] of rows.entries()) {
        for (const [said, values] of [[row.x, x[i]!], [row.x0, x0[i]!]] as const) {
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length
          const got = { min: Math.min(...values), max: Math.max(...values), mean, std: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length), clipped: values.filter((value) => Math.abs(value) > 1).length / values.length, nonFinite: 0 }
          for (const [name, value] of Object.entries(got)) assert.ok(near(Number(said[name]), value, 1e-6), `${name} of row ${i}`)
        }
      }
    })

    test('the last row holds the result, and says whose estimate it shows', () => {
      const { rows, x, x0, run: { plan } } = made
      const last = rows.at(-1)!
      if (level(last.level).sigma === 0) {
        assert.deepEqual(x0.at(-1), x.at(-1))
        assert.equal(last.estimateFrom, last.row)
      } else {
        assert.equal(last.estimateFrom, plan.steps.length - 1)
        assert.deepEqual(x0.at(-1), x0[last.estimateFrom])
        assert.notDeepEqual(x.at(-1), x0.at(-1))
      }
      for (const row of rows.slice(0, -1)) assert.equal(row.estimateFrom, row.row)
    })
  })
}

describe('a run folder that does not keep the states of all rows, read by docs/run-format.md', () => {
  for (const [keep, expected] of [['everyN', [0, 4, 8, 10]], ['lastOnly', [10]]] as const) {
    test(`${keep}: has those it says it has, and lines of all`, async () => {
      const asked = ['--steps', '10', '--seed', '1', '--batch', '2', '--class-label', '2']
      const whole = read((await sample(asked, workFolder())).runFolder)
      const { runFolder, images } = await sample([...asked, '--keep', keep, '--keep-every', '4'], workFolder())
      assert.equal(images.length, 2)
      const run = JSON.parse(readFileSync(join(runFolder, 'run.json'), 'utf8')) as { version: number; states: { keep: string; every?: number; rowBytes: number }; shape: number[] }
      assert.deepEqual([run.version, run.states.keep, run.states.every], [2, keep, keep === 'everyN' ? 4 : undefined])
      const rows = readFileSync(join(runFolder, 'events.jsonl'), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Row & { event: string; change: number | string }).filter(({ event }) => event === 'row')
      assert.equal(rows.length, 11)
      const kept = rows.filter(({ row }) => row === rows.length - 1 || keep === 'everyN' && row % run.states.every! === 0)
      assert.deepEqual(kept.map(({ row }) => row), expected)
      const raw = readFileSync(join(runFolder, 'states.f32'))
      assert.ok(raw.length <= (kept.length + 2) * run.states.rowBytes)
      const count = run.shape.reduce((product, n) => product * n, 1)
      for (const { row, offset } of kept) for (const [which, from] of [['x', 0], ['x0', 4 * count]] as const) assert.deepEqual(Array.from({ length: count }, (_, i) => raw.readFloatLE(offset + from + 4 * i)), whole[which][row])
      for (const { row, change } of rows) {
        const [now, before] = [whole.x0[row]!, whole.x0[row - 1]]
        if (!before) assert.equal(change, 'NaN')
        else assert.ok(near(Number(change), Math.sqrt(now.reduce((sum, value, i) => sum + (value - before[i]!) ** 2, 0) / count), 1e-9))
      }
    })
  }
})

test('every field that a run folder holds is named on the page', async () => {
  const page = readFileSync('docs/run-format.md', 'utf8')
  const { runFolder } = await sample(['--steps', '3', '--seed', '1', '--class-label', '2', '--keep', 'everyN', '--keep-every', '2'], workFolder())
  const { run, rows, end } = read(runFolder)
  const names = new Set<string>()
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(collect)
    else if (typeof value === 'object' && value !== null) for (const [name, child] of Object.entries(value)) { names.add(name); if (name !== 'recipe') collect(child) }
  }
  collect([run, rows, end])
  const missing = [...names].filter((name) => !page.includes(`\`${name}\``) && !page.includes(`"${name}"`))
  assert.deepEqual(missing, [])
})
