import '../../../src/engine/environment'
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openGraph } from '../../../src/engine/graphFile'
import { Models } from '../../../src/engine/models'
import { Network } from '../../../src/engine/network'
import { loadRuntime } from '../../../src/engine/runtime'
import type { RunBegan, RunLoading, RunRows } from '../../../src/protocol/engine'
import { drawNormals } from '../../../src/sampler/noise'
import { onnxFile } from './onnxFile'
import { folderWith, half, labelled, nanBelow500, network, newFolder } from './testModels'
import { clientFor, cpu, readFolder, recipe, start } from './withClient'

test('both bundled networks give what PyTorch gives, to 1e-5', async () => {
  const models = new Models('media/models')
  for (const name of ['digits', 'emoji']) {
    const check = JSON.parse(readFileSync(join('media/models', name, 'check.json'), 'utf8')) as { sample: { data: number[] }; timestep: number[]; class_labels: number[]; out_sample: { data: number[] } }
    await models.with(name, cpu, () => {}, async ({ session, facts }) => {
      const size = check.sample.data.length / check.timestep.length
      let worst = 0
      for (const [k, time] of check.timestep.entries()) {
        const one = new Network(loadRuntime(), session!, facts, 1, [check.class_labels[k]!])
        one.sample.set(check.sample.data.slice(k * size, (k + 1) * size))
        const out = await one.evaluate(time)
        assert.equal(out.length, size)
        out.forEach((value, i) => { worst = Math.max(worst, Math.abs(value - check.out_sample.data[k * size + i]!)) })
      }
      console.log(`${name}: largest difference ${worst.toExponential(1)}`)
      assert.ok(worst <= 1e-5, `${name}: ${worst}`)
    })
  }
})

test('a run of digits, batch 2: events, rows and files agree', async (t) => {
  const client = clientFor(t)
  const run = start(recipe((r) => { r.noise.batch = 2; r.solver.steps = 12; r.conditioning.classLabel = [3, 'none'] }), { preview: { maxSize: 256, every: 1 } })
  const loading: RunLoading[] = []
  const began: RunBegan[] = []
  const batches: RunRows[] = []
  const end = await client.run(run, {
    loading: (event) => loading.push(event), began: (event) => began.push(event),
    rows: (event) => { batches.push(event); if (event.frames) client.ackFrames(run.runId, event.frames.row) },
  })
  assert.equal(end.outcome, 'finished')
  assert.deepEqual([end.rows, end.evaluations], [13, 12])
  assert.ok(end.evaluationMs! > 0 && end.evaluationMs! <= end.ms)
  assert.deepEqual(loading.map(({ file, provider }) => [file, provider]), [['digits', 'cpu']])
  assert.equal(began.length, 1)

  const { document, events, states } = readFolder(run.folder)
  assert.deepEqual(document, began[0]!.document)
  assert.deepEqual(events.at(-1), end)
  const rows = events.slice(0, -1)
  assert.deepEqual(batches.flatMap((batch) => batch.rows), rows)
  assert.deepEqual([document.shape, document.labels, document.seeds, document.recipe.noise.seed], [[2, 1, 32, 32], [3, 10], ['7', '8'], '7'])
  assert.equal(states.length, 13 * 2 * 2048)
  assert.equal(document.states.rowBytes, 2 * 2048 * 4)
  rows.forEach((event, i) => {
    assert.ok(event.event === 'row')
    assert.deepEqual([event.row, event.offset, event.level, event.estimateFrom], [i, i * document.states.rowBytes, document.plan.levels[i], i])
    assert.equal(event.order, document.plan.steps[i]?.order ?? 0)
    const x = states.subarray(i * 4096, i * 4096 + 2048)
    assert.equal(event.x.max, x.reduce((max, value) => Math.max(max, value), -Infinity))
    assert.equal(event.x.nonFinite, 0)
  })
  // Row 0 is x_T: the noise itself. The last row is at σ = 0, where x̂₀ is x.
  assert.deepEqual(states.subarray(0, 1024), Float32Array.from(drawNormals('7', 0, 1024)))
  assert.deepEqual(states.subarray(1024, 2048), Float32Array.from(drawNormals('8', 0, 1024)))
  assert.equal(document.plan.levels.at(-1)?.lambda, Infinity)
  assert.deepEqual(states.slice(-4096, -2048), states.slice(-2048))

  // Pixels: the first row at once, two 32×32 pictures side by side.
  const frames = batches[0]!.frames!
  assert.deepEqual([batches[0]!.rows.length, frames.row, frames.width, frames.height, frames.x.length, frames.x0.length], [1, 0, 64, 32, 8192, 8192])
  assert.equal(frames.x[3], 255)
})

