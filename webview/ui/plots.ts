import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit-html'
import { checked } from '../form'
import { courseOf, shownRow, type Course } from '../state'
import type { Context } from './field'
import { fixed } from './text'

const gap = 12
const leastWidth = 230
const [top, bottom, height, left, margin] = [24, 132, 156, 34, 10]
const y = (share: number): number => bottom - share * (bottom - top)

/** Width of a plot: three beside each other, or as many as there is room for. */
interface Box { width: number; right: number }
function boxFor(room: number): Box {
  const columns = Math.max(1, Math.min(3, Math.floor((room + gap) / (leastWidth + gap))))
  const width = Math.max(160, Math.min(420, Math.floor((room - (columns - 1) * gap) / columns)))
  return { width, right: width - margin }
}
const at = ({ right }: Box, row: number, last: number): number => left + (right - left) * (last > 0 ? row / last : 0)

/** λ, α, σ over the steps; spread of the values; time of each step. */
export function plots(context: Context): TemplateResult | typeof nothing {
  const course = courseOf(context.state)
  if (!course) return nothing
  const box = boxFor(context.state.size.width)
  return html`<section class="plots" aria-label="Plots">${schedulePlot(context, course, box)}${spreadPlot(context, course, box)}${timePlot(context, course, box)}</section>`
}

function plot({ width, right }: Box, title: string, description: string, keys: readonly [className: string, name: string][], content: readonly (SVGTemplateResult | typeof nothing)[]): TemplateResult {
  return html`<svg class="plot" role="img" aria-label=${`${title}: ${description}`} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
    ${svg`<text class="title" x=${left} y="12">${title}</text>
      <text class="tick" x=${right} y="12" text-anchor="end">${keys.map(([className, name]) => svg`<tspan class=${className} dx="8">${name}</tspan>`)}</text>
      <path class="axis" d=${`M${left} ${top}V${bottom}H${right}`}/><text class="tick" x=${right} y=${bottom + 16} text-anchor="end">step</text>${content}`}
  </svg>`
}

function line(box: Box, className: string, values: readonly (number | undefined)[], low: number, high: number, last: number): SVGTemplateResult {
  const points = values.flatMap((value, row) => value !== undefined && Number.isFinite(value) ? [`${at(box, row, last).toFixed(1)},${y((value - low) / (high - low || 1)).toFixed(1)}`] : [])
  return svg`<polyline class=${className} points=${points.join(' ')}/>`
}

function cursor(box: Box, row: number, last: number): SVGTemplateResult | typeof nothing {
  return row < 0 ? nothing : svg`<line class="cursor" x1=${at(box, row, last)} x2=${at(box, row, last)} y1=${top - 4} y2=${bottom}/>`
}

function ticks(...marks: [share: number, text: string][]): SVGTemplateResult {
  return svg`${marks.map(([share, text]) => svg`<text class="tick" x=${left - 5} y=${y(share) + 3} text-anchor="end">${text}</text>`)}`
}

/** λ on its own scale, α and σ from 0 to 1 or to the largest of them; where the form makes other steps than the run shown, its λ dotted. */
function schedulePlot({ state }: Context, course: Course, box: Box): TemplateResult {
  const last = Math.max(0, course.levels.length - 1)
  const form = state.view?.run ? checked(state)?.prepared?.plan : undefined
  const next = form?.adaptive ? undefined : form
  const lambdas = course.levels.map(({ lambda }) => lambda)
  const nextLambdas = next?.levels.map(({ lambda }) => lambda) ?? []
  const differs = next !== undefined && JSON.stringify(lambdas) !== JSON.stringify(nextLambdas)
  const finite = [...lambdas, ...nextLambdas].filter(Number.isFinite)
  const [low, high] = [Math.floor(Math.min(0, ...finite)), Math.ceil(Math.max(0, ...finite))]
  const largest = Math.max(1, ...course.levels.flatMap(({ alpha, sigma }) => [alpha, sigma]))
  const row = shownRow(state)
  const level = course.levels[row]
  return plot(box, 'λ, α, σ', lambdas.length === 0 ? 'found while the run goes' : `λ from ${fixed(lambdas[0]!, 2)} to ${fixed(lambdas.at(-1)!, 2)} over ${last} steps`, [['k1', 'λ'], ['k2', 'α'], ['k3', 'σ'], ...(differs ? [['k4', 'λ next run'] as [string, string]] : [])], [
    ticks([1, fixed(high, 0)], [-low / (high - low || 1), '0'], ...(low < 0 ? [[0, fixed(low, 0)] as [number, string]] : [])),
    differs ? line(box, 'l4', nextLambdas, low, high, nextLambdas.length - 1) : nothing,
    line(box, 'l2', course.levels.map(({ alpha }) => alpha), 0, largest, last), line(box, 'l3', course.levels.map(({ sigma }) => sigma), 0, largest, last), line(box, 'l1', lambdas, low, high, last), cursor(box, row, last),
    level && Number.isFinite(level.lambda) ? svg`<circle class="dot" cx=${at(box, row, last)} cy=${y((level.lambda - low) / (high - low || 1))} r="3"/>` : nothing,
  ])
}

function spreadPlot({ state }: Context, course: Course, box: Box): TemplateResult {
  const rows = state.view?.run?.rows ?? []
  const last = Math.max(0, course.levels.length - 1)
  const high = Math.max(1, ...rows.flatMap(({ x: a, x0 }) => [a.std, x0.std]).filter(Number.isFinite))
  return plot(box, 'standard deviation', rows.length > 0 ? `of x̂₀ ${fixed(rows.at(-1)!.x0.std, 2)} in the last row` : 'nothing recorded', [['k1', 'x̂₀'], ['k3', 'xₜ']], [
    ticks([1, fixed(high, high < 10 ? 1 : 0)], [0, '0']), line(box, 'l3', rows.map(({ x: value }) => value.std), 0, high, last), line(box, 'l1', rows.map(({ x0 }) => x0.std), 0, high, last), cursor(box, shownRow(state), last),
  ])
}

function timePlot({ state }: Context, course: Course, box: Box): TemplateResult {
  const rows = state.view?.run?.rows ?? []
  const last = Math.max(0, course.levels.length - 1)
  const high = Math.max(0.1, ...rows.map(({ ms }) => ms))
  const width = Math.min(14, 0.7 * (box.right - left) / Math.max(1, last + 1))
  const row = shownRow(state)
  return plot(box, 'time per step, ms', rows.length > 0 ? `at most ${fixed(high, 1)} ms` : 'nothing recorded', [], [
    ticks([1, fixed(high, high < 10 ? 1 : 0)], [0, '0']),
    svg`${rows.map((event) => {
      const middle = left + (box.right - left) * (event.row + 0.5) / (last + 1)
      return svg`<rect class=${event.row === row ? 'bar on' : 'bar'} x=${middle - width / 2} width=${width} y=${y(event.ms / high)} height=${Math.max(0, bottom - y(event.ms / high))}/>`
    })}`,
  ])
}
