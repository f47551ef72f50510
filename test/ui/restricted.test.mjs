// Restricted Mode: recorded runs can be looked at, nothing of the workspace is executed.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openWorkbench } from '../vscode-host/workbench.mjs'
import { focusTimeline, pageWith, sampleByCommandLine, shownRow, stateText, until } from './helpers.mjs'

let workbench, page, panel
const recorded = mkdtempSync(join(tmpdir(), 'dpm-recorded-'))

before(async () => {
  const { runFolder } = sampleByCommandLine(recorded, '--steps', '6', '--seed', '5')
  workbench = await openWorkbench({
    trust: false,
    settings: { 'dpmSolver.record.folder': recorded },
    fill: (folder) => {
      mkdirSync(join(folder, '.vscode'))
      writeFileSync(join(folder, '.vscode/settings.json'), JSON.stringify({
        'dpmSolver.model.path': '${workspaceFolder}/evil.onnx', 'dpmSolver.record.folder': '${workspaceFolder}/nothing', 'dpmSolver.solver.steps': 7,
      }))
      writeFileSync(join(folder, 'evil.onnx'), 'not to be read')
      execFileSync(process.execPath, ['dist/cli.js', 'export', '--run', runFolder, '--as', 'dpmrun', '--out', join(folder, 'run.dpmrun')])
    },
  })
  page = workbench.page
  panel = workbench.panel()
})
after(async () => {
  await workbench?.close()
  rmSync(recorded, { recursive: true, force: true })
})

describe('in a workspace that is not trusted', () => {
  it('a run recorded where the user says, not the workspace, is shown and can be gone through', async () => {
    await workbench.palette('DPM-Solver: Open Preview')
    await until('the recorded run', () => shownRow(panel), (row) => row === 6)
    await focusTimeline(panel)
    await page.keyboard.press('Home')
    await until('its first row', () => shownRow(panel), (row) => row === 0)
  })

  it('it can be looked at in a panel of its own, too', async () => {
    await workbench.palette('DPM-Solver: Open Run in Its Own Panel')
    const own = await pageWith(page, '.form.recorded')
    await until('its last row', () => shownRow(own), (row) => row === 6)
    assert.equal(await stateText(own).then((text) => text.includes('trusted')), false)
  })

  it('a .dpmrun file can be looked at', async () => {
    await workbench.palette('View: Close All Editors')
    await workbench.choose(() => workbench.palette('Go to File...'), 'run.dpmrun')
    await until('its last row', () => shownRow(panel), (row) => row === 6)
    assert.match(await panel.locator('aside.recipe').innerText(), /run\.dpmrun/)
    await workbench.palette('View: Close All Editors')
    await workbench.palette('DPM-Solver: Open Preview')
    await until('the preview', () => stateText(panel), (state) => state.includes('needs a trusted workspace'))
  })

  it('the model that the workspace names is not taken, other settings are', async () => {
    assert.equal(await panel.locator('#field-model-path').evaluate((list) => list.value), 'digits')
    assert.equal(await panel.locator('#field-solver-steps input').inputValue(), '7')
  })

  it('Run is disabled, the palette says why, and Manage Trust is one click away', async () => {
    assert.equal(await panel.locator('vscode-button#run').evaluate((button) => button.disabled), true)
    await workbench.palette('DPM-Solver: Generate Sample')
    const text = await until('the reason', () => stateText(panel), (state) => state.includes('needs a trusted workspace'))
    assert.equal(text.match(/needs a trusted workspace/g).length, 1, text)
    await panel.locator('vscode-button', { hasText: 'Manage Trust' }).first().click()
    await page.locator('.workspace-trust-editor').waitFor()
  })

  it('once it is trusted the model of the workspace is looked at and runs can be started', async () => {
    await page.locator('.workspace-trust-editor .monaco-button', { hasText: 'Trust' }).first().click()
    await until('the model of the workspace, refused', () => stateText(panel), (state) => state.includes('evil.onnx'))
  })
})
