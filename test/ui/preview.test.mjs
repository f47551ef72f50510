// The panel as a person uses it, in the real workbench: palette, keyboard, mouse, settings.json.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, readdirSync, truncateSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { openWorkbench } from '../vscode-host/workbench.mjs'
import { engineProcesses, focusTimeline, frame, frameColours, pngColours, sampleByCommandLine, shownRow, stateText, until, watchFrames, whileEngineWaits } from './helpers.mjs'

const SEED = '42'
let workbench, page, panel

const finished = (evaluations) => until(`a run of ${evaluations} evaluations`, () => stateText(panel), (text) => text.includes(`Finished: ${evaluations} evaluations`))
const sampling = () => until('the run', () => stateText(panel), (text) => Number(/Sampling: step (\d+) of/.exec(text)?.[1]) > 3)
const field = (path) => panel.locator(`#field-${path.replaceAll('.', '-')} input`)
async function setSteps(steps) {
  await field('solver.steps').fill(String(steps))
  await field('solver.steps').press('Tab')
}
/** Rows of the Plan tab, which the page's own planner fills; the tab is left again. */
async function plannedRows(rows) {
  await panel.locator('#tab-plan').click()
  await until('the plan', () => panel.locator('table.steps tbody tr').count(), (count) => count === rows)
  await panel.locator('#tab-sample').click()
}
/** Workspace settings, as a person would write them; the window follows by itself. */
function writeSettings(settings) {
  mkdirSync(join(workbench.folder, '.vscode'), { recursive: true })
  writeFileSync(join(workbench.folder, '.vscode/settings.json'), JSON.stringify(settings))
}
/** Makes a run take long enough to be caught: 16 emoji at once. */
async function slow() {
  writeSettings({ 'dpmSolver.model.path': 'emoji', 'dpmSolver.batchSize': 16 })
  await until('the form to follow', () => field('noise.batch').inputValue(), (value) => value === '16')
}

before(async () => {
  workbench = await openWorkbench({ settings: {
    'dpmSolver.engine.provider': 'cpu', 'dpmSolver.engine.intraOpThreads': 1, 'dpmSolver.seed.mode': 'fixed', 'dpmSolver.seed.value': Number(SEED),
  } })
  page = workbench.page
  panel = workbench.panel()
})
after(() => workbench?.close())

