import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodePng } from '../../../src/formats/png'
import type { EstimateProgress, EstimateRequest } from '../../../src/protocol/engine'
import { assumedScheduler } from '../../../src/recipe/schedulerConfig'
import type { DpmError } from '../../../src/sampler/errors'
import { scheduleOf } from '../../../src/sampler/schedule/schedule'
import { folderWith, half, network, newFolder } from './testModels'
import { clientFor, cpu, recipe, until } from './withClient'

const never = new AbortController().signal
const schedule = scheduleOf(assumedScheduler.schedule)
const sigma = (lambda: number): number => Math.sqrt(1 / (1 + Math.exp(2 * lambda)))
const asked = (model: string, more: Partial<EstimateRequest> = {}): EstimateRequest => (
  { estimateId: 'e1', model: { ...recipe().model, path: model }, images: null, count: 16, levels: 6, seed: '5', engine: cpu, ...more }
)

/** ε̂ = σ_t x, what is right for data that are unit normal, from a table of σ by the whole training steps. */
function unitNormal(batch: number | string = 'batch'): string {
  const table = Array.from({ length: 1000 }, (_, k) => schedule.level((k + 1) / 1000).sigma)
  return folderWith({ 'model.onnx': network(
    [{ op: 'Gather', inputs: ['table', 'timestep'], output: 's' }, { op: 'Mul', inputs: ['sample', 's'], output: 'out_sample' }],
    { batch, time: { type: 'int64' }, constants: [{ name: 'table', dims: [1000], values: table }] },
  ) })
}

test('over its own samples the statistic of a network that knows unit normal data is σ², to the Monte Carlo error', async (t) => {
  const client = clientFor(t)
  const { statistic, images } = await client.estimate(asked(unitNormal(), { count: 1024 }), () => {}, never)
  assert.equal(images, 1024)
  assert.ok(statistic)
  assert.equal(statistic.lambda.length, 6)
  for (let i = 1; i < 6; i++) assert.ok(statistic.lambda[i]! > statistic.lambda[i - 1]!)
  const values = 1024 * 16
  statistic.meanSquare.forEach((value, i) => {
    const exact = sigma(statistic.lambda[i]!) ** 2
    t.diagnostic(`λ ${statistic.lambda[i]!.toFixed(2)}: ${value.toExponential(3)} for ${exact.toExponential(3)}`)
    assert.ok(Math.abs(value / exact - 1) < 6 * Math.sqrt(2 / values), `${value} for ${exact}`)
  })
})

test('over a folder of pictures it is σ² (α² E x₀² + σ²), whatever their size and kind; other files are passed over', async (t) => {
  const client = clientFor(t)
  // Black and white lie as far from 0: E x₀² = 1.
  const pixels = (width: number): Uint8Array => encodePng({ width, height: width, channels: 1, data: new Uint8Array(width * width).fill(width === 4 ? 255 : 0) })
  const folder = folderWith({ 'notes.txt': 'no picture', ...Object.fromEntries(Array.from({ length: 256 }, (_, i) => [`${i}.${i % 3 === 0 ? 'PNG' : 'png'}`, pixels(i % 2 === 0 ? 4 : 7)])) })
  const { statistic, images, evaluations } = await client.estimate(asked(unitNormal(2), { images: folder, count: 1000, levels: 5 }), () => {}, never)
  assert.deepEqual([images, evaluations], [256, 5 * 128], 'two at once, at five levels')
  statistic!.meanSquare.forEach((value, i) => {
    const exact = sigma(statistic!.lambda[i]!) ** 2
    assert.ok(Math.abs(value / exact - 1) < 6 * Math.sqrt(2 / 4096), `${value} for ${exact}`)
  })
})

