import '../../../src/engine/environment'
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decode } from 'fast-png'
import { decodePng } from '../../../src/formats/png'
import { parseJson } from '../../../src/protocol/json'
import type { FramePair } from '../../../src/protocol/run'
import type { DpmError } from '../../../src/sampler/errors'
import type { LatentSpace } from '../../../src/sampler/types'
import { readFrames, readThumbnails } from '../../../src/run/frames'
import { readImage, readImages, thumbnailPng } from '../../../src/run/image'
import { openRun, readState, type StoredRun } from '../../../src/run/store'
import { folderWith, half, newFolder } from './testModels'
import { clientFor, cpu, recipe, start } from './withClient'

const four = (): Uint8Array => half({ shape: [4, 4, 6] })
const sixteen = (): Uint8Array => half({ shape: [16, 4, 4] })

test('which latents a model samples, its folder says: by the scaling of its decoder, by the name of its pipeline, by having a decoder at all', async (t) => {
  const client = clientFor(t)
  const told = async (model: Uint8Array, files: Record<string, object> = {}): Promise<LatentSpace | undefined> => {
    const { latents, notes, name } = (await client.inspect(folderWith({ 'unet/model.onnx': model, ...files }), cpu)).facts
    assert.equal(notes.includes(`${name} samples latents, and no decoder is run: pictures of them have approximate colours.`), latents !== undefined)
    return latents
  }
  const vae = { 'model_index.json': { vae: ['diffusers', 'AutoencoderKL'] } }
  assert.equal(await told(four()), undefined, 'nothing says that it is no picture with a fourth channel')
  assert.equal(await told(four(), vae), 'sd')
  assert.equal(await told(sixteen(), vae), 'sd3')
  for (const [factor, model, space] of [[0.18215, four(), 'sd'], [0.13025, four(), 'sdxl'], [1.5305, sixteen(), 'sd3'], [0.3611, sixteen(), 'flux']] as const) {
    for (const part of ['vae', 'vae_decoder']) assert.equal(await told(model, { [`${part}/config.json`]: { scaling_factor: factor } }), space, `${part} ${factor}`)
  }
  for (const [model, files] of [[four(), { 'vae/config.json': { scaling_factor: 0.5 } }], [sixteen(), { 'vae/config.json': { scaling_factor: 0.18215 } }], [four(), { 'model_index.json': { _class_name: 'StableDiffusionPipeline' }, 'vae/config.json': { scaling_factor: 0.5 } }]] as const) {
    assert.equal(await told(model, files), undefined, 'a decoder that is not known here')
  }
  assert.equal(await told(four(), { 'vae/config.json': { in_channels: 3 } }), 'sd', 'a decoder that says nothing of its scale')
  for (const [name, model, space] of [['StableDiffusionXLPipeline', four(), 'sdxl'], ['StableDiffusionPipeline', four(), 'sd'], ['DiTPipeline', four(), 'sd'], ['StableDiffusion3Pipeline', sixteen(), 'sd3'], ['FluxPipeline', sixteen(), 'flux'], ['DDPMPipeline', four(), undefined]] as const) {
    assert.equal(await told(model, { 'model_index.json': { _class_name: name } }), space, name)
  }
  assert.equal(await told(sixteen(), { 'unet/config.json': { _class_name: 'FluxTransformer2DModel' } }), 'flux')
})

test('latents of which no picture can be made are refused, and so are pictures for a model of latents', async (t) => {
  const client = clientFor(t)
  for (const [part, model] of [['vqvae', half({ shape: [3, 4, 4] })], ['vae', half({ shape: [3, 4, 4] })], ['movq', four()]] as const) {
    await assert.rejects(client.inspect(folderWith({ 'unet/model.onnx': model, 'model_index.json': { [part]: ['diffusers', 'VQModel'] } }), cpu),
      (error: DpmError) => error.reason === 'modelUnsupported' && error.message.includes(`has a ${part}) of which no pictures can be made here.`))
  }
  const picture = join(newFolder(), 'a.png')
  writeFileSync(picture, '')
  const asked = recipe((r) => { r.model.path = folderWith({ 'unet/model.onnx': four() }); r.input.image = picture })
  await assert.rejects(client.run(start(asked), {}), (error: DpmError) => error.field === 'input.image' && / works on 4 channels; a picture gives 1 or 3\.$/.test(error.message))
})

