import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { compare, comparisonOf } from '../../../src/engine/comparison'
import { openGraph } from '../../../src/engine/graphFile'
import { Memory } from '../../../src/engine/memory'
import type { LoadedModel } from '../../../src/engine/models'
import { Providers } from '../../../src/engine/providers'
import { facts } from '../recipe/facts'
import { runtimeWith } from './fakeProviders'
import { folderWith, half, newFolder } from './testModels'

const engine = { provider: 'webgpu', intraOpThreads: 1 } as const
const image = ['batch', 1, 4, 4]

/** A model that is loaded on “webgpu”. */
async function loaded(memory: Memory, bytes = 1000) {
  const path = join(folderWith({ 'model.onnx': half() }), 'model.onnx')
  const providers = new Providers(() => ({ kind: 'hardware', how: 'a test' }), 'linux')
  providers.memory = memory
  const { ort, opened } = runtimeWith({ webgpu: {} })
  const session = await providers.open(ort, openGraph(path), engine, () => {})
  const tensors = { inputs: [{ name: 'sample', type: 'float32', shape: image }, { name: 'timestep', type: 'float32', shape: [] }], outputs: [{ name: 'out_sample', type: 'float32', shape: image }] }
  const model: LoadedModel = { ...session, facts: facts({ shape: [1, 4, 4], ...tensors, fixedBatch: null, classes: null, graph: path, bytes }), loadMs: 0 }
  return { model, providers, opened }
}

test('a model is timed on its provider and on the CPU once on a machine, and what came of it is remembered', async () => {
  const memory = new Memory(join(newFolder(), 'providers.json'), 'here')
  const { model, providers } = await loaded(memory)
  assert.equal(comparisonOf(providers, model), undefined)
  const comparison = await compare(providers, model, 16, engine, () => false)
  assert.ok(comparison && comparison.providerMs > 0 && comparison.cpuMs > 0)
  assert.deepEqual([comparison.provider, comparison.items], ['webgpu', 4], 'a few images tell')
  assert.deepEqual(comparisonOf(providers, model), comparison)
  const again = await compare(providers, model, 16, engine, () => { throw new Error('nothing is evaluated again') })
  assert.deepEqual(again, comparison)
})

test('nothing is compared on the CPU, with a large model, or once a run goes', async () => {
  const memory = new Memory(null, '')
  const { model, providers } = await loaded(memory)
  assert.equal(await compare(providers, { ...model, provider: 'cpu' }, 1, engine, () => false), null)
  assert.equal(await compare(providers, (await loaded(memory, 300e6)).model, 1, engine, () => false), null)
  let asked = 0
  assert.equal(await compare(providers, model, 1, engine, () => ++asked > 2), null)
  assert.equal(memory.known.compared, undefined, 'and nothing is remembered')
})
