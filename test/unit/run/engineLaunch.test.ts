import assert from 'node:assert/strict'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { installedFolder, onnxRuntimeOf } from '../../../src/run/cuda/providerFiles'
import { runtimeFolder } from '../../../src/run/cuda/runtimeFolder'
import { engineLaunch, type LaunchSettings } from '../../../src/run/engineLaunch'
import type { EngineClient } from '../../../src/run/engineClient'
import type { LogLine } from '../../../src/protocol/engine'
import { withHalfEnds } from '../engine/halfEnds'
import { folderWith, newFolder } from '../engine/testModels'
import { clientFor, cpu, enginePath, readFolder, recipe, start } from '../engine/withClient'

const { version } = onnxRuntimeOf(enginePath)
const linux = process.platform === 'linux' && process.arch === 'x64'
const fixtures = resolve('test/fixtures/cuda')

/** A client whose engine is started as settings say; they may be changed. */
function launched(t: TestContext, given: Partial<LaunchSettings>, cudaFolder = join(newFolder(), 'cuda')): { client: EngineClient; settings: LaunchSettings; lines: LogLine[] } {
  const settings = { nodePath: '', libraryPath: '', provider: 'cuda', ...given }
  const lines: LogLine[] = []
  return { settings, lines, client: clientFor(t, { launch: () => engineLaunch(enginePath, cudaFolder, settings, () => {}), onLog: (line) => lines.push(line) }) }
}

/** An executable file with this text. */
function script(text: string): string {
  const file = join(folderWith({ node: text }), 'node')
  chmodSync(file, 0o755)
  return file
}

const refusal = (message: RegExp) => ({ reason: 'engineNotStarted', message, remedy: { title: 'Open Settings', command: 'openSettings' } })
const cuda = { provider: 'cuda', intraOpThreads: 1 } as const

suite('how the engine is started', () => {
  test('without settings and libraries: as it comes, and nothing is written', async () => {
    const folder = join(newFolder(), 'cuda')
    assert.deepEqual(await engineLaunch(enginePath, folder, { nodePath: '', libraryPath: '', provider: 'cuda' }, () => {}), {})
    assert.equal(existsSync(folder), false)
  })

  test('engine.nodePath that cannot be used is said in a sentence, at every request until it is corrected, and nothing is started', async (t) => {
    const cases: [nodePath: string, message: RegExp][] = [['node', /is node, which is no absolute path/], [join(newFolder(), 'node'), /names .*node, which does not exist/]]
    if (process.platform !== 'win32') {
      const plain = join(folderWith({ node: 'text' }), 'node')
      cases.push([plain, /which may not be executed/], [newFolder(), /which may not be executed/], [script('#!/bin/sh\necho hello\n'), /which is no Node\.js/], [script('#!/bin/sh\nexit 3\n'), /which is no Node\.js/],
        [script('#!/bin/sh\necho v18.20.4\n'), /names Node\.js 18\.20\.4, and the engine needs 20\.11 or newer/], [script('#!/bin/sh\necho v20.10.0\n'), /20\.10\.0/])
    }
    const { client, settings, lines } = launched(t, {})
    for (const [nodePath, message] of cases) {
      settings.nodePath = nodePath
      for (const asked of [() => client.start(), () => client.inspect('digits', cpu), () => client.run(start(recipe()))]) await assert.rejects(asked(), refusal(message), nodePath)
    }
    assert.equal(lines.length, 0)
    settings.nodePath = process.execPath
    const { node, execPath } = await client.start()
    assert.deepEqual([node, execPath], [process.versions.node, process.execPath])
    assert.ok(lines.some(({ text }) => text.includes(`Node ${node} (${execPath})`)), 'the log says which')
  })

  test('a change counts from the next run on: an idle engine is ended at once, one at work when its run is over', async (t) => {
    const { client, settings } = launched(t, {})
    const first = await client.start()
    const link = join(newFolder(), 'node')
    symlinkSync(process.execPath, link)
    const run = start(recipe((r) => { r.solver.steps = 40 }))
    let began = (): void => {}
    const going = new Promise<void>((resolve) => { began = resolve })
    const ending = client.run(run, { began: () => { began() } })
    await going
    settings.nodePath = link
    await client.renew()
    assert.equal((await ending).outcome, 'finished')
    const second = await client.start()
    assert.notEqual(second.pid, first.pid)
    await client.renew()
    assert.notEqual((await client.start()).pid, second.pid)
  })

  test('a stop, a kill and a dispose that come while it is found out how to start are not lost', async (t) => {
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => { go = resolve })
    const client = clientFor(t, { launch: async () => { await gate; return {} } })
    const run = start(recipe((r) => { r.solver.steps = 1000 }))
    const ending = client.run(run)
    const stopped = client.stop(run.runId)
    go()
    assert.equal(await stopped, true)
    assert.equal((await ending).outcome, 'stopped')
    await client.kill()
    const again = client.run({ ...run, runId: 'again', folder: join(newFolder(), 'run') })
    const killed = client.kill()
    assert.equal((await again).outcome, 'stopped')
    await killed
    await client.dispose()
    await assert.rejects(client.start(), { reason: 'engineExited' })
  })
})

