import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodePng } from '../../../src/formats/png'
import type { Recipe } from '../../../src/recipe/recipe'
import { greyLevel } from '../../../src/render/pixels'
import { drawNormals } from '../../../src/sampler/noise'
import { carryOut, distance, greyPng, largest, ring } from './digits'
import { newFolder } from './testModels'
import { clientFor, recipe, start } from './withClient'

const image = greyPng(ring)
const values = Float32Array.from(ring, (level) => 2 * level / 255 - 1)
const onImage = (task: Recipe['input']['task'], change: (r: Recipe) => void = () => {}): Recipe => recipe((r) => { r.input = { ...r.input, task, image }; change(r) })

test('an image that is encoded and decoded comes back, the nearer the more steps; encoding alone ends where its way down begins', async (t) => {
  const client = clientFor(t)
  const gaps: number[] = []
  for (const steps of [20, 80]) {
    const run = await carryOut(client, onImage('reconstruct', (r) => { r.solver.steps = steps }))
    assert.equal(run.end.outcome, 'finished')
    assert.deepEqual([run.rows.length, run.end.evaluations], [2 * steps + 1, 2 * steps])
    assert.deepEqual(run.x(0), values)
    gaps.push(distance(run.last, values))
    const turn = run.x(steps)
    assert.ok(Math.abs(Math.hypot(...turn) / 32 - 1) < 0.3, 'the encoded image has the spread of noise')
    const encoded = await carryOut(client, onImage('encode', (r) => { r.solver.steps = steps }))
    assert.deepEqual(encoded.last, turn)
    assert.ok(encoded.rows.every(({ level }, i) => i === 0 || level.lambda < encoded.rows[i - 1]!.level.lambda))
  }
  console.log(`rms after 20 steps each way ${gaps[0]!.toFixed(4)}, after 80 ${gaps[1]!.toFixed(4)}`)
  assert.ok(gaps[1]! < 0.05 && gaps[1]! < gaps[0]! / 4)
})

test('an image made anew starts as q(x_t | x₀) of it with the run’s own noise, and the later it starts the nearer it stays', async (t) => {
  const client = clientFor(t)
  const near: number[] = []
  for (const tStart of ['auto', 0.15, 0.02] as const) {
    const run = await carryOut(client, onImage('sample', (r) => { r.schedule.tStart = tStart; r.noise.batch = 2 }))
    assert.equal(run.end.outcome, 'finished')
    const { alpha, sigma } = run.rows[0]!.level
    if (tStart === 'auto') assert.ok(Math.abs(sigma / alpha - 2) < 0.01)
    for (const item of [0, 1]) {
      const z = drawNormals(String(7 + item), 0, 1024)
      assert.ok(largest(run.x(0).subarray(1024 * item, 1024 * (item + 1)), values.map((value, i) => alpha * value + sigma * z[i]!)) < 1e-5)
    }
    near.push(distance(run.last.subarray(0, 1024), values))
  }
  console.log(`rms to the image: ${near.map((gap) => gap.toFixed(3)).join(', ')}`)
  assert.ok(near[0]! > near[1]! && near[1]! > near[2]! && near[2]! < 0.1)
})

test('inpainting keeps what is black in the mask, exactly, and follows its path on the way; the rest starts as noise', async (t) => {
  const client = clientFor(t)
  const mask = greyPng(Uint8Array.from(ring, (_, i) => i % 32 < 16 ? 0 : 255))
  for (const change of [() => {}, (r: Recipe) => { r.solver.algorithm = 'ddpm' }, (r: Recipe) => { r.solver = { ...r.solver, algorithm: 'dpmsolver', method: 'adaptive', options: { atol: 0.1, rtol: 0.1 } } }] as const) {
    const run = await carryOut(client, onImage('sample', (r) => { r.input.mask = mask; r.noise.batch = 2; r.solver.steps = 8; change(r) }))
    assert.equal(run.end.outcome, 'finished')
    for (const row of run.rows) {
      for (const item of [0, 1]) {
        const { alpha, sigma } = row.lanes?.[item]?.level ?? row.level
        const x = run.x(row.row).subarray(1024 * item, 1024 * (item + 1))
        const z = drawNormals(String(7 + item), 0, 1024)
        const keeps = [...x.keys()].filter((i) => i % 32 < 16)
        assert.ok(largest(keeps.map((i) => x[i]!), keeps.map((i) => alpha * values[i]! + sigma * z[i]!)) <= (sigma === 0 ? 0 : 1e-5), `row ${row.row}, item ${item}`)
        if (row.row === 0) assert.ok([...x.keys()].every((i) => i % 32 < 16 || Math.abs(x[i]! - z[i]!) < 1e-6))
      }
    }
  }
})

