import type { Clock } from './clock'

/** Lets go of something that has not been in use for a while. */
export class Idle {
  private users = 0
  private cancel: () => void = () => {}

  /** @param minutes after which `unused` is called; 0: never. Read whenever something is not in use any more. */
  constructor(private readonly minutes: () => number, private readonly unused: () => void, private readonly clock: Clock) {}

  /** It is in use until `work` is settled, whose promise is returned. */
  during<T>(work: Promise<T>): Promise<T> {
    this.users++
    this.cancel()
    return work.finally(() => {
      this.users--
      this.count()
    })
  }

  /** Counts from now on: the minutes may be others. */
  count(): void {
    this.cancel()
    const minutes = this.minutes()
    if (this.users === 0 && minutes > 0) this.cancel = this.clock.after(minutes * 60_000, this.unused)
  }

  dispose(): void { this.cancel() }
}
