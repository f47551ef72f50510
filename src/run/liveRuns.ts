import { readdir } from 'node:fs/promises'
import type { Recipe } from '../recipe/recipe'
import { reportOf } from '../sampler/errors'
import { deleteRun, recordedFiles } from './runList'
import type { Job, Log, RunSummary } from './runner'
import { isUseMark } from './useMarks'

/** Of a run that samples while its recipe is being changed. `overtaken`: its result is not wanted any more, a newer recipe's is. */
export interface Live { overtaken: boolean }

export interface LiveRunsParts {
  /** A run that somebody asked for goes or waits: it comes first. */
  busy(): boolean
  /** The run of a recipe; undefined where it cannot be made, which the form says. */
  job(recipe: Recipe, live: Live): Job | undefined
  /** Resolves when the run has ended, however. */
  work(job: Job): Promise<RunSummary | undefined>
  /** Stops the going run before its next evaluation. */
  stop(): void
  /** Somebody has a use for the run, here or in another window: it stays. */
  held(folder: string): Promise<boolean>
  /** Runs that nobody needs any more are gone from the disk. */
  removed(runIds: string[]): void
  log: Log
}

/**
 * Runs while a recipe is being changed: one at a time, and of several recipes that come meanwhile the newest. A run that is overtaken leaves nothing behind, and
 * the result before goes when there is a newer one, so that of a whole movement of the hand one run is kept: the last.
 */
export class LiveRuns {
  private newest: Recipe | undefined
  private going: Live | undefined
  private working = false
  /** What ran since somebody asked for a run by itself. */
  private before: RunSummary[] = []

  constructor(private readonly parts: LiveRunsParts) {}

  /** The newest recipe. A run of an older one is stopped for it. */
  ask(recipe: Recipe): void {
    if (!this.going && this.parts.busy()) return
    this.newest = recipe
    if (this.working) this.overtake()
    else this.workOn().catch((error: unknown) => { this.parts.log.warn(`a live run ended: ${reportOf(error).message}`) })
  }

  /** A run was asked for by itself: nothing waits that nobody will look at, and the last result stays. */
  giveWay(): void {
    this.newest = undefined
    this.before = []
    this.overtake()
  }

  private overtake(): void {
    if (!this.going || this.going.overtaken) return
    this.going.overtaken = true
    this.parts.stop()
  }

  private async workOn(): Promise<void> {
    this.working = true
    try { await this.workThrough() } finally { this.working = false }
  }

  private async workThrough(): Promise<void> {
    for (;;) {
      const recipe = this.newest
      this.newest = undefined
      const live: Live = { overtaken: false }
      const job = recipe && !this.parts.busy() ? this.parts.job(recipe, live) : undefined
      if (!job) break
      this.going = live
      const summary = await this.parts.work(job).finally(() => { this.going = undefined })
      if (!summary) continue
      // The run before is on show again where this one was overtaken, and where it could not begin.
      if (live.overtaken) await this.remove([summary])
      else {
        const before = this.before
        this.before = summary.outcome === 'finished' ? [summary] : [...before, summary]
        if (summary.outcome === 'finished') await this.remove(before)
      }
    }
  }

  /** What somebody has named, pinned or looked at by itself since is theirs. */
  private async remove(runs: readonly RunSummary[]): Promise<void> {
    const removed: string[] = []
    for (const { folder, runId } of runs) {
      try {
        const names = await readdir(folder).catch((): string[] => [])
        if (await this.parts.held(folder) || !names.every((name) => recordedFiles.has(name) || isUseMark(name))) continue
        await deleteRun(folder)
        removed.push(runId)
      } catch (error) { this.parts.log.warn(`run ${runId}, which was overtaken, could not be removed: ${reportOf(error).message}`) }
    }
    if (runs.length > 0) this.parts.removed(removed)
  }
}
