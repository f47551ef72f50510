import type { PageState } from './state'

/** The page's one state. Whoever changes it replaces fields; drawing follows, once for all changes of a moment. */
export interface Store {
  readonly state: PageState
  set(patch: Partial<PageState>): void
}

/** Time after which a page that gets no animation frames (hidden, or behind another window) is drawn all the same, in ms. */
const patience = 100

/** Drawings closer together than this wait for the animation frame, in ms. */
const apart = 12

/** @param draw called with the newest state after it changed: at once where the last drawing was a while ago, so that a key shows with the next picture of the screen, else at the next animation frame */
export function createStore(initial: PageState, draw: (state: PageState) => void): Store {
  let state = initial
  let due: { frame: number; timer: number } | null = null
  let drawn = -Infinity

  function now(): void {
    if (due) {
      cancelAnimationFrame(due.frame)
      clearTimeout(due.timer)
    }
    due = null
    drawn = Infinity // what a drawing sets waits for the animation frame
    draw(state)
    drawn = performance.now()
  }

  return {
    get state() { return state },
    set(patch) {
      state = { ...state, ...patch }
      if (due) return
      due = { frame: requestAnimationFrame(now), timer: window.setTimeout(now, patience) }
      if (performance.now() - drawn > apart) queueMicrotask(() => { if (due) now() })
    },
  }
}
