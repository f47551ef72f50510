// Takes the README's pictures in the real workbench: npm run screenshots. Always the CPU and fixed seeds, so that they change only where the product does.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode } from 'fast-png'
import { engineProcesses, shownRow, stateText, until } from '../test/ui/helpers.mjs'
import { setup } from '../test/vscode-host/setup.mjs'
import { openWorkbench } from '../test/vscode-host/workbench.mjs'

const root = join(import.meta.dirname, '..')
const images = join(root, 'docs/images')
const scratch = mkdtempSync(join(tmpdir(), 'dpm-screenshots-'))
const wide = { width: 1280, height: 820 }

const base = {
  'dpmSolver.engine.provider': 'cpu', 'dpmSolver.seed.mode': 'fixed', 'dpmSolver.seed.value': 7, 'dpmSolver.preview.openOnRun': 'active',
  'workbench.activityBar.location': 'hidden', 'window.commandCenter': false, 'workbench.layoutControl.enabled': false, 'editor.minimap.enabled': false,
}
const emoji = { 'dpmSolver.model.path': 'emoji', 'dpmSolver.classLabel': ['Smileys & Emotion', 'Animals & Nature', 'Food & Drink', 'Travel & Places'], 'dpmSolver.batchSize': 4, 'dpmSolver.solver.guidanceScale': 2.5 }
const dark = { 'workbench.colorTheme': 'Default Dark Modern' }
const light = { 'workbench.colorTheme': 'Default Light Modern' }

/** Opens a workbench with these settings, lets `act` do its part and ends it. */
async function inWorkbench(settings, act) {
  const workbench = await openWorkbench({ settings: { ...base, ...settings }, size: wide })
  try {
    await workbench.palette('View: Close Primary Side Bar')
    await act(workbench)
  } finally {
    await workbench.close()
  }
}

async function shoot({ page }, name) {
  await page.mouse.move(wide.width / 2, 2)
  await page.waitForTimeout(800) // hovers, focus rings and thumbnails settle
  await page.screenshot({ path: join(images, `${name}.png`) })
  console.error(`docs/images/${name}.png`)
}

const step = (panel) => stateText(panel).then((text) => Number(/Sampling: step (\d+) of/.exec(text)?.[1]))

/** A whole run of `steps`, and back to one of them with the arrow keys. */
async function sampleAndScrub(workbench, steps, to) {
  await workbench.palette('DPM-Solver: Generate Sample')
  const panel = workbench.panel()
  await until('the end of the run', () => stateText(panel), (text) => text.includes('Finished'))
  await panel.locator('#timeline').focus()
  for (let i = steps; i > to; i--) await workbench.page.keyboard.press('ArrowLeft')
  await until(`step ${to}`, () => shownRow(panel), (row) => row === to)
}

try {
  if (process.platform === 'linux') setup()
  mkdirSync(images, { recursive: true })

  await inWorkbench({ ...dark, ...emoji }, async (workbench) => {
    await sampleAndScrub(workbench, 20, 11)
    await shoot(workbench, 'finished-dark')
    await workbench.page.keyboard.press('End')
    await workbench.page.setViewportSize({ width: 420, height: 900 })
    await shoot(workbench, 'narrow')
  })

  await inWorkbench({ ...light, ...emoji, 'dpmSolver.batchSize': 1, 'dpmSolver.preview.show': ['x', 'x0', 'eps', 'delta'] }, async (workbench) => {
    await sampleAndScrub(workbench, 20, 9)
    const panel = workbench.panel()
    await panel.locator('canvas[data-frame="x0"]').click({ position: { x: 60, y: 60 } }) // pins the pixel, and its way is plotted
    await until('ε̂ and Δ', () => panel.locator('canvas[data-frame="eps"][data-row="9"], canvas[data-frame="delta"][data-row="9"]').count(), (count) => count === 2)
    await shoot(workbench, 'frames-light')
  })

  await inWorkbench({ ...dark, ...emoji, 'dpmSolver.solver.steps': 10 }, async (workbench) => {
    await sampleAndScrub(workbench, 10, 5)
    const panel = workbench.panel()
    await workbench.palette('DPM-Solver: Preview Plan')
    await panel.locator('vscode-button', { hasText: 'Make Custom' }).click()
    await panel.locator('[data-point="4"]').focus()
    for (let i = 0; i < 6; i++) await workbench.page.keyboard.press('ArrowRight')
    await shoot(workbench, 'plan-dark')
  })

  await inWorkbench({ ...dark, ...emoji }, async (workbench) => {
    for (const seed of [1, 2]) {
      await workbench.palette('DPM-Solver: Generate Sample with New Seed')
      await until(`run ${seed}`, () => stateText(workbench.panel()), (text) => text.includes('Finished'))
    }
    await workbench.palette('DPM-Solver: Focus on Runs View')
    await shoot(workbench, 'views-dark')
  })

  await inWorkbench({ ...light, ...emoji, 'dpmSolver.batchSize': 16, 'dpmSolver.solver.steps': 60 }, async (workbench) => {
    await workbench.palette('DPM-Solver: Generate Sample')
    await until('the middle of the run', () => step(workbench.panel()), (row) => row >= 30)
    await workbench.page.screenshot({ path: join(images, 'running-light.png') })
    console.error('docs/images/running-light.png')
  })

  await inWorkbench({ ...dark, ...emoji, 'dpmSolver.batchSize': 9, 'dpmSolver.solver.steps': 300 }, async (workbench) => {
    await workbench.palette('DPM-Solver: Generate Sample')
    await until('the second half of the run', () => step(workbench.panel()), (row) => row >= 170)
    process.kill(engineProcesses(workbench.server)[0], 'SIGKILL') // from outside, as a machine short of memory does it
    await until('the banner', () => stateText(workbench.panel()), (text) => text.includes('exited'))
    await shoot(workbench, 'error')
  })

  await inWorkbench({ ...dark, 'dpmSolver.model.path': 'mixture2d', 'dpmSolver.batchSize': 64, 'dpmSolver.solver.steps': 12 }, async (workbench) => {
    await sampleAndScrub(workbench, 12, 6)
    await shoot(workbench, 'mixture-dark')
  })

  const { contactSheet } = JSON.parse(execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'sample', '--batch', '16', '--class-label', '0,1,2,3,4,5,6,7,8,9', '--guidance', '2', '--seed', '1', '--provider', 'cpu', '--out', scratch, '--json'], { encoding: 'utf8' }))
  writeFileSync(join(images, 'contact-sheet.png'), enlarged(readFileSync(contactSheet), 3))
  console.error('docs/images/contact-sheet.png')
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** A PNG with every pixel repeated `factor` times in both directions. */
function enlarged(png, factor) {
  const { width, height, channels, data } = decode(png)
  const size = { width: width * factor, height: height * factor }
  const out = new Uint8Array(size.width * size.height * channels)
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * channels
      for (let c = 0; c < channels; c++) out[(y * size.width + x) * channels + c] = data[from + c]
    }
  }
  return encode({ ...size, channels, data: out })
}
