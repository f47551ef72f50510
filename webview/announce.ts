import { providerName } from '../src/protocol/providerNames'
import { percent, progressOf } from '../src/protocol/progress'
import { isGoing, type RunView } from '../src/protocol/view'
import { capital, seconds } from './ui/text'
import type { PageState } from './state'

/** What a screen reader is told: a run's start, each quarter of its evaluations, its end. Unchanged where there is nothing new. */
export function announcement(before: PageState, after: PageState): string {
  const was = before.view?.run ?? null
  const run = after.view?.run ?? null
  if (!run) return after.announcement
  const same = was?.runId === run.runId ? was : null
  // A run that was over when it was first seen is no news: the page came back to it.
  if (run.status !== same?.status && (same || isGoing(run))) {
    switch (run.status) {
      case 'loading': return 'Loading the model.'
      case 'running': return `Sampling started: ${run.document?.plan.adaptive ? 'steps of its own choice' : `${total(run)} evaluations`} on ${providerName(run.document?.engine.provider ?? '')}.`
      case 'stopping': return 'Stopping after the current evaluation.'
      case 'stopped': return stoppedText(run)
      case 'finished': return finishedText(run)
      case 'failed': return `Sampling failed. ${run.error?.message ?? ''}`
    }
  }
  const quarter = quarters(run)
  return same && run.status === 'running' && quarter > quarters(same) && quarter < 4 ? `${25 * quarter} percent, ${stepText(run)}.` : after.announcement
}

const total = (run: RunView): number => run.document?.plan.evaluations ?? 0
const evaluations = (run: RunView): number => run.rows.at(-1)?.evaluations ?? 0
const quarters = (run: RunView): number => Math.floor(4 * shareOf(run) + 1e-9)

/** How much of a run is done, from 0 to 1: of its evaluations where their number is known and it has any, else of its way. */
export function shareOf(run: RunView): number {
  return run.document?.plan.adaptive || total(run) === 0 ? progressOf(run).share : evaluations(run) / total(run)
}

/** “step 12 of 20”: the row reached, of the plan's last; “step 12 (37 %)” where nobody knows how many there will be. */
export function stepText(run: RunView, row = run.rows.length - 1): string {
  if (run.document?.plan.adaptive) return `step ${Math.max(0, row)} (${percent(progressOf({ ...run, rows: run.rows.slice(0, row + 1) }).share)})`
  return `step ${Math.max(0, row)} of ${run.document ? run.document.plan.steps.length : '…'}`
}

export function stoppedText(run: RunView): string {
  if (run.interrupted) return run.rows.length === 0 ? 'Interrupted before the first step, or still going in another window.' : `Interrupted at ${stepText(run)}, or still going in another window.`
  return run.rows.length === 0 ? 'Stopped before the first step.' : `Stopped at ${stepText(run)}.`
}

export function finishedText(run: RunView): string {
  const seed = run.document ? `, ${seedText(run)}` : ''
  return `${capital('finished')}: ${evaluations(run)} evaluations${run.ms === null ? '' : ` in ${seconds(run.ms)}`}${seed}.`
}

function seedText(run: RunView): string {
  const seeds = run.document?.seeds ?? []
  return seeds.length > 1 ? `seeds ${seeds[0]} to ${seeds.at(-1)}` : `seed ${seeds[0] ?? String(run.document?.recipe.noise.seed)}`
}
