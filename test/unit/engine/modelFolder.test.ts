import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { test } from 'node:test'
import { findModel } from '../../../src/engine/modelFolder'
import { folderWith, half, newFolder } from './testModels'

const bundled = resolve('media/models')
const find = (path: string): ReturnType<typeof findModel> => findModel(path, bundled)

test('bundled names, and the empty path, are the bundled models', () => {
  for (const [path, name] of [['digits', 'digits'], ['emoji', 'emoji'], ['', 'digits']] as const) {
    const model = find(path)
    assert.equal(model.graph, join(bundled, name, 'unet', 'model.onnx'))
    assert.deepEqual([model.path, model.name, model.kind], [name, name, 'folder'])
    assert.ok(model.scheduler)
  }
})

test('a folder in diffusers’ layout gives graph and configuration', () => {
  const folder = folderWith({
    'unet/model.onnx': half(), 'unet/config.json': { sample_size: 4 }, 'model_index.json': { id2label: { 0: 'cat' } },
    'scheduler/scheduler_config.json': '{ "prediction_type": "sample", "lambda_min_clipped": -Infinity, "a": NaN, "text": "-Infinity NaN" }',
  })
  const model = find(folder)
  assert.equal(model.graph, join(folder, 'unet', 'model.onnx'))
  assert.equal(model.name, basename(folder))
  assert.equal(model.scheduler?.predictionType, 'sample')
  assert.equal(model.network['sample_size'], 4)
})

test('the graph of such a folder, chosen as a file, finds the same configuration', () => {
  const folder = folderWith({ 'unet/model.onnx': half(), 'scheduler/scheduler_config.json': { prediction_type: 'v_prediction' } })
  const model = find(join(folder, 'unet', 'model.onnx'))
  assert.deepEqual([model.kind, model.name, model.scheduler?.predictionType], ['file', basename(folder), 'v_prediction'])
})

test('a bare file stands alone, or with a scheduler_config.json beside it', () => {
  const alone = find(join(folderWith({ 'cat32.onnx': half() }), 'cat32.onnx'))
  assert.deepEqual([alone.name, alone.scheduler, alone.network], ['cat32', null, {}])
  const beside = find(join(folderWith({ 'cat32.onnx': half(), 'scheduler_config.json': { prediction_type: 'sample' } }), 'cat32.onnx'))
  assert.equal(beside.scheduler?.predictionType, 'sample')
})

test('a folder with one graph of another name gives that', () => {
  const folder = folderWith({ 'unet/model_fp16.onnx': half() })
  assert.equal(find(folder).graph, join(folder, 'unet', 'model_fp16.onnx'))
})

test('what is missing or unreadable is said, with its name', () => {
  const empty = newFolder()
  mkdirSync(join(empty, 'unet'))
  const refused: [string, string, RegExp][] = [
    [join(empty, 'nowhere'), 'modelMissing', /There is no model at .*nowhere/],
    [empty, 'modelMissing', /no ONNX graph/],
    [folderWith({ 'unet/diffusion_pytorch_model.safetensors': 'x' }), 'modelMissing', /diffusion_pytorch_model\.safetensors/],
    [folderWith({ 'a.onnx': 'x', 'b.onnx': 'y' }), 'modelMissing', /a\.onnx, b\.onnx/],
    [folderWith({ 'model.onnx': 'x', 'scheduler_config.json': '{ "a": ' }), 'modelUnreadable', /scheduler_config\.json is not a readable JSON file/],
    [folderWith({ 'model.onnx': 'x', 'config.json': '[1]' }), 'modelUnreadable', /config\.json is not a readable JSON file: it holds no object/],
  ]
  for (const [path, reason, message] of refused) {
    assert.throws(() => find(path), { name: 'DpmError', reason, message, field: 'model.path', remedy: { title: 'Select Model…', command: 'selectModel' } })
  }
})
