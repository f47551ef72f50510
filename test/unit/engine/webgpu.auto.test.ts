import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineInfoText } from '../../../src/run/engineInfoText'
import { softwareGpu } from '../../mesa/paths.mjs'
import { clientFor, cpu } from './withClient'

test('a GPU that is a program never wins under auto; asked for by name it runs, and Engine Info calls it what it is', async (t) => {
  const gpu = softwareGpu()
  assert.ok(gpu, 'there is no software GPU here: node test/mesa/setup.mjs')
  const client = clientFor(t, { env: gpu.environment })
  const { provider, tried } = await client.inspect('digits', { ...cpu, provider: 'auto' })
  assert.equal(provider, 'cpu')
  assert.match(tried.find((one) => one.provider === 'webgpu')!.error!, /^its adapter is a program and no GPU: the Vulkan driver is .*lvp/)
  const asked = await client.inspect('digits', { ...cpu, provider: 'webgpu' })
  assert.deepEqual([asked.provider, asked.adapter], ['webgpu', 'software'])
  const info = await client.info('digits', { ...cpu, provider: 'webgpu' })
  assert.equal(info.adapter.kind, 'software')
  assert.ok(info.model!.nodes!['WebGpu']! > info.model!.nodes!['CPU']!, 'most nodes run on it')
  const text = engineInfoText(info)
  assert.match(text, /^\| WebGPU +\| yes +\| in use, on a software adapter +\|$/m)
  t.diagnostic(/^- .* nodes of an evaluation run on .*$/m.exec(text)![0])
})
