import { html, nothing, type TemplateResult } from 'lit-html'
import type { RowEvent } from '../../src/protocol/run'
import { courseOf, shownEvent, shownTensors } from '../state'
import type { Context } from './field'
import { fixed, milliseconds, seconds } from './text'

/** The bottom line: statistics of the frame shown, and how the run went. */
export function statusLine({ state }: Context): TemplateResult {
  const event = shownEvent(state)
  const run = state.view?.run
  const shown = shownTensors(state, false)
  const what = shown.includes('x') && !shown.includes('x0') ? 'x' : 'x0'
  const numbers = event?.[what]
  const rows = run?.rows ?? []
  const times = perEvaluation(rows)
  const steps = courseOf(state)?.steps ?? null
  const spent = run ? run.ms ?? rows.reduce((sum, { ms }) => sum + ms, 0) : 0
  return html`<footer class="status" aria-label="Statistics">
    ${numbers ? html`<span title="Statistics over all values of the frame">${what === 'x' ? html`x<sub>t</sub>` : html`x̂<sub>0</sub>`}</span>
      <span>min ${fixed(numbers.min, 2)}</span><span>max ${fixed(numbers.max, 2)}</span><span>mean ${fixed(numbers.mean, 2)}</span><span>std ${fixed(numbers.std, 2)}</span>
      <span title="Share of the values outside [−1, 1]">clipped ${fixed(100 * numbers.clipped, 1)} %</span><span class=${numbers.nonFinite > 0 ? 'bad' : ''} title="Values that are not finite">NaN ${numbers.nonFinite}</span>` : html`<span>No statistics yet</span>`}
    <span class="grow"></span>
    ${run?.document ? html`<span>${Math.max(0, rows.length - 1)}${steps === null ? ' steps' : ` of ${steps}`} recorded</span><span>${seconds(spent)}</span>` : nothing}
    ${times.length > 1 ? html`<span title="Time of one model evaluation, median and 95th percentile">eval p50 ${milliseconds(quantile(times, 0.5))} · p95 ${milliseconds(quantile(times, 0.95))}</span>` : nothing}
  </footer>`
}

/** Milliseconds of an evaluation in each row, sorted. */
export function perEvaluation(rows: readonly RowEvent[]): number[] {
  return rows.flatMap(({ ms, evaluations }, i) => {
    const made = evaluations - (rows[i - 1]?.evaluations ?? 0)
    return made > 0 ? [ms / made] : []
  }).sort((a, b) => a - b)
}

/** The q-quantile of sorted values; 0 where there are none. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}
