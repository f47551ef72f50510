import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openGraph } from '../../../src/engine/graphFile'
import { Memory } from '../../../src/engine/memory'
import { Providers } from '../../../src/engine/providers'
import type { AdapterFacts } from '../../../src/protocol/engineInfo'
import { runtimeWith, type Behaviour } from './fakeProviders'
import { folderWith, half, newFolder } from './testModels'

const hardware = (): AdapterFacts => ({ kind: 'hardware', how: 'a test' })
const auto = { provider: 'auto', intraOpThreads: 1 } as const
const graph = openGraph(join(folderWith({ 'model.onnx': half() }), 'model.onnx'))
const noLibrary = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library'

interface Around { platform?: NodeJS.Platform; adapter?: () => AdapterFacts; memory?: Memory }

function machine(behaviours: Readonly<Record<string, Behaviour>>, { platform = 'linux', adapter = hardware, memory = new Memory(null, '') }: Around = {}) {
  const { ort, opened, threads, now } = runtimeWith(behaviours)
  const providers = new Providers(adapter, platform, now)
  providers.memory = memory
  const told: string[] = []
  return { opened, threads, told, open: (asked: Parameters<Providers['open']>[2] = auto) => providers.open(ort, graph, asked, (provider) => { told.push(provider) }) }
}

test('auto tries one provider at a time, in the order of the platform, and takes the first that runs and passes the self-check', async () => {
  const orders: Partial<Record<NodeJS.Platform, string[]>> = { linux: ['cuda', 'webgpu', 'cpu'], win32: ['dml', 'webgpu', 'cpu'], darwin: ['webgpu', 'coreml', 'cpu'], freebsd: ['cpu'] }
  for (const [platform, order] of Object.entries(orders) as [NodeJS.Platform, string[]][]) {
    for (const works of order) {
      const all = Object.fromEntries(['cuda', 'tensorrt', 'dml', 'webgpu', 'coreml'].map((name) => [name, name === works ? {} : { refuses: noLibrary }]))
      const { open, opened, told } = machine(all, { platform: platform })
      const { provider, tried } = await open()
      const upTo = order.slice(0, order.indexOf(works) + 1)
      assert.equal(provider, works)
      assert.deepEqual(tried.map((one) => one.provider), upTo)
      assert.deepEqual(told, upTo, 'nothing behind it is touched')
      assert.deepEqual(opened.filter(({ what }) => what === 'model').map((one) => one.provider), [works], 'the model is opened where the check is passed only')
    }
  }
})

test('a provider that computes wrongly, gives no numbers or fails is passed over, and the reason is among what was tried', async () => {
  const faults: [Behaviour, RegExp][] = [
    [{ scales: 1.02 }, /^it computes wrongly: its answers are up to 2\.0 % away from the CPU’s$/], [{ scales: NaN }, /^it computes wrongly: its answers are infinitely away/],
    [{ fails: 'Non-zero status code returned while running Conv node. Name:\'\' Status Message: device lost' }, /^Conv: device lost$/],
  ]
  for (const [fault, reason] of faults) {
    const { open } = machine({ webgpu: fault })
    const { provider, tried } = await open()
    assert.equal(provider, 'cpu')
    assert.match(tried[0]!.error!, reason)
  }
  const { open } = machine({ webgpu: { scales: 1.005 } })
  assert.equal((await open()).provider, 'webgpu', 'within the tolerance')
})

test('asked for by name, a provider that fails the self-check is refused, never replaced', async () => {
  const { open } = machine({ cuda: { scales: 0 } })
  await assert.rejects(open({ ...auto, provider: 'cuda' }), { reason: 'providerUnavailable', message: /^CUDA cannot be used: it computes wrongly/, remedy: { title: 'Use CPU', command: 'useCpu' }, otherRemedy: { title: 'How to Install', command: 'howToInstall' } })
})

