import assert from 'node:assert/strict'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { activated, configure, extensionPath, run, temporaryFolder, tidy, until } from './host'

suite('the Models view', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1 }))
  teardown(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    await tidy(api)
  })

  test('the bundled models are there, the one in use is marked, and Use takes another', async () => {
    const texts = async (): Promise<string[]> => (await api.models()).map(({ text }) => text)
    assert.deepEqual((await texts()).slice(0, 2), ['Bundled: digits (bundled · in use)', 'Bundled: emoji (bundled)'])
    const emoji = (await api.models())[1]!.node
    await run('dpmSolver.useModel', emoji)
    assert.equal(api.state.recipe.model.path, 'emoji')
    await until(() => api.state.model.status === 'ready' && api.state.model.path === 'emoji', 'its facts')
    assert.deepEqual((await texts()).slice(0, 2), ['Bundled: digits (bundled)', 'Bundled: emoji (bundled · in use)'])
  })

  test('unfolded, a model says what it predicts, its inputs and outputs; one that cannot be read says why', async () => {
    const folder = temporaryFolder()
    cpSync(extensionPath('media/models/digits'), join(folder, 'mine'), { recursive: true })
    writeFileSync(join(folder, 'bad.onnx'), 'no model')
    await run('dpmSolver.addModelFolder', folder)
    await until(() => vscode.workspace.getConfiguration('dpmSolver').get<string[]>('model.searchFolders')!.includes(folder), 'the setting')
    try {
      const added = (await api.models()).filter(({ text }) => text.startsWith(`${vscode.workspace.asRelativePath(folder)}: `))
      assert.deepEqual(added.map(({ text }) => text.split(': ')[1]), ['bad.onnx (ONNX file)', 'mine (folder)'])
      const [bad, mine] = await Promise.all(added.map(({ node }) => api.modelFacts(node)))
      assert.match(bad!.join('\n'), /^cannot be used: .*bad\.onnx is not a readable ONNX file/)
      for (const says of [/^predicts: the noise ε$/m, /^sample: 1×32×32$/m, /^input: sample: float32 \[/m, /^output: /m, /^schedule: discrete, linear$/m]) assert.match(mine!.join('\n'), says)
    } finally {
      await vscode.workspace.getConfiguration('dpmSolver').update('model.searchFolders', undefined, vscode.ConfigurationTarget.Global)
    }
  })

  test('Inspect Model opens what is known of it as a document', async () => {
    const text = await run<string>('dpmSolver.inspectModel', 'digits')
    assert.match(text, /^# digits\n\n- \*\*predicts\*\* the noise ε/)
    await until(() => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some(({ label }) => /digits\.md/.test(label)), 'the preview of the text')
    assert.ok(vscode.workspace.textDocuments.some((document) => document.uri.scheme === 'dpm-solver' && document.getText() === text))
  })
})
