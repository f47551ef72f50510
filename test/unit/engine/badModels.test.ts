import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { DpmError } from '../../../src/sampler/errors'
import { onnxFile } from './onnxFile'
import { folderWith, half, labelled, network, newFolder } from './testModels'
import { clientFor, cpu, readFolder, recipe, start } from './withClient'

const identity = [{ op: 'Identity', inputs: ['sample'], output: 'out_sample' }]
const withWeights = (location: string): Uint8Array => network([{ op: 'Mul', inputs: ['sample', 'w'], output: 'out_sample' }], { constants: [{ name: 'w', dims: [1, 1, 4, 4], values: Array.from({ length: 16 }, () => 0.5), external: location }] })
const digits = readFileSync('media/models/digits/unet/model.onnx')
const x64 = { name: 'x', dims: [1, 64] }

/** What is chosen as model, why it is refused, and what the sentence names. */
const table: [what: string, file: string | Uint8Array, reason: string, message: RegExp][] = [
  ['an empty file', '', 'modelUnreadable', /model\.onnx is empty/],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4065379\n', 'modelUnreadable', /Git LFS pointer/],
  ['a web page', '<!DOCTYPE html>\n<html><body>model.onnx</body></html>', 'modelUnreadable', /web page/],
  ['a PyTorch checkpoint', 'PK\x03\x04 rest of an archive', 'modelUnreadable', /zip archive/],
  ['a JSON file', '{ "a": 1 }', 'modelUnreadable', /JSON file/],
  ['a truncated file', digits.subarray(0, 2_000_000), 'modelUnreadable', /model\.onnx is not a readable ONNX file/],
  ['random bytes', Uint8Array.from({ length: 5000 }, (_, i) => i * 7919 % 251), 'modelUnreadable', /model\.onnx is not a readable ONNX file/],
  ['an unknown operator', network([{ op: 'FancyOp', inputs: ['sample'], output: 'out_sample' }]), 'modelUnsupported', /FancyOp/],
  ['an unknown domain', network([{ op: 'FancyOp', inputs: ['sample'], output: 'out_sample', domain: 'com.example' }]), 'modelUnsupported', /FancyOp/],
  ['a later operator set', network(identity, { opset: 99 }), 'modelUnsupported', /operator set/],
  ['a later IR version', network(identity, { ir: 99 }), 'modelUnsupported', /IR version 99/],
  ['bfloat16', network(identity, { type: 'bfloat16' }), 'modelUnsupported', /bfloat16/],
  ['missing external data', withWeights('weights.bin'), 'modelMissing', /weights\.bin/],
  ['external data outside the folder', withWeights('../weights.bin'), 'modelUnsupported', /\.\.\/weights\.bin/],
  ['a network of another kind', onnxFile({ inputs: [x64], outputs: [{ name: 'y', dims: [1, 64] }], nodes: [{ op: 'Identity', inputs: ['x'], output: 'y' }] }), 'notADiffusionModel', /x float32 \[1, 64\]; expected are sample, timestep and optionally class_labels/],
  ['a network conditioned on text', onnxFile({
    inputs: [{ name: 'sample', dims: ['b', 4, 64, 64] }, { name: 'timestep', dims: [] }, { name: 'encoder_hidden_states', dims: ['b', 's', 768] }], outputs: [{ name: 'out_sample', dims: ['b', 4, 64, 64] }], nodes: identity,
  }), 'modelUnsupported', /encoder_hidden_states/],
  ['a network of two channels', onnxFile({ inputs: [{ name: 'sample', dims: ['b', 2, 64, 64] }, { name: 'timestep', dims: [] }], outputs: [{ name: 'out_sample', dims: ['b', 2, 64, 64] }], nodes: identity }), 'modelUnsupported', /2 channels/],
  ['no size anywhere', onnxFile({ inputs: [{ name: 'sample', dims: ['b', 1, 'h', 'w'] }, { name: 'timestep', dims: [] }], outputs: [{ name: 'out_sample', dims: ['b', 1, 'h', 'w'] }], nodes: identity }), 'modelUnsupported', /sample_size/],
  ['class labels in no table, and no number of them', network(identity, { labels: true }), 'modelUnsupported', /num_class_embeds/],
]

test('files that are no model are refused with the reason, the file’s name and one remedy; the engine goes on', async (t) => {
  const client = clientFor(t)
  const { pid } = await client.start()
  for (const [what, file, reason, message] of table) {
    const folder = folderWith({ 'unet/model.onnx': file })
    await assert.rejects(client.inspect(folder, cpu), (error: DpmError) => {
      assert.equal(error.reason, reason, `${what}: ${error.message}`)
      assert.match(error.message, message, what)
      assert.ok(error.message.includes(folder), `${what} does not name the file: ${error.message}`)
      assert.ok(error.advice.length > 0 && error.remedy, what)
      assert.doesNotMatch(error.message, /onnxruntime_src|\n/, what)
      return true
    })
  }
  assert.equal((await client.inspect('digits', cpu)).facts.name, 'digits')
  assert.equal((await client.start()).pid, pid, 'the engine was restarted')
})

