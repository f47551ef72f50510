import { html, nothing, type TemplateResult } from 'lit-html'
import type { Plan } from '../../src/sampler/types'
import { shownEvent, shownPlan, shownRow, stepSize, type Shown } from '../state'
import { button } from './controls'
import type { Context } from './field'
import { segments } from './native'
import { fixed, milliseconds } from './text'

/** Beside the frames: where the shown row lies, what it cost, and which frames are shown. */
export function probe({ state, act }: Context): TemplateResult {
  const event = shownEvent(state)
  const plan = shownPlan(state)
  const row = Math.max(0, shownRow(state))
  const level = event?.level ?? plan?.levels[0]
  const h = stepSize(plan, row)
  const order = event ? event.order : plan?.steps[0]?.order
  const run = state.view?.run ?? null
  const entries: [term: TemplateResult | string, name: string, value: string][] = [
    ['t', 'time', level ? fixed(level.t, 4) : '–'], ['λ', 'half log-SNR', level ? fixed(level.lambda, 3, true) : '–'],
    ['α', 'signal scale', level ? fixed(level.alpha, 4) : '–'], ['σ', 'noise scale', level ? fixed(level.sigma, 4) : '–'],
    ['h', 'step size in λ', h === undefined ? '–' : fixed(h, 4)], ['order', 'order of the step', order ? String(order) : '–'],
    ['NFE', 'model evaluations', `${event?.evaluations ?? 0} / ${plan?.evaluations ?? '–'}`], ['time', 'of this step', event ? milliseconds(event.ms) : '–'],
  ]
  const seed = run?.document?.seeds[0]
  return html`<aside class="probe" aria-label="Step">
    <h2>Step ${row} of ${plan?.steps.length ?? '–'}</h2>
    <dl>${entries.map(([term, name, value]) => html`<dt title=${name}>${term}</dt><dd>${value}</dd>`)}</dl>
    ${run?.document ? html`<h2>Run</h2><dl>
      <dt>seed</dt><dd>${seed ?? String(run.document.recipe.noise.seed)}</dd>
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

/** What was special about the run. */
function notesOf({ notes }: Plan): TemplateResult | typeof nothing {
  return notes.length === 0 ? nothing : html`<ul class="notes" aria-label="Notes of the run">${notes.map((text) => html`<li>${text}</li>`)}</ul>`
}

function classText(label: string | number | (string | number)[]): string {
  return [label].flat().join(', ')
}
