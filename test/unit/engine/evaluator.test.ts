import '../../../src/engine/environment'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { askedModel } from '../../../src/engine/evaluator'
import { openGraph } from '../../../src/engine/graphFile'
import type { LoadedModel } from '../../../src/engine/models'
import { onTerms } from '../../../src/engine/onTerms'
import { openSession } from '../../../src/engine/providers'
import { loadRuntime } from '../../../src/engine/runtime'
import type { RunDocument } from '../../../src/protocol/run'
import type { ModelFacts } from '../../../src/recipe/model'
import { prepare, type Prepared } from '../../../src/recipe/prepare'
import type { Evaluate } from '../../../src/sampler/sample'
import { scheduleOf } from '../../../src/sampler/schedule/schedule'
import type { Level } from '../../../src/sampler/types'
import { facts, recipe } from '../recipe/facts'
import { onnxFile, type Graph } from './onnxFile'
import { folderWith } from './testModels'

const classes = { count: 3, names: ['a', 'b', 'c'], nullLabel: 3, nullLabelAssumed: false }

/** Networks of 1×4×4 pictures that predict x·(label + 1) + time, and where they learn a variance, x − time beside it. */
async function loaded({ batch = 'batch', time = ['batch'], learnsVariance = false }: { batch?: number | string; time?: (number | string)[]; learnsVariance?: boolean }): Promise<LoadedModel> {
  const image = [batch, 1, 4, 4]
  const nodes: Graph['nodes'] = [
    { op: 'Cast', inputs: ['class_labels'], output: 'l', ints: { to: 1 } }, { op: 'Add', inputs: ['l', 'one'], output: 'l1' }, { op: 'Reshape', inputs: ['l1', 'shape'], output: 'f' },
    { op: 'Reshape', inputs: ['timestep', 'shape'], output: 't' }, { op: 'Mul', inputs: ['sample', 'f'], output: 'm' }, { op: 'Add', inputs: ['m', 't'], output: learnsVariance ? 'p' : 'out_sample' },
    ...(learnsVariance ? [{ op: 'Sub', inputs: ['sample', 't'], output: 'v' }, { op: 'Concat', inputs: ['p', 'v'], output: 'out_sample', ints: { axis: 1 } }] : []),
  ]
  const file = onnxFile({
    inputs: [{ name: 'sample', dims: image }, { name: 'timestep', dims: time }, { name: 'class_labels', type: 'int64', dims: [batch] }],
    outputs: [{ name: 'out_sample', dims: learnsVariance ? [batch, 2, 4, 4] : image }], nodes, constants: [{ name: 'one', values: [1] }, { name: 'shape', type: 'int64', dims: [4], values: [-1, 1, 1, 1] }],
  })
  const opened = await openSession(loadRuntime(), openGraph(join(folderWith({ 'model.onnx': file }), 'model.onnx')), 'cpu', 1, () => {})
  const inputs: ModelFacts['inputs'] = [{ name: 'sample', type: 'float32', shape: image }, { name: 'timestep', type: 'float32', shape: time }, { name: 'class_labels', type: 'int64', shape: [batch] }]
  const about = facts({ shape: [1, 4, 4], inputs, outputs: [{ name: 'out_sample', type: 'float32', shape: image }], fixedBatch: typeof batch === 'number' ? batch : null, classes, learnsVariance })
  return { ...opened, facts: about, loadMs: 0 }
}

/** The model as a run of a batch of four asks it: labels 0, 1, none, 2. A graph of three at once is filled up, which prepare() leaves to the engine only in adaptive runs. */
function askedOf(model: LoadedModel, changes: Record<string, unknown>): { evaluate: Evaluate; prepared: Prepared } {
  const asked = recipe({ 'noise.batch': 4, 'conditioning.classLabel': [0, 1, 'none', 2], ...changes })
  const prepared = prepare(asked, { ...model.facts, fixedBatch: null })
  const { evaluate } = askedModel(model, prepared, { recipe: asked, plan: prepared.plan, shape: [4, 1, 4, 4], engine: { provider: 'cpu' } } as unknown as RunDocument)
  return { evaluate, prepared }
}

