import { html, nothing, svg, type TemplateResult } from 'lit-html'
import { t } from '../../src/sampler/text'
import type { Actions } from '../actions'
import { shownRow } from '../state'
import type { Context } from '../ui/field'
import { icons } from '../ui/icons'
import { menu, openMenuAt } from '../ui/menu'
import type { Axis } from './axis'
import { boxOf, drawing, strokeOf } from './drawing'
import { readable } from './numbers'
import { hasLegendLine, inWords, nearestTo, sideName, sidesOf, type Key, type Plot } from './plot'
import { plotFile } from './svgFile'
import { plotCsv, plotTable } from './table'

/** Of the font of the values, in CSS pixels: a digit's. */
const characterWidth = 6.2

/** One plot with its name, keys and menu: the curves, or as a table; below the curves the values at the crosshair, else at the row on show. @param size of the curves in CSS pixels, and the `lines` kept free for the values */
export function plotBox(context: Context, plot: Plot, { lines, ...size }: { width: number; height: number; lines: number }): TemplateResult {
  const { state } = context
  const row = shownRow(state)
  const current = plot.x.along === 'steps' ? row : -1
  const menuId = `plot-menu-${plot.id}`
  const commands = plot.missing === null ? menu({ id: menuId, label: t('Copy or save: {0}', plot.title), face: icons.dots, items: [
    { label: t('Copy as CSV'), onClick: () => { context.act.copyText(plotCsv(plot), plot.title) } },
    { label: t('Save CSV…'), onClick: () => { context.act.saveText(plotCsv(plot), fileName(context, plot), 'csv') } },
    { label: t('Save SVG…'), onClick: () => { const page = document.getElementById('page'); if (page) context.act.saveText(plotFile(plot, page), fileName(context, plot), 'svg') } },
  ] }) : nothing
  return html`<section class="plot-box" data-plot=${plot.id} aria-label=${plot.title} @contextmenu=${(event: MouseEvent) => { if (plot.missing === null) openMenuAt(menuId, event) }}>
    <div class="plot-head"><h3 title=${inWords(plot)}>${plot.title}</h3>${plot.series.length > 0 && !hasLegendLine(plot) ? html`<span class="keys" aria-hidden="true">${plot.series.map((series) => key(plot, series))}</span>` : nothing}${commands}</div>
    ${state.plots.tables && plot.missing === null ? plotTable(plot, current) : curves(context, plot, { ...size, lines }, current)}
  </section>`
}

/** The run's name and the plot's. */
const fileName = ({ state }: Context, { id }: Plot): string => `${state.view?.run?.runId ?? 'plan'}-${id}`

const key = (plot: Plot, { mark, colour, symbol, axis = plot.left }: Key & { axis?: Axis }, name = symbol): TemplateResult => html`<span><svg class="key" width="14" height="10" aria-hidden="true">${mark === 'bars' ? svg`<rect class="bar ${colour}" x="4" y="2" width="6" height="8"/>` : svg`<polyline class="${strokeOf(plot, { axis, mark, colour })}" points="0,5 14,5"/>`}</svg>${name}</span>`

/** Over each of two axes what reads on it, and between them what has a scale of its own; over a single one all the curves. */
function sides(plot: Plot): TemplateResult | typeof nothing {
  if (plot.missing !== null || !hasLegendLine(plot)) return nothing
  const all = sidesOf(plot)
  if (!all) return html`<div class="sides" aria-hidden="true"><span class="keys">${(plot.keys ?? plot.series).map((entry) => key(plot, entry))}</span></div>`
  const keys = (side: 'left' | 'own' | 'right'): TemplateResult[] => all[side].map((series) => key(plot, series, sideName(series, side)))
  return html`<div class="sides" aria-hidden="true"><span class="keys" data-side="left">← ${keys('left')}</span><span class="keys" data-side="own">${keys('own')}</span><span class="keys" data-side="right">${keys('right')} →</span></div>`
}

function curves(context: Context, plot: Plot, { width, height, lines }: { width: number; height: number; lines: number }, current: number): TemplateResult {
  const { state, act } = context
  const box = boxOf(plot, width, height)
  const crosshair = plot.missing === null && state.crosshair?.along === plot.x.along ? Math.min(state.crosshair.index, plot.x.values.length - 1) : -1
  const read = crosshair >= 0 ? crosshair : current
  const last = plot.x.values.length - 1
  const readings = plot.missing === null && read >= 0 ? readingsOf(plot, read) : ''
  const name = inWords(plot)
  const content = svg`${drawing(plot, box, { cursor: current, crosshair })}`
  if (plot.missing !== null || last < 1) {
    return html`<div class="plot-room"><svg class="plot" role="img" aria-label=${name} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>${content}</svg>${sides(plot)}
      ${plot.missing === null ? nothing : html`<p class="missing">${plot.missing}</p>`}</div><p class="readings" data-lines=${lines}></p>`
  }
  const under = ({ clientX, currentTarget }: MouseEvent): number => nearestTo(plot, (clientX - (currentTarget as Element).getBoundingClientRect().left - box.left) / (box.right - box.left))
  const goes = plot.x.along === 'steps'
  return html`<div class="plot-room"><svg class="plot readable" role="slider" tabindex="0" aria-label=${name} aria-valuemin="0" aria-valuemax=${last} aria-valuenow=${Math.max(0, read)} aria-valuetext=${readings || t('nothing read')}
      aria-description=${goes ? t('Arrow keys read the values of each step, Enter shows the step.') : t('Arrow keys read the values at each frequency.')} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}
      @pointermove=${(event: PointerEvent) => { const index = under(event); if (index >= 0) act.crosshair({ along: plot.x.along, index }) }} @pointerleave=${() => { act.crosshair(null) }}
      @click=${(event: MouseEvent) => { if (goes) act.go(under(event)) }} @blur=${() => { act.crosshair(null) }}
      @keydown=${(event: KeyboardEvent) => { onKey(event, act, plot, Math.max(0, read)) }}>${content}</svg>${sides(plot)}</div>
    <p class="readings" data-lines=${lines}>${readings}</p>`
}

/** Lines that the values at an entry take at the most, at this width in CSS pixels: kept free, or what stands below would jump. */
export function readingLines({ x, series }: Plot, width: number): number {
  const characters = x.symbol.length + 5 + series.reduce((sum, { symbol }) => sum + symbol.replace(/\p{M}/gu, '').length + ' −0.491, '.length, 0)
  return Math.min(4, Math.ceil(characters * characterWidth / (width - 38)))
}

/** “12: λ 0.997, α 0.938”: the values at an entry of the plot's x. */
export function readingsOf(plot: Plot, index: number): string {
  const x = plot.x.values[index]
  return `${plot.x.symbol} ${Number((x ?? 0).toPrecision(4))}: ${plot.series.map(({ symbol, values }) => `${symbol} ${readable(values[index])}`).join(', ')}`
}

function onKey(event: KeyboardEvent, act: Actions, { x: { along, values } }: Plot, read: number): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const last = values.length - 1
  const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -Infinity, End: Infinity }[event.key]
  if (by !== undefined) act.read(along, read, (index) => Math.max(0, Math.min(last, index + (event.shiftKey && Math.abs(by) === 1 ? 5 * by : by))))
  else if (event.key === 'Enter' && along === 'steps') act.goRead()
  else if (event.key === 'Escape') { act.crosshair(null); return } // which VS Code hears too
  else return
  event.preventDefault()
}