test('batch item k is the single run with seed + k, bit for bit, guided too', async (t) => {
  const client = clientFor(t)
  for (const [model, classLabel, scale] of [['digits', 'none', 1], ['emoji', [2, 5, 7], 2]] as const) {
    const made = (k: number, batch: number): ReturnType<typeof start> => start(recipe((r) => {
      r.model.path = model
      r.noise.seed = 41 + k
      r.noise.batch = batch
      r.solver.steps = 8
      r.guidance.scale = scale
      r.conditioning.classLabel = typeof classLabel === 'string' ? classLabel : batch === 1 ? classLabel[k]! : [...classLabel]
    }))
    const together = made(0, 3)
    await client.run(together)
    const batch = readFolder(together.folder)
    const size = batch.document.shape.slice(1).reduce((product, n) => product * n, 1)
    for (let k = 0; k < 3; k++) {
      const alone = made(k, 1)
      await client.run(alone)
      const single = readFolder(alone.folder)
      assert.equal(single.states.length, 9 * 2 * size)
      for (let tensor = 0; tensor < 9 * 2; tensor++) {
        assert.deepEqual(batch.states.subarray((tensor * 3 + k) * size, (tensor * 3 + k + 1) * size), single.states.subarray(tensor * size, (tensor + 1) * size), `${model}, item ${k}, tensor ${tensor}`)
      }
    }
  }
})

test('a guided evaluation counts once, and scale 1 is the class alone', async (t) => {
  const client = clientFor(t)
  const made = (scale: number): ReturnType<typeof start> => start(recipe((r) => { r.guidance.scale = scale; r.conditioning.classLabel = 4; r.solver.steps = 6 }))
  const [plain, near, guided] = [made(1), made(1 + 1e-12), made(3)]
  for (const run of [plain, near, guided]) assert.equal((await client.run(run)).evaluations, 6)
  const states = [plain, near, guided].map(({ folder }) => readFolder(folder).states)
  const worst = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
  assert.ok(worst(states[0]!, states[1]!) < 1e-4)
  assert.ok(worst(states[0]!, states[2]!) > 0.01)
})

test('values that become NaN end the run as failed: the step is named, the rows are kept, the remedy is another solver', async (t) => {
  const client = clientFor(t)
  const model = folderWith({ 'model.onnx': nanBelow500() })
  const run = start(recipe((r) => { r.model.path = model }))
  const rows: number[] = []
  const end = await client.run(run, { rows: (event) => rows.push(...event.rows.map(({ row }) => row)) })
  assert.equal(end.outcome, 'failed')
  assert.equal(end.error?.reason, 'nonFinite')
  const { events, states, document } = readFolder(run.folder)
  const bad = events.findIndex((event) => event.event === 'row' && event.x0.nonFinite > 0)
  assert.ok(bad > 0)
  assert.match(end.error?.message ?? '', new RegExp(`step ${bad} of 20 \\(λ `))
  assert.deepEqual(end.error?.remedy, { title: 'Retry with Order 1', set: { 'solver.order': 1 } })
  assert.equal(end.rows, bad + 1)
  assert.deepEqual(events.at(-1), end)
  assert.equal(states.byteLength, (bad + 1) * document.states.rowBytes)
  assert.ok(states.subarray(0, bad * 32).every(Number.isFinite))
  assert.deepEqual(rows, Array.from({ length: bad + 1 }, (_, i) => i))
  assert.equal((await client.run(start(recipe()))).outcome, 'finished')
})