test('pictures of latents agree: live, of the recording, small, in PNG files, which say by which map they were made', async (t) => {
  const client = clientFor(t)
  const sample = async (files: Record<string, object>, method: 'auto' | 'latentToRgb'): Promise<{ run: StoredRun; live: FramePair[] }> => {
    const asked = start(recipe((r) => { r.model.path = folderWith({ 'unet/model.onnx': four(), ...files }); r.solver.steps = 3; r.noise.batch = 2 }), { preview: { maxSize: 256, every: 1, method } })
    const live: FramePair[] = []
    const end = await client.run(asked, { rows: ({ frames }) => { if (frames) { live.push(frames); client.ackFrames(asked.runId, frames.row) } } })
    assert.equal(end.outcome, 'finished')
    return { run: await openRun(asked.folder), live }
  }
  for (const [files, method, space] of [[{ 'vae/config.json': { scaling_factor: 0.13025 } }, 'auto', 'sdxl'], [{}, 'latentToRgb', 'sd'], [{}, 'auto', undefined]] as const) {
    const { run, live } = await sample(files, method)
    assert.equal(run.document.model.latents, method === 'auto' ? space : undefined)
    assert.ok(live.length > 0)
    for (const pair of live) {
      assert.deepEqual({ ...pair }, await readFrames(run, run.rows[pair.row]!, method), `row ${pair.row}`)
    }
    const row = run.rows.at(-1)!
    const frames = await readFrames(run, row, method)
    assert.deepEqual([frames.width, frames.height], [12, 4])
    const rgb = (rgba: Uint8Array): number[] => Array.from(rgba).filter((_, i) => i % 4 < 3)
    for (const what of ['x', 'x0'] as const) {
      const { width, channels, data, text } = decode(await readImage(run, row, what, run.rows, 'full', method))
      assert.deepEqual([width, channels, [...data]], [12, 3, rgb(frames[what])], what)
      assert.equal((parseJson(text['dpm-solver']!) as { latentToRgb?: string }).latentToRgb, space, 'the map that was used, where one was')
    }
    const first = await readImages(run, row, 'x', run.rows, 'full', method).next()
    assert.ok(!first.done)
    assert.deepEqual([...decodePng(first.value.bytes).data.subarray(0, 18)], rgb(frames.x).slice(0, 18))
    const [small] = await readThumbnails(run, [row], method, 6)
    assert.deepEqual([...small!.rgba.subarray(24, 48)], [...frames.x0.subarray(0, 24)], 'the first line of the first item, below one that is free')
    assert.deepEqual([...decodePng(await thumbnailPng(run, row, method, 6)).data], [...small!.rgba])
  }
})

test('estimates of latents are not thresholded', async (t) => {
  const client = clientFor(t)
  const last = async (files: Record<string, object>, thresholding: boolean): Promise<Float32Array> => {
    const asked = start(recipe((r) => { r.model.path = folderWith({ 'unet/model.onnx': four(), ...files }); r.solver = { ...r.solver, steps: 3, thresholding, thresholdingForm: 'clip', thresholdingMax: 0.01 } }))
    await client.run(asked, {})
    const run = await openRun(asked.folder)
    return readState(run, run.rows.at(-1)!, 'x')
  }
  const vae = { 'vae/config.json': { scaling_factor: 0.13025 } }
  assert.deepEqual(await last(vae, true), await last(vae, false))
  assert.notDeepEqual(await last({}, true), await last({}, false))
})
