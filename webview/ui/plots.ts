import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit-html'
import type { Plan } from '../../src/sampler/types'
import { checked } from '../form'
import { shownPlan, shownRow } from '../state'
import type { Context } from './field'
import { fixed } from './text'

const box = { left: 34, right: 320, top: 24, bottom: 132, width: 330, height: 156 }
const y = (share: number): number => box.bottom - share * (box.bottom - box.top)
const x = (row: number, last: number): number => box.left + (box.right - box.left) * (last > 0 ? row / last : 0)

/** λ, α, σ over the steps; spread of the values; time of each step. */
export function plots(context: Context): TemplateResult | typeof nothing {
  const plan = shownPlan(context.state)
  if (!plan) return nothing
  return html`<section class="plots" aria-label="Plots">${schedulePlot(context, plan)}${spreadPlot(context, plan)}${timePlot(context, plan)}</section>`
}

function plot(title: string, description: string, keys: readonly [className: string, name: string][], content: readonly (SVGTemplateResult | typeof nothing)[]): TemplateResult {
  return html`<svg class="plot" role="img" aria-label=${`${title}: ${description}`} viewBox=${`0 0 ${box.width} ${box.height}`}>
    ${svg`<text class="title" x=${box.left} y="12">${title}</text>
      <text class="tick" x=${box.right} y="12" text-anchor="end">${keys.map(([className, name]) => svg`<tspan class=${className} dx="8">${name}</tspan>`)}</text>
      <path class="axis" d=${`M${box.left} ${box.top}V${box.bottom}H${box.right}`}/><text class="tick" x=${box.right} y=${box.bottom + 16} text-anchor="end">step</text>${content}`}
  </svg>`
}

function line(className: string, values: readonly (number | undefined)[], low: number, high: number, last: number): SVGTemplateResult {
  const points = values.flatMap((value, row) => value !== undefined && Number.isFinite(value) ? [`${x(row, last).toFixed(1)},${y((value - low) / (high - low || 1)).toFixed(1)}`] : [])
  return svg`<polyline class=${className} points=${points.join(' ')}/>`
}

function cursor(row: number, last: number): SVGTemplateResult | typeof nothing {
  return row < 0 ? nothing : svg`<line class="cursor" x1=${x(row, last)} x2=${x(row, last)} y1=${box.top - 4} y2=${box.bottom}/>`
}

function ticks(...marks: [share: number, text: string][]): SVGTemplateResult {
  return svg`${marks.map(([share, text]) => svg`<text class="tick" x=${box.left - 5} y=${y(share) + 3} text-anchor="end">${text}</text>`)}`
}

/** λ on its own scale, α and σ from 0 to 1; where the form makes other steps than the run shown, its λ dotted. */
function schedulePlot({ state }: Context, plan: Plan): TemplateResult {
  const last = plan.levels.length - 1
  const next = state.view?.run ? checked(state)?.prepared?.plan : undefined
  const lambdas = plan.levels.map(({ lambda }) => lambda)
  const nextLambdas = next?.levels.map(({ lambda }) => lambda) ?? []
  const differs = next !== undefined && JSON.stringify(lambdas) !== JSON.stringify(nextLambdas)
  const finite = [...lambdas, ...nextLambdas].filter(Number.isFinite)
  const [low, high] = [Math.floor(Math.min(0, ...finite)), Math.ceil(Math.max(0, ...finite))]
  const row = shownRow(state)
  const level = plan.levels[row]
  return plot('λ, α, σ', `λ from ${fixed(lambdas[0] ?? 0, 2)} to ${fixed(lambdas.at(-1) ?? 0, 2)} over ${last} steps`, [['k1', 'λ'], ['k2', 'α'], ['k3', 'σ'], ...(differs ? [['k4', 'λ next run'] as [string, string]] : [])], [
    ticks([1, fixed(high, 0)], [-low / (high - low || 1), '0'], ...(low < 0 ? [[0, fixed(low, 0)] as [number, string]] : [])),
    differs ? line('l4', nextLambdas, low, high, nextLambdas.length - 1) : nothing,
    line('l2', plan.levels.map(({ alpha }) => alpha), 0, 1, last), line('l3', plan.levels.map(({ sigma }) => sigma), 0, 1, last), line('l1', lambdas, low, high, last), cursor(row, last),
    level && Number.isFinite(level.lambda) ? svg`<circle class="dot" cx=${x(row, last)} cy=${y((level.lambda - low) / (high - low || 1))} r="3"/>` : nothing,
  ])
}

function spreadPlot({ state }: Context, plan: Plan): TemplateResult {
  const rows = state.view?.run?.rows ?? []
  const last = plan.levels.length - 1
  const high = Math.max(1, ...rows.flatMap(({ x: a, x0 }) => [a.std, x0.std]).filter(Number.isFinite))
  return plot('standard deviation', rows.length > 0 ? `of x̂₀ ${fixed(rows.at(-1)!.x0.std, 2)} in the last row` : 'nothing recorded', [['k1', 'x̂₀'], ['k3', 'xₜ']], [
    ticks([1, fixed(high, high < 10 ? 1 : 0)], [0, '0']), line('l3', rows.map(({ x: value }) => value.std), 0, high, last), line('l1', rows.map(({ x0 }) => x0.std), 0, high, last), cursor(shownRow(state), last),
  ])
}

function timePlot({ state }: Context, plan: Plan): TemplateResult {
  const rows = state.view?.run?.rows ?? []
  const last = plan.levels.length - 1
  const high = Math.max(0.1, ...rows.map(({ ms }) => ms))
  const width = Math.min(14, 0.7 * (box.right - box.left) / Math.max(1, last + 1))
  const row = shownRow(state)
  return plot('time per step, ms', rows.length > 0 ? `at most ${fixed(high, 1)} ms` : 'nothing recorded', [], [
    ticks([1, fixed(high, high < 10 ? 1 : 0)], [0, '0']),
    svg`${rows.map((event) => {
      const at = box.left + (box.right - box.left) * (event.row + 0.5) / (last + 1)
      return svg`<rect class=${event.row === row ? 'bar on' : 'bar'} x=${at - width / 2} width=${width} y=${y(event.ms / high)} height=${Math.max(0, box.bottom - y(event.ms / high))}/>`
    })}`,
  ])
}
