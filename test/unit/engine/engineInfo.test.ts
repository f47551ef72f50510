import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { engineInfoText } from '../../../src/run/engineInfoText'
import { evaluatingServer, listening } from './oipServer'
import { folderWith, newFolder, slow } from './testModels'
import { clientFor, cpu, recipe, start } from './withClient'

test('Engine Info: what the build has, what runs here and why the others do not, where the nodes of the model run', async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'dpm-info-'))
  const client = clientFor(t, { memoryFolder: newFolder(), env: { TMPDIR: temporary } })
  const { pid } = await client.start()
  const info = await client.info('digits', cpu)
  assert.deepEqual([info.engine.pid, info.engine.onnxruntime, info.engine.node], [pid, '1.30.0', process.versions.node])
  assert.deepEqual(info.providers.map(({ provider }) => provider), ['cuda', 'tensorrt', 'dml', 'coreml', 'webgpu', 'cpu'])
  for (const { provider, built, error, tried } of info.providers) {
    assert.equal(tried, !built || provider !== 'tensorrt', provider)
    if (provider === 'cpu') assert.deepEqual([built, error], [true, null])
    else if (!built) assert.match(error!, /built without it/)
    else assert.ok(error === null || error.length > 10)
  }
  const set = await client.info(null, { ...cpu, provider: 'tensorrt' })
  assert.ok(set.providers.find(({ provider }) => provider === 'tensorrt')!.tried, 'where it is set')
  assert.deepEqual(Object.keys(info.model!.nodes!), ['CPU'])
  assert.ok(info.model!.nodes!['CPU']! > 100)
  assert.ok(info.memory.resident > 2e7 && info.memory.peak >= info.memory.resident)
  assert.deepEqual([info.threads.asked, info.threads.used], [1, 1])
  assert.deepEqual(readdirSync(temporary), [], 'the profile is gone')
  const text = engineInfoText(info)
  for (const words of [/^# DPM-Solver: Engine$/m, /^\| CPU +\| yes +\| in use +\|$/m, /^- digits$/m, /nodes of an evaluation run on CPU \(100 %\)/, /^- WebGPU’s adapter: /m, /^- memory: \d+ MB resident/m]) assert.match(text, words)
  assert.ok(!text.includes('undefined'))
})

test('Engine Info is there without a model, with a formula, with a model on a server, and says why one cannot be used', async (t) => {
  const client = clientFor(t)
  const text = async (...asked: Parameters<typeof client.info>): Promise<string> => engineInfoText(await client.info(...asked))
  assert.match(await text(null, cpu), /^None was looked at/m)
  assert.match(await text('gaussian', cpu), /^- a formula, which this program evaluates itself$/m)
  assert.match(await text('/nowhere/model.onnx', cpu), /^- cannot be used: There is no model at/m)
  assert.match(await text('digits', { provider: 'dml', intraOpThreads: 1 }), process.platform === 'win32' ? /runs on DirectML/ : /^- cannot be used: DirectML cannot be used: .*built without it/m)
  const { answer } = await evaluatingServer({ graph: 'media/models/digits/unet/model.onnx', model: 'digits' })
  const { url } = await listening(t, answer)
  assert.match(await text('digits', { ...cpu, server: url }), new RegExp(`^- evaluated by the server at ${url}\\S* \\(`, 'm'))
  assert.match(await text('digits', { ...cpu, server: 'http://127.0.0.1:1' }), /^- cannot be used: /m)
})

test('Engine Info during a run opens nothing beside it', async (t) => {
  const model = join(folderWith({ 'model.onnx': slow(300, 20) }), 'model.onnx')
  const client = clientFor(t)
  const asked = start(recipe((made) => { made.model.path = model; made.solver.steps = 1000 }))
  const { info, end } = await new Promise<{ info: ReturnType<typeof client.info>; end: ReturnType<typeof client.run> }>((resolve) => {
    const running = client.run(asked, { began: () => { resolve({ info: client.info(model, cpu), end: running }) } })
  })
  const { model: told, providers } = await info
  await client.stop(asked.runId)
  assert.equal((await end).outcome, 'stopped', 'the run was going all the time')
  assert.equal(told!.unprofiled, 'not looked at while a run or an estimation goes')
  assert.ok(providers.filter(({ provider }) => provider !== 'cpu').every(({ error, tried }) => !tried && error === 'not looked at while a run or an estimation goes'))
})

test('Engine Info during an estimation opens nothing beside it', async (t) => {
  const model = join(folderWith({ 'model.onnx': slow(200, 10) }), 'model.onnx')
  const client = clientFor(t)
  const stop = new AbortController()
  const asked = { estimateId: 'e', model: { ...recipe().model, path: model }, images: null, count: 1e6, levels: 1000, seed: '5', engine: cpu }
  const { info, end } = await new Promise<{ info: ReturnType<typeof client.info>; end: ReturnType<typeof client.estimate> }>((resolve, reject) => {
    let info: ReturnType<typeof client.info> | undefined
    const estimating = client.estimate(asked, () => { resolve({ info: info ??= client.info(model, cpu), end: estimating }) }, stop.signal)
    estimating.catch(reject)
  })
  const { model: told } = await info
  stop.abort()
  assert.equal((await end).statistic, null, 'it was going all the time')
  assert.equal(told!.unprofiled, 'not looked at while a run or an estimation goes')
})
