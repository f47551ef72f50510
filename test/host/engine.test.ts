import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { withHalfEnds } from '../unit/engine/halfEnds'
import { nugetServer, version, type NugetServer } from '../unit/run/nugetServer'
import { activated, configure, extensionPath, generate, run, temporaryFolder, tidy } from './host'

suite('how the engine is started', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1, 'solver.steps': 4 }))
  teardown(() => tidy(api))

  test('engine.nodePath: what is no Node.js is said with Open Settings; corrected, the next run is on it, and the log says which', async () => {
    assert.equal((await generate()).outcome, 'finished')
    const before = api.enginePid
    const file = join(temporaryFolder(), 'node')
    writeFileSync(file, 'text')
    await configure({ 'engine.nodePath': file })
    const { outcome, error } = await generate()
    assert.deepEqual([outcome, error?.reason, error?.remedy], ['failed', 'engineNotStarted', { title: 'Open Settings', command: 'openSettings' }])
    assert.match(error!.message, /^“Engine: Node Path” names .*node, which may not be executed\.$/)
    await configure({ 'engine.nodePath': process.execPath })
    assert.equal((await generate()).outcome, 'finished')
    assert.equal(api.contextKeys.engineState, 'ready')
    assert.equal(typeof api.enginePid, 'number')
    assert.notEqual(api.enginePid, before)
    await run('dpmSolver.restartEngine')
    assert.ok(api.logLines.some((line) => line.includes(`Node ${process.versions.node} (${process.execPath})`)), 'the log says which Node.js')
  })

  test('a model with float16 ends runs where Node.js has Float16Array', async () => {
    assert.ok('Float16Array' in globalThis, `Node.js ${process.versions.node} has it`)
    const file = join(temporaryFolder(), 'half.onnx')
    writeFileSync(file, withHalfEnds(readFileSync(extensionPath('media/models/digits/unet/model.onnx'))))
    await configure({ 'model.path': file })
    const { outcome, error } = await generate()
    assert.equal(outcome, 'finished', error?.message)
  })
})

suite('the CUDA Runtime', () => {
  let api: Api
  let server: NugetServer

  suiteSetup(async () => {
    api = await activated()
    server = await nugetServer()
    process.env['DPM_TEST_FEED'] = server.feed
  })
  setup(() => configure({ 'engine.provider': 'cuda', 'engine.intraOpThreads': 1, 'solver.steps': 4 }))
  teardown(() => tidy(api))
  suiteTeardown(async () => {
    await run('dpmSolver.removeCudaRuntime')
    delete process.env['DPM_TEST_FEED']
    server.close()
  })

  test('is fetched by the command, used by the next run without a reload, and removed by the other', async () => {
    const message = async (): Promise<string> => (await generate()).error?.message ?? ''
    assert.match(await message(), /^CUDA cannot be used: its library is not installed/)
    server.does.cuts = [30_000]
    assert.equal(await run('dpmSolver.installCudaRuntime', { agreed: true }), version)
    assert.ok(api.logLines.some((line) => line.includes(`the CUDA Runtime for ONNX Runtime ${version} was installed into `)))
    assert.match(await message(), /^CUDA cannot be used: its library needs libcudnn_absent\.so\.9, which is not on this machine/)
    await configure({ 'engine.provider': 'cpu' })
    assert.equal((await generate()).outcome, 'finished')
    await run('dpmSolver.removeCudaRuntime')
    await configure({ 'engine.provider': 'cuda' })
    assert.match(await message(), /its library is not installed/)
  })

  test('that cannot be fetched leaves a sentence and nothing behind', async () => {
    const right = server.does.hash
    server.does.hash = Buffer.alloc(64).toString('base64')
    assert.equal(await run('dpmSolver.installCudaRuntime', { agreed: true }), undefined)
    assert.match(api.state.notice!.message, /SHA-512 differs/)
    server.does.hash = right
    server.does.refuse = { '.nupkg': 404 }
    assert.equal(await run('dpmSolver.installCudaRuntime', { agreed: true }), undefined)
    assert.match(api.state.notice!.message, /HTTP 404/)
    assert.deepEqual(api.state.notice!.remedy, { title: 'Install CUDA Runtime…', command: 'installCudaRuntime' })
    server.does.refuse = {}
  })

  test('the proxy of VS Code’s settings is used', async () => {
    const http = vscode.workspace.getConfiguration('http')
    const { origin } = new URL(server.feed)
    process.env['DPM_TEST_FEED'] = 'http://feed.invalid/v3/index.json'
    await http.update('proxy', origin, vscode.ConfigurationTarget.Global)
    try {
      assert.equal(await run('dpmSolver.installCudaRuntime', { agreed: true }), version, api.state.notice?.message)
      assert.ok(server.asked.includes('http://feed.invalid/v3/index.json'), 'the proxy was asked')
    } finally {
      await http.update('proxy', undefined, vscode.ConfigurationTarget.Global)
      process.env['DPM_TEST_FEED'] = server.feed
      await run('dpmSolver.removeCudaRuntime')
    }
  })

  test('nothing is asked of the network before the user agrees', async () => {
    const before = server.asked.length
    // VS Code shows no dialog while tests run: it is as if it had been dismissed.
    await Promise.resolve(run('dpmSolver.installCudaRuntime')).catch(() => undefined)
    assert.equal(server.asked.length, before)
  })
})
