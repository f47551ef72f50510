import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Recipe } from '../../../src/recipe/recipe'
import { drawBatch, noiseSource } from '../../../src/sampler/random/source'
import { carryOut, distance, largest } from './digits'
import { onnxFile, type Value } from './onnxFile'
import { folderWith } from './testModels'
import { clientFor, recipe, start } from './withClient'

/** A classifier of 1×32×32 pictures whose gradient is `slope` times (label − x), at any time. */
function classifier(slope: number, options: { output?: number[]; inputs?: Value[] } = {}): string {
  const image = ['batch', 1, 32, 32]
  const file = onnxFile({
    inputs: options.inputs ?? [{ name: 'sample', dims: image }, { name: 'timestep', dims: ['batch'] }, { name: 'class_labels', type: 'int64', dims: ['batch'] }],
    outputs: [{ name: 'out_sample', dims: options.output ?? image }],
    nodes: options.inputs ? [{ op: 'Identity', inputs: ['sample'], output: 'out_sample' }] : [
      { op: 'Cast', inputs: ['class_labels'], output: 'l', ints: { to: 1 } }, { op: 'Reshape', inputs: ['l', 'shape'], output: 'y' }, { op: 'Sub', inputs: ['y', 'sample'], output: 'd' },
      { op: 'Mul', inputs: ['d', 'slope'], output: 'out_sample' },
    ],
    constants: options.inputs ? [] : [{ name: 'shape', type: 'int64', dims: [4], values: [-1, 1, 1, 1] }, { name: 'slope', values: [slope] }],
  })
  return join(folderWith({ 'classifier.onnx': file }), 'classifier.onnx')
}

const asked = (change: (r: Recipe) => void): Recipe => recipe((r) => { r.solver.steps = 8; r.conditioning.classLabel = 3; change(r) })

test('outside its interval guidance does nothing: there the run is the class alone, and its evaluations take less of the network', async (t) => {
  const client = clientFor(t)
  const made = (scale: number, interval: number[]): Recipe => asked((r) => { r.guidance = { ...r.guidance, scale, interval } })
  const plain = await carryOut(client, made(1, []))
  const nowhere = await carryOut(client, made(4, [1e6, 1e7]))
  assert.deepEqual(nowhere.states, plain.states)
  const everywhere = await carryOut(client, made(4, [0, 1e9]))
  assert.deepEqual(everywhere.states, (await carryOut(client, made(4, []))).states)
  const part = await carryOut(client, made(4, [0.2, 2]))
  assert.ok(distance(part.last, plain.last) > 0.01 && distance(part.last, everywhere.last) > 0.01)
  // The first row lies outside: it is that of the class alone.
  assert.deepEqual(part.x0(0), plain.x0(0))
})

test('inside an adaptive run guidance acts on those items that are in its interval, and a batch changes no item', async (t) => {
  const client = clientFor(t)
  const made = (seed: number, batch: number): Recipe => asked((r) => {
    r.solver = { ...r.solver, algorithm: 'dpmsolver', method: 'adaptive', options: { atol: 0.05, rtol: 0.1 } }
    r.noise = { ...r.noise, seed, batch }
    r.guidance = { ...r.guidance, scale: 3, interval: [0.1, 1.5], rescale: 0.7 }
  })
  const batch = await carryOut(client, made(20, 3))
  for (const k of [0, 1, 2]) assert.ok(largest(batch.last.subarray(1024 * k, 1024 * (k + 1)), (await carryOut(client, made(20 + k, 1))).last) < 1e-5, `item ${k}`)
})

test('rescaled by φ = 1, guidance has the spread of the class alone; thresholding and clipping keep every estimate in bounds', async (t) => {
  const client = clientFor(t)
  const base = (r: Recipe): void => { r.guidance.scale = 8; r.noise.batch = 2 }
  const free = await carryOut(client, asked(base))
  const tamed = await carryOut(client, asked((r) => { base(r); r.guidance.rescale = 1 }))
  const alone = await carryOut(client, asked((r) => { base(r); r.guidance.scale = 1 }))
  const spread = (run: typeof free, item: number): number => {
    const { alpha, sigma } = run.rows[0]!.level
    const epsilon = run.x(0).map((value, i) => (value - alpha * run.x0(0)[i]!) / sigma).subarray(1024 * item, 1024 * (item + 1))
    const mean = epsilon.reduce((sum, value) => sum + value, 0) / 1024
    return Math.sqrt(epsilon.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 1024)
  }
  for (const item of [0, 1]) {
    console.log(`spread of ε at scale 8: ${spread(free, item).toFixed(4)}, rescaled ${spread(tamed, item).toFixed(4)}, of the class alone ${spread(alone, item).toFixed(4)}`)
    assert.ok(Math.abs(spread(tamed, item) - spread(alone, item)) < 1e-5 && Math.abs(spread(free, item) - spread(alone, item)) > 1e-4)
  }
  assert.ok(free.rows.some(({ x0 }) => x0.clipped > 0.01))
  for (const form of ['authors', 'diffusers', 'clip'] as const) {
    for (const algorithm of ['dpmsolver++', 'dpmsolver'] as const) {
      const run = await carryOut(client, asked((r) => { base(r); r.solver = { ...r.solver, algorithm, thresholding: true, thresholdingForm: form } }))
      assert.ok(run.rows.slice(0, -1).every(({ x0 }) => x0.max <= 1 && x0.min >= -1), `${algorithm}, ${form}`)
      assert.ok(distance(run.last, free.last) > 1e-3)
    }
  }
})

