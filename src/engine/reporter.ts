import type { RunRows, StartRun } from '../protocol/engine'
import type { FramePair, RowEvent, RunDocument } from '../protocol/run'
import { contactSheet } from '../render/contactSheet'

/** Rows closer together than this travel in one message: a message costs as much as a small model's evaluation takes to be seen. */
const flushMs = 8

/**
 * Tells the host of rows: the first at once, then in batches. Pixels go with the newest row of a batch, and only while the client owes no
 * acknowledgement for an earlier pair, so that a slow client gets fewer pictures and never a backlog.
 */
export class Reporter {
  private rows: RowEvent[] = []
  private flushed = -Infinity
  private timer: NodeJS.Timeout | undefined
  private unacknowledged: number | undefined
  private framed = -Infinity

  constructor(
    private readonly runId: string, private readonly preview: StartRun['preview'], private readonly shape: RunDocument['shape'], private readonly send: (rows: RunRows) => void,
    private readonly now = (): number => performance.now(),
  ) {}

  row(row: RowEvent, x: Float32Array, x0: Float32Array, last: boolean): void {
    this.rows.push(row)
    const due = last || this.now() - this.flushed >= flushMs
    if (due) this.flush(this.frames(row.row, x, x0, last))
    else this.timer ??= setTimeout(() => { this.flush() }, flushMs)
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

  /** Drawn at once: the sampler goes on in the same arrays. */
  private frames(row: number, x: Float32Array, x0: Float32Array, last: boolean): FramePair | undefined {
    if (!this.preview || this.unacknowledged !== undefined || (row - this.framed < this.preview.every && !last)) return undefined
    this.framed = row
    this.unacknowledged = row
    const { width, height, rgba } = contactSheet(x, this.shape, this.preview.maxSize)
    return { row, width, height, x: rgba, x0: contactSheet(x0, this.shape, this.preview.maxSize).rgba }
  }
}
