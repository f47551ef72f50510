import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { decodePng } from '../../src/formats/png'
import { getPath } from '../../src/recipe/path'
import { readFrames } from '../../src/run/frames'
import { keptRows, openRun } from '../../src/run/store'
import { folderWith, half } from '../unit/engine/testModels'
import { activated, configure, copiedModel, extensionPath, generate, isFrom, isTo, recordings, run, temporaryFolder, tidy, until, watch } from './host'

suite('settings', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1, 'solver.steps': 6 }))
  teardown(() => tidy(api))

  const reaches: [key: string, value: unknown, path: string, beside?: Record<string, unknown>][] = [
    ['model.path', 'emoji', 'model.path'],
    ['model.predictionType', 'sample', 'model.predictionType'],
    ['model.nullClassLabel', 4, 'model.nullClassLabel'],
    ['classLabel', [1, 'none'], 'conditioning.classLabel'],
    ['solver.algorithm', 'dpmsolver', 'solver.algorithm'],
    ['solver.order', 3, 'solver.order', { 'solver.method': 'singlestep' }],
    ['solver.method', 'singlestepFixed', 'solver.method'],
    ['solver.steps', 9, 'solver.steps'],
    ['solver.orderSplit', 'greedy', 'solver.orderSplit'],
    ['solver.lowerOrderBelow', 0, 'solver.lowerOrderBelow'],
    ['solver.finalSigma', 'sigmaMin', 'solver.finalSigma'],
    ['solver.options', { r1: 0.4 }, 'solver.options', { 'solver.method': 'singlestep' }],
    ['solver.guidanceScale', 3, 'guidance.scale', { 'classLabel': 2 }],
    ['schedule.noise', 'vpCosine', 'schedule.noise'],
    ['schedule.spacing', 'timeUniform', 'schedule.spacing'],
    ['schedule.tEnd', 0.01, 'schedule.tEnd'],
    ['schedule.lambdaMin', 'none', 'schedule.lambdaMin'],
    ['schedule.betas', [0.01, 0.02, 0.03, 0.04], 'schedule.betas', { 'schedule.noise': 'betas' }],
    ['solver.algorithm', 'unipc', 'solver.algorithm', { 'solver.order': 3 }],
    ['solver.method', 'adaptive', 'solver.method'],
    ['solver.variant', 'taylor', 'solver.variant'],
    ['solver.thresholding', true, 'solver.thresholding', { 'classLabel': 2, 'solver.guidanceScale': 5 }],
    ['solver.thresholdingRatio', 0.9, 'solver.thresholdingRatio', { 'solver.thresholding': true }],
    ['solver.thresholdingForm', 'clip', 'solver.thresholdingForm', { 'solver.thresholding': true }],
    ['solver.thresholdingMax', 1.5, 'solver.thresholdingMax', { 'solver.thresholding': true }],
    ['solver.guidanceRescale', 0.7, 'guidance.rescale', { 'classLabel': 2, 'solver.guidanceScale': 3 }],
    ['solver.guidanceInterval', [0.1, 10], 'guidance.interval', { 'classLabel': 2, 'solver.guidanceScale': 3 }],
    ['schedule.zeroTerminalSnr', true, 'schedule.zeroTerminalSnr', { 'model.path': 'emoji' }],
    ['schedule.karrasRho', 5, 'schedule.karrasRho', { 'schedule.spacing': 'karras' }],
    ['schedule.timesteps', [900, 600, 300, 100, 20, 1], 'schedule.timesteps', { 'schedule.spacing': 'custom' }],
    ['schedule.options', { power: 3 }, 'schedule.options', { 'schedule.spacing': 'timePower' }],
    ['noiseGenerator', 'torch-cpu', 'noise.generator'],
    ['batchSize', 3, 'noise.batch'],
  ]
  for (const [key, value, path, beside] of reaches) {
    test(`${key} ${JSON.stringify(value)} is in the next run`, async () => {
      await configure({ ...beside, [key]: value })
      assert.deepEqual(getPath(api.state.recipe, path), value, 'in the form')
      const { outcome, error } = await generate()
      assert.equal(outcome, 'finished', error?.message)
      assert.deepEqual(getPath(api.state.run?.document?.recipe, path), value, 'in the run')
    })
  }

  test('seed.mode and seed.value decide the seed', async () => {
    const seeds = async (): Promise<string> => { await generate(); return api.state.run!.document!.recipe.noise.seed as string }
    await configure({ 'seed.mode': 'fixed', 'seed.value': '9007199254740993', 'batchSize': 2 })
    assert.deepEqual([await seeds(), await seeds()], ['9007199254740993', '9007199254740993'])
    assert.deepEqual(api.state.run!.document!.seeds, ['9007199254740993', '9007199254740994'])
    await configure({ 'seed.mode': 'increment', 'seed.value': 10 })
    assert.deepEqual([await seeds(), await seeds(), await seeds()], ['10', '12', '14'])
    await configure({ 'seed.mode': 'random' })
    assert.equal(api.state.recipe.noise.seed, 'random')
  })

  test('engine.provider and engine.intraOpThreads are what the run was carried out with', async () => {
    await configure({ 'engine.intraOpThreads': 2 })
    await generate()
    const { provider, intraOpThreads } = api.state.run!.document!.engine
    assert.deepEqual({ provider, intraOpThreads }, { provider: 'cpu', intraOpThreads: 2 })
  })

  test('engine.provider that this machine cannot have says so, and Use CPU helps', async () => {
    await configure({ 'engine.provider': 'coreml' })
    const { outcome, error } = await generate()
    assert.equal(outcome, 'failed')
    assert.equal(error?.reason, 'providerUnavailable')
    await api.receive({ type: 'remedy', remedy: { title: 'Use CPU', command: 'useCpu' } })
    assert.equal(vscode.workspace.getConfiguration('dpmSolver').get('engine.provider'), 'cpu')
    assert.equal(api.state.run?.status, 'finished')
  })

  test('engine.killAfterSeconds is when Force Stop is offered', async () => {
    await configure({ 'engine.killAfterSeconds': 0, 'solver.steps': 1000, 'batchSize': 64 })
    const ended = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 0, 'rows')
    process.kill(api.enginePid!, 'SIGSTOP') // an evaluation that takes forever
    await run('dpmSolver.stop')
    await until(() => api.state.run?.stopOverdue === true, 'Force Stop')
    await api.receive({ type: 'forceStop' })
    assert.equal((await ended).outcome, 'stopped')
    await configure({ 'solver.steps': 4, 'batchSize': 1 })
    assert.equal((await generate()).outcome, 'finished')
  })

  test('an engine that does not stop is ended after as long again', async () => {
    await configure({ 'engine.killAfterSeconds': 0.1, 'solver.steps': 1000, 'batchSize': 64 })
    const ended = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 0, 'rows')
    process.kill(api.enginePid!, 'SIGSTOP')
    await run('dpmSolver.stop')
    assert.equal((await ended).outcome, 'stopped')
  })

  test('preview.every and preview.remoteMaxSize bound the pictures of a going run', async () => {
    await configure({ 'preview.every': 5, 'preview.maxSize': 40, 'preview.remoteMaxSize': 32, 'solver.steps': 20, 'batchSize': 4 })
    const seen = watch(api)
    await generate()
    const longest = vscode.env.remoteName === undefined ? 40 : 32
    assert.equal(api.state.remote === undefined, vscode.env.remoteName === undefined, 'the panel says where models run')
    const live = seen.map(({ message }) => message).flatMap((message) => message.type === 'frame' && message.live && message.frames ? [message.frames] : [])
    assert.ok(live.length > 0 && live.length <= 5, `${live.length} pictures`)
    for (const { width, height } of live) assert.ok(Math.max(width, height) <= longest && width > longest / 2, `${width} × ${height}`)
  })

  test('preview.method off sends no picture of a run that goes on, records all of it, and shows it when it has ended', async () => {
    await configure({ 'preview.method': 'off', 'solver.steps': 40 })
    const seen = watch(api)
    const { runId, folder, outcome } = await generate()
    assert.equal(outcome, 'finished')
    const shownAfter = (): boolean => seen.some(({ message }) => message.type === 'frame' && message.row === 40)
    await until(shownAfter, 'the picture of the last row')
    const over = seen.findIndex(({ message }) => message.type === 'state' && message.state.run?.runId === runId && message.state.run.status === 'finished')
    assert.ok(over >= 0)
    const pictures = seen.slice(0, over).filter((one) => isTo('frame')(one) || isTo('thumbnails')(one) || isFrom('frameRequest')(one) || isFrom('thumbnailRequest')(one))
    assert.deepEqual(pictures, [], 'none before it had ended')
    assert.ok(seen.every(({ message }) => message.type !== 'frame' || !message.live))
    assert.deepEqual((await openRun(folder)).rows.map(({ row }) => row), Array.from({ length: 41 }, (_, row) => row))
  })

  test('preview.method latentToRgb shows and saves the states of a model of four channels as latents', async () => {
    const model = folderWith({ 'unet/model.onnx': half({ shape: [4, 8, 8] }) })
    for (const method of ['auto', 'latentToRgb'] as const) {
      await configure({ 'model.path': model, 'preview.method': method })
      const seen = watch(api)
      const { folder, runId } = await generate()
      await until(() => seen.some(({ message }) => message.type === 'frame' && message.runId === runId && message.row === 6), 'the picture of the last row')
      const stored = await openRun(folder)
      const frames = seen.flatMap(({ message }) => message.type === 'frame' && message.runId === runId && message.frames ? [message.frames] : [])
      for (const { row, x, x0 } of frames) {
        const wanted = await readFrames(stored, stored.rows[row]!, method)
        assert.ok(Buffer.compare(x, wanted.x) === 0 && Buffer.compare(x0, wanted.x0) === 0, `row ${row}, ${method}`)
      }
      const file = vscode.Uri.file(join(temporaryFolder(), 'one.png'))
      await run('dpmSolver.saveImage', { target: file, what: 'x0' })
      const { data } = decodePng(readFileSync(file.fsPath))
      const { x0 } = await readFrames(stored, stored.rows[6]!, method)
      assert.deepEqual([...data], Array.from(x0).filter((_, i) => i % 4 < 3))
    }
  })

  test('preview.show and preview.keys are what the page is told, of a run and of one in a file', async () => {
    await configure({ 'preview.show': ['x0', 'delta'], 'preview.keys': { blink: 'x' } })
    const wanted = { show: ['x0', 'delta'], keys: { blink: 'x' }, method: 'auto' }
    await until(() => isDeepStrictEqual(api.state.preview, wanted), 'the settings in the state')
    const seen = watch(api)
    await generate()
    const told = (): unknown[] => seen.flatMap(({ message }) => message.type === 'state' ? [message.state.preview] : [])
    await until(() => isDeepStrictEqual(told().at(-1), wanted), 'the settings in the page')
    const file = vscode.Uri.file(join(temporaryFolder(), 'one.dpmrun'))
    await run('dpmSolver.exportTrajectory', { kind: 'dpmrun', target: file })
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    const before = seen.length
    await vscode.commands.executeCommand('vscode.open', file)
    const ofFile = (): unknown[] => seen.slice(before).flatMap(({ message }) => message.type === 'state' && message.state.recording !== undefined ? [message.state.preview] : [])
    await until(() => isDeepStrictEqual(ofFile().at(-1), wanted), 'the settings in the page of the file')
    await configure({ 'preview.show': ['eps'] })
    await until(() => isDeepStrictEqual(ofFile().at(-1), { ...wanted, show: ['eps'] }), 'the other setting in the page that is open')
  })

  test('output.autoSave writes the images of a run that finishes to output.folder, named by output.fileName, with output.metadata, over no file', async () => {
    const folder = join(temporaryFolder(), 'deep', 'results')
    await configure({ 'output.autoSave': true, 'output.folder': folder, 'output.fileName': '${model} at ${steps} of ${seed}', 'output.metadata': 'parameters', 'seed.mode': 'fixed', 'seed.value': 40, 'batchSize': 2 })
    const saved = (): string[] => existsSync(folder) ? readdirSync(folder).sort() : []
    await generate()
    await until(() => api.logLines.filter((line) => line.includes(`saved as ${folder}`)).length === 2, 'two images')
    const names = ['digits_at_6_of_40.png', 'digits_at_6_of_41.png']
    assert.deepEqual(saved(), names)
    const first = readFileSync(join(folder, names[0]!))
    assert.ok(first.includes('parameters') && first.includes('Seed: 40') && !first.includes('dpm-solver\0'))
    await generate()
    await until(() => api.logLines.filter((line) => line.includes(`saved as ${folder}`)).length === 4, 'two more')
    assert.deepEqual(saved(), ['digits_at_6_of_40-2.png', names[0], 'digits_at_6_of_41-2.png', names[1]])
    assert.deepEqual(readFileSync(join(folder, names[0]!)), first)
    await configure({ 'output.autoSave': false })
    await until(() => api.state.defaults.noise.batch === 2, 'settings')
    await generate()
    assert.equal(saved().length, 4)
  })

  test('output.autoSave that cannot write says so, and the run is none the worse', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    await configure({ 'output.autoSave': true, 'output.folder': join(file, 'samples') })
    const { outcome } = await generate()
    assert.equal(outcome, 'finished')
    await until(() => api.state.notice !== null, 'the notice')
    assert.equal(api.state.notice?.reason, 'outputFile')
    assert.match(api.state.notice.message, /^The images of the run could not be saved in .*: a part of its path is a file\.$/)
    assert.equal(api.state.run?.status, 'finished')
  })

  test('a name with a placeholder that there is not is named, and the usual one taken', async () => {
    const folder = temporaryFolder()
    await configure({ 'output.autoSave': true, 'output.folder': folder, 'output.fileName': '${sead}', 'seed.mode': 'fixed', 'seed.value': 7 })
    await until(() => /^“Output: File Name” must be a text with no other placeholders than \$\{date\}/.test(api.state.notice?.message ?? ''), 'the notice')
    await generate()
    await until(() => readdirSync(folder).some((name) => /^\d{8}-\d{6}-digits-dpmsolver\+\+-6-7\.png$/.test(name)), 'the image')
  })

  test('preview.openOnRun says where the preview opens', async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(extensionPath('package.json')))
    await configure({ 'preview.openOnRun': 'active' })
    await generate()
    assert.equal(vscode.window.tabGroups.all.length, 1)
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor')
    await until(() => api.panel.title === undefined, 'closed panel')
    await configure({ 'preview.openOnRun': 'beside' })
    await generate()
    await until(() => vscode.window.tabGroups.all.length === 2, 'a second group')
  })

  test('record.folder is where the run is recorded', async () => {
    const folder = temporaryFolder()
    await configure({ 'record.folder': folder })
    const { runId } = await generate()
    assert.ok(existsSync(join(folder, runId, 'run.json')))
  })

  test('record.keep is which steps keep their states; runs go on being shown, saved and exported', async () => {
    const folder = temporaryFolder()
    await configure({ 'record.folder': folder, 'record.keep': 'everyN', 'record.every': 4 })
    const states = async (): Promise<[number, string | undefined, number]> => {
      const { folder: made, outcome } = await generate()
      assert.equal(outcome, 'finished')
      const stored = await openRun(made)
      return [stored.rows.length, stored.document.states.keep, keptRows(stored).length]
    }
    assert.deepEqual(await states(), [7, 'everyN', 3])
    await configure({ 'record.keep': 'lastOnly' })
    assert.deepEqual(await states(), [7, 'lastOnly', 1])
    const target = vscode.Uri.file(join(folder, 'kept.png'))
    await run('dpmSolver.saveImage', { what: 'x', target })
    assert.ok(existsSync(target.fsPath))
    await configure({ 'record.keep': 'all' })
    assert.deepEqual(await states(), [7, undefined, 7])
    assert.equal(api.state.notice, null)
  })

  test('record.keepRuns is how many recordings are left after a run, the one on show among them', async () => {
    const folder = temporaryFolder()
    await configure({ 'record.folder': folder, 'record.keepRuns': 2 })
    const ids: string[] = []
    for (let i = 0; i < 4; i++) {
      ids.push((await generate()).runId)
      await new Promise((resolve) => { setTimeout(resolve, 1000) }) // names tell seconds apart
    }
    await until(() => recordings(folder).length === 2, 'two recordings left')
    assert.deepEqual(recordings(folder), ids.slice(2))
  })

  test('record.maxDiskMB is how much they may take together', async () => {
    const folder = temporaryFolder()
    await configure({ 'record.folder': folder, 'record.maxDiskMB': 1, 'batchSize': 64, 'solver.steps': 20 })
    await generate()
    await new Promise((resolve) => { setTimeout(resolve, 1000) })
    const { runId } = await generate()
    await until(() => recordings(folder).length === 1, 'one recording left')
    assert.deepEqual(recordings(folder), [runId])
  })

  test('log.trace puts the messages to the engine into the log', async () => {
    const messages = (): number => api.logLines.filter((line) => /^info [→←] /.test(line)).length
    await generate()
    assert.equal(messages(), 0)
    await configure({ 'log.trace': true })
    await generate()
    assert.ok(messages() > 2)
    assert.ok(api.logLines.some((line) => line.startsWith('info → run/start #')))
  })

  test('the log has a line for every step, and says which provider runs and why the others do not', async () => {
    await configure({ 'engine.provider': 'auto' })
    await generate()
    const lines = api.logLines
    assert.match(lines.filter((line) => line.startsWith('debug run ')).at(-1)!, /^debug run \d+ step 6\/6 λ ∞ σ 0 \d+(\.\d)? ms$/)
    assert.ok(lines.some((line) => /^debug run \d+ step 0\/6 λ −5\.\d\d σ 1\.00 [\d.]+ ms$/.test(line)))
    const { provider, tried } = api.state.run!.document!.engine
    assert.ok(lines.some((line) => line.startsWith('info run ') && line.includes(`provider ${provider}`)))
    for (const { provider: other, error } of tried) if (error !== undefined) assert.ok(lines.includes(`info provider ${other} does not run: ${error}`), other)
  })

  test('a value that is not usable is named, and the default runs', async () => {
    await configure({ 'solver.steps': 'many' })
    assert.match(api.state.notice?.message ?? '', /^“Solver: Steps” must be a whole number from 1 to 1000, not “many”\.$/)
    assert.equal(api.state.recipe.solver.steps, 20)
    assert.equal((await generate()).outcome, 'finished')
    await configure({ 'solver.steps': 'few' })
    assert.match(api.state.notice?.message ?? '', /few/)
    await configure({ 'solver.steps': 12 })
    assert.equal(api.state.notice, null, 'taken back')
    await vscode.commands.executeCommand('notifications.clearAll')
  })

  test('a field edited in the form stays, the others follow', async () => {
    await api.receive({ type: 'recipe', recipe: { ...api.state.recipe, noise: { ...api.state.recipe.noise, batch: 2 } } })
    await configure({ 'batchSize': 5, 'solver.order': 1 })
    assert.equal(api.state.recipe.noise.batch, 2)
    assert.equal(api.state.recipe.solver.order, 1)
  })

  test('Save as Defaults writes what differs to the workspace, and nothing else', async () => {
    const { recipe } = api.state
    const file = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, '.vscode/settings.json')
    const before = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    await api.receive({ type: 'saveDefaults', recipe: { ...recipe, solver: { ...recipe.solver, order: 1 }, noise: { ...recipe.noise, seed: 42 } } })
    await until(() => (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)['dpmSolver.seed.value'] === 42, 'written settings')
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { ...before, 'dpmSolver.solver.order': 1, 'dpmSolver.seed.mode': 'fixed', 'dpmSolver.seed.value': 42 })
    await until(() => api.state.defaults.noise.seed === 42, 'new defaults')
    assert.deepEqual(api.state.recipe, api.state.defaults)
    await configure({ 'solver.order': undefined, 'seed.mode': undefined, 'seed.value': undefined })
  })

  test('a model inside the workspace is saved relative to it', async () => {
    const folder = vscode.workspace.workspaceFolders![0]!
    const model = vscode.Uri.joinPath(folder.uri, 'models', 'own.onnx')
    await vscode.workspace.fs.copy(vscode.Uri.file(copiedModel()), model, { overwrite: true })
    await run('dpmSolver.selectModel', model.fsPath)
    await run('dpmSolver.saveDefaults')
    assert.equal(vscode.workspace.getConfiguration('dpmSolver').get('model.path'), '${workspaceFolder}/models/own.onnx')
    assert.equal(api.state.recipe.model.path, model.fsPath)
    await configure({ 'model.path': undefined })
    await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder.uri, 'models'), { recursive: true })
  })

  test('the page gets settings that change while it shows', async () => {
    const seen = watch(api)
    await run('dpmSolver.openPreview')
    await until(() => seen.some(isTo('state')), 'first state')
    await configure({ 'solver.steps': 33 })
    await until(() => seen.some(({ message }) => message.type === 'state' && message.state.recipe.solver.steps === 33), 'changed state')
  })
})
