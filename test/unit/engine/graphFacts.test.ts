import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelFacts } from '../../../src/recipe/model'
import type { DpmError } from '../../../src/sampler/errors'
import { dynamicShift } from '../../../src/sampler/schedule/flow'
import { onnxFile } from './onnxFile'
import { folderWith, half } from './testModels'
import { clientFor, cpu } from './withClient'

/** A network of 1×4×4 images whose output has `channels` channels, as its graph says it. */
const wide = (channels: number | string, copies = 2): Uint8Array => onnxFile({
  inputs: [{ name: 'sample', dims: ['b', 1, 4, 4] }, { name: 'timestep', dims: [] }], outputs: [{ name: 'out_sample', dims: ['b', channels, 4, 4] }],
  nodes: [{ op: 'Concat', inputs: Array.from({ length: copies }, () => 'sample'), output: 'out_sample', ints: { axis: 1 } }],
})
const learned = { _class_name: 'DDPMScheduler', variance_type: 'learned_range', clip_sample: false }
const statistic = { lambda: [-5, 0, 5], meanSquare: [1, 0.7, 0.1] }

test('as many output channels again are a learned variance: by the graph, or by config.json where the graph leaves them open', async (t) => {
  const client = clientFor(t)
  const factsOf = async (files: Record<string, string | Uint8Array | object>): Promise<ModelFacts> => (await client.inspect(folderWith(files), cpu)).facts
  const stated = await factsOf({ 'unet/model.onnx': wide(2), 'scheduler/scheduler_config.json': learned })
  assert.equal(stated.learnsVariance, true)
  assert.deepEqual(stated.solverOffer?.['solver.options'], { variance: 'learned' })
  assert.equal((await factsOf({ 'unet/model.onnx': wide('c'), 'unet/config.json': { out_channels: 2 } })).learnsVariance, true)
  const plain = await factsOf({ 'unet/model.onnx': half(), 'scheduler/scheduler_config.json': learned })
  assert.equal(plain.learnsVariance, false)
  assert.deepEqual(plain.solverOffer?.['solver.options'], { variance: 'small' }, 'what the network does not predict is not offered')
  await assert.rejects(factsOf({ 'unet/model.onnx': wide(3, 3) }), (error: DpmError) => error.reason === 'notADiffusionModel' && /out_sample float32 \[b, 3, 4, 4\]/.test(error.message))
})

test('EDM’s data deviation and a flow’s shift by the size of the image are facts of the model', async (t) => {
  const client = clientFor(t)
  const edm = await client.inspect(folderWith({ 'unet/model.onnx': half(), 'scheduler/scheduler_config.json': { _class_name: 'EDMEulerScheduler', sigma_data: 0.6 } }), cpu)
  assert.deepEqual([edm.facts.sigmaData, edm.facts.schedule], [0.6, { kind: 'edm', sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.6 }])
  const flow = await client.inspect(folderWith({ 'unet/model.onnx': half(), 'scheduler/scheduler_config.json': { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3, use_dynamic_shifting: true } }), cpu)
  assert.deepEqual([flow.facts.sigmaData, flow.facts.schedule, flow.facts.predictionType], [null, { kind: 'flow', shift: dynamicShift(4), trainSteps: 1000 }, 'flow'])
})

test('noise_statistic.json is read at the root or beside the graph; one that is broken is left out with a note', async (t) => {
  const client = clientFor(t)
  const factsOf = async (files: Record<string, string | object>): Promise<ModelFacts> => (await client.inspect(folderWith({ 'unet/model.onnx': half(), ...files }), cpu)).facts
  assert.deepEqual((await factsOf({ 'noise_statistic.json': { ...statistic, about: 'more' } })).statistic, statistic)
  assert.deepEqual((await factsOf({ 'unet/noise_statistic.json': statistic })).statistic, statistic)
  assert.equal((await factsOf({})).statistic, null)
  for (const broken of [{ lambda: [1], meanSquare: [1, 2] }, { lambda: [], meanSquare: [] }, { lambda: [0], meanSquare: [-1] }, { lambda: ['a'], meanSquare: [1] }, '{ "lambda": ', '[1]']) {
    const facts = await factsOf({ 'noise_statistic.json': broken })
    assert.equal(facts.statistic, null)
    assert.match(facts.notes.join(' '), /noise_statistic\.json does not hold lambda and meanSquare/)
  }
})
