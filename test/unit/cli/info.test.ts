import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { cacheFolder } from '../../../src/protocol/cacheFolder'
import type { EngineInfo } from '../../../src/protocol/engineInfo'
import { engineInfoText } from '../../../src/run/engineInfoText'
import { run, workFolder } from './run'

test('info prints Engine Info; with --json its facts, of which the text is made', async () => {
  const folder = workFolder()
  const plain = await run(['info', '--provider', 'cpu', '--threads', '1'], folder)
  assert.deepEqual([plain.code, plain.stderr], [0, ''])
  assert.match(plain.stdout, /^# DPM-Solver: Engine\n/)
  assert.match(plain.stdout, /^- runs on CPU$/m)
  const { code, stdout } = await run(['info', '--json', '--model', 'gaussian'], folder)
  assert.equal(code, 0)
  const info = JSON.parse(stdout) as EngineInfo
  assert.equal(info.model?.provider, 'closedForm')
  assert.match(engineInfoText(info), /a formula/)
})

test('what auto came to is kept in the user’s cache folder', async () => {
  const folder = workFolder()
  await run(['info'], folder)
  if (process.platform !== 'linux') return // its place is below the home folder there, which is not ours
  assert.deepEqual(readdirSync(join(folder, 'dpm-solver')), ['providers.json'])
})

test('each system has its own place for it', () => {
  assert.equal(cacheFolder('linux', { XDG_CACHE_HOME: '/c' }), join('/c', 'dpm-solver'))
  assert.match(cacheFolder('linux', {}), /\.cache.dpm-solver$/)
  assert.match(cacheFolder('darwin', {}), /Library.Caches.dpm-solver$/)
  assert.equal(cacheFolder('win32', { LOCALAPPDATA: 'L' }), join('L', 'dpm-solver'))
})

test('a provider that is missing, and an option that none knows, are one sentence each', async () => {
  const missing = process.platform === 'win32' ? 'coreml' : 'dml'
  const refused = await run(['sample', '--provider', missing], workFolder())
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /cannot be used: ONNX Runtime for \S+ is built without it\.\nUse --provider cpu, or --provider auto, which takes the first that runs\.\n$/)
  const option = await run(['sample', '--provider', 'webgpu', '--provider-option', 'preferredLayout=NCHW', '--provider-option', 'fast=1'], workFolder())
  assert.deepEqual([option.code, option.stderr.split('\n')[0]], [1, 'The provider options have “fast”, which WebGPU does not know.'])
})
