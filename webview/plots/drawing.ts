import { nothing, svg, type SVGTemplateResult } from 'lit-html'
import { guard } from 'lit-html/directives/guard.js'
import type { Axis } from './axis'
import { hasLegendLine, type Plot, type Series } from './plot'

/** Where the curves are in their picture, in CSS pixels. */
export interface Box { width: number; height: number; left: number; right: number; top: number; bottom: number }
/** What stands over the curves: the row on show, and where values are read. */
export interface Over { cursor: number; crosshair: number }

const margin = 8
const [leftTicks, rightTicks] = [38, 30]

/** The room for curves in a picture, beside its ticks; `head` is kept free above. */
export function boxOf(plot: Plot, width: number, height: number, head = hasLegendLine(plot) ? 16 : 8): Box {
  return { width, height, left: leftTicks, right: width - (plot.right ? rightTicks : margin), top: head, bottom: height - 18 }
}

const across = ({ left, right }: Box, axis: Axis, value: number): number => left + (right - left) * axis.share(value)
const up = ({ top, bottom }: Box, axis: Axis, value: number): number => bottom - (bottom - top) * axis.share(value)

/** Axes with their ticks, every series, and what stands over them. The one drawing, for the page and for files. */
export function drawing(plot: Plot, box: Box, over?: Over): SVGTemplateResult {
  return svg`${guard([plot, box.width, box.height], () => svg`${axes(plot, box)}${plot.missing === null ? [...plot.series].reverse().map((series) => curve(plot, series, box)) : nothing}`)}${over && plot.missing === null ? marks(plot, box, over) : nothing}`
}

function axes(plot: Plot, box: Box): SVGTemplateResult {
  const { left, right, top, bottom } = box
  const side = (axis: Axis, x: number, anchor: string): SVGTemplateResult => svg`${axis.ticks.map(({ value, text }) => svg`<text class="tick" x=${x} y=${up(box, axis, value) + 3} text-anchor=${anchor}>${text}</text>`)}`
  const label = right - 5.2 * plot.x.symbol.length - 6
  return svg`<path class="axis" d=${`M${left} ${top}V${bottom}H${right}${plot.right ? `V${top}` : ''}`}/>
    ${plot.missing === null ? svg`${side(plot.left, left - 5, 'end')}${plot.right ? side(plot.right, right + 5, 'start') : nothing}
    ${plot.x.axis.ticks.map(({ value, text }) => {
      const x = across(box, plot.x.axis, value)
      return svg`<path class="axis" d=${`M${x} ${bottom}v3`}/>${x + 3 * text.length > label ? nothing : svg`<text class="tick" x=${x} y=${bottom + 14} text-anchor="middle">${text}</text>`}`
    })}` : nothing}
    <text class="tick" x=${right} y=${bottom + 14} text-anchor="end">${plot.x.symbol}</text>`
}

function curve(plot: Plot, { values, axis, colour, mark }: Series, box: Box): SVGTemplateResult {
  const places = values.flatMap((value, i) => {
    const [x, y] = [across(box, plot.x.axis, plot.x.values[i] ?? NaN), up(box, axis, value)]
    return Number.isFinite(x) && Number.isFinite(y) ? [{ x, y }] : []
  })
  const points = places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  if (mark === 'bars') return svg`${places.map(({ x, y }) => bar(plot, box, colour, x, y))}`
  return svg`<polyline class="${strokeOf(plot, { axis, mark, colour })}" points=${points}/>${mark === 'points' && places.length < 80 || places.length === 1 ? places.map(({ x, y }) => svg`<circle class=${colour} cx=${x.toFixed(1)} cy=${y.toFixed(1)} r="2"/>`) : nothing}`
}

/** The look of a curve: what does not read on the left axis is broken, so that colour is not all that tells. */
export const strokeOf = ({ left }: Plot, { axis, mark, colour }: Pick<Series, 'axis' | 'mark' | 'colour'>): string => `${mark} ${colour}${axis === left ? '' : ' aside'}`

function bar(plot: Plot, box: Box, className: string, x: number, y: number): SVGTemplateResult {
  const { low, high } = plot.x.axis
  const width = Math.min(14, 0.7 * (box.right - box.left) / Math.max(1, high - low))
  return svg`<rect class="bar ${className}" x=${(x - width / 2).toFixed(1)} width=${width.toFixed(1)} y=${y.toFixed(1)} height=${Math.max(0, box.bottom - y).toFixed(1)}/>`
}

function marks(plot: Plot, box: Box, { cursor, crosshair }: Over): SVGTemplateResult {
  const at = (index: number): number => across(box, plot.x.axis, plot.x.values[index] ?? NaN)
  const line = (className: string, index: number): SVGTemplateResult | typeof nothing => {
    const x = at(index)
    return Number.isFinite(x) ? svg`<line class=${className} x1=${x} x2=${x} y1=${box.top - 4} y2=${box.bottom}/>` : nothing
  }
  const dots = (index: number, series: readonly Series[]): SVGTemplateResult => svg`${series.map(({ axis, values, colour, mark }) => {
    const [x, y] = [at(index), up(box, axis, values[index] ?? NaN)]
    if (!Number.isFinite(x) || !Number.isFinite(y)) return nothing
    return mark === 'bars' ? bar(plot, box, `${colour} on`, x, y) : svg`<circle class=${colour} cx=${x} cy=${y} r="3"/>`
  })}`
  const bars = plot.series.filter(({ mark }) => mark === 'bars')
  return svg`${plot.x.along === 'steps' ? svg`${line('cursor', cursor)}${dots(cursor, [...bars, ...plot.series.slice(0, 1)])}` : nothing}${crosshair < 0 ? nothing : svg`${line('crosshair', crosshair)}${dots(crosshair, plot.series)}`}`
}