test('what fills a batch up has no part in it: as many images count as there are, each once', async (t) => {
  const client = clientFor(t)
  const pictures = folderWith(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}.png`, encodePng({ width: 4, height: 4, channels: 1, data: new Uint8Array(16).fill(25 * i) })])))
  for (const images of [pictures, null]) {
    const [free, fixed] = [await client.estimate(asked(unitNormal(), { images, count: 10 }), () => {}, never), await client.estimate(asked(unitNormal(64), { images, count: 10 }), () => {}, never)]
    assert.deepEqual([free.images, fixed.images], [10, 10])
    fixed.statistic!.meanSquare.forEach((value, i) => { assert.ok(Math.abs(value / free.statistic!.meanSquare[i]! - 1) < 1e-5, `${value} for ${free.statistic!.meanSquare[i]}`) })
  }
  assert.equal((await client.estimate(asked(unitNormal(), { count: 17, levels: 1 }), () => {}, never)).images, 17)
})

test('more images than can be held are refused, with how many can be', async (t) => {
  const client = clientFor(t)
  await assert.rejects(client.estimate(asked(unitNormal(), { count: 1e9 }), () => {}, never), { reason: 'pictures', message: /1000000000 images of this model take 60 GiB/, advice: 'Estimate over 67108864 or fewer.' })
})

test('the same request gives the same numbers; another seed gives others', async (t) => {
  const client = clientFor(t)
  const model = unitNormal()
  const ask = async (seed: string): Promise<unknown> => (await client.estimate(asked(model, { seed }), () => {}, never)).statistic
  const first = await ask('5')
  assert.deepEqual(await ask('5'), first)
  assert.notDeepEqual(await ask('6'), first)
})

test('networks with classes and with EDM’s scaling are asked on their own terms', async (t) => {
  const client = clientFor(t)
  const digits = await client.estimate(asked('digits', { count: 4, levels: 3 }), () => {}, never)
  const [noisy, , clean] = digits.statistic!.meanSquare
  assert.ok(noisy! > 0.8 && noisy! < 1.1 && clean! < noisy!, `${noisy} … ${clean}`)
  // ε̂ = F(x/√(σ² + s²)) by EDM: F = 0 gives x̂₀ = s² x/(σ² + s²), right for data of deviation s.
  const edm = folderWith({ 'unet/model.onnx': half({ constants: [{ name: 'a', values: [0] }] }), 'scheduler/scheduler_config.json': { _class_name: 'EDMEulerScheduler' } })
  const { statistic } = await client.estimate(asked(edm, { count: 1024, levels: 4 }), () => {}, never)
  statistic!.meanSquare.forEach((value, i) => {
    const variance = Math.exp(-2 * statistic!.lambda[i]!)
    assert.ok(Math.abs(value / (variance / (variance + 0.25)) - 1) < 6 * Math.sqrt(2 / 16384), `${value} at σ² = ${variance}`)
  })
})

test('progress is told, and a stop comes before the next evaluation', async (t) => {
  const client = clientFor(t)
  const stop = new AbortController()
  const seen: EstimateProgress[] = []
  const ending = client.estimate(asked('digits', { count: 4096, levels: 100 }), (progress) => { seen.push(progress) }, stop.signal)
  await until(() => seen.length >= 2, 'progress')
  assert.ok(seen[1]!.evaluations > seen[0]!.evaluations && seen[1]!.of === 256 * 120)
  await assert.rejects(client.estimate(asked('digits', { count: 1 }), () => {}, never), { reason: 'engineProtocol', message: /not over yet/ })
  stop.abort()
  const { statistic, evaluations } = await ending
  assert.equal(statistic, null)
  assert.ok(evaluations < 256 * 120)
  assert.ok((await client.estimate(asked('digits', { count: 1, levels: 1 }), () => {}, never)).statistic, 'the next one is not affected')
})

test('folders that hold no pictures, or broken ones, are refused by name', async (t) => {
  const client = clientFor(t)
  const model = folderWith({ 'model.onnx': half() })
  const refused: [string, RegExp][] = [
    [newFolder(), /There are no PNG files in /], ['/nowhere/at/all', /The folder \/nowhere\/at\/all cannot be read \(ENOENT\)/],
    [folderWith({ 'a.png': 'text' }), /a\.png is not a PNG file/], [folderWith({ 'a.png/b': 'x' }), /a\.png is a folder, not a PNG file/],
  ]
  for (const [images, message] of refused) {
    await assert.rejects(client.estimate(asked(model, { images }), () => {}, never), (error: DpmError) => error.reason === 'pictures' && message.test(error.message) && error.remedy !== undefined, String(message))
  }
})