if (linux) suite('provider libraries', () => {
  test('the engine loads ONNX Runtime with them beside it, and a failure is about what they need', async (t) => {
    const cudaFolder = newFolder()
    mkdirSync(installedFolder(cudaFolder, version))
    for (const name of readdirSync(fixtures)) if (name.endsWith('.so')) cpSync(join(fixtures, name), join(installedFolder(cudaFolder, version), name))
    for (const { client, lines } of [launched(t, { libraryPath: fixtures }), launched(t, {}, cudaFolder)]) {
      await assert.rejects(client.inspect('digits', cuda), { reason: 'providerUnavailable', message: /^CUDA cannot be used: its library needs libcudnn_absent\.so\.9, which is not on this machine/ })
      assert.ok(!lines.some(({ text }) => /providers_shared\.so.*cannot open/.test(text)), 'the shared part was found')
      await assert.rejects(client.inspect('digits', { ...cuda, provider: 'tensorrt' }), { reason: 'providerUnavailable', message: /not installed/ })
      assert.equal((await client.inspect('digits', cpu)).provider, 'cpu')
      assert.equal((await client.run(start(recipe()))).outcome, 'finished')
    }
  })

  test('without them it is said how to get them', async (t) => {
    await assert.rejects(launched(t, {}).client.inspect('digits', cuda), { reason: 'providerUnavailable', message: /its library is not installed/ })
  })

  test('engine.libraryPath that cannot be used is said in a sentence', async () => {
    const shared = 'libonnxruntime_providers_shared.so'
    const cases: [string, RegExp][] = [
      ['lib', /lib is no absolute path/], [join(newFolder(), 'lib'), /lib does not exist/], [join(folderWith({ file: '' }), 'file'), /file is no folder/], [newFolder(), /has no libonnxruntime_providers_shared\.so/],
      [folderWith({ [shared]: '' }), /has no libonnxruntime_providers_cuda\.so/],
      [folderWith({ [shared]: '', 'libonnxruntime_providers_cuda.so': '', 'libonnxruntime.so.1.22.0': '' }), /is of ONNX Runtime 1\.22\.0, and the engine has 1\.30\.0/],
    ]
    for (const [libraryPath, message] of cases) {
      await assert.rejects(engineLaunch(enginePath, newFolder(), { nodePath: '', libraryPath, provider: 'cuda' }, () => {}), (error: Error & { remedy?: unknown }) => {
        assert.match(error.message, /^“Engine: Library Path”: /)
        assert.match(error.message, message)
        assert.deepEqual(error.remedy, { title: 'Open Settings', command: 'openSettings' })
        return true
      })
    }
  })

  test('libraries that nobody asked for by name are done without, and that is said', async () => {
    for (const provider of ['cpu', 'auto', 'webgpu']) {
      const warned: string[] = []
      assert.deepEqual(await engineLaunch(enginePath, newFolder(), { nodePath: '', libraryPath: '/nowhere', provider }, (line) => warned.push(line)), {})
      assert.match(warned.join(), /^“Engine: Library Path”: \/nowhere does not exist\.$/)
    }
    await assert.rejects(engineLaunch(enginePath, newFolder(), { nodePath: '', libraryPath: '/nowhere', provider: 'tensorrt' }, () => {}), refusal(/nowhere does not exist/))
  })

  test('two windows make one folder, of links, and it is made anew for other libraries', async () => {
    const storage = join(newFolder(), 'cuda')
    const launch = (libraryPath: string): Promise<string> => engineLaunch(enginePath, storage, { nodePath: '', libraryPath, provider: 'cuda' }, () => {}).then(({ env }) => env!['DPM_RUNTIME']!)
    const made = await Promise.all(Array.from({ length: 4 }, () => launch(fixtures)))
    assert.equal(new Set(made).size, 1)
    assert.equal(readdirSync(storage).length, 1, 'no draft is left')
    const other = newFolder()
    cpSync(fixtures, other, { recursive: true })
    assert.notEqual(await launch(other), made[0])
  })

  test('a folder that could not be made leaves nothing, and what a window left half made is removed later', async () => {
    const storage = newFolder()
    await assert.rejects(runtimeFolder(storage, folderWith({ 'package.json': '{}' }), fixtures))
    assert.deepEqual(readdirSync(storage), [])
    mkdirSync(join(storage, 'draft-left'))
    utimesSync(join(storage, 'draft-left'), 0, 0)
    mkdirSync(join(storage, 'draft-going'))
    const { env } = await engineLaunch(enginePath, storage, { nodePath: '', libraryPath: fixtures, provider: 'cuda' }, () => {})
    assert.deepEqual(readdirSync(storage).sort(), ['draft-going', basename(env!['DPM_RUNTIME']!)])
  })

  test('a library of the system that a provider lacks is looked for again by the next engine', async (t) => {
    const { env } = await engineLaunch(enginePath, newFolder(), { nodePath: '', libraryPath: fixtures, provider: 'cuda' }, () => {})
    const client = clientFor(t, { memoryFolder: newFolder(), env: env! })
    const auto = { provider: 'auto', intraOpThreads: 1 } as const
    assert.match((await client.inspect('digits', auto)).tried[0]!.error!, /needs libcudnn_absent\.so\.9/)
    assert.equal((await client.info(null, auto)).remembered.auto, null)
  })
})

