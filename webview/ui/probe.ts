import { html, nothing, type TemplateResult } from 'lit-html'
import type { RowEvent } from '../../src/protocol/run'
import type { Plan } from '../../src/sampler/types'
import { drawsNoise } from '../announce'
import { courseOf, shownEvent, shownPlan, shownRow, stepSize, type Shown } from '../state'
import { button } from './controls'
import type { Context } from './field'
import { segments } from './native'
import { fixed, milliseconds } from './text'

/** Beside the frames: where the shown row lies, what it cost, and which frames are shown. */
export function probe({ state, act }: Context): TemplateResult {
  const event = shownEvent(state)
  const course = courseOf(state)
  const row = Math.max(0, shownRow(state))
  const level = event?.level ?? course?.levels[0] ?? shownPlan(state)?.levels[0]
  const h = stepSize(state, row)
  const order = event ? event.order : course?.orders[0]
  const run = state.view?.run ?? null
  const entries: [term: TemplateResult | string, name: string, value: string][] = [
    ['t', 'time', level ? fixed(level.t, 4) : '–'], ['λ', 'half log-SNR', level ? fixed(level.lambda, 3, true) : '–'],
    ['α', 'signal scale', level ? fixed(level.alpha, 4) : '–'], ['σ', 'noise scale', level ? fixed(level.sigma, 4) : '–'],
    ['h', 'step size in λ', h === undefined ? '–' : fixed(h, 4)], ['order', 'order of the step', order ? String(order) : '–'],
    ['NFE', 'model evaluations', `${event?.evaluations ?? 0}${course?.evaluations === null ? '' : ` / ${course?.evaluations ?? '–'}`}`], ['time', 'of this step', event ? milliseconds(event.ms) : '–'],
    ...ofLanes(event),
  ]
  const seed = run?.document?.seeds[0]
  return html`<aside class="probe" aria-label="Step">
    <h2>Step ${row}${course?.steps === null ? '' : ` of ${course?.steps ?? '–'}`}</h2>
    <dl>${entries.map(([term, name, value]) => html`<dt title=${name}>${term}</dt><dd>${value}</dd>`)}</dl>
    ${run?.document ? html`<h2>Run</h2><dl>
      ${drawsNoise(run) ? html`<dt>seed</dt><dd>${seed ?? String(run.document.recipe.noise.seed)}</dd>` : nothing}
      <dt>class</dt><dd class="text">${classText(run.document.recipe.conditioning.classLabel)}</dd>
      ${run.document.recipe.guidance.scale !== 1 ? html`<dt>scale</dt><dd>${run.document.recipe.guidance.scale}</dd>` : nothing}
    </dl>${notesOf(run.document.plan)}` : nothing}
    <div class="choice">${segments({
      id: 'shown', label: 'Shown frames', className: 'show', value: state.shown, onChange: (value) => { act.show(value as Shown) },
      options: [{ value: 'both', label: 'both', title: 'Both frames (0)' }, { value: 'x', label: 'xₜ', title: 'x_t alone (1)' }, { value: 'x0', label: 'x̂₀', title: 'x̂₀ alone (2)' }],
    })}
    ${button({ label: 'Keyboard shortcuts', icon: html`?`, appearance: 'icon', description: 'Keyboard shortcuts (?)', onClick: () => { act.popup(state.popup === 'keys' ? null : 'keys') } })}</div>
  </aside>`
}

/** Of images that find their steps by themselves: whose step this is, and how many attempts came to nothing so far. */
function ofLanes(event: RowEvent | undefined): [term: string, name: string, value: string][] {
  if (!event?.lanes) return []
  const own = event.lanes.filter(({ row }) => row === event.row).map(({ item }) => item + 1)
  const rejected = event.lanes.reduce((sum, lane) => sum + lane.rejected, 0)
  return [...event.lanes.length > 1 ? [['image', 'whose step this is', own.join(', ')] as [string, string, string]] : [], ['redone', 'attempts that were not taken', String(rejected)]]
}

/** What was special about the run. */
function notesOf({ notes }: Plan): TemplateResult | typeof nothing {
  return notes.length === 0 ? nothing : html`<ul class="notes" aria-label="Notes of the run">${notes.map((text) => html`<li>${text}</li>`)}</ul>`
}

function classText(label: string | number | (string | number)[]): string {
  return [label].flat().join(', ')
}
