import assert from 'node:assert/strict'
import { basename } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { extensionId } from '../../src/manifest'
import { extensionPath, tidy } from './host'

/** Files of the extension that this process has loaded. */
const loaded = (): string[] => Object.keys(require.cache).filter((path) => path.startsWith(extensionPath('dist')) && !path.startsWith(extensionPath('dist/test'))).map((path) => basename(path)).sort()

suite('activation', () => {
  test('loads neither the planner nor the checks of recipes: they come with the first use', async () => {
    const extension = vscode.extensions.getExtension<Api>(extensionId)!
    assert.equal(extension.isActive, false, 'this suite is the first')
    const api = await extension.activate()
    console.log(`activate() took ${api.activationMs.toFixed(1)} ms and loaded ${loaded().join(', ')}`)
    assert.deepEqual(loaded(), ['extension.js'])
    await vscode.commands.executeCommand('dpmSolver.openPreview')
    assert.deepEqual(loaded(), ['extension.js', 'recipes.js'])
    await tidy(api)
  })
})
