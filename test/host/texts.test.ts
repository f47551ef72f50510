import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { takeText } from '../../src/views/takeText'
import { activated, temporaryFolder, tidy, until } from './host'

suite('texts that the page hands over', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  teardown(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    await tidy(api)
  })

  test('go into the clipboard as they are', async () => {
    const text = 'step,λ\n0,−5.1\n'
    await api.receive({ type: 'copyText', text, what: 'λ, α, σ' })
    assert.equal(await vscode.env.clipboard.readText(), text)
  })

  test('are written as UTF-8 to the file that was chosen', async () => {
    const file = join(temporaryFolder(), 'plan.csv')
    await takeText({ type: 'saveText', text: 'i,λ\n0,−1\n', name: 'plan', kind: 'csv' }, { outputFolder: temporaryFolder() }, vscode.Uri.file(file))
    assert.equal(readFileSync(file, 'utf8'), 'i,λ\n0,−1\n')
  })

  test('that cannot be written are told of with the file', async () => {
    const folder = join(temporaryFolder(), 'a-folder.svg')
    mkdirSync(folder)
    await assert.rejects(takeText({ type: 'saveText', text: '<svg/>', name: 'x', kind: 'svg' }, { outputFolder: temporaryFolder() }, vscode.Uri.file(folder)), { reason: 'outputFile', message: /a-folder\.svg/ })
  })

  test('open as an untitled document in their language', async () => {
    await api.receive({ type: 'openText', text: '{ "steps": 3 }', language: 'json' })
    await until(() => vscode.window.activeTextEditor?.document.isUntitled === true, 'the document')
    const { document } = vscode.window.activeTextEditor!
    assert.deepEqual([document.getText(), document.languageId], ['{ "steps": 3 }', 'json'])
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
  })
})
