import { providerName } from '../src/protocol/providerNames'
import { percent, progressOf } from '../src/protocol/progress'
import { isGoing, type RunView } from '../src/protocol/view'
import { evaluationsText, stepsText } from '../src/recipe/recipeWords'
import { t } from '../src/sampler/text'
import { seconds } from './ui/text'
import type { PageState } from './state'

/** What a screen reader is told: a run's start, each quarter of its evaluations, its end, that it was deleted. Unchanged where there is nothing new. */
export function announcement(before: PageState, after: PageState): string {
  const was = before.view?.run ?? null
  const run = after.view?.run ?? null
  if (!run) return after.view?.deleted?.message ?? after.announcement
  const same = was?.runId === run.runId ? was : null
  // A run that was over when it was first seen is no news: the page came back to it.
  if (run.status !== same?.status && (same || isGoing(run))) {
    switch (run.status) {
      case 'loading': return t('Loading the model.')
      case 'running': return startedText(run)
      case 'stopping': return t('Stopping after the current evaluation.')
      case 'stopped': return stoppedText(run)
      case 'finished': return finishedText(run)
      case 'failed': return t('{0} failed. {1}', doing(run), run.error?.message ?? '')
    }
  }
  const quarter = quarters(run)
  return same && run.status === 'running' && quarter > quarters(same) && quarter < 4 ? t('{0} percent, {1}.', 25 * quarter, stepText(run)) : after.announcement
}

const total = (run: RunView): number => run.document?.plan.evaluations ?? 0
const evaluations = (run: RunView): number => run.rows.at(-1)?.evaluations ?? 0
/** Counted in evaluations where the plan says how many there will be. */
const quarters = (run: RunView): number => Math.floor(4 * (counts(run) ? evaluations(run) / total(run) : progressOf(run).share))
const counts = (run: RunView): boolean => total(run) > 0 && run.document?.plan.adaptive === undefined

/** What a run does, as the beginning of a sentence. */
export function doing({ document }: RunView): string {
  const words = { sample: t('Sampling'), noise: t('Noising'), encode: t('Encoding'), reconstruct: t('Encoding and decoding') }
  return words[document?.recipe.input.task ?? 'sample']
}

function startedText(run: RunView): string {
  const what = counts(run) ? evaluationsText(total(run)) : run.document?.plan.adaptive ? t('steps of its own choice') : stepsText(run.document?.plan.steps.length ?? 0)
  return t('{0} started: {1} on {2}.', doing(run), what, providerName(run.document?.engine.provider ?? ''))
}

/** “step 12 of 20”: the newest row, of the plan's last; “step 12 (37 %)” of a run that finds its steps by itself. */
export function stepText(run: RunView): string {
  const { step, steps, share } = progressOf(run)
  if (steps === null) return run.status === 'finished' ? t('step {0}', step) : t('step {0} ({1})', step, percent(share))
  return t('step {0} of {1}', step, run.document ? steps : '…')
}

export function stoppedText(run: RunView): string {
  if (run.interrupted) return run.rows.length === 0 ? t('Interrupted before the first step, or still going in another window.') : t('Interrupted at {0}, or still going in another window.', stepText(run))
  return run.rows.length === 0 ? t('Stopped before the first step.') : t('Stopped at {0}.', stepText(run))
}

/** What is said of a stop that has waited too long for the engine, and the button beside it; null where none has. */
export function overdue(run: RunView): { text: string; button: string } | null {
  return run.status === 'stopping' && run.stopOverdue ? { text: t('The engine does not answer.'), button: t('Force Stop') } : null
}

export function finishedText(run: RunView): string {
  const what = evaluations(run) > 0 ? evaluationsText(evaluations(run)) : stepsText(run.rows.length - 1)
  const done = run.ms === null ? what : t('{0} in {1}', what, seconds(run.ms))
  return drawsNoise(run) ? t('Finished: {0}, {1}.', done, seedText(run)) : t('Finished: {0}.', done)
}

/** Whether the seed of a run says anything: encoding, and decoding what was encoded, draws nothing. */
export function drawsNoise({ document }: RunView): boolean {
  return document !== null && document.recipe.input.task !== 'encode' && document.recipe.input.task !== 'reconstruct'
}

function seedText(run: RunView): string {
  const seeds = run.document?.seeds ?? []
  return seeds.length > 1 ? t('seeds {0} to {1}', seeds[0]!, seeds.at(-1)!) : t('seed {0}', seeds[0] ?? String(run.document?.recipe.noise.seed))
}
