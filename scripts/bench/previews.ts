import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FrameLocator, Page } from 'playwright-core'
import { parseJson, stringifyJson } from '../../src/protocol/json'
import type { EndEvent, RowEvent, RunDocument, RunEvent } from '../../src/protocol/run'
import { median } from './median'
import { Throttle } from './throttle'

/** What a preview costs a run, how quickly recorded rows are gone through, and how previews fare over a slow link. */
export interface PreviewFigures {
  cost: { pairs: number; shownMs: number; hiddenMs: number; /** Median of the pairs' own. */ ratio: number }
  /** From the press of a key to the picture; `held`: of rows whose picture the page had. `fullMs`: from the last key to the full size. */
  scrub: { rows: number; held: Percentiles; fetched: Percentiles; /** Rows that were passed before their picture came. */ skipped: number; fullMs: Percentiles }
  /** Over a connection that VS Code compresses, as it does for a browser. */
  packed: { held: Percentiles; fullMs: Percentiles }
  link: { bytesPerSecond: number; steps: number; shown: number; /** Steps behind the run, less those that the transfer of the pictures takes. */ mostBehind: number; lastMs: number; missing: number }
}
interface Percentiles { count: number; p50: number; p95: number }

/** What the harness of the test VS Code gives (test/vscode-host/workbench.mjs). */
interface Workbench { page: Page; folder: string; server: { home: string; settingsFile: string; origin: string; authority: string }; close(): Promise<void>; palette(title: string): Promise<void>; panel(): FrameLocator }
type Open = (options: { settings: object; compression: boolean; through?: (port: number) => Promise<number>; fill?: (folder: string) => void }) => Promise<Workbench>

const pairs = 15
const steps = 40
const linkRate = 2e6
const size = 512
const rows = 200
/** Rows whose states are written; the others have these again, which their offsets say. */
const states = 8
/** As a keyboard repeats. */
const repeatMs = 33
/** How often the hand rests on the way back. */
const rests = 9
/** Older than any other. */
const largeRun = '20000101-000000-large'

/** Run in the page, whose types the scripts do not have. The rows that it shows from now on, and when, as Date.now(). */
const watchRows = `
  const seen = window.seenRows = []
  new MutationObserver(() => {
    const row = Number(document.querySelector('canvas[data-frame="x"]')?.dataset.row ?? NaN)
    if (row !== seen.at(-1)?.row) seen.push({ row, at: Date.now() })
  }).observe(document.body, { subtree: true, attributeFilter: ['data-row'] })`
/** Keys, small pictures that came, and what was shown when and in which size, as performance.now(). */
const watchScrubbing = `
  const log = window.scrubLog = { presses: [], came: [], shown: [], whole: [] }
  window.addEventListener('message', ({ data }) => { if (data.type === 'frame' && data.small) log.came.push({ row: data.row, at: performance.now() }) })
  const slider = document.querySelector('#timeline')
  window.addEventListener('keydown', ({ key, timeStamp }) => {
    const row = Number(slider.value) + (key === 'ArrowRight' ? 1 : -1)
    log.presses.push({ row, at: timeStamp })
  }, true)
  new MutationObserver(() => {
    const canvas = document.querySelector('canvas[data-frame="x"]')
    const [row, at] = [Number(canvas.dataset.row), performance.now()]
    if (log.shown.at(-1)?.row !== row) log.shown.push({ row, at })
    if (canvas.width > 128 && log.whole.at(-1)?.row !== row) log.whole.push({ row, at })
  }).observe(document.body, { subtree: true, attributeFilter: ['data-row', 'width'] })`

interface Bench { root: string; scratch: string; tell: (text: string) => void; /** What frames are on show. */ show: readonly string[] }

/**
 * Opens the test VS Code with server and browser; takes four to five minutes. What goes between them is not compressed, as it is not where VS Code runs on a desktop; a browser asks for that,
 * and there a large picture of noise takes longer to pack than to send, so that full sizes are measured both ways.
 */
export async function measurePreviews(bench: Bench): Promise<PreviewFigures> {
  const figures = await inLab(bench, false, async (lab, throttle) => {
    const scrub = await lab.scrub()
    bench.tell('scrubbed\n')
    await lab.warm()
    return { scrub, cost: await lab.cost(), link: await lab.link(throttle) }
  })
  const { fullMs, held } = await inLab(bench, true, (lab) => lab.scrub())
  return { ...figures, packed: { fullMs, held } }
}

