interface Waiting<J, R> { job: J; resolve: (result: R | 'cancelled') => void; reject: (error: unknown) => void }

/** Jobs that wait their turn: one is worked on at a time, first come first served. One that fails does not keep the next from its turn. */
export class RunQueue<J, R> {
  private readonly waiting: Waiting<J, R>[] = []
  private busy = false

  /** `work` does one job; `changed` is called whenever a job joins, starts, ends or is cancelled. */
  constructor(private readonly work: (job: J) => Promise<R>, private readonly changed: () => void) {}

  /** Jobs that wait; the one being worked on is not counted. */
  get length(): number { return this.waiting.length }
  get jobs(): readonly J[] { return this.waiting.map(({ job }) => job) }
  get working(): boolean { return this.busy }

  /** Resolves with what `work` made of the job, or with `cancelled` where it was cleared before its turn. Rejects with what `work` threw. */
  add(job: J): Promise<R | 'cancelled'> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, resolve, reject })
      this.changed()
      void this.next()
    })
  }

  /** Cancels the jobs that wait, or of them those that `which` names; the one being worked on goes on. Returns how many there were. */
  clear(which: (job: J) => boolean = () => true): number {
    const cancelled = this.waiting.filter(({ job }) => which(job))
    this.waiting.splice(0, Infinity, ...this.waiting.filter((one) => !cancelled.includes(one)))
    for (const { resolve } of cancelled) resolve('cancelled')
    if (cancelled.length > 0) this.changed()
    return cancelled.length
  }

  private async next(): Promise<void> {
    if (this.busy) return
    const first = this.waiting.shift()
    if (!first) return
    this.busy = true
    this.changed()
    try { first.resolve(await this.work(first.job)) } catch (error) { first.reject(error) } finally {
      this.busy = false
      this.changed()
      void this.next()
    }
  }
}
