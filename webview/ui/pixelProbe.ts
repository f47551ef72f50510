import { html, nothing, type TemplateResult } from 'lit-html'
import { classMap } from 'lit-html/directives/class-map.js'
import { isDerived, type RegionStatistics, type Tensor } from '../../src/protocol/inspect'
import { isPlane } from '../../src/render/pixels'
import { t } from '../../src/sampler/text'
import { same } from '../form'
import { hasStates, notKept } from '../keptRows'
import { shapeOf, shownEvent, shownRow, shownTensors, type PageState } from '../state'
import { button } from './controls'
import { whyNone } from './derivedFrame'
import type { Context } from './field'
import { names, symbols } from './frames'
import { icons } from './icons'
import { fixed } from './text'

/** The values of a pixel in all shown frames, in a place of fixed size. Of the plane nothing. */
export const pixelProbe = (context: Context): TemplateResult | typeof nothing => isPlane(shapeOf(context.state)) ? nothing : pixel(context)

const values = (numbers: readonly number[]): string => numbers.map((value) => fixed(value, 2, true)).join(' ')
/** Values that stand on one line. */
const onALine = 3

function pixel({ state, act }: Context): TemplateResult {
  const place = state.look.cursor ?? state.pinned
  const [batch, channels] = shapeOf(state)
  const { known, current, failed } = pixelValues(state)
  const shown = shownTensors(state, false)
  const where = place ? `${batch > 1 ? t('Image {0}, pixel ({1}, {2})', place.item + 1, place.y, place.x) : t('Pixel ({0}, {1})', place.y, place.x)}` : t('Pixel')
  const gone = goneText(state)
  const lines = Math.max(1, Math.ceil(channels / onALine))
  const said = state.look.probing && current && known ? `${where}: ${shown.map((tensor) => `${names[tensor]} ${known[tensor] ? values(known[tensor]) : t('none')}`).join(', ')}` : ''
  return html`<section class="pixel" aria-label=${t('Pixel')}>
    <h2 title=${t('row and column, from 0')}>${where} ${state.pinned && !state.look.cursor ? button({ label: t('Unpin'), icon: icons.pin, appearance: 'icon', description: t('Unpin the pixel (Escape)'), onClick: () => { act.pin(null) } }) : nothing}</h2>
    <dl data-lines=${lines} class=${classMap({ old: !current })}>${shown.map((tensor) => html`<div><dt>${symbols[tensor]}</dt><dd title=${gone ?? noneText(state, tensor, place !== null && current && known !== null && !known[tensor]) ?? nothing}>${entry(place !== null && !failed && gone === null, known, tensor)}</dd></div>`)}</dl>
    ${failed ? html`<p>${t('It could not be read.')}</p>` : nothing}
    <p class="unseen" aria-live="polite">${said}</p>
  </section>`
}

function entry(any: boolean, known: Partial<Record<Tensor, number[]>> | null, tensor: Tensor): string {
  if (!any) return '–'
  return known ? known[tensor] ? values(known[tensor]) : '–' : '…'
}

/** What is known of the pixel; not `current` where it is of another step or place, until the answer comes. */
function pixelValues(state: PageState): { known: Partial<Record<Tensor, number[]>> | null; current: boolean; failed: boolean } {
  const place = state.look.cursor ?? state.pinned
  const last = state.answers.pixel
  if (!place || !last) return { known: null, current: false, failed: false }
  const current = last.question.row === shownRow(state) && same(last.question.place, place)
  return { known: last.answer?.values ?? null, current, failed: current && last.answer === null }
}

function noneText(state: PageState, tensor: Tensor, none: boolean): string | null {
  const event = shownEvent(state)
  return none && event && isDerived(tensor) ? whyNone(state.view?.run, event, tensor) : null
}

/** Why nothing can be known of the shown row; null where it can. */
function goneText(state: PageState): string | null {
  const row = shownRow(state)
  return shownEvent(state) && !hasStates(state.view?.run, row) ? notKept(row) : null
}

/** Mean, spread and range of the rectangle, a line a channel. */
export function rectangle({ state, act }: Context): TemplateResult | typeof nothing {
  const { region } = state.look
  if (!region) return nothing
  const last = state.answers.region
  const current = last !== undefined && last.question.row === shownRow(state) && same(last.question.region, region)
  const gone = goneText(state)
  const shown = shownTensors(state, false)
  const size = t('{0} × {1} from ({2}, {3})', region.bottom - region.top, region.right - region.left, region.top, region.left)
  return html`<section class="measured" aria-label=${t('Rectangle')}>
    <h2 title=${t('rows × columns from (row, column) on')}>${shapeOf(state)[0] > 1 ? t('Image {0}, {1}', region.item + 1, size) : size}
      ${button({ label: t('Forget the rectangle'), icon: icons.close, appearance: 'icon', description: t('Forget the rectangle (Escape)'), onClick: () => { act.setLook((look) => ({ ...look, region: null, anchor: null })) } })}</h2>
    ${current && last.answer === null ? html`<p>${t('It could not be read.')}</p>` : html`<table class=${classMap({ old: !current })} aria-live=${state.look.probing ? 'polite' : nothing}>
      <thead class="unseen"><tr><th scope="col">${t('Values')}</th><th scope="col">${t('mean ± standard deviation, range')}</th></tr></thead>
      <tbody title=${gone ?? nothing}>${shown.flatMap((tensor) => ((gone === null ? last?.answer?.values[tensor] : null) ?? [null]).map((statistics, channel, all) => line(tensor, statistics, all.length > 1 ? channel + 1 : null)))}</tbody></table>`}
  </section>`
}

function line(tensor: Tensor, of: RegionStatistics | null, channel: number | null): TemplateResult {
  return html`<tr><th scope="row">${symbols[tensor]}${channel === null ? nothing : html` <small>${channel}</small>`}</th>
    <td>${of === null ? '–' : html`<span>${fixed(of.mean, 3, true)} ± ${fixed(of.std, 3)}</span> <span class="range">${fixed(of.min, 2, true)} … ${fixed(of.max, 2, true)}</span>`}</td></tr>`
}
