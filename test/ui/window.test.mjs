// What VS Code's own parts show of the extension: pickers, dialogs, menus, status bar, reload in the middle of a run.
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openWorkbench } from '../vscode-host/workbench.mjs'
import { frame, frameColours, pngColours, shownRow, stateText, until } from './helpers.mjs'

let workbench, page, panel

const picks = () => page.locator('.quick-input-list .monaco-list-row')
const input = () => page.locator('.quick-input-widget input').first()
const selectModel = () => workbench.palette('DPM-Solver: Select Model…')
const has = (text) => (state) => state.includes(text)

before(async () => {
  workbench = await openWorkbench({
    settings: { 'dpmSolver.engine.provider': 'cpu', 'dpmSolver.engine.intraOpThreads': 1, 'dpmSolver.solver.steps': 12 },
    fill: (folder) => {
      cpSync('media/models/digits', join(folder, 'models/own'), { recursive: true })
      mkdirSync(join(folder, 'single'))
      for (const name of ['model.onnx', 'config.json']) cpSync(`media/models/digits/unet/${name}`, join(folder, 'single', name))
    },
  })
  page = workbench.page
  panel = workbench.panel()
})
after(() => workbench?.close())

describe('the window around the panel', () => {
  it('Select Model… lists bundled models and those of the workspace', async () => {
    await workbench.palette('DPM-Solver: Select Model…')
    const listed = await until('the list', () => picks().allInnerTexts(), (texts) => texts.some((text) => text.includes('models/own')))
    for (const name of ['digits', 'emoji', 'Gaussian mixture 2-D', 'single/model.onnx', 'Browse for an ONNX File…', 'Browse for a Model Folder…']) assert.ok(listed.some((text) => text.includes(name)), name)
    await page.keyboard.press('Escape')
    await workbench.choose(selectModel, 'models/own')
    await until('the model in the form', () => panel.locator('#field-model-path').evaluate((list) => list.value), (path) => path.endsWith('/models/own'))
  })

  it('a model that is a formula is chosen by its title, and its run is drawn as points beside the exact flow', async () => {
    await workbench.choose(selectModel, 'Gaussian mixture 2-D')
    await until('the model in the form', () => panel.locator('#field-model-path').evaluate((list) => list.value), (path) => path === 'mixture2d')
    await workbench.palette('DPM-Solver: Generate Sample')
    await until('the run', () => stateText(panel), has('Finished: 12 evaluations'))
    const words = (what) => panel.locator(`canvas[data-frame="${what}"]`).getAttribute('aria-label')
    await until('the points', () => words('x'), (text) => /^x_t, step 12, 1 point over the density of noisy data, mean distance to the exact flow [\d.]+$/.test(text))
    assert.match(await words('x0'), /^x̂₀, step 12, 1 point over the density of the data, mean distance to where the exact flow ends [\d.]+$/)
    const { pixels } = await frame(panel, 'x')
    assert.ok(new Set(Array.from({ length: pixels.length / 4 }, (_, p) => pixels.slice(4 * p, 4 * p + 3).join())).size > 20, 'a drawing, and not two pixels')
    assert.match(await panel.locator('button.chip').innerText(), /closed form/)
    const file = join(workbench.folder, 'points.png')
    await workbench.palette('DPM-Solver: Save Image…')
    await until('the dialog', () => input().inputValue(), has('mixture2d'))
    await workbench.accept(file)
    await until('the file', async () => existsSync(file) && readFileSync(file).length > 60)
    assert.equal(pngColours(file).length, 960 * 960 * 3)
  })

  it('Browse for an ONNX File… takes a file by the file dialog', async () => {
    await workbench.choose(selectModel, 'Browse for an ONNX File…')
    await until('the dialog', () => input().inputValue(), has(workbench.folder))
    await workbench.accept(join(workbench.folder, 'single/model.onnx'))
    await until('the model in the form', () => panel.locator('#field-model-path').evaluate((list) => list.value), (path) => path.endsWith('/single/model.onnx'))
  })

  it('a file of the explorer is sampled from by its context menu', async () => {
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'single' }).click()
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'model.onnx' }).click({ button: 'right' })
    // A menu that has just come up takes no click.
    await until('the menu to act', async () => {
      await page.locator('.context-view .action-menu-item', { hasText: 'Generate Sample' }).click({ timeout: 2000 }).catch(() => {})
      return page.locator('.context-view .action-menu-item').count()
    }, (count) => count === 0)
    await until('the run', () => stateText(panel), has('Finished: 12 evaluations'))
  })

  it('Save Image… offers the output folder and writes what the panel shows', async () => {
    await until('the last row', () => shownRow(panel), (row) => row === 12)
    await workbench.palette('DPM-Solver: Save Image…')
    const offered = await until('the dialog', () => input().inputValue(), has('.png'))
    assert.match(offered, new RegExp(`^${workbench.folder}/samples/\\d{8}-\\d{6}-.*-dpmsolver\\+\\+-12-\\d+\\.png$`))
    await workbench.accept(offered)
    await until('the file', async () => existsSync(offered) && readFileSync(offered).length > 60)
    assert.deepEqual(pngColours(offered), frameColours(await frame(panel, 'x')))
  })

  it('the status bar item opens a menu whose entries work', async () => {
    const openMenu = () => page.locator('[id="dpm-solver.dpm-solver.dpmSolver.status"] a').click()
    await openMenu()
    const entries = await until('the menu', () => picks().allInnerTexts(), (texts) => texts.some((text) => text.includes('Generate Sample')))
    for (const name of ['Open Preview', 'Select Model…', 'Open Settings', 'Show Log']) assert.ok(entries.some((text) => text.includes(name)), name)
    const before = await panel.locator('body').evaluate(() => document.body.innerText.match(/seed\s+(\d+)/)?.[1])
    await page.keyboard.press('Escape')
    await workbench.choose(openMenu, 'Generate Sample')
    await until('another run', () => panel.locator('body').evaluate(() => document.body.innerText.match(/seed\s+(\d+)/)?.[1]), (seed) => seed !== undefined && seed !== before)
  })

  it('the title of the panel has Run, and everything else behind its dots', async () => {
    await panel.locator('main').click({ position: { x: 5, y: 5 } })
    const title = page.locator('.editor-group-container .editor-actions')
    await title.locator('[aria-label^="Generate Sample"]').waitFor()
    await title.locator('[aria-label="More Actions..."]').click()
    const entries = await until('the menu', () => page.locator('.context-view .action-label').allInnerTexts(), (texts) => texts.length > 5)
    for (const name of ['Generate Sample with New Seed', 'Select Model…', 'Save as Defaults', 'Save Image…', 'Open Settings', 'Show Log', 'Restart Engine']) assert.ok(entries.includes(name), `${name} in ${entries.join(', ')}`)
    await page.keyboard.press('Escape')
  })

  it('a run that the reload of the window interrupts is shown as interrupted, with all its rows', async () => {
    await panel.locator('#field-solver-steps input').fill('1000')
    await panel.locator('#field-noise-batch input').fill('16')
    await panel.locator('#field-noise-batch input').press('Tab')
    await page.keyboard.press('Control+Enter')
    await until('the run', () => stateText(panel), (text) => Number(/Sampling: step (\d+) of 1000/.exec(text)?.[1]) > 2)
    await page.reload()
    await page.locator('.monaco-workbench').waitFor({ timeout: 120_000 })
    const text = await until('the interrupted run', () => stateText(panel), has('Interrupted at step'))
    const step = Number(/Interrupted at step (\d+) of 1000/.exec(text)[1])
    assert.ok(step > 2 && step < 1000, text)
    await until('its last picture', () => shownRow(panel), (row) => row === step)
  })
})
