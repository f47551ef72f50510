import type { Answer, Question } from '../protocol/inspect'
import type { PreviewMethod, RowEvent, RowStates } from '../protocol/run'
import { isKept, lastKept } from '../protocol/keptRows'
import { isGoing, smallFrame, type RunView, type ToPage } from '../protocol/view'
import { isPlane } from '../render/pixels'
import { inspection } from '../run/inspection/door'
import type { Log } from '../run/runner'
import { readStates, type Recorded } from '../run/store'
import { DpmError, reportOf, type ErrorReport } from '../sampler/errors'

const thumbnailSize = 48
/** States that are sent at once, unless one row alone is more. */
const mostStateBytes = 2 ** 26

export interface PageAnswersParts {
  /** A recorded row of the run that the page shows, and whether its states are there (absent: they are); undefined for another run or row. */
  recorded(runId: string, row: number): { run: Recorded; row: RowEvent; kept?: boolean } | undefined
  post(message: ToPage): void
  /** How pictures are made of states, by the settings. */
  method(): PreviewMethod
  /** The first row of a run that could not be read; the others are in the log. */
  unreadable(error: ErrorReport): void
  log: Log
}

interface Asked { runId: string; question: Question }

/** Answers a page's questions for pixels of recorded rows. */
export class PageAnswers {
  /** The run of which a row could not be read, told once. */
  private told: string | undefined
  /** The newest question of each kind that is being answered, where another came since. */
  private readonly waiting = new Map<Question['of'], Asked | undefined>()

  constructor(private readonly parts: PageAnswersParts) {}

  async frames(runId: string, row: number, small?: true): Promise<void> {
    const recorded = this.parts.recorded(runId, row)
    if (!recorded) return
    const frames = recorded.kept === false ? null : await this.asMade((method) => inspection().readFrames(recorded.run, recorded.row, method, small ? smallFrame : undefined)).catch((error: unknown) => {
      this.tell(runId, error)
      return null
    })
    this.parts.post({ type: 'frame', runId, live: false, row, frames, ...small ? { small } : {} })
  }

  /** To a page that begins while its run goes on: the newest pictures, in small, since it may show others and the run goes first. Those that the engine sends may be long in coming. */
  async newest(run: RunView | null | undefined): Promise<void> {
    if (!run?.document || !isGoing(run) || run.rows.length === 0 || this.parts.method() === 'off' || isPlane(run.document.shape)) return
    const row = lastKept(run.document, run.rows.length, true)
    if (isKept(run.document, row, -1)) await this.frames(run.runId, row, true)
  }

  async thumbnails(runId: string, rows: readonly number[]): Promise<void> {
    const method = this.parts.method()
    const thumbnails: Extract<ToPage, { type: 'thumbnails' }>['thumbnails'] = []
    const failed: number[] = []
    // One after the other: states may be large.
    for (const { run, row, kept } of rows.flatMap((one) => this.parts.recorded(runId, one) ?? [])) {
      if (kept === false) { failed.push(row.row); continue }
      try {
        thumbnails.push(...await inspection().readThumbnails(run, [row], method, thumbnailSize))
      } catch (error) {
        this.parts.log.warn(reportOf(error).message)
        failed.push(row.row)
      }
    }
    if (method !== this.parts.method()) return this.thumbnails(runId, rows)
    if (thumbnails.length + failed.length > 0) this.parts.post({ type: 'thumbnails', runId, size: thumbnailSize, thumbnails, failed })
  }

  async states(runId: string, rows: readonly number[]): Promise<void> {
    const recorded = rows.flatMap((row) => this.parts.recorded(runId, row) ?? [])
    const [first] = recorded
    if (!first || !isPlane(first.run.document.shape)) return // others are shown by their pictures, and are larger
    const states: RowStates[] = []
    const failed = recorded.filter(({ kept }) => kept === false).map(({ row }) => row.row)
    // The page asks again for what is missing.
    const answered = recorded.filter(({ kept }) => kept !== false).slice(0, Math.max(1, Math.floor(mostStateBytes / first.run.document.states.rowBytes)))
    for (const [i, read] of (await readStates(first.run, answered.map(({ row }) => row))).entries()) {
      if (!(read instanceof DpmError)) { states.push(read); continue }
      this.parts.log.warn(read.message)
      failed.push(answered[i]!.row.row)
    }
    this.parts.post({ type: 'states', runId, states, failed })
  }

  /** Answers a question; null where it has no answer. While one is being answered the newest of its kind waits, and takes the place of an older one. */
  async inspect(runId: string, question: Question): Promise<void> {
    const { of } = question
    const busy = this.waiting.has(of)
    this.waiting.set(of, { runId, question })
    if (busy) return
    for (let next = this.waiting.get(of); next; next = this.waiting.get(of)) {
      this.waiting.set(of, undefined)
      const answer = await this.answerTo(next)
      if (answer !== undefined) this.parts.post({ type: 'inspected', ...next, answer })
    }
    this.waiting.delete(of)
  }

  /** undefined for a run that is not on show: it may be again, and then the question is asked anew. */
  private async answerTo({ runId, question }: Asked): Promise<Answer | null | undefined> {
    const first = this.parts.recorded(runId, 0)
    if (!first) return undefined
    const unreadable = (error: unknown): void => { this.tell(runId, error) }
    try {
      return await inspection().answer({ run: first.run, row: (index) => this.parts.recorded(runId, index)?.row, isKept: (index) => this.parts.recorded(runId, index)?.kept !== false, unreadable }, question)
    } catch (error) {
      if (error instanceof RangeError) this.parts.log.warn(`the page asked for the ${question.of} of ${error.message}`)
      else unreadable(error)
      return null
    }
  }

  /** Reads pictures as they are to be made now: the page must not get old ones after it was told of another way. */
  private async asMade<T>(read: (method: PreviewMethod) => Promise<T>): Promise<T> {
    const method = this.parts.method()
    const made = await read(method)
    return method === this.parts.method() ? made : this.asMade(read)
  }

  private tell(runId: string, error: unknown): void {
    const report = reportOf(error)
    if (this.told === runId) this.parts.log.warn(report.message)
    else this.parts.unreadable(report) // one row is reason enough to tell of the run
    this.told = runId
  }
}