test('a directory named model.onnx, and external data that are too short, are refused', async (t) => {
  const client = clientFor(t)
  const folder = newFolder()
  mkdirSync(join(folder, 'unet', 'model.onnx'), { recursive: true })
  await assert.rejects(client.inspect(folder, cpu), { reason: 'modelUnreadable', message: /model\.onnx cannot be read \(EISDIR\)/ })
  const short = folderWith({ 'model.onnx': withWeights('weights.bin'), 'weights.bin': new Uint8Array(64) })
  truncateSync(join(short, 'weights.bin'), 10)
  await assert.rejects(client.inspect(short, cpu), { reason: 'modelUnreadable', message: /too short/ })
})

test('external data are loaded, counted, and followed through links as in a Hugging Face cache', async (t) => {
  const client = clientFor(t)
  const graph = withWeights('weights.bin')
  const weights = new Uint8Array(new Float32Array(16).fill(0.5).buffer)
  const plain = folderWith({ 'model.onnx': graph, 'weights.bin': weights })
  assert.equal((await client.inspect(plain, cpu)).facts.bytes, graph.length + 64)
  const cache = folderWith({ 'blobs/aaa': graph, 'blobs/bbb': weights })
  mkdirSync(join(cache, 'snapshots', 'rev'), { recursive: true })
  symlinkSync('../../blobs/aaa', join(cache, 'snapshots', 'rev', 'model.onnx'))
  symlinkSync('../../blobs/bbb', join(cache, 'snapshots', 'rev', 'weights.bin'))
  const { facts } = await client.inspect(join(cache, 'snapshots', 'rev'), cpu)
  assert.equal(facts.bytes, graph.length + 64)
  assert.equal(facts.graph, join(cache, 'blobs', 'aaa'))
  const states = []
  for (const path of [plain, join(cache, 'snapshots', 'rev')]) {
    const run = start(recipe((r) => { r.model.path = path }))
    await client.run(run)
    states.push(readFolder(run.folder).states)
  }
  assert.ok(states[0]!.length > 0 && states[0]!.every(Number.isFinite))
  assert.deepEqual(states[0], states[1])
})

test('a model that was replaced on disk is loaded anew', async (t) => {
  const client = clientFor(t)
  const folder = folderWith({ 'model.onnx': half() })
  assert.equal((await client.inspect(folder, cpu)).facts.fixedBatch, null)
  copyFileSync(join(folderWith({ 'model.onnx': half({ batch: 2 }) }), 'model.onnx'), join(folder, 'model.onnx'))
  assert.equal((await client.inspect(folder, cpu)).facts.fixedBatch, 2)
})

test('facts of the bundled models', async (t) => {
  const client = clientFor(t)
  const { facts: digits, provider, tried } = await client.inspect('', cpu)
  assert.deepEqual([digits.path, digits.name, digits.shape, digits.predictionType, digits.integerTime, digits.fixedBatch], ['digits', 'digits', [1, 32, 32], 'epsilon', false, null])
  assert.deepEqual(digits.classes, { count: 10, names: Array.from({ length: 10 }, (_, k) => String(k)), nullLabel: 10, nullLabelAssumed: false })
  assert.equal(digits.solverOffer?.['solver.method'], 'singlestep')
  assert.deepEqual([provider, tried], ['cpu', [{ provider: 'cpu' }]])
  const { facts: emoji } = await client.inspect('emoji', cpu)
  assert.deepEqual([emoji.shape, emoji.predictionType, emoji.classes?.count, emoji.classes?.names[2], emoji.classes?.nullLabel], [[3, 32, 32], 'v_prediction', 9, 'Animals & Nature', 9])
})

test('a number of classes that no model has is refused before a list is made of it', async (t) => {
  const client = clientFor(t)
  for (const count of [100_001, 2 ** 32, 1e15]) {
    const folder = folderWith({ 'unet/model.onnx': labelled(4), 'unet/config.json': { num_class_embeds: count } })
    await assert.rejects(client.inspect(folder, cpu), { reason: 'modelUnsupported', message: new RegExp(`num_class_embeds as ${count}, more than 100000`) })
  }
})

test('what a model does not say is assumed, and said to be', async (t) => {
  const client = clientFor(t)
  const folder = folderWith({ 'unet/model.onnx': labelled(4), 'unet/config.json': { num_class_embeds: 4 } })
  const { facts } = await client.inspect(folder, cpu)
  assert.deepEqual(facts.classes, { count: 3, names: ['0', '1', '2'], nullLabel: 3, nullLabelAssumed: true })
  assert.deepEqual([facts.predictionType, facts.predictionTypeAssumed, facts.scheduleAssumed], ['epsilon', true, true])
  assert.match(facts.notes.join(' '), /scheduler_config\.json/)
})

test('a bare graph that takes class labels is asked how many it knows; the last one is taken to mean no class', async (t) => {
  const client = clientFor(t)
  const file = join(newFolder(), 'bare.onnx')
  copyFileSync('media/models/digits/unet/model.onnx', file)
  const { facts } = await client.inspect(file, cpu)
  assert.deepEqual(facts.classes, { count: 10, names: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'], nullLabel: 10, nullLabelAssumed: true })
  const begun = start(recipe((made) => { made.model.path = file; made.conditioning.classLabel = 3; made.solver.steps = 2 }))
  assert.equal((await client.run(begun)).outcome, 'finished')
  assert.match(readFolder(begun.folder).document.plan.notes.join(' '), /Label 10 is assumed .* linear schedule of 1,000 steps are assumed/)
})
