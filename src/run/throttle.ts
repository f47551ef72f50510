/** An action that happens at once when asked for, and then at most once in `ms`: what is asked for meanwhile happens at the end of that time. */
export interface Throttled {
  ask(): void
  /** Forgets what was asked for and is still to happen. */
  cancel(): void
  /** It happened by another way: forgets it, and the time begins anew. */
  happened(): void
}

export function throttle(ms: number, action: () => void): Throttled {
  let timer: NodeJS.Timeout | undefined
  let asked = false
  const pause = (): void => {
    timer = setTimeout(() => {
      timer = undefined
      if (!asked) return
      asked = false
      action()
      pause()
    }, ms)
  }
  return {
    ask() {
      if (timer) { asked = true; return }
      action()
      pause()
    },
    cancel() { asked = false },
    happened() {
      asked = false
      clearTimeout(timer)
      pause()
    },
  }
}