async function inLab<T>({ root, scratch, tell, show }: Bench, compression: boolean, use: (lab: Lab, throttle: Throttle) => Promise<T>): Promise<T> {
  const { openWorkbench } = await import(pathToFileURL(join(root, 'test/vscode-host/workbench.mjs')).href) as { openWorkbench: Open }
  const throttle = new Throttle()
  const records = mkdtempSync(join(scratch, 'runs-'))
  const { runFolder } = JSON.parse(execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'sample', '--model', 'emoji', '--steps', '10', '--provider', 'cpu', '--out', join(records, 'cli'), '--json'], { encoding: 'utf8' })) as { runFolder: string }
  writeLargeRun(runFolder, join(records, largeRun))
  const workbench = await openWorkbench({
    settings: {
      'dpmSolver.engine.provider': 'cpu', 'dpmSolver.engine.intraOpThreads': 1, 'dpmSolver.model.path': 'emoji', 'dpmSolver.batchSize': 16, 'dpmSolver.solver.steps': steps, 'dpmSolver.seed.mode': 'fixed',
      'dpmSolver.preview.openOnRun': 'never', 'dpmSolver.preview.show': show, 'dpmSolver.record.folder': records, 'dpmSolver.record.maxDiskMB': 100_000,
    },
    compression,
    through: (port) => throttle.listen(port),
    fill: (folder) => { writeFileSync(join(folder, 'notes.txt'), 'In front of the preview.') },
  })
  try {
    const lab = new Lab(workbench, records, tell)
    await lab.prepare()
    return await use(lab, throttle)
  } catch (error) {
    mkdirSync(join(root, 'artifacts'), { recursive: true })
    await workbench.page.screenshot({ path: join(root, 'artifacts/bench-previews.png') }).catch(() => {})
    throw error
  } finally {
    await workbench.close()
    throttle.close()
  }
}

const pageFrame = 'iframe.webview.ready[src*="extensionId=dpm-solver.dpm-solver"]'

class Lab {
  private readonly panel: FrameLocator

  constructor(private readonly workbench: Workbench, private readonly records: string, private readonly tell: (text: string) => void) {
    this.panel = workbench.panel()
  }

