// What the page asks the window for on behalf of a field of the form.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { activated, tidy } from './host'

suite('fields of the form', () => {
  let api: Api
  let asked: vscode.OpenDialogOptions[]
  let answer: vscode.Uri[] | undefined
  const original = vscode.window.showOpenDialog.bind(vscode.window)
  const stub = (dialog: unknown): void => { Object.defineProperty(vscode.window, 'showOpenDialog', { value: dialog, configurable: true, writable: true }) }
  suiteSetup(async () => { api = await activated() })
  setup(() => {
    asked = []
    answer = undefined
    stub((options: vscode.OpenDialogOptions) => { asked.push(options); return Promise.resolve(answer) })
  })
  teardown(async () => { stub(original); await tidy(api) })

  for (const [field, ending] of [['input.image', 'png'], ['input.mask', 'png'], ['guidance.classifier', 'onnx']] as const) {
    test(`Browse… for ${field} takes the file that was chosen, and leaves all as it is where none was`, async () => {
      const { recipe } = api.state
      await api.receive({ type: 'browseFile', field })
      assert.deepEqual(api.state.recipe, recipe)
      answer = [vscode.Uri.file(join('/', 'files', `one.${ending}`))]
      await api.receive({ type: 'browseFile', field })
      const [group, name] = field.split('.') as [string, string]
      const chosen = answer[0]!.fsPath
      assert.equal((api.state.recipe as unknown as Record<string, Record<string, unknown>>)[group]?.[name], chosen)
      assert.deepEqual(asked.map(({ filters }) => Object.values(filters ?? {}).flat()), [[ending], [ending]])
      await api.receive({ type: 'browseFile', field })
      assert.equal(asked[2]?.defaultUri?.fsPath, chosen, 'it begins where the file lies')
    })
  }

  test('a command that the page may ask for is carried out', async () => {
    const pick = vscode.window.showQuickPick.bind(vscode.window)
    const titles: (string | undefined)[] = []
    const replace = (dialog: unknown): void => { Object.defineProperty(vscode.window, 'showQuickPick', { value: dialog, configurable: true, writable: true }) }
    replace((_: unknown, options?: vscode.QuickPickOptions) => { titles.push(options?.title); return Promise.resolve(undefined) }) // given up
    try {
      await api.receive({ type: 'command', command: 'dpmSolver.estimateVariance' })
    } finally { replace(pick) }
    assert.deepEqual(titles, ['Estimate Variance'])
    assert.equal(api.state.notice, null)
  })
})
