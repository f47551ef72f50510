import { Signal } from './signal'

/** Recorded runs that somebody has a use for, such as a panel that shows them: neither limits nor newer results remove them. One may be held several times. */
export class HeldRuns {
  readonly changed = new Signal<void>()
  private readonly counts = new Map<string, number>()

  /** Until what is returned is disposed of, once. */
  hold(runId: string): { dispose(): void } {
    this.counts.set(runId, (this.counts.get(runId) ?? 0) + 1)
    this.changed.fire()
    return {
      dispose: () => {
        const left = this.counts.get(runId)! - 1
        if (left > 0) this.counts.set(runId, left)
        else this.counts.delete(runId)
        this.changed.fire()
      },
    }
  }

  has(runId: string): boolean { return this.counts.has(runId) }
  get all(): Iterable<string> { return this.counts.keys() }
}
