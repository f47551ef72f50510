import { html, nothing, type TemplateResult } from 'lit-html'
import { t } from '../../src/sampler/text'
import type { Plan } from '../../src/sampler/types'
import { courseOf, shownEvent, shownPlan, shownRow, stepSize, type PageState } from '../state'
import type { Context } from './field'
import { narrowBelow } from './frameRoom'
import { paneOf } from './frames'
import { pixelProbe, rectangle } from './pixelProbe'
import { hasFactsBelow, runFactsList } from './runFactsList'
import { fixed, milliseconds } from './text'
import { shownTools } from './viewTools'

/** Beside the frames: where the shown row lies, what it cost, and what a pixel says. */
export function probe(context: Context): TemplateResult {
  const { state } = context
  const event = shownEvent(state)
  const course = courseOf(state)
  const row = Math.max(0, shownRow(state))
  const level = event?.level ?? course?.levels[0] ?? shownPlan(state)?.levels[0]
  const h = stepSize(state, row)
  const order = event ? event.order : course?.orders[0]
  const run = state.view?.run ?? null
  const lanes = lanesOf(state)
  const entries: Entry[] = [
    ['t', t('time'), level ? fixed(level.t, 4) : '–'], ['λ', t('half log-SNR'), level ? fixed(level.lambda, 3, true) : '–'],
    ['α', t('signal scale'), level ? fixed(level.alpha, 4) : '–'], ['σ', t('noise scale'), level ? fixed(level.sigma, 4) : '–'],
    ['h', t('step size in λ'), h === undefined ? '–' : fixed(h, 4)], ...lanes.whose, [t('order'), t('order of the step'), order ? String(order) : '–'],
    ['NFE', t('model evaluations'), `${event?.evaluations ?? 0}${course?.evaluations === null ? '' : ` / ${course?.evaluations ?? '–'}`}`], [t('time'), t('of this step'), event ? milliseconds(event.ms) : '–'],
    ...lanes.steps,
  ]
  const narrow = state.size.width < narrowBelow
  const below = hasFactsBelow(state, paneOf(state))
  return html`<aside class="probe" aria-label=${t('Step')}>
    ${narrow ? nothing : shownTools(context)}
    <h2>${course?.steps === null ? t('Step {0}', row) : t('Step {0} of {1}', row, course?.steps ?? '–')}</h2>
    <dl>${entries.map(([term, name, value, text]) => html`<dt title=${name}>${term}</dt><dd class=${text ? 'line text' : 'line'} title=${value}>${value}</dd>`)}</dl>
    ${below ? nothing : pixelProbe(context)}${rectangle(context)}
    ${run?.document ? html`${below ? nothing : html`<h2>${t('Run')}</h2>${runFactsList(state)}`}${notesOf(run.document.plan)}` : nothing}
  </aside>`
}

type Entry = [term: TemplateResult | string, name: string, value: string, words?: boolean]

/**
 * Of images that find their steps by themselves: whose t and λ are shown, whose step this is, and how many attempts came to nothing so far.
 * The same lines in every row of a run, or all below would jump.
 */
function lanesOf(state: PageState): { whose: Entry[]; steps: Entry[] } {
  const run = state.view?.run
  if (!run?.document?.plan.adaptive) return { whose: [], steps: [] }
  const event = shownEvent(state)
  const known = event?.lanes ?? run.rows.slice(0, shownRow(state) + 1).reverse().find(({ lanes }) => lanes)?.lanes ?? []
  const redone: Entry = [t('redone'), t('attempts that were not taken'), String(known.reduce((sum, { rejected }) => sum + rejected, 0))]
  const count = run.document.shape[0] ?? 1
  if (count === 1) return { whose: [], steps: [redone] }
  const lanes = event?.lanes ?? []
  const own = lanes.filter(({ row }) => row === event?.row).map(({ item }) => item + 1)
  const together = lanes.every(({ level }) => level.lambda === lanes[0]?.level.lambda)
  return {
    whose: [[t('t, λ of'), t('whose t, λ, α, σ and h are shown'), together ? t('all images') : t('image {0}', own[0] ?? '–'), true]],
    steps: [[t('step of'), t('whose step this is'), lanes.length === 0 || own.length === count ? t('all {0} images', count) : own.length > 3 ? t('{0} of {1} images', own.length, count) : t('image {0}', own.join(', ')), true], redone],
  }
}

/** What was special about the run. */
function notesOf({ notes }: Plan): TemplateResult | typeof nothing {
  return notes.length === 0 ? nothing : html`<ul class="notes" aria-label=${t('Notes of the run')}>${notes.map((text) => html`<li>${text}</li>`)}</ul>`
}