test('float16 ends work on another Node.js, where that has Float16Array too: the same numbers, and those of float32 to what half precision holds', async (t) => {
  const file = join(folderWith({ 'model.onnx': withHalfEnds(readFileSync('media/models/digits/unet/model.onnx')), 'config.json': readFileSync('media/models/digits/unet/config.json') }), 'model.onnx')
  // That of the test VS Code, where it is installed.
  const paths = await import(pathToFileURL(resolve('test/vscode-host/paths.mjs')).href) as { serverNode: () => string }
  const other = existsSync(paths.serverNode()) ? paths.serverNode() : process.execPath
  const states = async (nodePath: string, path: string): Promise<Float32Array> => {
    const run = start(recipe((r) => { r.model.path = path; r.solver.steps = 10 }))
    const end = await launched(t, { nodePath }).client.run(run)
    assert.equal(end.outcome, 'finished', end.error?.message)
    return readFolder(run.folder).states
  }
  const [whole, half, elsewhere] = [await states('', 'digits'), await states('', file), await states(other, file)]
  assert.deepEqual(elsewhere, half)
  const [last, lastHalf] = [whole, half].map((all) => all.slice(-2 * 32 * 32)) as [Float32Array, Float32Array] // state and estimate of the last row
  const gap = lastHalf.reduce((most, value, i) => Math.max(most, Math.abs(value - last[i]!)), 0)
  console.log(`float16 ends: largest difference of the last row ${gap}`)
  assert.ok(gap > 0 && gap < 0.05)
})
