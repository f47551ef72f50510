import assert from 'node:assert/strict'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { activated, configure, generate, run, tidy, until } from './host'

suite('engine info and providers', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1, 'solver.steps': 4 }))
  teardown(() => tidy(api))

  const set = (): unknown => vscode.workspace.getConfiguration('dpmSolver').get('engine.provider')

  test('Show Engine Info opens a text to read, and says how things are each time', async () => {
    const text = await run<string>('dpmSolver.showEngineInfo')
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'dpm-solver')!
    await until(() => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some(({ label }) => /Engine Info\.md/.test(label)), 'the preview of the text')
    assert.equal(document.uri.scheme, 'dpm-solver')
    assert.equal(document.languageId, 'markdown')
    assert.equal(document.getText(), text)
    assert.match(text, new RegExp(`process ${api.enginePid}\\b`))
    assert.match(text, /^- digits$/m)
    assert.match(text, /nodes of an evaluation run on CPU \(100 %\)/)
    assert.match(text, /remembered in .*providers\.json/)

    await api.receive({ type: 'recipe', recipe: { ...api.state.recipe, model: { ...api.state.recipe.model, path: 'gaussian' } } })
    await run('dpmSolver.showEngineInfo')
    await until(() => /a formula/.test(document.getText()), 'the document of now')
  })

  test('Select Execution Provider… writes the setting, and what is missing is refused with two ways out', async () => {
    assert.equal(await run('dpmSolver.selectProvider', process.platform === 'win32' ? 'coreml' : 'dml'), set())
    const { error } = await generate()
    assert.deepEqual([error?.reason, error?.remedy, error?.otherRemedy], ['providerUnavailable', { title: 'Use CPU', command: 'useCpu' }, { title: 'How to Install', command: 'howToInstall' }])
    await api.receive({ type: 'remedy', remedy: { title: 'How to Install', command: 'howToInstall' } })
    await until(() => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some(({ label }) => /README/i.test(label)), 'README')
    await api.receive({ type: 'remedy', remedy: { title: 'Use CPU', command: 'useCpu' } })
    assert.equal(set(), 'cpu')
    await until(() => api.state.run?.status === 'finished', 'run on the CPU')
  })

  test('Select Execution Provider… can be chosen from while the engine does not answer', async () => {
    await generate()
    process.kill(api.enginePid!, 'SIGSTOP') // a driver that hangs
    let chosen: unknown
    const choosing = run('dpmSolver.selectProvider').then((provider) => { chosen = provider })
    await until(() => {
      void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem') // nothing until the list is open
      return chosen !== undefined
    }, 'choice')
    await choosing
    assert.deepEqual([chosen, set()], ['auto', 'auto'], 'the first of the list')
    await run('dpmSolver.restartEngine')
  })

  test('an option that the provider does not know is named, with the settings as the way out', async () => {
    await configure({ 'engine.provider': 'webgpu', 'engine.providerOptions': { powerPreference: 'low-power' } })
    const { error } = await generate()
    assert.deepEqual([error?.reason, error?.message], ['recipeInvalid', 'The provider options have “powerPreference”, which WebGPU does not know.'])
    assert.deepEqual(error?.remedy, { title: 'Open Settings', command: 'openSettings' })
  })
})