describe('the preview panel in the real workbench', () => {
  afterEach(async (context) => {
    if (page.isClosed()) return
    mkdirSync('artifacts', { recursive: true })
    await page.screenshot({ path: `artifacts/ui-${context.name.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}.png` })
  })

  it('palette: Generate Sample opens the panel and ends in the pixels that the command line writes', async () => {
    await workbench.palette('DPM-Solver: Generate Sample')
    await finished(20)
    await until('the last row', () => shownRow(panel), (row) => row === 20)
    const x = await frame(panel, 'x')
    const { images } = sampleByCommandLine(join(workbench.folder, 'cli'), '--seed', SEED, '--threads', '1')
    assert.deepEqual(frameColours(x), pngColours(images[0]))
    assert.ok(new Set(frameColours(x)).size > 8, 'the picture is not one colour')
    assert.deepEqual(frameColours(await frame(panel, 'x0')), frameColours(x), 'at sigma 0 the estimate is the state')
  })

  it('both frames change with every step that is shown, and the status bar counts', async () => {
    await slow()
    await setSteps(1000)
    const seen = await watchFrames(panel)
    await page.keyboard.press('Control+Enter')
    const counts = new Set()
    const rows = (await until('six pictures of the run', async () => {
      counts.add(await page.locator('[id="dpm-solver.dpm-solver.dpmSolver.status"]').innerText())
      return seen()
    }, (shown) => shown.length > 6 && [...counts].some((text) => /\d+\/1000/.test(text)))).slice(1) // the first is of the run before
    await panel.locator('vscode-button#run', { hasText: 'Stop' }).click()
    await until('the stop', () => stateText(panel), (text) => text.includes('Stopped at step'))
    console.log(`shown: ${rows.map(({ row }) => row).join(' ')}; status bar: ${[...counts].join(' ')}`)
    assert.deepEqual(rows.map(({ row }) => Number(row)), rows.map(({ row }) => Number(row)).sort((a, b) => a - b))
    for (const what of ['x', 'x0']) assert.equal(new Set(rows.map((row) => row[what])).size, rows.length, `${what} changes with every row`)
  })

  it('Stop Sampling keeps what is done, and the timeline goes through it by keyboard', async () => {
    await setSteps(1000)
    await page.keyboard.press('Control+Enter')
    await sampling()
    await whileEngineWaits(workbench.server, () => workbench.palette('DPM-Solver: Stop Sampling'))
    const text = await until('the stop', () => stateText(panel), (state) => state.includes('Stopped at step'))
    const kept = Number(/Stopped at step (\d+) of 1000/.exec(text)[1])
    assert.ok(kept > 3 && kept < 1000, text)
    await focusTimeline(panel)
    await page.keyboard.press('Home')
    await until('the first row', () => shownRow(panel), (row) => row === 0)
    const first = await frame(panel, 'x')
    await page.keyboard.press('ArrowRight')
    await until('the second row', () => shownRow(panel), (row) => row === 1)
    assert.notDeepEqual((await frame(panel, 'x')).pixels, first.pixels)
    await page.keyboard.press('End')
    await until('the last row', () => shownRow(panel), (row) => row === kept)
  })

  it('Save as Defaults writes the workspace settings, and a changed setting shows in the next run', async () => {
    writeSettings({})
    await until('the form to follow', () => field('noise.batch').inputValue(), (value) => value === '1')
    await setSteps(7)
    await panel.locator('vscode-button', { hasText: 'Save as Defaults' }).click()
    const file = join(workbench.folder, '.vscode/settings.json')
    await until('settings.json', async () => JSON.parse(readFileSync(file, 'utf8'))['dpmSolver.solver.steps'], (steps) => steps === 7)
    await workbench.palette('DPM-Solver: Generate Sample')
    await finished(7)
    writeSettings({ 'dpmSolver.solver.steps': 9 })
    await until('the form to follow', () => field('solver.steps').inputValue(), (value) => value === '9')
    await workbench.palette('DPM-Solver: Generate Sample')
    await finished(9)
  })

  it('neither key nor command runs another recipe than the one on show', async () => {
    writeSettings({})
    await until('the form to follow', () => field('noise.batch').inputValue(), (value) => value === '1')
    await setSteps(6)
    await field('solver.steps').fill('many')
    await panel.locator('[data-field="solver.steps"] .field-error').waitFor()
    const before = await stateText(panel)
    await page.keyboard.press('Control+Enter')
    const refused = await until('the refusal', () => stateText(panel), (text) => text.includes('Steps must be a whole number'))
    assert.ok(refused.endsWith(before), refused)
    await setSteps(6)
    await workbench.palette('DPM-Solver: Generate Sample')
    await until('the run', () => stateText(panel), (text) => /^Finished: 6 evaluations/.test(text))
  })

  it('UniPC of order 3 on Karras steps is chosen in the form, planned and run', async () => {
    /** Until it is chosen: a list that is drawn anew under the hand closes. */
    const choose = (path, label) => {
      const list = panel.locator(`#field-${path.replaceAll('.', '-')}`)
      const chosen = () => list.evaluate((element) => element.displayValue.trim())
      return until(`${label} in the form`, async () => {
        if (await chosen() === label) return label
        await list.click({ timeout: 5_000 })
        await list.locator('vscode-option').filter({ hasText: new RegExp(`^\\s*${label}\\s*$`) }).click({ timeout: 5_000 })
        return chosen()
      }, (now) => now === label)
    }
    writeSettings({})
    await until('the form to follow', () => field('noise.batch').inputValue(), (value) => value === '1')
    await setSteps(10)
    await choose('solver.algorithm', 'UniPC')
    await panel.locator('#field-solver-order label', { hasText: '3' }).click()
    await choose('schedule.spacing', 'Karras')
    await panel.locator('#tab-plan').click()
    await until('the plan', () => panel.locator('.plan p').first().innerText(), (text) => text.startsWith('UniPC 3: 10 steps, 10 model evaluations ('))
    await panel.locator('#tab-sample').click()
    await panel.locator('[data-fold=advanced] summary').click()
    await panel.locator('[data-field="solver.options.b"]').waitFor()
    await page.keyboard.press('Control+Enter')
    await finished(10)
    await until('the last row', () => shownRow(panel), (row) => row === 10)
    const { images } = sampleByCommandLine(join(workbench.folder, 'unipc'), '--seed', SEED, '--threads', '1', '--algorithm', 'unipc', '--order', '3', '--spacing', 'karras', '--steps', '10')
    assert.deepEqual(frameColours(await frame(panel, 'x')), pngColours(images[0]))
    for (const path of ['solver.algorithm', 'solver.order', 'schedule.spacing', 'solver.steps']) await panel.locator(`[data-field="${path}"] .reset`).click({ force: true })
    await until('no mark', () => panel.locator('.reset').count(), (count) => count === 0)
  })

  it('an engine killed from outside during a run is told with a button, and the next run works', async () => {
    await slow()
    await setSteps(1000)
    await page.keyboard.press('Control+Enter')
    await sampling()
    const [engine, ...others] = engineProcesses(workbench.server)
    assert.deepEqual(others, [])
    process.kill(engine, 'SIGKILL')
    const text = await until('the banner', () => stateText(panel), (state) => /engine.* during step \d+ of 1000/.test(state))
    console.log(text)
    await until('the end of the process', async () => engineProcesses(workbench.server), (pids) => !pids.includes(engine))
    await panel.locator('.banner vscode-button').first().click()
    await sampling()
    await panel.locator('vscode-button#run', { hasText: 'Stop' }).click()
    await until('the stop', () => stateText(panel), (state) => state.includes('Stopped at step'))
  })

  it('reloading the window brings the panel and its run back', async () => {
    writeSettings({ 'dpmSolver.solver.steps': 8 })
    await until('the form to follow', () => field('noise.batch').inputValue(), (value) => value === '1')
    await setSteps(8)
    await workbench.palette('DPM-Solver: Generate Sample')
    await finished(8)
    await until('the last row', () => shownRow(panel), (row) => row === 8)
    const before = await frame(panel, 'x')
    await plannedRows(9)
    const loaded = page.waitForEvent('load')
    await workbench.palette('Developer: Reload Window')
    await loaded
    await page.locator('.monaco-workbench').waitFor({ timeout: 120_000 })
    await finished(8)
    await until('the last row again', () => shownRow(panel), (row) => row === 8)
    assert.deepEqual((await frame(panel, 'x')).pixels, before.pixels)
    await plannedRows(9)
  })

  it('a truncated model file is told at the panel with a button that helps', async () => {
    const broken = join(workbench.folder, 'broken.onnx')
    copyFileSync('media/models/digits/unet/model.onnx', broken)
    truncateSync(broken, 100_000)
    writeSettings({ 'dpmSolver.model.path': broken })
    const text = await until('the banner', () => stateText(panel), (state) => state.includes('broken.onnx'))
    console.log(text)
    writeSettings({})
    await until('the banner to go', () => stateText(panel), (state) => !state.includes('broken.onnx'))
  })

  it('fits 400 px of width', async () => {
    await page.setViewportSize({ width: 448, height: 900 })
    await workbench.palette('View: Close Primary Side Bar')
    const { scroll, width } = await until('a narrow panel', () => panel.locator('body').evaluate((body) => ({ scroll: document.scrollingElement.scrollWidth, width: body.clientWidth })), (size) => size.width <= 440)
    assert.ok(scroll <= width, `${scroll} px of content in ${width} px`)
    await page.setViewportSize({ width: 1400, height: 900 })
  })

  it('closing the workbench ends the engine', async () => {
    const engines = await until('an engine', async () => engineProcesses(workbench.server), (pids) => pids.length >= 1)
    await page.close()
    await until('no engine', async () => engines.filter((pid) => { try { return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) } catch { return false } }), (alive) => alive.length === 0)
    assert.ok(readdirSync(workbench.folder).length > 0)
  })
})
