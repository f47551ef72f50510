// Sampling while the recipe is being changed: the page's part.
import { isGoing } from '../src/protocol/view'
import type { Door } from './door'
import { runRefusal } from './form'
import type { PageState } from './state'
import type { Store } from './store'

/** The hand rests, in ms. */
const restMs = 150

/** Sends recipes to be sampled as they change: at once where nothing runs, else when the live run that goes is over or the hand rests, whichever is first. */
export interface LiveSampling {
  /** The user changed the recipe. */
  changed(): void
  afterDraw(state: PageState): void
}

export function createLive(store: Store, door: Door): LiveSampling {
  let due: number | undefined
  let waiting = false
  let sentAt: string | undefined

  const wanted = ({ live, view, planner }: PageState): boolean => live && view?.recording === undefined && typeof planner !== 'string' && planner.liveOff(store.state).reason === null
  function send(): void {
    window.clearTimeout(due)
    due = undefined
    waiting = false
    const { state } = store
    if (!state.form || !wanted(state) || runRefusal(state) !== null || (isGoing(state.view?.run ?? null) && !state.coming)) return
    sentAt = state.view?.run?.runId
    door.post({ type: 'runLive', recipe: state.form.recipe })
  }
  return {
    changed() {
      if (!wanted(store.state)) return
      waiting = true
      window.clearTimeout(due)
      due = window.setTimeout(send, restMs)
    },
    afterDraw(state) {
      if (waiting && !state.coming && state.view?.run?.runId !== sentAt) send()
    },
  }
}
