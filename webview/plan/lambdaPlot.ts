import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit-html'
import { t } from '../../src/sampler/text'
import type { Level, NoiseSchedule, Plan } from '../../src/sampler/types'
import type { CustomSteps } from '../../src/recipe/customSteps'
import { shownEvent } from '../state'
import type { Context } from '../ui/field'
import { fixed } from '../ui/text'
import { axisFor, lambdaAt, place, ticks, type Axis } from './axis'
import { resultRoom } from './result'
import { add, addAfter, move, moveBy, remove, undo } from './custom'

const [middle, height] = [34, 92]
/** Half the width of what a handle is taken by, in CSS pixels. */
const reach = 12
/** More points than this are drawn as one path, and only the active one is a handle that has the focus. */
const handlesAtMost = 100
/** … and only so many are stops of the Tab key; Page Up and Page Down go from one to the next. */
const stopsAtMost = 40
const [coarse, fine] = [0.01, 0.001]

/** The levels of the plan along λ, with the times and σ that belong to it. Custom steps are handles. */
export function lambdaPlot(context: Context, plan: Plan | null, steps: CustomSteps | null, schedule: NoiseSchedule): TemplateResult {
  const { state } = context
  const levels = steps ? [...steps.points, ...steps.end ? [steps.end] : plan?.levels.slice(-1) ?? []] : plan?.levels ?? []
  const lambdas = [...levels.map(({ lambda }) => lambda).filter(Number.isFinite), ...steps ? [steps.least, steps.most] : []]
  const axis = axisFor(state.size.width - 4 - resultRoom(state), Math.min(...lambdas, schedule.level(schedule.tEnd).lambda), Math.max(...lambdas))
  const marks = html`${scales(axis, schedule)}${cursor(context, axis)}`
  const size = { width: axis.right + 40, height }
  if (!steps) {
    return html`<svg class="lambda-plot" role="img" aria-label=${description(levels)} width=${size.width} height=${height} viewBox=${`0 0 ${size.width} ${height}`}>
      ${marks}${inner(axis, plan)}${dots(axis, levels)}${orders(axis, plan)}</svg>`
  }
  const active = Math.max(0, Math.min(state.plan.active, steps.points.length - 1))
  const many = steps.points.length > handlesAtMost
  return html`<svg class="lambda-plot custom" role="group" aria-label=${t('Custom time steps')} aria-description=${help()} width=${size.width} height=${height} viewBox=${`0 0 ${size.width} ${height}`}
      @pointerdown=${(event: PointerEvent) => { grab(context, axis, event) }} @dblclick=${(event: MouseEvent) => { addAt(context, axis, steps, event) }} @keydown=${(event: KeyboardEvent) => { onKey(context, steps, event) }}>
    <rect class="ground" x="0" y="0" width=${size.width} height=${2 * middle}/>
    ${marks}${many ? dots(axis, steps.points) : nothing}${dots(axis, levels.slice(steps.points.length))}${orders(axis, plan)}
    ${steps.points.map((level, i) => many && i !== active ? nothing : handle(context, axis, steps, level, i, i === active || steps.points.length <= stopsAtMost))}</svg>`
}

const help = (): string => t('Arrow keys move a step by 1 % of the range, with Shift by 0.1 %. Page Up and Page Down go to the next one, Insert adds one, Delete removes one, Ctrl+Z takes the last change back.')

function description(levels: readonly Level[]): string {
  const [first, last] = [levels[0], levels.at(-1)]
  return first && last ? t('Levels of the plan on the λ axis: {0}, from λ {1} to {2}', levels.length, fixed(first.lambda, 2, true), fixed(last.lambda, 2, true)) : t('No levels')
}

