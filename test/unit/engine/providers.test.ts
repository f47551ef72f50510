import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { providers, type Provider } from '../../../src/protocol/engine'
import { newFolder } from './testModels'
import { clientFor } from './withClient'

/** How package.json lists the setting. */
const setting = (JSON.parse(readFileSync('package.json', 'utf8')) as { contributes: { configuration: { properties: Record<string, { enum: string[]; enumItemLabels: string[] }> }[] } })
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
