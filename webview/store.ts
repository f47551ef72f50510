import type { PageState } from './state'

/** The page's one state. Whoever changes it replaces fields; drawing follows, once for all changes of a moment. */
export interface Store {
  readonly state: PageState
  set(patch: Partial<PageState>, when?: When): void
  /** How far apart drawings have to be that nobody waits for, in ms, so that they take a small part of a processor that may be evaluating a model. */
  readonly pace: number
}

/**
 * When a change is drawn. `atOnce`: without waiting for the animation frame, unless the last drawing is a moment ago, so that what the user did shows with the next
 * picture of the screen. `soon`: with the animation frame. `withNext`: with whatever is drawn next, or after a while.
 */
export type When = 'atOnce' | 'soon' | 'withNext'

/** Time after which a page that gets no animation frames (hidden, or behind another window), or nothing else to draw, is drawn all the same, in ms. */
const patience = 100

/** Drawings that nobody waits for take this part of the time for each processor, no more than the second, and are this far apart at most, in ms. */
const [shareOfEach, largestShare, longest] = [0.01, 0.1, 500]

/** Drawings closer together than this always wait for the animation frame, in ms. */
const apart = 12

/** @param draw called with the newest state after it changed */
export function createStore(initial: PageState, draw: (state: PageState) => void): Store {
  let state = initial
  let due: { frame?: number; timer: number } | null = null
  let drawn = -Infinity
  /** What a drawing takes, with the layout and the painting that follow it, in ms: a mean in which the last ones count most. */
  let cost = 0
  let began = 0
  const painted = new MessageChannel()
  painted.port1.onmessage = () => { cost += 0.3 * (performance.now() - began - cost) }

  function now(): void {
    if (due) {
      if (due.frame !== undefined) cancelAnimationFrame(due.frame)
      clearTimeout(due.timer)
    }
    due = null
    began = performance.now()
    drawn = Infinity // what a drawing sets waits for the animation frame
    draw(state)
    drawn = performance.now()
    painted.port2.postMessage(null)
  }

  return {
    get state() { return state },
    get pace() { return Math.min(cost / Math.min(shareOfEach * navigator.hardwareConcurrency, largestShare), longest) },
    set(patch, when = 'soon') {
      state = { ...state, ...patch }
      due ??= { timer: window.setTimeout(now, when === 'withNext' ? Math.max(patience, this.pace) : patience) }
      if (when !== 'withNext') due.frame ??= requestAnimationFrame(now)
      if (when === 'atOnce' && performance.now() - drawn > apart) queueMicrotask(() => { if (due) now() })
    },
  }
}