test('a software adapter never wins under auto, by what the system tells or by its time; asked for by name it runs and is called one', async () => {
  const software = (): AdapterFacts => ({ kind: 'software', how: 'the Vulkan driver is libvulkan_lvp.so' })
  const known = machine({ webgpu: {} }, { adapter: software })
  assert.match((await known.open()).tried[0]!.error!, /^its adapter is a program and no GPU: the Vulkan driver is libvulkan_lvp\.so$/)
  assert.deepEqual(known.opened.map(({ provider }) => provider), ['cpu'], 'it is not even opened')
  const asked = await known.open({ ...auto, provider: 'webgpu' })
  assert.deepEqual([asked.provider, asked.adapter], ['webgpu', 'software'])
  const unknown = machine({ webgpu: { ms: 120 }, cpu: { ms: 11 } }, { adapter: () => ({ kind: 'unknown', how: 'this system does not tell' }) })
  const { provider, tried } = await unknown.open()
  assert.equal(provider, 'cpu')
  assert.match(tried[0]!.error!, /^its adapter took 120 ms for what the CPU does in 11 ms, as one does that is a program$/)
  assert.equal((await unknown.open({ ...auto, provider: 'webgpu' })).provider, 'webgpu')
  const weak = machine({ webgpu: { ms: 120 }, cpu: { ms: 13 } }, { adapter: () => ({ kind: 'unknown', how: 'this system does not tell' }) })
  assert.equal((await weak.open()).provider, 'webgpu', 'a weak GPU is one')
})

test('what auto came to is remembered: the next engine opens it at once, whatever failed before it is not tried again', async () => {
  const file = join(newFolder(), 'state', 'providers.json')
  const first = machine({ cuda: { refuses: noLibrary }, webgpu: {} }, { memory: new Memory(file, 'here') })
  const { tried } = await first.open()
  const again = machine({ cuda: { refuses: noLibrary }, webgpu: {} }, { memory: new Memory(file, 'here') })
  assert.deepEqual((await again.open()).tried, tried, 'with the reasons of then')
  assert.deepEqual(again.opened, [{ provider: 'webgpu', options: {}, what: 'model' }])
  for (const [why, memory, asked] of [['another machine', new Memory(file, 'there'), auto], ['another device', new Memory(file, 'here'), { ...auto, deviceId: 1 }]] as const) {
    const other = machine({ cuda: { refuses: noLibrary }, webgpu: {} }, { memory })
    await other.open(asked)
    assert.ok(other.opened.some(({ provider }) => provider === 'cuda'), why)
  }
})

test('a remembered provider that fails is found out anew; a model that it cannot run is no reason to', async () => {
  const memory = new Memory(join(newFolder(), 'providers.json'), 'here')
  await machine({ cuda: {}, webgpu: {} }, { memory }).open()
  const broken = machine({ cuda: { refuses: noLibrary }, webgpu: {} }, { memory })
  assert.equal((await broken.open()).provider, 'webgpu')
  assert.equal(memory.known.auto?.['[0,{}]']?.provider, 'webgpu')
  const unfit = machine({ cuda: {}, webgpu: { refusesModel: 'Could not find an implementation for Fancy(1) node' } }, { memory })
  assert.equal((await unfit.open()).provider, 'cpu')
  assert.equal(memory.known.auto?.['[0,{}]']?.provider, 'webgpu')
})

test('threads are counted once: what is told is what every session has, however the load changes meanwhile', async (t) => {
  let asked = 0
  t.mock.method(os, 'loadavg', () => asked++ % 2 === 0 ? [0, 0, 0] : [1000, 0, 0])
  const { open, threads } = machine({ webgpu: { refusesModel: 'no' } })
  const { threads: told } = await open({ ...auto, intraOpThreads: 0 })
  assert.ok(threads.length > 3)
  assert.deepEqual([...new Set(threads)], [told])
})

test('a provider that lacks memory for one model is asked again for the next', async () => {
  const memory = new Memory(null, '')
  assert.equal((await machine({ webgpu: { refusesModel: 'Failed to allocate memory for requested buffer' } }, { memory }).open()).provider, 'cpu')
  assert.equal((await machine({ webgpu: {} }, { memory }).open()).provider, 'webgpu')
})

test('a file that is no memory is none, and is written anew', async () => {
  const whole = JSON.stringify({ format: 1, machines: { here: { auto: { '[0,{}]': { provider: 'cuda', tried: 7 } }, passed: 3, compared: { x: { provider: 'webgpu' } } } } })
  for (const content of ['', '{', '[]', 'null', '{"format":2}', '{"format":1,"machines":{"here":5}}', whole, whole.slice(0, 40), '\u0000'.repeat(100)]) {
    const file = join(newFolder(), 'providers.json')
    writeFileSync(file, content)
    const { open } = machine({ webgpu: {} }, { memory: new Memory(file, 'here') })
    assert.equal((await open()).provider, 'webgpu', content)
    assert.equal(new Memory(file, 'here').known.auto?.['[0,{}]']?.provider, 'webgpu', 'and kept')
  }
})

