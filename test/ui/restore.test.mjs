// A page that VS Code threw away comes back as it was: hidden and shown again, moved to another group, its engine gone; and what is encoded by it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny'
import { openWorkbench } from '../vscode-host/workbench.mjs'
import { engineProcesses, focusTimeline, frame, sampleByCommandLine, shownRow, stateText, until, whileEngineWaits } from './helpers.mjs'

let workbench, page, panel
const recorded = mkdtempSync(join(tmpdir(), 'dpm-restore-'))

const pages = () => page.locator('iframe.webview.ready[src*="extensionId=dpm-solver.dpm-solver"]').count()
const tab = (text) => page.locator('.tabs-container .tab', { hasText: text })
/** The tab of the preview, whatever is going on in it. */
const ours = /Sampl|Stopping|Loading|DPM-Solver Preview/
/** Puts the tab of a text file over the page, which VS Code then throws away. */
async function hide() {
  await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'notes.txt' }).dblclick()
  await until('the page to go', pages, (count) => count === 0)
}
async function show(text = ours) {
  await tab(text).click()
  await until('the focus on its page', () => panel.locator('body').evaluate(() => document.hasFocus())) // which comes later
}
const rowShown = (row) => until(`row ${row}`, () => shownRow(panel), (shown) => shown === row)
async function goTo(row) {
  await focusTimeline(panel)
  await page.keyboard.press('Home')
  await rowShown(0)
  for (let at = 1; at <= row; at++) {
    await page.keyboard.press('ArrowRight')
    await rowShown(at)
  }
}
/** The frame of a row once it is there at its full size. */
const whole = (row, width) => until(`row ${row} in full`, () => frame(panel, 'x'), (shown) => shown.row === row && shown.width === width)
const step = () => until('the run', async () => Number(/Sampling: step (\d+) of 1000/.exec(await stateText(panel))?.[1]), (row) => row > 0)
const newest = () => readdirSync(recorded).filter((name) => existsSync(join(recorded, name, 'run.json'))).sort((a, b) => statSync(join(recorded, a, 'run.json')).mtimeMs - statSync(join(recorded, b, 'run.json')).mtimeMs).at(-1)
/** The rows of a recording, by their numbers. */
const rowsOf = (run) => readFileSync(join(recorded, run, 'events.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line)).filter(({ event }) => event === 'row').map(({ row }) => row)
/** Does it while the run stands still. */
const standing = (what) => whileEngineWaits(workbench.server, what)
const pickers = () => page.locator('.quick-input-widget input').first()
/** From the palette, or from what `ask` does, to a name in the file dialog. */
async function exportWebm(file, ask = () => workbench.palette('DPM-Solver: Export Trajectory…')) {
  await workbench.choose(ask, 'WebM Video')
  await until('the dialog', () => pickers().inputValue(), (text) => text.endsWith('.webm'))
  await workbench.accept(file)
}
/** How many pictures a WebM file has, and how large they are. */
async function video(file) {
  const bytes = readFileSync(file)
  assert.deepEqual([...bytes.subarray(0, 4)], [0x1a, 0x45, 0xdf, 0xa3], 'EBML')
  const track = await new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS }).getPrimaryVideoTrack()
  let packets = 0
  for await (const packet of new EncodedPacketSink(track).packets()) if (packet.data.length > 0) packets++
  return { packets, codec: track.codec, width: track.displayWidth, height: track.displayHeight }
}