test('an evaluation that fails ends the run as failed, with a sentence', async (t) => {
  const client = clientFor(t)
  const model = folderWith({ 'model.onnx': labelled(4), 'config.json': { num_class_embeds: 10 } })
  const run = start(recipe((r) => { r.model.path = model; r.conditioning.classLabel = 7 }))
  const end = await client.run(run)
  assert.deepEqual([end.outcome, end.rows, end.evaluations, end.error?.reason], ['failed', 0, 0, 'evaluationFailed'])
  assert.match(end.error?.message ?? '', /labels 0 to 3, and 7 was fed/)
  assert.deepEqual(readFolder(run.folder).events, [end])
})

test('a batch that does not fit into memory is told as that', async (t) => {
  const client = clientFor(t)
  const image = ['batch', 1, 'height', 'width']
  const graph = onnxFile({
    inputs: [{ name: 'sample', dims: image }, { name: 'timestep', dims: [] }], outputs: [{ name: 'out_sample', dims: image }], nodes: [{ op: 'Identity', inputs: ['sample'], output: 'out_sample' }],
  })
  const model = folderWith({ 'model.onnx': graph, 'config.json': { in_channels: 1, sample_size: 1_000_000 } })
  const run = start(recipe((r) => { r.model.path = model; r.noise.batch = 4 }))
  await assert.rejects(client.run(run), { reason: 'evaluationFailed', advice: 'Use a smaller batch.', remedy: { title: 'Use a Batch of 1', set: { 'noise.batch': 1 } } })
  assert.throws(() => readFileSync(join(run.folder, 'run.json')), { code: 'ENOENT' })
})

test('a recipe that breaks a rule is refused before anything is written', async (t) => {
  const client = clientFor(t)
  const run = start(recipe((r) => { r.solver.steps = 1 }))
  await assert.rejects(client.run(run), { reason: 'recipeInvalid', field: 'solver.steps' })
  await assert.rejects(client.run({ ...run, recipe: recipe((r) => { r.noise.seed = 'random' }) }), { reason: 'recipeInvalid', field: 'noise.seed' })
  assert.throws(() => readFileSync(join(run.folder, 'run.json')), { code: 'ENOENT' })
})

test('a folder that cannot be made, or holds a run already, is refused with the reason', async (t) => {
  const client = clientFor(t)
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  await assert.rejects(client.run(start(recipe(), { folder: join(file, 'run') })), { reason: 'runFolder', message: /a part of its path is a file/ })
  const run = start(recipe((r) => { r.solver.steps = 3 }))
  await client.run(run)
  const before = readFileSync(join(run.folder, 'states.f32'))
  await assert.rejects(client.run({ ...run, runId: 'again' }), { reason: 'runFolder', message: /already holds a run/ })
  assert.deepEqual(readFileSync(join(run.folder, 'states.f32')), before)
})