test('noising an image: no evaluation, x̂₀ is the image, and x has the mean α x₀ and the variance σ² of its level, in all three ways', async (t) => {
  const client = clientFor(t)
  for (const way of ['direct', 'chain', 'sde'] as const) {
    const run = await carryOut(client, onImage('noise', (r) => { r.input.way = way; r.noise.batch = 16; r.solver.steps = way === 'sde' ? 200 : 20 }))
    assert.deepEqual([run.end.outcome, run.end.evaluations, run.end.evaluationMs, run.rows.length], ['finished', 0, 0, way === 'sde' ? 201 : 21])
    assert.deepEqual(run.x(0).subarray(0, 1024), values)
    let worst = 0
    for (const { row, level: { alpha, sigma } } of run.rows.filter((_, i) => i % 10 === 0 && i > 0)) {
      const noise = run.x(row).map((value, i) => (value - alpha * values[i % 1024]!) / sigma)
      assert.deepEqual(run.x0(row).subarray(0, 1024), values)
      const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length
      const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length
      worst = Math.max(worst, Math.abs(mean), Math.abs(variance - 1))
    }
    console.log(`${way}: mean and variance are off by at most ${worst.toFixed(4)}`)
    // 16,384 values: five standard errors of the variance; Euler–Maruyama has its own error beside it.
    assert.ok(worst < (way === 'sde' ? 0.12 : 0.055), way)
  }
})

test('a run says what it was made from; a picture of another size or kind is fitted, and that is said', async (t) => {
  const client = clientFor(t)
  const run = await carryOut(client, onImage('encode', (r) => { r.solver.steps = 2 }))
  assert.deepEqual(run.document.input, { image: { path: image, sha256: createHash('sha256').update(readFileSync(image)).digest('hex'), width: 32, height: 32 } })
  assert.ok(run.document.plan.notes.every((note) => !note.includes('input.image')))
  const file = join(newFolder(), 'colour.png')
  const data = new Uint8Array(64 * 64 * 4)
  for (let p = 0; p < 64 * 64; p++) {
    const level = ring[Math.floor(Math.floor(p / 64) / 2) * 32 + Math.floor(p % 64 / 2)]!
    data.set([level, level, level, 255], 4 * p)
  }
  data.set([10, 10, 10, 0])
  writeFileSync(file, encodePng({ width: 64, height: 64, channels: 4, data }))
  const large = await carryOut(client, onImage('encode', (r) => { r.input.image = file; r.solver.steps = 2 }))
  assert.ok(large.document.plan.notes.includes('The picture of input.image was laid over white, scaled from 64×64 to 32×32.'), large.document.plan.notes.join('\n'))
  const first = large.x(0)
  assert.deepEqual([...first.subarray(1)].map(greyLevel), [...ring.subarray(1)])
  assert.ok(Math.abs(first[0]! - (2 * (ring[0]! * 3 + 255) / 4 / 255 - 1)) < 0.01)
})

test('a picture that cannot be used is refused at its field, with a remedy, before anything is written', async (t) => {
  const client = clientFor(t)
  const folder = newFolder()
  const written = (name: string, bytes: Uint8Array | string): string => { writeFileSync(join(folder, name), bytes); return join(folder, name) }
  const png = readFileSync(image)
  const huge = Buffer.from(png)
  huge.writeUInt32BE(100_000, 16)
  huge.writeUInt32BE(100_000, 20)
  const cases: [what: string, change: (r: Recipe) => void, field: string, message: RegExp][] = [
    ['missing', (r) => { r.input.image = join(folder, 'none.png') }, 'input.image', /There is no picture at .*none\.png/],
    ['relative', (r) => { r.input.image = 'none.png' }, 'input.image', /input\.image is none\.png, and nothing says which folder/],
    ['a relative classifier', (r) => { r.guidance.classifier = 'none.onnx' }, 'guidance.classifier', /guidance\.classifier is none\.onnx, and nothing says which folder/],
    ['a folder', (r) => { r.input.image = folder }, 'input.image', /is a folder/],
    ['no PNG', (r) => { r.input.image = written('a.jpg', 'JFIF') }, 'input.image', /a\.jpg is not a PNG file/],
    ['cut', (r) => { r.input.image = written('cut.png', png.subarray(0, 60)) }, 'input.image', /cut\.png is damaged/],
    ['too large', (r) => { r.input.image = written('huge.png', huge) }, 'input.image', /100000×100000 pixels, more than can be read/],
    ['a mask that is missing', (r) => { r.input.mask = join(folder, 'mask.png') }, 'input.mask', /There is no picture/],
  ]
  for (const [what, change, field, message] of cases) {
    const run = start(onImage('sample', change))
    await assert.rejects(client.run(run), (error: { reason: string; field: string; message: string; advice: string; remedy?: object }) => {
      assert.deepEqual([error.reason, error.field], ['recipeInvalid', field], what)
      assert.match(error.message, message)
      assert.ok(error.advice.length > 0 && error.remedy)
      return true
    })
    assert.throws(() => readFileSync(join(run.folder, 'run.json')), { code: 'ENOENT' })
  }
})
