import type { PageState } from './state'

/** The page's one state. Whoever changes it replaces fields; drawing follows, once for all changes of a moment. */
export interface Store {
  readonly state: PageState
  set(patch: Partial<PageState>): void
}

/** Time after which a page that gets no animation frames (hidden, or behind another window) is drawn all the same, in ms. */
const patience = 100

/** @param draw called with the newest state after it changed, at the next animation frame */
export function createStore(initial: PageState, draw: (state: PageState) => void): Store {
  let state = initial
  let due: { frame: number; timer: number } | null = null

  function now(): void {
    if (due) {
      cancelAnimationFrame(due.frame)
      clearTimeout(due.timer)
    }
    due = null
    draw(state)
  }

  return {
    get state() { return state },
    set(patch) {
      state = { ...state, ...patch }
      due ??= { frame: requestAnimationFrame(now), timer: window.setTimeout(now, patience) }
    },
  }
}