test('a folder that cannot be written is done without: the answer is kept as long as the process', async () => {
  const file = join(folderWith({ taken: 'a file where a folder is wanted' }), 'taken', 'providers.json')
  const memory = new Memory(file, 'here')
  await machine({ webgpu: {} }, { memory }).open()
  assert.equal(memory.known.auto?.['[0,{}]']?.provider, 'webgpu')
})

test('what two windows write at once leaves a whole file, and no other', () => {
  const folder = newFolder()
  const file = join(folder, 'providers.json')
  const [a, b] = [new Memory(file, 'a'), new Memory(file, 'b')]
  for (let k = 0; k < 50; k++) for (const memory of [a, b]) memory.update((known) => ({ ...known, passed: { ...known.passed, [String(k)]: true } }))
  const { machines } = JSON.parse(readFileSync(file, 'utf8')) as { machines: Record<string, { passed: object }> }
  assert.deepEqual(Object.entries(machines).map(([name, { passed }]) => [name, Object.keys(passed).length]).sort(), [['a', 50], ['b', 50]])
})

test('options go to the provider that has them; others are refused by name, and a device where there are none to choose', async () => {
  const all = machine({ cuda: {}, tensorrt: {}, dml: {}, coreml: {}, webgpu: {} })
  const modelOptions = async (asked: Parameters<Providers['open']>[2]): Promise<object | undefined> => {
    await all.open(asked)
    return all.opened.at(-1)?.options
  }
  for (const provider of ['cuda', 'tensorrt', 'dml'] as const) assert.deepEqual(await modelOptions({ ...auto, provider, deviceId: 1 }), { deviceId: 1 })
  assert.deepEqual(await modelOptions({ ...auto, provider: 'webgpu', providerOptions: { preferredLayout: 'NCHW', forceCpuNodeNames: ['a'] } }), { preferredLayout: 'NCHW', forceCpuNodeNames: ['a'] })
  assert.deepEqual(await modelOptions({ ...auto, provider: 'coreml', providerOptions: { coreMlFlags: 16 } }), { coreMlFlags: 16 })
  assert.deepEqual(await modelOptions({ ...auto, provider: 'cpu', deviceId: 3, providerOptions: { preferredLayout: 'NCHW' } }), {}, 'Use CPU has to work whatever is set')
  const refusals: [Parameters<Providers['open']>[2], object][] = [
    [{ ...auto, provider: 'webgpu', deviceId: 1 }, { reason: 'providerUnavailable', message: /^WebGPU cannot be used: the device number is 1, and it has no devices to choose by number/ }],
    [{ ...auto, provider: 'coreml', deviceId: 1 }, { reason: 'providerUnavailable', message: /the device number is 1/ }],
    [{ ...auto, provider: 'cuda', providerOptions: { cudnn_conv_algo_search: 'DEFAULT' } }, { reason: 'recipeInvalid', message: 'The provider options have “cudnn_conv_algo_search”, which CUDA does not know.' }],
    [{ ...auto, provider: 'webgpu', providerOptions: { deviceId: 0 } }, { reason: 'recipeInvalid', message: /“deviceId”, which WebGPU/, advice: /^Known are preferredLayout, / }],
    [{ ...auto, provider: 'webgpu', providerOptions: { preferredLayout: 'NCHWC' } }, { reason: 'recipeInvalid', message: 'The provider option preferredLayout must be one of NCHW, NHWC, not "NCHWC".' }],
    [{ ...auto, providerOptions: { fast: true } }, { reason: 'recipeInvalid', message: 'The provider options have “fast”, which no provider knows.' }],
    [{ ...auto, providerOptions: { coreMlFlags: 'all' } }, { reason: 'recipeInvalid', message: /coreMlFlags must be a whole number/ }],
  ]
  for (const [asked, error] of refusals) await assert.rejects(all.open(asked), error)
  const { tried, provider } = await machine({ webgpu: {} }).open({ ...auto, deviceId: 1 })
  assert.deepEqual([provider, tried[0]?.provider], ['cpu', 'webgpu'])
  assert.match(tried[0]!.error!, /the device number is 1/)
})
