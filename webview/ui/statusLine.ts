import { html, nothing, type TemplateResult } from 'lit-html'
import { spentMs } from '../../src/protocol/progress'
import { isPlane } from '../../src/render/pixels'
import { t } from '../../src/sampler/text'
import { hasStates } from '../keptRows'
import { imageSpread } from '../imageStatistics'
import { courseOf, itemAlone, shapeOf, shownEvent, shownTensors, spaceOf } from '../state'
import { perEvaluation, quantile } from '../timing'
import type { Context } from './field'
import { fixed, milliseconds, seconds } from './text'

const unknown = { min: NaN, max: NaN, mean: NaN, std: NaN }

/** The bottom line: statistics of the frame shown, of the image that is shown alone where they are known, and how the run went. */
export function statusLine({ state }: Context): TemplateResult {
  const event = shownEvent(state)
  const run = state.view?.run
  const shown = shownTensors(state, false)
  const what = shown.includes('x') && !shown.includes('x0') ? 'x' : 'x0'
  const numbers = event?.[what]
  const shape = shapeOf(state)
  const alone = itemAlone(state)
  const own = numbers ? imageSpread(state, what) : null
  const { min, max, mean, std } = own === 'coming' ? unknown : own ?? numbers ?? unknown
  const all = shape[0] > 1 && !isPlane(shape) ? t('of all {0} images', shape[0]) : ''
  const read = (value: number): string => Number.isNaN(value) && own === 'coming' ? '–' : fixed(value, 2)
  const rows = run?.rows ?? []
  const times = perEvaluation(rows)
  const steps = courseOf(state)?.steps ?? null
  const spent = run ? run.ms ?? spentMs(rows) : 0
  const done = Math.max(0, rows.length - 1)
  return html`<footer class="status" aria-label=${t('Statistics')}>
    ${numbers ? html`<span title=${own ? t('Statistics over all values of the image') : t('Statistics over all values of the frame')}>${what === 'x' ? html`x<sub>t</sub>` : html`x̂<sub>0</sub>`} ${own ? t('of image {0}', (alone ?? 0) + 1) : all}</span>
      <span>${t('min {0}', read(min))}</span><span>${t('max {0}', read(max))}</span><span>${t('mean {0}', read(mean))}</span><span>${t('std {0}', read(std))}</span>
      ${own ? html`<span>${t('of all {0} images:', shape[0])}</span>` : nothing}${spaceOf(state) ? nothing : html`<span title=${t('Share of the values outside [−1, 1]')}>${t('clipped {0} %', fixed(100 * numbers.clipped, 1))}</span>`}<span class=${numbers.nonFinite > 0 ? 'bad' : ''} title=${t('Values that are not finite')}>NaN ${numbers.nonFinite}</span>` : html`<span>${t('No statistics yet')}</span>`}
    <span class="grow"></span>
    ${run?.document ? html`<span>${recordedText(done, steps, rows.length, run.document.version === 1 ? null : rows.filter(({ row }) => hasStates(run, row)).length)}</span><span>${seconds(spent)}</span>` : nothing}
    ${times.length > 1 ? html`<span title=${t('Time of one model evaluation, median and 95th percentile')}>${t('eval p50 {0} · p95 {1}', milliseconds(quantile(times, 0.5)), milliseconds(quantile(times, 0.95)))}</span>` : nothing}
  </footer>`
}

/** `states`: as many as rows, one more than steps; `kept`: how many of them were, null where all are. */
function recordedText(done: number, steps: number | null, states: number, kept: number | null): string {
  const recorded = steps === null ? done === 1 ? t('1 step recorded') : t('{0} steps recorded', done) : steps === 1 ? t('{0} of 1 step recorded', done) : t('{0} of {1} steps recorded', done, steps)
  return kept === null ? recorded : t('{0}, {1} of {2} states kept', recorded, kept, states)
}