test('networks of other types: float16, times as int64 or one for each item, one fixed batch', async (t) => {
  const client = clientFor(t)
  const states: Record<string, Float32Array> = {}
  const models = {
    plain: half(), float16: half({ type: 'float16', constants: [{ name: 'a', type: 'float16', values: [0x3800] }] }),
    int64: half({ time: { type: 'int64', dims: ['batch'] } }), single: half({ batch: 1, time: { dims: [1] } }), many: half({ time: { dims: ['batch'] } }), half: half({ time: { type: 'float16' } }),
  }
  for (const [name, graph] of Object.entries(models)) {
    const path = folderWith({ 'model.onnx': graph })
    const run = start(recipe((r) => { r.model.path = path; r.noise.batch = 2; r.solver.steps = 5 }))
    const end = await client.run(run)
    assert.deepEqual([name, end.outcome, end.error], [name, 'finished', undefined])
    states[name] = readFolder(run.folder).states
  }
  // `single` takes one image at a time: a batch is evaluated in parts.
  for (const name of ['many', 'half', 'single']) assert.deepEqual(states[name], states['plain'], name)
  const largest = states['plain']!.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const worst = states['plain']!.reduce((most, value, i) => Math.max(most, Math.abs(value - states['float16']![i]!)), 0) / largest
  assert.ok(worst > 0 && worst < 2 ** -10, `float16 differs by ${worst} of the largest value`)
  await assert.rejects(client.run(start(recipe((r) => { r.model.path = folderWith({ 'model.onnx': half({ batch: 2 }) }); r.noise.batch = 3 }))), { reason: 'recipeInvalid', field: 'noise.batch' })
})

test('float16 is fed where the runtime knows Float16Array too, which ONNX Runtime’s binding does not', async (t) => {
  // Node has it from version 24 on; here the engine is given one that is no array of anything.
  const given = folderWith({ 'given.cjs': 'globalThis.Float16Array = class Float16Array { static from() { throw new Error("not to be used") } }' })
  const path = folderWith({ 'model.onnx': half({ type: 'float16', constants: [{ name: 'a', type: 'float16', values: [0x3800] }] }) })
  const states = []
  for (const env of [{}, { NODE_OPTIONS: `--require ${JSON.stringify(join(given, 'given.cjs'))}` }]) {
    const run = start(recipe((r) => { r.model.path = path; r.solver.steps = 5 }))
    const end = await clientFor(t, { env }).run(run)
    assert.equal(end.outcome, 'finished', end.error?.message)
    states.push(readFolder(run.folder).states)
  }
  assert.deepEqual(states[0], states[1])
})

test('an integer time input is fed whole knots', async (t) => {
  const client = clientFor(t)
  // ε̂ = x·cast(time)/1000: the float that follows from x and x̂₀ tells the time that was fed.
  const graph = network([{ op: 'Cast', inputs: ['timestep'], output: 'f', ints: { to: 1 } }, { op: 'Mul', inputs: ['f', 'k'], output: 'g' }, { op: 'Mul', inputs: ['sample', 'g'], output: 'out_sample' }],
    { time: { type: 'int64' }, constants: [{ name: 'k', values: [1e-3] }] })
  const run = start(recipe((r) => { r.model.path = folderWith({ 'model.onnx': graph }); r.solver.steps = 6; r.solver.finalSigma = 'sigmaMin' }))
  assert.equal((await client.run(run)).outcome, 'finished')
  const { document, states, events } = readFolder(run.folder)
  for (const [i, { alpha, sigma, t: time }] of document.plan.levels.slice(0, -1).entries()) {
    const fed = (states[i * 32]! - alpha * states[i * 32 + 16]!) / (sigma * states[i * 32]!) * 1000
    assert.ok(Math.abs(fed - Math.round(fed)) < 1e-2, `time ${fed} at row ${i}`)
    assert.equal(Math.round(fed), Math.round(time * 1000) - 1)
  }
  assert.deepEqual(events.slice(-2, -1).map((event) => event.event === 'row' && [event.row, event.estimateFrom]), [[6, 5]])
})

test('openGraph stamps change with the file', () => {
  const folder = folderWith({ 'model.onnx': half() })
  const before = openGraph(join(folder, 'model.onnx')).stamp
  assert.equal(openGraph(join(folder, 'model.onnx')).stamp, before)
  writeFileSync(join(folder, 'model.onnx'), half({ batch: 2 }))
  assert.notEqual(openGraph(join(folder, 'model.onnx')).stamp, before)
})
