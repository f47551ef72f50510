import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { commandIds } from '../../src/manifest'
import { exportKinds, type ExportKindName } from '../../src/run/exports/kinds'
import { openRecording } from '../../src/run/recording'
import type { RunSummary } from '../../src/run/runner'
import { openRun } from '../../src/run/store'
import { activated, configure, copiedModel, extensionPath, generate, isFrom, run, temporaryFolder, tidy, until, watch } from './host'

suite('commands', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1 }))
  teardown(() => tidy(api))

  test('activating starts nothing', () => {
    assert.equal(api.enginePid, undefined)
    assert.equal(api.contextKeys.engineState, 'off')
    assert.deepEqual(api.logLines, [])
  })

  test('all are registered', async () => {
    const registered = await vscode.commands.getCommands(true)
    for (const id of commandIds) assert.ok(registered.includes(id), id)
  })

  test('Open Preview opens the panel beside and leaves the focus in the editor', async () => {
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(extensionPath('package.json')))
    const seen = watch(api)
    await run('dpmSolver.openPreview')
    await until(() => seen.some(isFrom('ready')), 'ready page')
    assert.ok(api.panel.visible)
    assert.equal(vscode.window.activeTextEditor, editor)
    assert.equal(vscode.window.tabGroups.all.length, 2)
    const input = vscode.window.tabGroups.all[1]!.activeTab!.input
    assert.ok(input instanceof vscode.TabInputWebview && input.viewType.endsWith('dpmSolver.preview'))
    await until(() => api.state.model.status === 'ready', 'facts of the model')
    assert.equal(vscode.window.tabGroups.all.length, 2)
  })

  test('Open Preview twice shows one panel', async () => {
    await run('dpmSolver.openPreview')
    await run('dpmSolver.openPreview')
    await until(() => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length > 0, 'tab')
    assert.equal(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length, 1)
  })

  test('Generate Sample carries out a run and says how it ended', async () => {
    const summary = await generate()
    assert.equal(summary.outcome, 'finished')
    assert.equal(api.state.run?.runId, summary.runId)
    assert.equal(api.state.run?.rows.length, 21)
    assert.equal(api.state.run.rows.at(-1)!.evaluations, 20)
    assert.equal(api.panel.title, `Preview: Sample ${summary.runId.slice(-4)}`)
    assert.ok(existsSync(join(summary.folder, 'states.f32')))
    assert.equal(api.contextKeys.hasRun, true)
    assert.equal(api.contextKeys.engineState, 'ready')
    assert.match(api.statusText, /\+\+2M 20$/)
  })

  test('Generate Sample on a file of the explorer takes it as the model', async () => {
    const file = copiedModel()
    const summary = await run<RunSummary>('dpmSolver.generateSample', vscode.Uri.file(file))
    assert.equal(summary.outcome, 'finished', summary.error?.message)
    assert.equal(api.state.recipe.model.path, file)
    assert.ok(api.state.models.some(({ path }) => path === file))
  })

  test('the resource of an editor title is no model', async () => {
    await run('dpmSolver.generateSample', vscode.Uri.parse('webview-panel:webview-1'))
    assert.equal(api.state.recipe.model.path, 'digits')
    assert.equal(api.state.run?.status, 'finished')
  })

  test('Generate Sample with New Seed draws one, and the form keeps it', async () => {
    await configure({ 'seed.mode': 'fixed', 'seed.value': 5 })
    await generate()
    assert.equal(api.state.run?.document?.recipe.noise.seed, '5')
    await run('dpmSolver.generateWithNewSeed')
    const used = api.state.run?.document?.recipe.noise.seed
    assert.notEqual(used, '5')
    assert.equal(String(api.state.recipe.noise.seed), used)
  })

  test('a random seed is drawn before the run and told', async () => {
    await generate()
    const first = api.state.run!.document!.recipe.noise.seed
    await generate()
    assert.match(String(first), /^[0-9]+$/)
    assert.notEqual(api.state.run!.document!.recipe.noise.seed, first)
    assert.equal(api.state.recipe.noise.seed, 'random')
  })

  test('Select Model… with a path takes it and looks at it', async () => {
    await run('dpmSolver.selectModel', 'emoji')
    await until(() => api.state.model.status === 'ready' && api.state.model.path === 'emoji', 'facts of emoji')
    assert.equal(api.state.recipe.model.path, 'emoji')
  })

  test('Save Image… writes the picture', async () => {
    await generate()
    const target = vscode.Uri.file(join(temporaryFolder(), 'deep', 'image.png'))
    assert.equal((await run<vscode.Uri>('dpmSolver.saveImage', { target })).fsPath, target.fsPath)
    assert.equal(readFileSync(target.fsPath).subarray(1, 4).toString(), 'PNG')
  })

  test('Save Image… that cannot write says so', async () => {
    const { folder } = await generate()
    await run('dpmSolver.saveImage', { target: vscode.Uri.file(join(folder, 'run.json', 'image.png')) })
    assert.equal(api.state.notice?.reason, 'outputFile')
  })

  test('Export Trajectory… writes the run in every form, and what is sampled again replaces it', async () => {
    const { folder } = await generate()
    const { rows } = await openRun(folder)
    const out = temporaryFolder()
    for (const kind of Object.keys(exportKinds) as ExportKindName[]) {
      const target = vscode.Uri.file(join(out, kind))
      assert.equal((await run<vscode.Uri>('dpmSolver.exportTrajectory', { kind, target })).fsPath, target.fsPath)
    }
    assert.deepEqual(readdirSync(out).sort(), Object.keys(exportKinds).sort())
    assert.equal(readdirSync(join(out, 'pngSequence')).length, 2 * rows.length)
    assert.equal((await openRecording(join(out, 'dpmrun'))).rows.length, rows.length)
    assert.equal(readFileSync(join(out, 'csv'), 'utf8').split('\r\n').length, rows.length + 2)
  })

  test('Export Trajectory… that cannot write says so', async () => {
    const { folder } = await generate()
    assert.equal(await run('dpmSolver.exportTrajectory', { kind: 'csv', target: vscode.Uri.file(join(folder, 'run.json', 'run.csv')) }), undefined)
    assert.equal(api.state.notice?.reason, 'outputFile')
  })

  test('Restart Engine puts another process in its place', async () => {
    await generate()
    const before = api.enginePid
    await run('dpmSolver.restartEngine')
    await until(() => api.enginePid !== undefined && api.enginePid !== before, 'new engine')
    assert.throws(() => process.kill(before!, 0), 'the old one is gone')
    assert.equal((await generate()).outcome, 'finished')
  })

  test('Restart Engine during a run stops it', async () => {
    await configure({ 'solver.steps': 1000, 'batchSize': 16 })
    const ended = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 2, 'rows')
    await run('dpmSolver.restartEngine')
    assert.equal((await ended).outcome, 'stopped')
    assert.equal(api.state.run?.status, 'stopped')
  })

  test('Show Log shows the log', async () => {
    const shown = (): boolean => vscode.window.visibleTextEditors.some(({ document: { uri } }) => uri.scheme === 'output' && uri.path.includes('DPM-Solver'))
    await vscode.commands.executeCommand('workbench.action.closePanel')
    await until(() => !shown(), 'window without the log')
    await run('dpmSolver.showLog')
    await until(shown, 'log')
    await vscode.commands.executeCommand('workbench.action.closePanel')
  })

  test('Open Settings opens the Settings editor', async () => {
    await run('dpmSolver.openSettings')
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'Settings', 'settings editor')
  })
})
