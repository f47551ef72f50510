import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { recordingViewType } from '../../src/manifest'
import { openRun } from '../../src/run/store'
import { activated, configure, generate, isFrom, isTo, run, temporaryFolder, tidy, until, watch } from './host'

suite('recorded runs in one file', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1 }))
  teardown(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    await tidy(api)
  })

  const exported = async (): Promise<{ file: vscode.Uri; folder: string }> => {
    const { folder } = await generate()
    const file = vscode.Uri.file(join(temporaryFolder(), 'one.dpmrun'))
    await run('dpmSolver.exportTrajectory', { kind: 'dpmrun', target: file })
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    return { file, folder }
  }

  test('a .dpmrun file opens in the page with its run, its pictures and no engine', async () => {
    const { file, folder } = await exported()
    const { document, rows } = await openRun(folder)
    const seen = watch(api)
    await vscode.commands.executeCommand('vscode.open', file)
    await until(() => seen.some(isFrom('frameRequest')) && seen.some(isTo('frame')), 'a picture')
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab
    assert.equal(tab?.input instanceof vscode.TabInputCustom && tab.input.viewType, recordingViewType)
    const state = seen.map(({ message }) => message).find((message) => message.type === 'state')
    assert.ok(state?.type === 'state')
    assert.equal(state.state.recording, file.fsPath)
    assert.deepEqual([state.state.run?.runId, state.state.run?.rows.length, state.state.run?.status], [document.id, rows.length, 'finished'])
    const frame = seen.map(({ message }) => message).find((message) => message.type === 'frame')
    assert.ok(frame?.type === 'frame' && frame.frames && frame.frames.row === rows.length - 1)
  })

  test('its recipe becomes that of the form', async () => {
    await configure({ 'solver.steps': 7, 'seed.mode': 'fixed', 'seed.value': 11 })
    const { file } = await exported()
    await configure({ 'solver.steps': 9 })
    await until(() => api.state.recipe.solver.steps === 9, 'the other setting')
    const seen = watch(api)
    await vscode.commands.executeCommand('vscode.open', file)
    await until(() => seen.some(isFrom('ready')), 'the page')
    await api.receiveOfRecording({ type: 'useRecipe' })
    await until(() => api.state.recipe.solver.steps === 7 && api.panel.visible, 'the recipe of the recording')
    assert.equal(api.state.recipe.noise.seed, 11)
  })

  test('a text of its page goes into the clipboard', async () => {
    const { file } = await exported()
    const seen = watch(api)
    await vscode.commands.executeCommand('vscode.open', file)
    await until(() => seen.some(isFrom('ready')), 'the page')
    await api.receiveOfRecording({ type: 'copyText', text: 'step,λ\n', what: 'λ' })
    assert.equal(await vscode.env.clipboard.readText(), 'step,λ\n')
  })

  test('a file that is none is refused in words', async () => {
    const file = vscode.Uri.file(join(temporaryFolder(), 'bad.dpmrun'))
    writeFileSync(file.fsPath, 'no recording')
    await Promise.resolve(vscode.commands.executeCommand('vscode.open', file)).catch(() => {})
    await until(() => api.logLines.some((line) => line.includes('cannot be opened as a recorded run')), 'the reason in the log')
  })
})
