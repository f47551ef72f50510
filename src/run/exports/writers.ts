import { Apng } from '../../formats/apng'
import { csv } from '../../formats/csv'
import { Gif } from '../../formats/gif'
import { largestNpz, npzBytes, type NpzArray } from '../../formats/npz'
import { encodePng } from '../../formats/png'
import { spaceOfRun } from '../../protocol/latentSpace'
import { stringifyJson } from '../../protocol/json'
import type { PreviewMethod, RowEvent } from '../../protocol/run'
import { contactSheet } from '../../render/contactSheet'
import { enlarged, grid, onPaper, withEvenSides } from '../../render/pictures'
import { isPlane, type RgbaPixels } from '../../render/pixels'
import { DpmError } from '../../sampler/errors'
import { t } from '../../sampler/text'
import type { Exporting, Pieces } from './exportRun'
import type { ExportKindName } from './kinds'
import { shownState } from '../frames'
import { readImage } from '../image'
import { drawPlot } from '../plot'
import { pngTexts } from '../pngText'
import { recordingHeader } from '../recording'
import { keptRows, readState, type StoredRun } from '../store'

/** Where a writer puts its bytes: into its one file, or into files of its folder by name. */
export interface Target { write: (name: string, pieces: Pieces) => Promise<void> }
type Writer = (run: StoredRun, target: Target, exporting: Exporting) => Promise<void>

/** Pictures of animations are enlarged until their longer side is about this, in pixels. */
const animationSize = 256
const gap = 4
/** Of a video, in pixels. */
const shortestSide = 16
/** How long a step is shown, and the result, in ms. */
const stepMs = 125
const lastMs = 2000
/** Pixels of a contact sheet. */
const mostPixels = 2 ** 25

export const writers: Record<ExportKindName, Writer> = {
  async pngSequence(run, { write }, exporting) {
    const digits = String(run.rows.length - 1).length
    for (const row of each(run, exporting)) {
      for (const what of ['x', 'x0'] as const) {
        await write(`${what}-${String(row.row).padStart(digits, '0')}.png`, [await readImage(run, row, what, run.rows, exporting.metadata, exporting.method)])
      }
    }
  },

  async apng(run, { write }, exporting) {
    const animation = new Apng(pngTexts(run.document, run.rows.at(-1)!, 'both', exporting.metadata, { space: spaceOfRun(run.document, exporting.method) }))
    for (const row of each(run, exporting)) animation.add(await pair(run, row, exporting.method), durationOf(row, run))
    if (!exporting.signal.aborted) await write('', [animation.bytes()])
  },

  async gif(run, { write }, exporting) {
    const gif = new Gif()
    for (const row of each(run, exporting)) gif.add(onPaper(await pair(run, row, exporting.method), 0), durationOf(row, run))
    if (!exporting.signal.aborted) await write('', [gif.bytes()])
  },

  async webm(run, { write }, exporting) {
    const { video } = exporting
    if (!video) throw new DpmError({ reason: 'outputFile', message: t('WebM is encoded by the preview page, in VS Code.'), advice: t('Choose an animated PNG or a GIF.') })
    await write('', (async function* () {
      let begun = false
      for (const row of each(run, exporting)) {
        const { width, height, rgba } = forVideo(await pair(run, row, exporting.method))
        if (!begun) yield* await video.begin(width, height)
        begun = true
        yield* await video.add(rgba, durationOf(row, run))
      }
      if (!exporting.signal.aborted) yield* await video.end()
    })())
  },

  async contactSheet(run, { write }, exporting) {
    const columns: RgbaPixels[] = []
    for (const row of each(run, exporting)) {
      columns.push(await column(run, row, exporting.method))
      checkPixels(columns[0]!.width * columns[0]!.height * keptRows(run).length, t('the contact sheet'))
    }
    if (exporting.signal.aborted) return
    const sheet = grid(columns, columns.length, 1)
    const image = { width: sheet.width, height: sheet.height, channels: 4 as const, data: sheet.rgba }
    await write('', [encodePng(image, pngTexts(run.document, run.rows.at(-1)!, 'x0', exporting.metadata, { space: spaceOfRun(run.document, exporting.method) }))])
  },

  async npz(run, { write }, exporting) {
    const { document } = run
    const rows = keptRows(run)
    const bytes = rows.length * document.states.rowBytes
    if (bytes > largestNpz * 0.99) throw tooLarge(t('the .npz file'), t('Export a recorded run (.dpmrun) instead: NumPy reads it with the safetensors package.'))
    const states = (name: string, what: 'x' | 'x0'): NpzArray => ({ name, type: '<f4', shape: [rows.length, ...document.shape], chunks: chunks(run, what, exporting) })
    const column = (name: string, type: '<f8' | '<i4', of: (row: RowEvent) => number): NpzArray => {
      const values = type === '<f8' ? Float64Array.from(rows, of) : Int32Array.from(rows, of)
      return { name, type, shape: [rows.length], chunks: [new Uint8Array(values.buffer)] }
    }
    const json = new TextEncoder().encode(stringifyJson(document))
    await write('', npzBytes([
      states('x', 'x'), states('x0', 'x0'),
      column('t', '<f8', ({ level }) => level.t), column('alpha', '<f8', ({ level }) => level.alpha), column('sigma', '<f8', ({ level }) => level.sigma), column('lambda', '<f8', ({ level }) => level.lambda),
      column('row', '<i4', ({ row }) => row), column('order', '<i4', ({ order }) => order), column('evaluations', '<i4', ({ evaluations }) => evaluations), column('ms', '<f8', ({ ms }) => ms),
      { name: 'run_json', type: '|u1', shape: [json.length], chunks: [json] },
    ]))
  },

  async dpmrun(run, { write }, exporting) {
    let header: Uint8Array
    try { header = recordingHeader(run) } catch (error) { throw tooLarge(t('the header of the file'), t('Export the arrays (.npz) instead.'), error) }
    await write('', (async function* () {
      yield header
      for (const row of each(run, exporting)) for (const what of ['x', 'x0'] as const) yield bytesOf(await readState(run, row, what))
    })())
  },

  async csv(run, { write }) {
    const statistics = ['min', 'max', 'mean', 'std', 'clipped', 'nonFinite'] as const
    const header = ['step', 't', 'lambda', 'alpha', 'sigma', 'order', 'evaluations', 'ms', 'estimate_from', ...statistics.map((name) => `x_${name}`), ...statistics.map((name) => `x0_${name}`)]
    const lines = run.rows.map(({ row, level, order, evaluations, ms, estimateFrom, x, x0 }) => [
      row, level.t, level.lambda, level.alpha, level.sigma, order, evaluations, ms, estimateFrom, ...statistics.map((name) => x[name]), ...statistics.map((name) => x0[name]),
    ])
    await write('', [new TextEncoder().encode(csv(header, lines))])
  },
}