/** λ, t and σ below the axis, each in a line. */
function scales(axis: Axis, schedule: NoiseSchedule): SVGTemplateResult {
  const rows: [string, (level: Level) => string][] = [['λ', ({ lambda }) => fixed(lambda, Number.isInteger(lambda) ? 0 : 1)], ['t', (level) => short(level.t)], ['σ', ({ sigma }) => short(sigma)]]
  const at = ticks(axis, schedule)
  return svg`<path class="axis" d=${`M${axis.left} ${middle}H${axis.right}`}/>${at.map(({ lambda }) => svg`<path class="axis" d=${`M${place(axis, lambda)} ${middle}v8`}/>`)}
    ${rows.map(([name, text], row) => svg`<text class="name" x="4" y=${middle + 24 + 15 * row}>${name}</text>${at.map((level) => svg`<text class="tick" text-anchor="middle" x=${place(axis, level.lambda)} y=${middle + 24 + 15 * row}>${text(level)}</text>`)}`)}
    <text class="tick" text-anchor="middle" x=${place(axis, Infinity)} y=${middle + 24}>σ = 0</text>`
}

/** Three digits, as few characters as that takes. */
const short = (value: number): string => value >= 1000 ? fixed(value, 0) : String(Number(value.toPrecision(3))).replace('-', '−')

/** A line where the row under the cursor lies. */
function cursor({ state }: Context, axis: Axis): SVGTemplateResult | typeof nothing {
  const level = shownEvent(state)?.level
  return level && level.lambda >= axis.low ? svg`<path class="cursor" d=${`M${place(axis, level.lambda)} 6V${middle + 10}`}/>` : nothing
}

function dots(axis: Axis, levels: readonly Level[]): SVGTemplateResult {
  return svg`<path class="dots" d=${levels.map(({ lambda }) => `M${place(axis, lambda).toFixed(1)} ${middle}h0`).join('')}/>`
}

/** Where the network is asked between the levels. */
function inner(axis: Axis, plan: Plan | null): SVGTemplateResult {
  const levels = plan?.steps.flatMap(({ from, to, stages }) => stages.map(({ level }) => level).filter(({ lambda }) => lambda > Math.min(from.lambda, to.lambda) && lambda < Math.max(from.lambda, to.lambda))) ?? []
  return svg`<path class="inner" d=${levels.map(({ lambda }) => `M${place(axis, lambda).toFixed(1)} ${middle}h0`).join('')}/>`
}

/** The order of each step in its middle, where there is room. */
function orders(axis: Axis, plan: Plan | null): SVGTemplateResult {
  return svg`${plan?.steps.map(({ from, to, order }) => {
    const [a, b] = [place(axis, from.lambda), place(axis, to.lambda)]
    return order > 0 && Math.abs(b - a) >= 14 ? svg`<text class="tick" text-anchor="middle" x=${(a + b) / 2} y=${middle - 18}>${order}</text>` : nothing
  }) ?? nothing}`
}

function handle({ act }: Context, axis: Axis, { least, most }: CustomSteps, level: Level, i: number, stop: boolean): SVGTemplateResult {
  const { lambda, t: time } = level
  return svg`<g class="handle" role="slider" data-point=${i} tabindex=${stop ? 0 : -1} transform=${`translate(${place(axis, lambda).toFixed(2)} ${middle})`} aria-label=${t('Step {0}', i)} aria-orientation="horizontal"
    aria-valuemin=${least} aria-valuemax=${most} aria-valuenow=${Math.max(least, lambda)} aria-valuetext=${t('step {0}, λ {1}, t {2}', i, fixed(lambda, 2, true), fixed(time, 2))} @focus=${() => { act.plan({ active: i }) }}>
    <rect class="reach" x=${-reach} y=${-reach} width=${2 * reach} height=${2 * reach}/><circle r="5.5"/><title>${t('step {0}, λ {1}, t {2}', i, fixed(lambda, 4, true), fixed(time, 5))}, σ ${fixed(level.sigma, 4)}</title></g>`
}

/** Pixels from the left of the drawing, in its own units: the page may be zoomed, or the drawing shrunk. */
function xOf(event: MouseEvent): number {
  const drawing = event.currentTarget as SVGSVGElement
  const box = drawing.getBoundingClientRect()
  return (event.clientX - box.left) / box.width * drawing.viewBox.baseVal.width
}