  /** A text and the preview in one group; the preview shows the run that is recorded. */
  async prepare(): Promise<void> {
    const { page } = this.workbench
    const palette = (title: string): Promise<void> => this.workbench.palette(title)
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'notes.txt' }).dblclick()
    await palette('DPM-Solver: Open Preview')
    await this.panel.locator('canvas[data-frame="x"]').waitFor({ timeout: 60_000 })
    await palette('View: Join All Editor Groups')
    await this.show(true)
    await this.panel.locator(`canvas[data-frame="x"][data-row="${rows - 1}"]`).waitFor({ timeout: 60_000 })
  }

  /** A first run loads the model. */
  async warm(): Promise<void> {
    await this.run()
    await this.run()
  }

  private newest(): string {
    return join(this.records, readdirSync(this.records).filter((name) => /^\d/.test(name)).sort().at(-1)!)
  }

  /** Carries out a run; its folder. It is looked for seldom, since that takes a processor too. */
  private async run(): Promise<string> {
    const before = this.newest()
    await this.workbench.palette('DPM-Solver: Generate Sample')
    await until('a run', () => this.newest() !== before && endOf(this.newest()) !== undefined, 200)
    return this.newest()
  }

  private async show(shown: boolean): Promise<void> {
    const { page } = this.workbench
    await page.locator('.tabs-container .tab', shown ? { hasNotText: 'notes.txt' } : { hasText: 'notes.txt' }).click()
    await until(shown ? 'the page' : 'the page to go', async () => (await page.locator(pageFrame).count() > 0) === shown)
    if (shown) await this.panel.locator('canvas[data-frame="x"][data-row]').waitFor({ timeout: 60_000 })
    await sleep(2500) // a page that starts is done with it
  }

  async cost(): Promise<PreviewFigures['cost']> {
    const ms: { shown: number; hidden: number }[] = []
    for (let pair = 0; pair < pairs; pair++) {
      const taken = { shown: 0, hidden: 0 }
      for (const what of pair % 2 === 0 ? ['shown', 'hidden'] as const : ['hidden', 'shown'] as const) {
        await this.show(what === 'shown')
        taken[what] = endOf(await this.run())!.ms
      }
      this.tell(`pair ${pair + 1} of ${pairs}: shown ${taken.shown.toFixed(0)} ms, hidden ${taken.hidden.toFixed(0)} ms\n`)
      ms.push(taken)
    }
    return { pairs, shownMs: median(ms.map(({ shown }) => shown)), hiddenMs: median(ms.map(({ hidden }) => hidden)), ratio: median(ms.map(({ shown, hidden }) => shown / hidden)) }
  }

  async link(throttle: Throttle): Promise<PreviewFigures['link']> {
    await this.show(true)
    const seen = await this.watch()
    throttle.bytesPerSecond = linkRate
    const folder = await this.run()
    const events = readEvents(folder)
    const recorded = events.filter((event): event is RowEvent => event.event === 'row')
    const endedAt = statSync(join(folder, 'events.jsonl')).mtimeMs
    const last = recorded.at(-1)!.row
    await until('the last step', async () => (await seen()).some(({ row, at }) => row === last && at > endedAt - 60_000))
    throttle.bytesPerSecond = Infinity
    /** When a row was complete. */
    const doneAt = recorded.map((_, row) => endedAt - recorded.slice(row + 1).reduce((sum, { ms }) => sum + ms, 0))
    const [width, height] = await Promise.all(['width', 'height'].map(async (side) => Number(await this.panel.locator('canvas[data-frame="x"]').getAttribute(side)))) as [number, number]
    const stepMs = median(recorded.slice(1).map(({ ms }) => ms))
    const transferMs = 1000 * 8 * width * height / linkRate
    const shown = (await seen()).filter(({ at }) => at >= doneAt[0]!)
    const behind = shown.filter(({ row }) => row < last).map(({ row, at }) => doneAt.filter((done) => done <= at).length - 1 - row - transferMs / stepMs)
    return {
      bytesPerSecond: linkRate, steps: last, shown: shown.length, mostBehind: Math.max(0, ...behind), lastMs: shown.find(({ row }) => row === last)!.at - endedAt,
      missing: Array.from({ length: last + 1 }, (_, row) => row).filter((row) => recorded[row]?.row !== row).length,
    }
  }

  /** The rows that the page shows from now on, and when, as Date.now(). */
  private async watch(): Promise<() => Promise<{ row: number; at: number }[]>> {
    const body = this.panel.locator('body')
    await body.evaluate(`(() => { ${watchRows} })()`)
    return () => body.evaluate('window.seenRows')
  }

  /** Goes through the run that is on show from its first row on, as with a key held down, and then rests here and there. */
  async scrub(): Promise<PreviewFigures['scrub']> {
    const { page } = this.workbench
    const body = this.panel.locator('body')
    const fetched = async (): Promise<void> => {
      let before = -1
      await until('end of fetching', async () => before === (before = await body.evaluate('window.scrubLog.came.length')), 2000)
    }
    await body.evaluate(`(() => { ${watchScrubbing} })()`)
    await fetched()
    await this.panel.locator('#timeline').focus()
    await page.keyboard.press('Home')
    await until('the first row', async () => await this.panel.locator(`canvas[data-frame="x"][data-row="0"][width="${size}"]`).count() === 1)
    await fetched()
    await body.evaluate('void (window.scrubLog.presses.length = 0)')
    const press = async (key: string, count: number): Promise<void> => {
      for (let i = 0, next = performance.now(); i < count; i++, next += repeatMs) {
        await sleep(Math.max(0, next - performance.now()))
        await page.keyboard.press(key)
      }
    }
    await press('ArrowRight', rows - 1)
    for (let rest = 0; rest < rests; rest++) {
      await sleep(700)
      await press('ArrowLeft', (rows - 1) / rests | 0)
    }
    await sleep(1000)
    const { came, shown, whole, presses: pressed }: ScrubLog = await body.evaluate('window.scrubLog')
    const presses = pressed.map((press) => ({ ...press, held: !came.some(({ row, at }) => row === press.row && at >= press.at) }))
    // A picture counts until the next key. Of one that is held and was passed no less than that time is known.
    const times = (of: boolean): number[] => presses.flatMap(({ row, at, held }, i) => {
      if (held !== of) return []
      const until = presses[i + 1]?.at ?? Infinity
      const drawn = shown.find((one) => one.row === row && one.at >= at && one.at < until)
      return drawn ? [drawn.at - at] : held ? [until - at] : []
    })
    // The last key before each rest.
    const resting = presses.filter(({ at }, i) => (presses[i + 1]?.at ?? Infinity) - at > 500)
    const full = resting.flatMap(({ row, at }) => whole.filter((one) => one.row === row && one.at >= at).slice(0, 1).map((one) => one.at - at))
    return { rows, held: percentiles(times(true)), fetched: percentiles(times(false)), skipped: presses.length - times(true).length - times(false).length, fullMs: percentiles(full) }
  }
}

