/** Time, so that tests can have their own. */
export interface Clock {
  /** Milliseconds that only grow. */
  now(): number
  /** Calls `action` once after so many milliseconds, unless it is told not to by what is returned. No process stays for it. */
  after(ms: number, action: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms).unref()
    return () => { clearTimeout(timer) }
  },
}
