import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { providers, type Provider } from '../../../src/protocol/engine'
import { readManifest } from '../manifestFile'
import { newFolder } from './testModels'
import { clientFor, enginePath, until } from './withClient'

/** How package.json lists the setting. */
const setting = readManifest<{ contributes: { configuration: { properties: Record<string, { enum: string[]; enumItemLabels: string[] }> }[] } }>()
  .contributes.configuration.map(({ properties }) => properties['dpmSolver.engine.provider']).find((found) => found !== undefined)!

test('a provider that is not there is refused with a remedy, never replaced silently', async (t) => {
  const client = clientFor(t)
  const { backends } = await client.start()
  const all: Provider[] = ['cuda', 'tensorrt', 'dml', 'coreml', 'webgpu']
  assert.deepEqual(setting.enum, providers)
  const missing = all.filter((provider) => !backends.some(({ name }) => name === provider))
  const notInstalled = all.filter((provider) => backends.some(({ name, bundled }) => name === provider && !bundled))
  assert.ok(missing.length + notInstalled.length > 0)
  for (const provider of missing) {
    await assert.rejects(client.inspect('digits', { provider, intraOpThreads: 1 }), { reason: 'providerUnavailable', message: new RegExp(`^${setting.enumItemLabels[providers.indexOf(provider)]} cannot be used: .*built without it`), remedy: { title: 'Use CPU', command: 'useCpu' } })
  }
  for (const provider of notInstalled) {
    const outcome = await client.inspect('digits', { provider, intraOpThreads: 1 }).then((inspected) => inspected.provider, (error: unknown) => error)
    if (outcome !== provider) assert.deepEqual(pick(outcome), { reason: 'providerUnavailable', remedy: { title: 'Use CPU', command: 'useCpu' } })
  }
})

test('auto ends on a provider that works, and lists every one it tried before with the reason', async (t) => {
  const client = clientFor(t)
  for (const round of [1, 2]) {
    const { provider, tried } = await client.inspect(round === 1 ? 'digits' : 'emoji', { provider: 'auto', intraOpThreads: 1 })
    const last = tried.at(-1)
    assert.deepEqual(last, { provider })
    for (const { error } of tried.slice(0, -1)) assert.ok(error && error.length < 200 && !error.includes('\n') && !error.includes('onnxruntime_src'), error)
    if (provider === 'cpu' && process.platform === 'linux' && process.arch === 'x64') assert.deepEqual(tried.map((one) => one.provider), ['cuda', 'webgpu', 'cpu'])
  }
})

function pick(error: unknown): unknown {
  const { reason, remedy } = error as { reason: unknown; remedy: unknown }
  return { reason, remedy }
}

test('two engines that find out at once leave one whole file, which the next one reads; forgotten, it is found out again', async (t) => {
  const memoryFolder = newFolder()
  const auto = { provider: 'auto', intraOpThreads: 1 } as const
  const answers = await Promise.all([clientFor(t, { memoryFolder }), clientFor(t, { memoryFolder })].map((client) => client.inspect('digits', auto)))
  assert.deepEqual(answers[0]!.tried, answers[1]!.tried)
  assert.deepEqual(readdirSync(memoryFolder), ['providers.json'])
  const file = join(memoryFolder, 'providers.json')
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { machines: Record<string, { auto: Record<string, { tried: object[] }> }> }
  const [machine] = Object.values(kept.machines)
  assert.deepEqual(machine!.auto['[0,{}]']?.tried, answers[0]!.tried)

  machine!.auto['[0,{}]'].tried.unshift({ provider: 'an earlier one', error: 'as it was then' })
  writeFileSync(file, JSON.stringify(kept))
  const next = clientFor(t, { memoryFolder })
  assert.equal((await next.inspect('digits', auto)).tried[0]!.provider, 'an earlier one')
  next.forgetProviders()
  await next.kill()
  assert.deepEqual((await next.inspect('digits', auto)).tried, answers[0]!.tried)
})

/** The first provider of `auto` here. */
const first = process.platform === 'win32' ? 'dml' : process.platform === 'linux' && process.arch === 'x64' ? 'cuda' : 'webgpu'

