import { Signal } from './signal'

/** Recorded runs that somebody has a use for, such as a panel that shows them: neither limits nor newer results remove them. They are known by their folders. One may be held several times. */
export class HeldRuns {
  readonly changed = new Signal<void>()
  private readonly counts = new Map<string, number>()

  /** Until what is returned is disposed of, once. */
  hold(folder: string): { dispose(): void } {
    this.counts.set(folder, (this.counts.get(folder) ?? 0) + 1)
    this.changed.fire()
    return {
      dispose: () => {
        const left = this.counts.get(folder)! - 1
        if (left > 0) this.counts.set(folder, left)
        else this.counts.delete(folder)
        this.changed.fire()
      },
    }
  }

  has(folder: string): boolean { return this.counts.has(folder) }
  get all(): Iterable<string> { return this.counts.keys() }
}
