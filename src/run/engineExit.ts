import { join } from 'node:path'
import { engineProtocol, type RunBegan, type RunLoading, type RunRows, type StartRun } from '../protocol/engine'
import { spentMs } from '../protocol/progress'
import type { EndEvent, RunDocument } from '../protocol/run'
import type { ChildExit } from '../protocol/transports'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import type { RunEvents } from './engineClient'
import { keepFresh } from './fresh'
import { appendEnd, openRun } from './store'

/** What is known here of the run that the engine works on. */
export class GoingRun {
  private document: RunDocument | undefined
  /** How many of its rows whoever listens has. */
  private known = 0
  private timer: NodeJS.Timeout | undefined
  private leave: () => void = () => {}

  constructor(private readonly start: StartRun, private readonly on: RunEvents) {}

  get runId(): string { return this.start.runId }

  loading(event: RunLoading): void { if (event.runId === this.runId) this.on.loading?.(event) }

  began(event: RunBegan): void {
    if (event.runId !== this.runId) return
    this.document = event.document
    this.known = event.rows ?? 0
    this.leave = keepFresh(join(this.start.folder, 'events.jsonl'))
    this.on.began?.(event)
  }

  rows(event: RunRows): void {
    if (event.runId !== this.runId) return
    // close() hands over all that are stored, those that were told of before as well.
    const rows = event.rows.filter(({ row }) => row >= this.known)
    this.known += rows.length
    if (rows.length > 0) this.on.rows?.({ ...event, rows })
  }

  /** How far it is, for a sentence. */
  get place(): string {
    if (!this.document) return t('while the model was loading')
    const { length } = this.document.plan.steps
    return t('during step {0} of {1}', Math.min(this.known, length), length)
  }

  onOverdue(ms: number, action: () => void): void { this.timer ??= setTimeout(action, ms) }

  over(): void {
    clearTimeout(this.timer)
    this.leave()
  }

  /** Tells of the beginning and the rows that the engine recorded and did not come to tell of, and writes the end line that the engine did not come to: failed with `error`, or stopped. A run that had not begun has no folder and is not written; one that had not been gone on with rejects with the error. */
  async close(error: DpmError | undefined): Promise<EndEvent> {
    const { folder, resume } = this.start
    const stored = await openRun(folder).catch(() => undefined)
    const before = resume ? resume.last.row + 1 : undefined
    // The message that it had begun may be lost with the engine. One that was gone on with shows that by its new rows alone.
    const hadBegun = !this.document && stored?.document.id === this.runId && (before === undefined || stored.rows.length > before)
    if (hadBegun) this.began({ runId: this.runId, document: stored.document, loadMs: null, ...(before === undefined ? {} : { rows: before }) })
    // A run that was to be gone on with, and was not yet, is as it was.
    if (resume && !this.document && error) throw error
    // Rows come in batches: the last of them may be recorded alone, and where not all states are kept that of the row before is written over.
    if (this.document && stored) this.rows({ runId: this.runId, rows: stored.rows })
    if (stored?.end) return stored.end
    const rows = stored?.rows ?? []
    const end: EndEvent = {
      event: 'end', outcome: error ? 'failed' : 'stopped', rows: rows.length, evaluations: rows.at(-1)?.evaluations ?? 0, ms: spentMs(rows),
      ...(error ? { error: error.report() } : {}),
    }
    if (stored) await appendEnd(folder, end).catch(() => {}) // a disk that is full, say: the rows are read without it
    return end
  }
}

/** Signals and exit codes (128 + signal, as shells report them) that a process ends with when memory is refused: the kernel's killer, the allocator's trap, abort. */
const memory = new Set(['SIGKILL', 'SIGTRAP', 'SIGABRT', 133, 134, 137])

/** Why the engine is gone, in one sentence. `lastWords`: the last error it printed. */
export function exitError({ code, signal, error }: ChildExit, enginePath: string, run: GoingRun | undefined, lastWords: string | undefined): DpmError {
  const restart = { title: t('Restart Engine'), command: 'restartEngine' } as const
  if (error) {
    return new DpmError({ reason: 'engineExited', message: t('The engine process could not be started from {0}: {1}.', enginePath, error.message), advice: t('Install the extension again.'), remedy: { title: t('Show Log'), command: 'showLog' } }, { cause: error })
  }
  const how = signal ?? t('code {0}', String(code))
  const said = code === 1 && lastWords !== undefined ? lastWords.slice(0, 200) : undefined
  const message = run ? said === undefined ? t('The engine process exited ({0}) {1}.', how, run.place) : t('The engine process exited ({0}) {1}, saying “{2}”.', how, run.place, said)
    : said === undefined ? t('The engine process exited ({0}).', how) : t('The engine process exited ({0}), saying “{1}”.', how, said)
  return new DpmError({
    reason: 'engineExited', message,
    advice: memory.has(signal ?? code ?? 0) ? t('It may have run out of memory, or was ended from outside: run again, with a smaller batch if it happens twice.') : t('Run again; the log has what the engine printed.'),
    remedy: run ? { title: t('Run Again'), command: 'runAgain' } : restart,
  }, { cause: signal })
}

/** That it was ended from here. */
export function endedError(): DpmError {
  return new DpmError({ reason: 'engineExited', message: t('The engine process was ended.'), advice: t('The next run starts a new one.') })
}

export function mismatch(got: unknown): DpmError {
  return new DpmError({
    reason: 'engineProtocol', message: t('The engine speaks version {0} of its protocol, and this host version {1}.', String(got), engineProtocol),
    advice: t('Reload the window so that both sides are of one version.'), remedy: { title: t('Restart Engine'), command: 'restartEngine' },
  })
}