/** The rows whose states are there one after another, until it is cancelled; each is told of when the next is asked for. */
function* each(run: StoredRun, { progress, signal }: Exporting): Generator<RowEvent> {
  const rows = keptRows(run)
  for (const [done, row] of rows.entries()) {
    if (signal.aborted) return
    progress(done, rows.length)
    yield row
  }
  progress(rows.length, rows.length)
}

/** One tensor of every row; the rows are gone through for each, so that an array need not be held. */
async function* chunks(run: StoredRun, what: 'x' | 'x0', { progress, ...rest }: Exporting): AsyncGenerator<Uint8Array> {
  const half = (done: number, of: number): void => { progress(what === 'x' ? done / 2 : (of + done) / 2, of) }
  for (const row of each(run, { ...rest, progress: half })) yield bytesOf(await readState(run, row, what))
}

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** x_t beside x̂₀, large enough to be seen. */
async function pair(run: StoredRun, row: RowEvent, method: PreviewMethod): Promise<RgbaPixels> {
  const both = isPlane(run.document.shape)
    ? await Promise.all((['x', 'x0'] as const).map((what) => drawPlot(run, run.rows.slice(0, row.row + 1), what)))
    : await Promise.all((['x', 'x0'] as const).map(async (what) => { const { values, shape } = await shownState(run, row, what, method); return contactSheet(values, shape, animationSize) }))
  const factor = Math.max(1, Math.floor(animationSize / Math.max(both[0]!.width, both[0]!.height)))
  return grid(both.map((picture) => enlarged(picture, factor)), 2, gap)
}

/** One step of a contact sheet: x̂₀ of every image of the batch, one under the other. */
async function column(run: StoredRun, row: RowEvent, method: PreviewMethod): Promise<RgbaPixels> {
  if (isPlane(run.document.shape)) return drawPlot(run, run.rows.slice(0, row.row + 1), 'x0')
  const { values, shape: [batch, channels, height, width] } = await shownState(run, row, 'x0', method)
  const size = channels * height * width
  return grid(Array.from({ length: batch }, (_, k) => contactSheet(values.subarray(k * size, (k + 1) * size), [1, channels, height, width])), 1, 1)
}

/** What encoders take and players show: sides that are even, and no shorter than those of a block. */
function forVideo(picture: RgbaPixels): RgbaPixels {
  return withEvenSides(enlarged(onPaper(picture, 0), Math.ceil(shortestSide / Math.min(picture.width, picture.height))))
}

const durationOf = ({ row }: RowEvent, { rows }: StoredRun): number => row === rows.length - 1 ? lastMs : stepMs

function checkPixels(pixels: number, what: string): void {
  if (pixels > mostPixels) throw tooLarge(what, t('Export a PNG sequence instead.'))
}

function tooLarge(what: string, advice: string, cause?: unknown): DpmError {
  return new DpmError({ reason: 'outputFile', message: t('This run is too long for one file: {0} would be too large.', what), advice }, { cause })
}
