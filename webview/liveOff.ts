import { t } from '../src/sampler/text'
import { factsOf } from './form'
import type { PageState } from './state'
import { perEvaluation, quantile } from './timing'
import { milliseconds } from './ui/text'

/** A model is quick enough where half of its evaluations take less, in ms. */
const quickBelow = 50
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