/** The engine over an ONNX Runtime whose driver of `first` does with a graph (`check`: that of the self-check) what the files beside it say: `ends-check` and `ends-model` end the process, `hangs` never comes back. Others but the CPU are not there. */
function engineWithDriver(): { engine: string; driver: (does: string, on?: boolean) => void; tried: () => boolean } {
  const folder = newFolder()
  const engine = join(folder, 'engine.js')
  writeFileSync(engine, `
    const { existsSync, writeFileSync } = require('node:fs')
    const does = (name) => existsSync(require('node:path').join(__dirname, name))
    const ort = require('node:module').createRequire(${JSON.stringify(enginePath)})('onnxruntime-node')
    const { create } = ort.InferenceSession
    ort.InferenceSession.create = (graph, options) => {
      const [asked] = options.executionProviders
      const name = asked.name ?? asked
      if (name === 'cpu') return create.call(ort.InferenceSession, graph, options)
      if (name !== '${first}') throw new Error('not there')
      writeFileSync(require('node:path').join(__dirname, 'tried'), '')
      if (does('hangs')) return new Promise(() => {})
      if (does(typeof graph === 'string' ? 'ends-model' : 'ends-check')) { process.kill(process.pid, 'SIGKILL'); for (;;); }
      return create.call(ort.InferenceSession, graph, { ...options, executionProviders: ['cpu'] })
    }
    require(${JSON.stringify(enginePath)})`)
  return {
    engine,
    driver: (does, on = true) => { if (on) writeFileSync(join(folder, does), ''); else rmSync(join(folder, does), { force: true }) },
    tried: () => existsSync(join(folder, 'tried')),
  }
}

test('a provider whose driver ends the engine ends one: the next engine takes what comes after it and says why, until providers are forgotten', async (t) => {
  const { engine, driver } = engineWithDriver()
  const memoryFolder = newFolder()
  const client = clientFor(t, { enginePath: engine, memoryFolder })
  const auto = { provider: 'auto', intraOpThreads: 1 } as const
  driver('ends-check')
  await assert.rejects(client.inspect('digits', auto), { reason: 'engineExited' })
  const { provider, tried } = await client.inspect('digits', auto)
  assert.equal(provider, 'cpu')
  assert.deepEqual(tried[0], { provider: first, error: 'it ended the engine when it was tried' })
  assert.deepEqual(readdirSync(memoryFolder), ['providers.json'])
  await client.kill()
  assert.deepEqual((await client.inspect('digits', auto)).tried, tried, 'later too')
  await assert.rejects(client.inspect('digits', { ...auto, provider: first }), { reason: 'providerUnavailable', message: / cannot be used: it ended the engine when it was tried\.$/ })
  const { providers: known } = await client.info(null, auto)
  assert.equal(known.find((one) => one.provider === first)!.error, 'it ended the engine when it was tried')
  await client.kill()
  client.forgetProviders()
  driver('ends-check', false)
  assert.equal((await client.inspect('digits', auto)).provider, first)
})

test('a model that ends the engine on a provider ends one, and no other model is kept from it', async (t) => {
  const { engine, driver } = engineWithDriver()
  const client = clientFor(t, { enginePath: engine, memoryFolder: newFolder() })
  const auto = { provider: 'auto', intraOpThreads: 1 } as const
  assert.equal((await client.inspect('emoji', auto)).provider, first, 'which is remembered')
  driver('ends-model')
  await assert.rejects(client.inspect('digits', auto), { reason: 'engineExited' })
  const { provider, tried } = await client.inspect('digits', auto)
  assert.equal(provider, 'cpu')
  assert.deepEqual(tried[0], { provider: first, error: 'it ended the engine when it was tried with this model' })
  driver('ends-model', false)
  assert.equal((await client.inspect('emoji', auto)).provider, first)
})

test('a provider that was being tried when the engine was ended from here is tried again', async (t) => {
  const { engine, driver, tried } = engineWithDriver()
  const memoryFolder = newFolder()
  const client = clientFor(t, { enginePath: engine, memoryFolder })
  const auto = { provider: 'auto', intraOpThreads: 1 } as const
  driver('hangs')
  const hanging = client.inspect('digits', auto)
  hanging.catch(() => {})
  await until(tried, 'the provider to be tried')
  assert.equal(readdirSync(memoryFolder).length, 1, 'what is tried is written down before')
  await client.kill()
  await assert.rejects(hanging, { reason: 'engineExited' })
  assert.deepEqual(readdirSync(memoryFolder), [])
  driver('hangs', false)
  assert.equal((await client.inspect('digits', auto)).provider, first)
})