before(async () => {
  const { runFolder } = sampleByCommandLine(join(recorded, 'cli'), '--steps', '6', '--seed', '5')
  workbench = await openWorkbench({
    settings: {
      'dpmSolver.engine.provider': 'cpu', 'dpmSolver.engine.intraOpThreads': 1, 'dpmSolver.record.folder': recorded, 'dpmSolver.model.path': 'emoji', 'dpmSolver.batchSize': 16, 'dpmSolver.solver.steps': 1000,
      'dpmSolver.seed.mode': 'fixed', 'dpmSolver.seed.value': 4,
    },
    fill: (folder) => {
      writeFileSync(join(folder, 'notes.txt'), 'something to look at')
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

describe('a page that was thrown away', () => {
  let run

  it('comes back to a run that goes on, and follows it', async () => {
    await workbench.palette('DPM-Solver: Generate Sample')
    const before = await until('some steps', step, (row) => row > 3)
    run = newest()
    await standing(hide)
    await until('steps that no page saw', async () => rowsOf(run).at(-1), (row) => row > before + 3)
    await standing(async () => {
      await show()
      const after = await step()
      assert.ok(after > before + 2, `${before}, ${after}`)
      await until('its newest pictures', () => shownRow(panel), (row) => row >= after)
    })
    assert.equal(newest(), run)
  })

  it('comes back to the step that was looked at, while the run goes on', async () => {
    await standing(async () => {
      await goTo(2)
      const { pixels } = await whole(2, 128)
      await hide()
      await show()
      await rowShown(2)
      assert.deepEqual((await whole(2, 128)).pixels, pixels)
    })
    const before = await step()
    await until('the run to go on', step, (row) => row > before)
    await rowShown(2)
  })

  it('goes to another group with its run and its step, and no step is missing in the recording', async () => {
    await standing(async () => {
      const { pixels } = await whole(2, 128)
      await workbench.palette('View: Move Editor into Right Group')
      await until('the page in its new place', pages, (count) => count === 1)
      await rowShown(2)
      assert.deepEqual((await whole(2, 128)).pixels, pixels)
    })
    const before = await step()
    await until('the run to go on in it', step, (row) => row > before)
    await standing(() => workbench.palette('DPM-Solver: Stop Sampling'))
    const kept = Number(/Stopped at step (\d+) of 1000/.exec(await until('the stop', () => stateText(panel), (text) => text.includes('Stopped at step')))[1])
    await rowShown(2)
    assert.deepEqual(rowsOf(run), Array.from({ length: kept + 1 }, (_, row) => row))
    console.log(`${kept} steps, none missing`)
  })

  it('comes back to a step of a run that is over', async () => {
    await goTo(3)
    const { pixels } = await whole(3, 128)
    await workbench.palette('View: Move Editor into Left Group')
    await rowShown(3)
    await hide()
    await show()
    await rowShown(3)
    assert.deepEqual((await whole(3, 128)).pixels, pixels)
  })

  it('stays at its step when the engine is killed or started again, and goes on through the recording', async () => {
    const [engine] = engineProcesses(workbench.server)
    process.kill(engine, 'SIGKILL')
    await until('the engine to go', async () => engineProcesses(workbench.server), (pids) => !pids.includes(engine))
    await rowShown(3)
    await focusTimeline(panel)
    await page.keyboard.press('ArrowRight')
    await rowShown(4)
    await workbench.palette('DPM-Solver: Restart Engine')
    await until('another engine', async () => engineProcesses(workbench.server), (pids) => pids.length === 1 && pids[0] !== engine)
    await rowShown(4)
    await whole(4, 128)
  })
})

describe('WebM, encoded by the page', () => {
  it('from the palette: the page is opened for it, and the file has a picture for each row', async () => {
    await workbench.palette('View: Close All Editors')
    await until('no page', pages, (count) => count === 0)
    await workbench.palette('DPM-Solver: Open Preview')
    await panel.locator('#field-solver-steps input').fill('11')
    await panel.locator('#field-solver-steps input').press('Tab')
    await page.keyboard.press('Control+Enter')
    await until('the run', () => stateText(panel), (text) => text.includes('Finished: 11 evaluations'))
    await workbench.palette('View: Close All Editors')
    await until('no page', pages, (count) => count === 0)
    const file = join(workbench.folder, 'run.webm')
    await exportWebm(file)
    await until('the file', async () => existsSync(file))
    const { packets, codec, width, height } = await video(file)
    console.log(`${packets} pictures of ${width}×${height}, ${codec}, ${statSync(file).size} bytes`)
    assert.deepEqual([packets, width, height], [rowsOf(newest()).length, 2 * 256 + 4, 256])
    assert.deepEqual(readdirSync(workbench.folder).filter((name) => name.startsWith('.dpm-export')), [])
  })

  it('a page that is hidden on the way ends it in a sentence, and leaves no file; shown again, it encodes the next', async () => {
    await until('the panel', () => stateText(panel), (text) => text.includes('Finished: 11 evaluations'))
    // Of twelve pictures the encoder gets no further than the fifth: however fast a machine is, the video is not done when the page goes.
    const body = panel.locator('body')
    await body.evaluate(() => {
      const { encode } = VideoEncoder.prototype
      window.pictures = 0
      VideoEncoder.prototype.encode = function (...given) { window.pictures++; return encode.apply(this, given) }
      Object.defineProperty(VideoEncoder.prototype, 'encodeQueueSize', { get: () => window.pictures > 4 ? 99 : 0 })
    })
    const file = join(workbench.folder, 'never.webm')
    await exportWebm(file)
    await until('the fifth picture', () => body.evaluate(() => window.pictures), (pictures) => pictures === 5)
    await hide()
    await until('nothing half done', async () => readdirSync(workbench.folder), (names) => !names.some((name) => name.startsWith('.dpm-export')))
    assert.ok(!existsSync(file))
    await show()
    await until('the sentence', () => stateText(panel), (text) => text.includes('The page that was encoding the video was closed or hidden. Keep it in view until the export is done'))
    await exportWebm(file)
    await until('the file', async () => existsSync(file))
    assert.equal((await video(file)).packets, 12)
  })
})

describe('the editor of recordings', () => {
  it('comes back to its step', async () => {
    await workbench.palette('View: Close All Editors')
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'run.dpmrun' }).dblclick()
    await rowShown(6)
    await goTo(2)
    const { pixels } = await whole(2, 32)
    await hide()
    await show('run.dpmrun')
    await rowShown(2)
    assert.deepEqual((await whole(2, 32)).pixels, pixels)
  })

  it('encodes WebM in its own page', async () => {
    const file = join(workbench.folder, 'recording.webm')
    await exportWebm(file, () => panel.locator('vscode-button', { hasText: 'Export…' }).click())
    await until('the file', async () => existsSync(file))
    assert.equal((await video(file)).packets, 7)
  })
})