/** The point nearest to a place, if it is within reach. */
function pointAt(axis: Axis, points: readonly Level[], x: number): number | undefined {
  let best: number | undefined
  points.forEach(({ lambda }, i) => {
    const away = Math.abs(place(axis, lambda) - x)
    if (away <= reach && (best === undefined || away < Math.abs(place(axis, points[best]!.lambda) - x))) best = i
  })
  return best
}

/** Takes the nearest handle along with the pointer, one change a drawing. The axis is that of the beginning, so that it does not run away below the hand. */
function grab(context: Context, axis: Axis, event: PointerEvent): void {
  const drawing = event.currentTarget as SVGSVGElement
  const points = pointsNow(context)
  const x = xOf(event)
  const index = event.button === 0 ? pointAt(axis, points, x) : undefined
  if (index === undefined) return
  event.preventDefault()
  drawing.setPointerCapture(event.pointerId)
  const offset = place(axis, points[index]!.lambda) - x
  let due: number | undefined
  let lambda = 0
  let moved = false
  focusPoint(context, index)
  const apply = (): void => {
    due = undefined
    if (move(context, index, lambda, !moved)) moved = true
  }
  const onMove = (to: PointerEvent): void => {
    lambda = lambdaAt(axis, xOf(to) + offset)
    due ??= requestAnimationFrame(apply)
  }
  const onEnd = (): void => {
    if (due !== undefined) { cancelAnimationFrame(due); apply() }
    drawing.removeEventListener('pointermove', onMove)
    for (const end of ['pointerup', 'pointercancel']) drawing.removeEventListener(end, onEnd)
  }
  drawing.addEventListener('pointermove', onMove)
  for (const end of ['pointerup', 'pointercancel']) drawing.addEventListener(end, onEnd)
}

/** The points as they are now: the drawing may be older. */
function pointsNow({ act }: Context): readonly Level[] {
  return act.look((state) => typeof state.planner === 'string' ? [] : state.planner.stepsOf(state)?.points ?? [])
}

function addAt(context: Context, axis: Axis, { points }: CustomSteps, event: MouseEvent): void {
  const x = xOf(event)
  if (pointAt(axis, points, x) !== undefined) return
  event.preventDefault()
  add(context, lambdaAt(axis, x))
  focusActive(context)
}

function onKey(context: Context, { points }: CustomSteps, event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'z') { event.preventDefault(); event.stopPropagation(); undo(context); return }
  const given = (event.target as Element).closest('[data-point]')?.getAttribute('data-point')
  if (given === null || given === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  const index = Number(given)
  const share = event.shiftKey ? fine : coarse
  const deeds: Record<string, () => void> = {
    ArrowLeft: () => { moveBy(context, index, -share, !event.repeat) }, ArrowDown: () => { moveBy(context, index, -share, !event.repeat) },
    ArrowRight: () => { moveBy(context, index, share, !event.repeat) }, ArrowUp: () => { moveBy(context, index, share, !event.repeat) },
    PageUp: () => { focusPoint(context, Math.max(0, index - 1)) }, PageDown: () => { focusPoint(context, Math.min(points.length - 1, index + 1)) },
    Home: () => { focusPoint(context, 0) }, End: () => { focusPoint(context, points.length - 1) },
    Insert: () => { addAfter(context, index); focusActive(context) }, Delete: () => { remove(context, index); focusActive(context) },
  }
  const deed = deeds[event.key]
  if (!deed) return
  event.preventDefault()
  event.stopPropagation()
  deed()
}

/** Puts the focus on a handle, which may have yet to be drawn. */
function focusPoint({ act }: Context, index: number): void {
  act.plan({ active: index })
  requestAnimationFrame(() => { document.querySelector<SVGElement>(`[data-point="${index}"]`)?.focus() })
}

export function focusActive(context: Context): void {
  focusPoint(context, context.act.look(({ plan }) => plan.active))
}
