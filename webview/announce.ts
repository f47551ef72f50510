import { providerName } from '../src/protocol/providerNames'
import { percent, progressOf } from '../src/protocol/progress'
import { isGoing, type RunView } from '../src/protocol/view'
import { seconds } from './ui/text'
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
      case 'running': return startedText(run)
      case 'stopping': return 'Stopping after the current evaluation.'
      case 'stopped': return stoppedText(run)
      case 'finished': return finishedText(run)
      case 'failed': return `${doing(run)} failed. ${run.error?.message ?? ''}`
    }
  }
  const quarter = quarters(run)
  return same && run.status === 'running' && quarter > quarters(same) && quarter < 4 ? `${25 * quarter} percent, ${stepText(run)}.` : after.announcement
}

const total = (run: RunView): number => run.document?.plan.evaluations ?? 0
const evaluations = (run: RunView): number => run.rows.at(-1)?.evaluations ?? 0
/** Counted in evaluations where the plan says how many there will be. */
const quarters = (run: RunView): number => Math.floor(4 * (counts(run) ? evaluations(run) / total(run) : progressOf(run).share))
const counts = (run: RunView): boolean => total(run) > 0 && run.document?.plan.adaptive === undefined

/** What a run does, as the beginning of a sentence. */
export function doing({ document }: RunView): string {
  const words = { sample: 'Sampling', noise: 'Noising', encode: 'Encoding', reconstruct: 'Encoding and decoding' }
  return words[document?.recipe.input.task ?? 'sample']
}

function startedText(run: RunView): string {
  const what = counts(run) ? `${total(run)} evaluations` : run.document?.plan.adaptive ? 'steps of its own choice' : `${run.document?.plan.steps.length ?? 0} steps`
  return `${doing(run)} started: ${what} on ${providerName(run.document?.engine.provider ?? '')}.`
}

/** “step 12 of 20”: the newest row, of the plan's last; “step 12 (37 %)” of a run that finds its steps by itself. */
export function stepText(run: RunView): string {
  const { step, steps, share } = progressOf(run)
  if (steps === null) return `step ${step}${run.status === 'finished' ? '' : ` (${percent(share)})`}`
  return `step ${step} of ${run.document ? steps : '…'}`
}

export function stoppedText(run: RunView): string {
  if (run.interrupted) return run.rows.length === 0 ? 'Interrupted before the first step, or still going in another window.' : `Interrupted at ${stepText(run)}, or still going in another window.`
  return run.rows.length === 0 ? 'Stopped before the first step.' : `Stopped at ${stepText(run)}.`
}

/** What is said of a stop that has waited too long for the engine, and the button beside it; null where none has. */
export function overdue(run: RunView): { text: string; button: string } | null {
  return run.status === 'stopping' && run.stopOverdue ? { text: 'The engine does not answer.', button: 'Force Stop' } : null
}

export function finishedText(run: RunView): string {
  const seed = drawsNoise(run) ? `, ${seedText(run)}` : ''
  return `Finished: ${evaluations(run) > 0 ? `${evaluations(run)} evaluations` : `${run.rows.length - 1} steps`}${run.ms === null ? '' : ` in ${seconds(run.ms)}`}${seed}.`
}

/** Whether the seed of a run says anything: encoding, and decoding what was encoded, draws nothing. */
export function drawsNoise({ document }: RunView): boolean {
  return document !== null && document.recipe.input.task !== 'encode' && document.recipe.input.task !== 'reconstruct'
}

function seedText(run: RunView): string {
  const seeds = run.document?.seeds ?? []
  return seeds.length > 1 ? `seeds ${seeds[0]} to ${seeds.at(-1)}` : `seed ${seeds[0] ?? String(run.document?.recipe.noise.seed)}`
}
