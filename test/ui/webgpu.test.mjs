// The whole path on a GPU that is a program (test/mesa): setting, palette, engine, panel.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { softwareGpu } from '../mesa/paths.mjs'
import { openWorkbench } from '../vscode-host/workbench.mjs'
import { frame, frameColours, lastState, pngColours, recordings, sampleByCommandLine, shownRow, stateText, until } from './helpers.mjs'

/** In every value of the image: a tenth of a grey level of 256. Measured: 6e-5. */
const tolerance = 0.1 * 2 / 255
/** A first run compiles shaders, some seconds on a quick machine. */
const patience = 800_000
let workbench, panel

before(async () => {
  const gpu = softwareGpu()
  assert.ok(gpu, 'there is no software GPU here: node test/mesa/setup.mjs')
  // In the workspace: a window on a server does not take settings of a machine from its user.
  const settings = { 'dpmSolver.engine.provider': 'webgpu', 'dpmSolver.solver.steps': 5, 'dpmSolver.seed.mode': 'fixed', 'dpmSolver.seed.value': 7, 'dpmSolver.record.folder': '${workspaceFolder}/runs' }
  workbench = await openWorkbench({ env: gpu.environment, fill: (folder) => {
    mkdirSync(join(folder, '.vscode'))
    writeFileSync(join(folder, '.vscode/settings.json'), JSON.stringify(settings))
  } })
  panel = workbench.panel()
})
after(() => workbench?.close())

describe('Generate Sample on WebGPU in the real workbench', () => {
  it('ends in the image that the CPU gives, and the chip says WebGPU', async () => {
    await workbench.palette('DPM-Solver: Generate Sample')
    await until('a run of 5 evaluations', () => stateText(panel), (text) => text.includes('Finished: 5 evaluations'), patience)
    await until('the last row', () => shownRow(panel), (row) => row === 5)
    const shown = frameColours(await frame(panel, 'x'))
    mkdirSync('artifacts', { recursive: true })
    await workbench.page.screenshot({ path: 'artifacts/ui-webgpu.png' })
    assert.deepEqual((await panel.locator('button.chip').allInnerTexts()).filter((text) => text.includes('×')), ['WebGPU · 1×1×32×32'])

    const [run] = recordings(join(workbench.folder, 'runs'))
    const { engine } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'))
    assert.deepEqual([engine.provider, engine.tried], ['webgpu', [{ provider: 'webgpu' }]], 'nothing else was tried')
    const cpu = sampleByCommandLine(join(workbench.folder, 'cli'), '--steps', '5', '--seed', '7')
    assert.equal(cpu.provider, 'cpu')
    const [image, reference] = [lastState(run), lastState(cpu.runFolder)]
    const gap = image.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i])), 0)
    const levels = pngColours(cpu.images[0]).map((value, i) => Math.abs(value - shown[i]))
    console.log(`largest difference to the CPU ${gap.toExponential(1)}; ${levels.filter((level) => level > 0).length} of ${levels.length} colours on show differ by one level`)
    assert.ok(image.length === 1024 && gap > 0 && gap <= tolerance)
    assert.ok(Math.max(...levels) <= 1, 'what is on show is that image')
  })
})
