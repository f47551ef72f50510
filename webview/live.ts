// Sampling while the recipe is being changed: the page's part.
import { isGoing } from '../src/protocol/view'
import { t } from '../src/sampler/text'
import type { Door } from './door'
import { factsOf, runRefusal } from './form'
import type { PageState } from './state'
import type { Store } from './store'
import { perEvaluation, quantile } from './timing'
import { milliseconds } from './ui/text'

/** A model is quick enough where half of its evaluations take less, in ms. */
const quickBelow = 50
/** The hand rests, in ms. */
const restMs = 150

/** Why changes cannot be sampled as they are made, in one sentence, or null; `evaluation`: what one takes here, by the run on show. */
export function liveOff(state: PageState): { reason: string | null; evaluation: string } {
  const run = state.view?.run
  const facts = factsOf(state)
  const times = run?.document && facts && run.document.model.path === facts.path ? perEvaluation(run.rows) : []
  if (!state.view?.trusted) return { reason: t('Running models needs a trusted workspace.'), evaluation: '' }
  if (times.length === 0) return { reason: t('Run once: how long an evaluation of this model takes here is not known yet.'), evaluation: '' }
  const evaluation = milliseconds(quantile(times, 0.5))
  return { reason: quantile(times, 0.5) < quickBelow ? null : t('An evaluation takes {0} here, too long to sample while dragging.', evaluation), evaluation: t('{0} an evaluation', evaluation) }
}

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

  const wanted = ({ live, view }: PageState): boolean => live && view?.recording === undefined && liveOff(store.state).reason === null
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