interface ScrubLog { presses: { row: number; at: number }[]; came: { row: number; at: number }[]; shown: { row: number; at: number }[]; whole: { row: number; at: number }[] }

function percentiles(values: number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) }
}

/** A run folder of `rows` rows of 512×512 in colour, made of another's description. */
export function writeLargeRun(from: string, folder: string): void {
  const document = parseJson(readFileSync(join(from, 'run.json'), 'utf8')) as RunDocument
  const shape: RunDocument['shape'] = [1, 3, size, size]
  const values = 3 * size * size
  const rowBytes = 8 * values
  const { levels, steps: planned } = document.plan
  const each = Array.from({ length: rows }, (_, row) => Math.min(levels.length - 1, Math.floor(row * levels.length / rows)))
  const large: RunDocument = {
    ...document, id: largeRun, shape, states: { ...document.states, rowBytes }, labels: document.labels?.slice(0, 1) ?? null, seeds: document.seeds.slice(0, 1),
    recipe: { ...document.recipe, noise: { ...document.recipe.noise, batch: 1 } },
    plan: { ...document.plan, levels: each.map((row) => levels[row]!), steps: each.slice(1).map((row) => planned[Math.min(planned.length - 1, row)]!) },
  }
  mkdirSync(folder)
  writeFileSync(join(folder, 'run.json'), stringifyJson(large))
  const events = readEvents(from).filter((event): event is RowEvent => event.event === 'row')
  const lines: RunEvent[] = each.map((level, row) => ({ ...events[Math.min(events.length - 1, level)]!, row, offset: row % states * rowBytes, estimateFrom: row }))
  writeFileSync(join(folder, 'events.jsonl'), [...lines, { event: 'end', outcome: 'finished', rows, evaluations: rows - 1, ms: 1000 } satisfies EndEvent].map((line) => `${stringifyJson(line)}\n`).join(''))
  const random = Float32Array.from({ length: 2 * values }, (_, i) => Math.sin(i * 12.9898) * 1.5)
  writeFileSync(join(folder, 'states.f32'), Buffer.concat(Array.from({ length: states }, (_, row) => Buffer.from(random.map((value, i) => row % 2 === 0 ? value : -random[i]!).buffer))))
}

function readEvents(folder: string): RunEvent[] {
  return readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n').map((line) => parseJson(line) as RunEvent)
}

function endOf(folder: string): EndEvent | undefined {
  try { return readEvents(folder).find((event) => event.event === 'end') } catch { return undefined } // not begun, or half a line
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

async function until(what: string, is: () => boolean | Promise<boolean>, every = 20): Promise<void> {
  for (const end = Date.now() + 120_000; !await is(); await sleep(every)) if (Date.now() > end) throw new Error(`no ${what}`)
}

export function previewsInWords({ cost, scrub, packed, link }: PreviewFigures): string {
  const line = (name: string, { count, p50, p95 }: Percentiles, limit: string): string => [name.padEnd(44), String(count).padStart(5), p50.toFixed(1).padStart(9), p95.toFixed(1).padStart(9), limit].join(' ')
  return [
    `run of ${steps} steps, emoji, batch 16, one thread: shown ${cost.shownMs.toFixed(0)} ms, hidden ${cost.hiddenMs.toFixed(0)} ms; ratio ${cost.ratio.toFixed(3)} (median of ${cost.pairs} pairs; at most 1.03)`, '',
    `${scrub.rows} recorded rows of ${size}×${size}, ms                count       p50       p95`,
    line('key to picture, held in the page', scrub.held, '  p95 at most 16.7'), line('key to picture, fetched', scrub.fetched, ''), line('rest to full size', scrub.fullMs, '  at most 250'),
    line('in a browser: key to picture, held', packed.held, ''), line('in a browser: rest to full size', packed.fullMs, ''), `passed before their picture came ${scrub.skipped}`, '',
    `link of ${(link.bytesPerSecond / 1e6).toFixed(0)} MB/s, ${link.steps} steps: ${link.shown} shown, at most ${link.mostBehind.toFixed(1)} steps behind what fits (at most 2), last step ${link.lastMs.toFixed(0)} ms after the end (at most 500), ${link.missing} missing from the recording`, '',
  ].join('\n')
}
