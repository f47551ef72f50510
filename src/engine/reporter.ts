import type { RunRows, StartRun } from '../protocol/engine'
import { spaceOfRun } from '../protocol/latentSpace'
import type { FramePair, RowEvent, RunDocument } from '../protocol/run'
import { contactSheet } from '../render/contactSheet'
import { shown } from '../render/latents'
import { isPlane, type RgbaPixels } from '../render/pixels'

/** Rows closer together than a screen shows travel in one message: sending one takes a tenth of a small network's evaluation. */
const flushMs = 20
/** Pictures may take this share of the time, … */
const pictureShare = 0.01
/** … but need not be further apart than this: every step that takes as long has its picture, whatever drawing costs. */
const pictureMs = 50

/**
 * Tells the host of rows: the first at once, then in batches. Pixels go with the newest row of a batch, and only while the client owes no
 * acknowledgement for an earlier pair, so that a slow client gets fewer pictures and never a backlog. A client that missed the last picture reads it from the run folder.
 */
export class Reporter {
  private rows: RowEvent[] = []
  private flushed = -Infinity
  private timer: NodeJS.Timeout | undefined
  private unacknowledged: number | undefined
  private framed = -Infinity
  private picturesFrom = -Infinity

  constructor(
    private readonly runId: string, private readonly preview: StartRun['preview'], private readonly document: Pick<RunDocument, 'shape'> & { model: Pick<RunDocument['model'], 'latents'> },
    private readonly send: (rows: RunRows) => void, private readonly now = (): number => performance.now(),
  ) {}

  row(row: RowEvent, x: Float32Array, x0: Float32Array, last: boolean): void {
    this.rows.push(row)
    const began = this.now()
    if (!last && began - this.flushed < flushMs) {
      this.timer ??= setTimeout(() => { this.flush() }, flushMs)
      return
    }
    const frames = this.framesDue(row.row, began, last) ? this.draw(row, x, x0) : undefined
    this.flush(frames)
    const ended = this.now()
    if (frames) this.picturesFrom = ended + Math.min((ended - began) / pictureShare, pictureMs)
  }

  acknowledge(row: number): void {
    if (this.unacknowledged !== undefined && row >= this.unacknowledged) this.unacknowledged = undefined
  }

  /** Sends what waits. */
  flush(frames?: FramePair): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.rows.length === 0) return
    this.send({ runId: this.runId, rows: this.rows, ...(frames ? { frames } : {}) })
    this.rows = []
    this.flushed = this.now()
  }

  private framesDue(row: number, now: number, last: boolean): boolean {
    if (!this.preview || this.unacknowledged !== undefined) return false
    return last || (row - this.framed >= this.preview.every && now >= this.picturesFrom)
  }

  /** At once: the sampler goes on in the same arrays. */
  private draw({ row, level, lanes }: RowEvent, x: Float32Array, x0: Float32Array): FramePair {
    this.framed = row
    this.unacknowledged = row
    const { document, preview } = this
    const { shape } = document
    const space = spaceOfRun(document, preview?.method ?? 'auto')
    const [{ width, height, rgba }, estimate] = [shown(x, shape, space, lanes?.map((lane) => lane.level) ?? [level]), shown(x0, shape, space)].map((one) => contactSheet(one.values, one.shape, preview?.maxSize)) as [RgbaPixels, RgbaPixels]
    const frames = { row, width, height, x: rgba, x0: estimate.rgba }
    return isPlane(shape) ? { ...frames, states: { row, x: x.slice(), x0: x0.slice() } } : frames
  }
}