const labels = [0, 1, 3, 2]
const levelAt = (ratio: number): Level => { const alpha = 1 / Math.hypot(1, ratio); return { t: 0.5, alpha, sigma: ratio * alpha, lambda: -Math.log(ratio) } }
const state = (items: number): Float32Array => Float32Array.from({ length: 16 * items }, (_, i) => (i % 7 - 3) / 4)
/** What the networks predict for an item, guided by w. */
const expected = (x: number, label: number, time: number, w: number): number => x * 4 + time + w * (x * (label + 1) - x * 4)
const near = (a: ArrayLike<number>, b: ArrayLike<number>): void => { assert.equal(a.length, b.length); Array.from(a).forEach((value, i) => { assert.ok(Math.abs(value - b[i]!) < 1e-4, `value ${i}: ${value}, not ${b[i]}`) }) }

const graphs: [what: string, options: Parameters<typeof loaded>[0]][] = [['any batch', {}], ['batches of three only', { batch: 3, time: [3] }], ['one image at a time', { batch: 1 }]]
for (const [what, options] of graphs) {
  test(`some items of a batch, each at a time of its own, with guidance on those in its interval; a graph that takes ${what}`, async () => {
    const { evaluate } = askedOf(await loaded(options), { 'guidance.scale': 3, 'guidance.interval': [0.5, 2] })
    for (const [items, ratios] of [[[0, 1, 3], [1, 4, 0.7]], [[3], [3]], [[1, 2], [1, 1]], [[0, 1, 2, 3], [9, 9, 9, 0.1]]] as const) {
      const times = items.map((item) => 100 + item)
      const levels = ratios.map(levelAt)
      const x = state(items.length)
      const out = await evaluate(x, { level: levels[0]!, label: times[0]!, evaluation: 1, items, labels: times, levels })
      near(out, x.map((value, i) => { const k = Math.floor(i / 16); return expected(value, labels[items[k]!]!, times[k]!, ratios[k]! >= 0.5 && ratios[k]! <= 2 ? 3 : 1) }))
    }
    // And all of them at once again, whose labels have to be fed anew.
    const x = state(4)
    for (const ratio of [1, 9]) near(await evaluate(x, { level: levelAt(ratio), label: 7, evaluation: 2 }), x.map((value, i) => expected(value, labels[Math.floor(i / 16)]!, 7, ratio === 1 ? 3 : 1)))
  })
}

test('a learned variance is that of the class, and only the prediction is guided and rescaled to x̂₀', async () => {
  const model = await loaded({ learnsVariance: true })
  const { evaluate, prepared } = askedOf(model, { 'guidance.scale': 2, 'schedule.noise': 'edm' })
  assert.equal(prepared.onOwnTerms, false)
  const own = scheduleOf(prepared.ownSchedule)
  const placing = scheduleOf(prepared.schedule)
  const x = state(4)
  const plain = await evaluate(x, { level: levelAt(1), label: 5, evaluation: 1 })
  assert.equal(plain.length, 2 * x.length)
  const item = (i: number): number => Math.floor(i / 16)
  x.forEach((value, i) => {
    const at = 32 * item(i) + i % 16
    near([plain[at]!, plain[at + 16]!], [expected(value, labels[item(i)]!, 5, 2), value - 5])
  })
  const asking = onTerms(evaluate, prepared, model.facts, { own, placing }, undefined, 4)
  assert.equal(asking.prediction, 'sample')
  const level = placing.level(2)
  const label = own.label(own.levelAtLambda(level.lambda).t)
  const out = await asking.evaluate(x, { level, label, evaluation: 2 })
  const scale = 1 / Math.hypot(1, 2)
  x.forEach((value, i) => {
    const at = 32 * item(i) + i % 16
    // x̂₀ = x − σ ε of a network that sees the state on its own scale.
    const epsilon = expected(value * scale, labels[item(i)]!, label, 2)
    assert.ok(Math.abs(out[at]! - (value - 2 * epsilon)) < 1e-3 * Math.abs(2 * epsilon), `${out[at]} ${value - 2 * epsilon}`)
    assert.ok(Math.abs(out[at + 16]! - (value * scale - label)) < 1e-3)
  })
})