test('a classifier’s gradient moves x̂₀ by scale·σ²/α times the gradient, on top of the network; items without a class are left alone', async (t) => {
  const client = clientFor(t)
  const file = classifier(0.5)
  const change = (r: Recipe): void => { r.conditioning.classLabel = [3, 'none']; r.noise.batch = 2 }
  const plain = await carryOut(client, asked(change))
  const guided = await carryOut(client, asked((r) => { change(r); r.guidance.classifier = file; r.guidance.classifierScale = 2 }))
  const { alpha, sigma } = guided.rows[0]!.level
  const x = guided.x(0)
  const moved = x.subarray(0, 1024).map((value, i) => plain.x0(0)[i]! + 2 * sigma * sigma / alpha * 0.5 * (3 - value))
  const scale = Math.max(...moved.map(Math.abs))
  assert.ok(largest(guided.x0(0).subarray(0, 1024), moved) < 1e-5 * scale, `${largest(guided.x0(0).subarray(0, 1024), moved)}`)
  assert.deepEqual(guided.last.subarray(1024), plain.last.subarray(1024))
  assert.deepEqual(guided.document.input?.classifier?.path, file)
  // Placed by a schedule of another scale the picture is the same, to what float32 keeps.
  const small = (r: Recipe): void => { r.guidance.classifier = file; r.guidance.classifierScale = 0.05; r.schedule.tEnd = 0.01; r.solver.finalSigma = 'sigmaMin' }
  const vp = await carryOut(client, asked(small))
  const edm = await carryOut(client, asked((r) => {
    small(r)
    const [first, last] = [vp.rows[0]!.level, vp.rows.at(-1)!.level]
    r.schedule = { ...r.schedule, noise: 'edm', tEnd: 'auto', options: { sigmaMax: first.sigma / first.alpha, sigmaMin: last.sigma / last.alpha } }
  }))
  const end = vp.rows.at(-1)!.level
  const gap = largest(edm.last.map((value) => value * end.alpha), vp.last)
  console.log(`classifier guidance, EDM levels and VP levels: ${gap.toExponential(1)}`)
  assert.ok(gap < 5e-3)
})

test('a classifier that cannot be used is refused at its field, with the way to go on without it', async (t) => {
  const client = clientFor(t)
  const image = ['batch', 1, 32, 32]
  const cases: [file: string, message: RegExp][] = [
    ['/nowhere/classifier.onnx', /There is no file \/nowhere\/classifier\.onnx/],
    [join(folderWith({ 'x.onnx': 'some text that is no graph' }), 'x.onnx'), /x\.onnx/],
    [classifier(1, { inputs: [{ name: 'sample', dims: image }, { name: 'timestep', dims: [] }] }), /has the inputs sample, timestep; expected/],
    [classifier(1, { inputs: [{ name: 'sample', dims: ['batch', 1, 8, 8] }, { name: 'timestep', dims: [] }, { name: 'class_labels', type: 'int64', dims: ['batch'] }] }), /takes sample as .*8, 8/],
    [classifier(1, { output: [1, 10] }), /gives out_sample float32 .*; expected is a gradient of the shape of sample/],
  ]
  for (const [file, message] of cases) {
    await assert.rejects(client.run(start(asked((r) => { r.guidance.classifier = file }))), (error: { reason: string; field: string; message: string; remedy: object }) => {
      assert.deepEqual([error.reason, error.field], ['recipeInvalid', 'guidance.classifier'])
      assert.match(error.message, message)
      assert.deepEqual(error.remedy, { title: 'Leave the Classifier Out', set: { 'guidance.classifier': '' } })
      return true
    })
  }
  assert.equal((await carryOut(client, asked(() => {}))).end.outcome, 'finished')
})

test('levels placed by EDM and by flow matching: x_T has their scale, and the picture is that of the model’s own levels at equal λ', async (t) => {
  const client = clientFor(t)
  const steps = 40
  const vp = await carryOut(client, recipe((r) => { r.solver.steps = steps; r.solver.finalSigma = 'sigmaMin' }))
  const [first, last] = [vp.rows[0]!.level, vp.rows.at(-1)!.level]
  const ratio = (level: typeof first): number => level.sigma / level.alpha
  const cases: [noise: 'edm' | 'flow', change: (r: Recipe) => void][] = [
    ['edm', (r) => { r.schedule.options = { sigmaMax: ratio(first), sigmaMin: ratio(last) } }],
    ['flow', (r) => { r.schedule.tStart = ratio(first) / (1 + ratio(first)); r.schedule.tEnd = ratio(last) / (1 + ratio(last)) }],
  ]
  const z = new Float32Array(1024)
  drawBatch(noiseSource('philox4x32-10/v1', ['7']), z, 0)
  for (const [noise, change] of cases) {
    const run = await carryOut(client, recipe((r) => { r.solver.steps = steps; r.solver.finalSigma = 'sigmaMin'; r.schedule.noise = noise; change(r) }))
    const { alpha, sigma } = run.rows[0]!.level
    assert.ok(largest(run.x(0), z.map((value) => value * Math.hypot(alpha, sigma))) < 1e-4)
    run.rows.forEach(({ level }, i) => { assert.ok(Math.abs(level.lambda - vp.rows[i]!.level.lambda) < 1e-9, `λ of row ${i}`) })
    const gap = largest(run.x0(steps), vp.x0(steps))
    console.log(`${noise}: ${gap.toExponential(1)}`)
    assert.ok(gap < 2e-3, noise)
  }
})
