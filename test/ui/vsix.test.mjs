// What a user installs: the packed VSIX, its contents, and a sample drawn with it in the real VS Code.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { installExtension } from '../vscode-host/host.mjs'
import { openWorkbench } from '../vscode-host/workbench.mjs'
import { frame, frameColours, pngColours, sampleByCommandLine, shownRow, stateText, until } from './helpers.mjs'

describe('the VSIX for linux-x64', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'dpm-vsix-'))
  const extensionsDir = join(scratch, 'extensions')
  let vsix, installed

  before(() => {
    const said = execFileSync(process.execPath, ['scripts/package.mjs', '--target', 'linux-x64'], { encoding: 'utf8' })
    vsix = said.split(' ')[0]
    installExtension(vsix, extensionsDir)
    const [folder] = readdirSync(extensionsDir).filter((name) => name.startsWith('dpm-solver.dpm-solver-'))
    installed = join(extensionsDir, folder)
  })
  after(() => rmSync(scratch, { recursive: true, force: true }))

  it('is at most 45 MB and holds exactly what it needs', () => {
    const megabytes = statSync(vsix).size / 1e6
    console.log(`${vsix}: ${megabytes.toFixed(1)} MB`)
    assert.ok(megabytes <= 45)
    const files = readdirSync(installed, { recursive: true }).filter((name) => statSync(join(installed, name)).isFile())
    const folders = [...new Set(files.map((name) => name.split('/').slice(0, name.startsWith('node_modules/onnxruntime-node/bin') ? 6 : 2).join('/')))]
    for (const needed of ['package.json', 'package.nls.json', 'l10n/bundle.l10n.json', 'readme.md', 'changelog.md', 'NOTICE.md', 'LICENSE.txt', 'docs/run-format.md', 'schemas/recipe.schema.json', 'media/icon.png',
      'dist/extension.js', ...Object.keys(JSON.parse(readFileSync('hostParts.json', 'utf8'))).map((name) => `dist/${name}.js`), 'dist/engine.js', 'dist/cli.js', 'dist/webview.js', 'dist/webview-chunk.js', 'dist/webview-planner.js', 'dist/webview-webm.js', 'dist/webview.css', 'dist/third-party-notices.txt',
      'media/models/digits/unet/model.onnx', 'media/models/emoji/unet/model.onnx', 'node_modules/onnxruntime-node/dist/index.js', 'node_modules/onnxruntime-common/dist/cjs/index.js']) {
      assert.ok(files.includes(needed), `${needed} is in it; there are ${folders.join(', ')}`)
    }
    assert.deepEqual(readdirSync(join(installed, 'node_modules/onnxruntime-node/bin/napi-v6')), ['linux'])
    assert.deepEqual(readdirSync(join(installed, 'node_modules/onnxruntime-node/bin/napi-v6/linux')), ['x64'])
    assert.deepEqual(readdirSync(join(installed, 'node_modules')).sort(), ['onnxruntime-common', 'onnxruntime-node'])
    assert.deepEqual(files.filter((name) => /(^|\/)(src|test|scripts|train|webview)\/|\.map$|\.ts$|check\.json$/.test(name)), [])
    assert.match(readFileSync(join(installed, 'dist/third-party-notices.txt'), 'utf8'), /@vscode\/webview-ui-toolkit 1\.4\.0 \(MIT\)/)
    for (const { media } of JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).contributes.walkthroughs[0].steps) assert.ok(existsSync(join(installed, media.svg)))
  })

  it('draws a sample in the real VS Code, the same as the command line does', async () => {
    const workbench = await openWorkbench({ extensionsDir, installed: true, settings: { 'dpmSolver.engine.provider': 'cpu', 'dpmSolver.engine.intraOpThreads': 1, 'dpmSolver.seed.mode': 'fixed', 'dpmSolver.seed.value': 5 } })
    try {
      const panel = workbench.panel()
      await workbench.palette('DPM-Solver: Generate Sample')
      await until('the end of the run', () => stateText(panel), (text) => text.includes('Finished: 20 evaluations'))
      await until('the last row', () => shownRow(panel), (row) => row === 20)
      const { images } = sampleByCommandLine(join(scratch, 'cli'), '--seed', '5', '--threads', '1')
      assert.deepEqual(frameColours(await frame(panel, 'x')), pngColours(images[0]))
      await panel.locator('#tab-plan').click()
      await until('the plan', () => panel.locator('table.steps tbody tr').count(), (rows) => rows === 21)
    } finally {
      await workbench.close()
    }
  })

  it('has a walkthrough whose first step draws a sample', async () => {
    const workbench = await openWorkbench({ extensionsDir, installed: true, settings: { 'dpmSolver.engine.provider': 'cpu' } })
    try {
      await workbench.choose(() => workbench.palette('Welcome: Open Walkthrough...'), 'Get Started with DPM-Solver')
      await workbench.page.screenshot({ path: 'artifacts/walkthrough.png' })
      await workbench.page.locator('.getting-started-step, .getting-started', { hasText: 'Generate your first sample' }).first().waitFor()
      await workbench.page.getByRole('button', { name: 'Generate Sample' }).first().click()
      await until('the end of the run', () => stateText(workbench.panel()), (text) => text.includes('Finished'))
      await workbench.page.screenshot({ path: 'artifacts/walkthrough.png' })
    } finally {
      await workbench.close()
    }
  })
})
