// What the ui tests share: waiting, reading canvases, finding processes, the command line to compare with.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decode } from 'fast-png'

const root = join(import.meta.dirname, '../..')

/** Asks `read` until `accept` takes what it gives, and returns that. Generous, since the machine may be busy. */
export async function until(what, read, accept = Boolean, ms = 60_000) {
  let last
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) {
    last = await read().catch((error) => error)
    if (!(last instanceof Error) && accept(last)) return last
  }
  throw new Error(`${what}: not within ${ms} ms; last seen: ${(last instanceof Error ? last.message : JSON.stringify(last)).slice(0, 300)}`)
}

/** Of several documents inside our webviews the one that has such an element. */
export const pageWith = (page, selector) => until(`a page with ${selector}`, async () => {
  for (const one of page.frames()) if (await one.locator(selector).count().catch(() => 0) > 0) return one
})

/** The sentence on top of the panel's main area, banners included. */
export const stateText = (panel) => panel.locator('main').evaluate((main) => [...main.querySelectorAll('.state, .banner')].map((element) => element.innerText.replace(/\s+/g, ' ')).join(' | '))

/** Puts the focus on a page's timeline. Before it is there, what is typed may go elsewhere. */
export async function focusTimeline(panel) {
  const timeline = panel.locator('#timeline')
  await timeline.focus()
  await until('the focus', () => timeline.evaluate((element) => document.hasFocus() && document.activeElement === element))
}

/** Row, size and RGBA bytes of a frame's canvas: `x` or `x0`. */
export const frame = (panel, what) => panel.locator(`canvas[data-frame="${what}"]`).evaluate((canvas) => ({
  row: Number(canvas.dataset.row ?? NaN), width: canvas.width, height: canvas.height,
  pixels: [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data],
}))

/** Row of the frame on show; NaN where none is. */
export const shownRow = (panel) => panel.locator('canvas[data-frame="x"]').evaluate((canvas) => Number(canvas.dataset.row ?? NaN))

/**
 * Watches the panel from inside, since a question from outside takes longer than many steps. The function returned gives, for each
 * row that was shown since, its number and the hashes of both pictures.
 */
export async function watchFrames(panel) {
  const body = panel.locator('body')
  await body.evaluate(() => {
    const hash = (canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, value) => (sum * 31 + value) | 0, 7)
    const seen = window.seenFrames = []
    const look = () => {
      const [x, x0] = ['x', 'x0'].map((what) => document.querySelector(`canvas[data-frame="${what}"]`))
      if (x?.dataset.row !== undefined && x.dataset.row === x0?.dataset.row && x.dataset.row !== seen.at(-1)?.row) seen.push({ row: x.dataset.row, x: hash(x), x0: hash(x0) })
      requestAnimationFrame(look)
    }
    look()
  })
  return () => body.evaluate(() => window.seenFrames)
}

/** Red, green and blue of RGBA bytes, or of a PNG's with one or three channels. */
const colours = (data, channels) => Array.from({ length: data.length / channels * 3 }, (_, i) => data[Math.floor(i / 3) * channels + (channels === 1 ? 0 : i % 3)])
export const frameColours = ({ pixels }) => colours(pixels, 4)
export function pngColours(file) {
  const { data, channels } = decode(readFileSync(file))
  return colours(data, channels)
}

/** `dpm-solver sample` with these arguments: what it prints with --json. */
export function sampleByCommandLine(out, ...options) {
  return JSON.parse(execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'sample', '--provider', 'cpu', '--out', out, '--json', ...options], { encoding: 'utf8' }))
}

/** Paths of the run folders in a folder of recordings, oldest first. */
export const recordings = (folder) => readdirSync(folder).filter((name) => /^\d/.test(name)).sort().map((name) => join(folder, name))

/** The state of a recorded run's last row, as its files say. */
export function lastState(runFolder) {
  const { states, shape } = JSON.parse(readFileSync(join(runFolder, 'run.json'), 'utf8'))
  const bytes = readFileSync(join(runFolder, states.file))
  const from = bytes.byteOffset + bytes.byteLength - states.rowBytes
  return new Float32Array(bytes.buffer.slice(from, from + 4 * shape.reduce((product, n) => product * n, 1)))
}

/** Ids of the engine processes that a server's extension hosts started: they are in its process group. */
export function engineProcesses(server) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      const group = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[2])
      return group === server.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dist/engine.js')
    } catch { return false } // gone meanwhile
  }).map(Number)
}

/** Lets the engines of a server wait while `meanwhile` is done, so that a run does not end by itself however long that takes. */
export async function whileEngineWaits(server, meanwhile) {
  const pids = engineProcesses(server)
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  try { return await meanwhile() } finally { for (const pid of pids) process.kill(pid, 'SIGCONT') }
}
