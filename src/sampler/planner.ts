import { needsOf } from './buffers'
import { DpmError } from './errors'
import type { Spacings, Spread } from './evenSpacings'
import { singlestep } from './methods/singlestep'
import { single, type Slot } from './orders'
import { endRefused, knotsRefused, noiseRefused, refuseImpossible, startRefused } from './refuse'
import type { AlgorithmRow, Rows, StepsRequest } from './row'
import { noiseFree } from './schedule/level'
import { startLevel } from './schedule/schedule'
import { snapToKnots } from './snap'
import type { Form, Level, Method, NoiseSchedule, Plan, PlanRequest, Step } from './types'

/** What can be planned: whoever offers little of it carries the code of that only. */
export interface Offer { algorithms: Rows; spacings: Spacings }

/**
 * What will be computed, before any model runs: levels and steps as tables of coefficients.
 * `steps` counts model evaluations for every method. finalSigma `sigmaMin`: all of them lead from T to t_end. `zero`: one fewer does, and the last one
 * serves a first-order step from t_end to σ = 0 (x ← x̂₀). `denoise`: all of them lead to t_end, and one more serves that step (the authors' denoise_to_zero).
 * @param schedule places the levels
 * @param network the network's own schedule, to whose knots levels snap where `snapToKnots` asks for it
 * @throws DpmError recipeInvalid, with the field and what to set it to
 */
export function planOf(offer: Offer, asked: PlanRequest, schedule: NoiseSchedule, network: NoiseSchedule = schedule): Plan {
  const row = rowOf(offer, asked)
  const request = { ...asked, ...chosen(row, asked) }
  refuseImpossible(request, row, offer.algorithms)
  if (request.method === 'adaptive') return adaptivePlan(row, request, schedule)
  const form = row.form(request.options, schedule)
  const toZero = request.finalSigma === 'zero'
  const planned = request.steps - (toZero ? 1 : 0)
  const cleans = request.finalSigma !== 'sigmaMin'
  const start = beginLevel(request, schedule, form)
  const { steps, notes } = stepsOf(offer, request, schedule, start, endLevel(request, schedule), planned, network, cleans, toZero)
  if (cleans) steps.push(finalStep(form, steps))
  if (start.t !== (request.tStart ?? schedule.T)) notes.push(noSignalNote(start))

  const evaluations = steps.reduce((sum, step) => sum + step.stages.length, 0)
  if (evaluations < request.steps) {
    notes.unshift(`${request.method} of order ${request.order} takes ${evaluations} of the ${request.steps} evaluations asked for.`)
  }
  if (evaluations > request.steps) notes.unshift(`The last step to σ = 0 takes evaluation ${evaluations}, one more than the ${request.steps} steps.`)
  return { form, levels: [...steps.map(({ from }) => from), ...steps.slice(-1).map(({ to }) => to)], steps, evaluations, notes: [...notes, ...unusedOptions(row, request)] }
}

/**
 * The way back: from the data, taken for what lies at t_end, to the noise it comes from, with the steps of the request. Sampling with the same request and final σ
 * `sigmaMin` leads back to the data, within the method's order.
 * @throws DpmError recipeInvalid, also where the method adds noise: that cannot be undone
 */
export function encodePlanOf(offer: Offer, asked: PlanRequest, schedule: NoiseSchedule, network: NoiseSchedule = schedule): Plan {
  const row = rowOf(offer, asked)
  const request = { ...asked, ...chosen(row, asked), finalSigma: 'sigmaMin' as const }
  refuseImpossible(request, row, offer.algorithms)
  const form = row.form(request.options, schedule)
  const [from, to] = [endLevel(request, schedule), beginLevel(request, schedule, request.method === 'adaptive' ? 'noise' : form)]
  if (request.method === 'adaptive') return { ...adaptivePlan(row, request, schedule), adaptive: { ...row.adaptive!(request), from, to }, levels: [from, to] }
  const { steps, notes } = stepsOf(offer, request, schedule, from, to, request.steps, network)
  if (needsOf(steps).noises > 0) throw noiseRefused(row.title)
  const evaluations = steps.reduce((sum, step) => sum + step.stages.length, 0)
  return { form, steps, evaluations, levels: [...steps.map((step) => step.from), to], notes: [...notes, ...unusedOptions(row, request)] }
}

const noSignalNote = ({ lambda }: Level): string => `There is no signal at all at the noisiest time: the run starts at λ = ${lambda}.`

/** A run whose steps are found while it goes: `steps` does not count. Only the step to σ = 0 is known beforehand. */
function adaptivePlan(row: AlgorithmRow, request: PlanRequest, schedule: NoiseSchedule): Plan {
  const form = row.form(request.options, schedule)
  // Neither λ nor the slope in t is finite without any signal.
  const [from, to] = [beginLevel(request, schedule, 'noise'), endLevel(request, schedule)]
  const steps = request.finalSigma === 'sigmaMin' ? [] : [stepToZero(form, to, 0)]
  const { atol, rtol, ...rest } = row.adaptive!(request)
  return {
    form, adaptive: { ...rest, atol, rtol, from, to }, steps, levels: [from, to, ...steps.map((step) => step.to)], evaluations: steps.length,
    notes: [...(from.t === (request.tStart ?? schedule.T) ? [] : [noSignalNote(from)]), `The run finds its steps by itself: each may have an error of ${atol}, or ${rtol} times the state where that is more.`, ...unusedOptions(row, request)],
  }
}

/** @throws DpmError recipeInvalid where there is no such algorithm */
function rowOf({ algorithms }: Offer, { algorithm }: Pick<PlanRequest, 'algorithm'>): AlgorithmRow {
  const row = algorithms[algorithm]
  if (!row) throw new DpmError({ reason: 'recipeInvalid', field: 'solver.algorithm', message: `There is no algorithm ${algorithm}.`, advice: 'Choose another algorithm.', remedy: { title: 'Use DPM-Solver++', set: { 'solver.algorithm': 'dpmsolver++' } } })
  return row
}

/** @throws DpmError recipeInvalid where there is no such spacing */
function spreadOf({ spacings }: Offer, { spacing }: Pick<PlanRequest, 'spacing'>): Spread {
  const spread = spacings[spacing]
  if (!spread) throw new DpmError({ reason: 'recipeInvalid', field: 'schedule.spacing', message: `There is no spacing ${spacing}.`, advice: 'Choose another spacing.', remedy: { title: 'Use logSNR', set: { 'schedule.spacing': 'logSNR' } } })
  return spread
}

/** An algorithm that knows one order, method or variant takes that one, whatever the recipe says for those that have a choice. */
function chosen({ orders, methods, variants }: AlgorithmRow, asked: PlanRequest): Pick<PlanRequest, 'order' | 'method' | 'variant'> {
  const only = <T>(values: readonly T[], value: T): T => values.length === 1 ? values[0]! : value
  return { order: only(orders, asked.order), method: only(methods, asked.method), variant: only(variants, asked.variant) }
}

/**
 * Steps from one level to another, in either direction, with the orders, spacing and method of the request.
 * @param evaluations how many evaluations to divide; singlestepFixed takes the largest multiple of the order
 * @param evaluatesEnd a step to σ = 0 follows, see AlgorithmRow.slots
 * @param openEnd the spacing leaves that step an interval, see Placing.toZero
 */
export function stepsOf(
  offer: Offer, request: StepsRequest, schedule: NoiseSchedule, from: Level, to: Level, evaluations: number, network: NoiseSchedule = schedule, evaluatesEnd = false, openEnd = false,
): { steps: Step[]; notes: string[] } {
  const row = rowOf(offer, request)
  // Without any signal (λ = −∞) x̂₀ is all there is to go by: one first-order step in data form leads away or, on the way back, there; the method has the others.
  const copes = row.startsSilent?.(schedule) ?? false
  const [awake, asleep] = [from.alpha === 0 && evaluations > 0 && !copes, to.alpha === 0 && evaluations > 0]
  const silent: Slot[] = awake || asleep ? [single(1)] : []
  const own = silent.length > 0 && evaluations === 1 ? [] : row.slots(request, evaluations - silent.length, evaluatesEnd)
  const slots = asleep ? [...own, ...silent] : [...silent, ...own]
  const methods = own.map((slot, index) => row.method(request, slot, { index, last: index === own.length - 1, schedule }))
  if (asleep) methods.push(singlestep('data', 1))
  else if (awake) methods.unshift(singlestep('data', 1))
  let outline = place(spreadOf(offer, request), request, schedule, from, to, slots, openEnd)
  const notes: string[] = []
  if (request.snapToKnots) {
    const snapped = snapOutline(stepsAlong(outline, methods, schedule), schedule, network, (room) => knotsRefused(request, room, evaluations < request.steps))
    outline = snapped.outline
    if (snapped.displaced > 0) notes.push(`The network takes whole time steps only: ${snapped.displaced} levels moved to a neighbouring one because their own was taken.`)
  }
  return { steps: stepsAlong(outline, methods, schedule), notes }
}

/** The first-order step from where the given steps end to σ = 0. It evaluates there, unless a predictor–corrector has done so already. */
export function finalStep(form: Form, steps: readonly Step[]): Step {
  const before = steps.at(-1)
  if (!before) throw new RangeError('no step precedes the final one')
  const from = before.to
  const step = stepToZero(form, from, steps.length)
  if (before.stages[before.remember.at(-1) ?? -1]?.level !== from) return step
  return { ...step, stages: [], estimate: -1, update: step.update.map((term) => term.of === 'state' ? term : { ...term, of: { past: 0 } }) }
}

function stepToZero(form: Form, from: Level, index: number): Step {
  return singlestep(form, 1)({ from, to: noiseFree, index, count: index + 1, past: [], levelAtLambda: () => from }, {})
}

/** More remembered outputs than any multistep method asks for. */
const longestHistory = 4

/** Where one step lies: its two ends and the inner levels, empty where the method places them itself. */
interface Part { from: Level; inner: Level[]; to: Level }

/**
 * A grid of the spacing, of which every step takes its intervals: with spacings other than logSNR a singlestep method takes one for each evaluation, so its
 * inner levels are grid points and r1, r2 are what the grid makes them.
 */
function place(spread: Spread, { spacingOptions }: StepsRequest, schedule: NoiseSchedule, from: Level, to: Level, slots: readonly Slot[], toZero: boolean): Part[] {
  const widths = slots.map(({ intervals }) => intervals)
  return parts(spread(schedule, from, to, widths.reduce((sum, width) => sum + width, 0), { ...spacingOptions, toZero }), widths)
}

function parts(grid: readonly Level[], widths: readonly number[]): Part[] {
  let begin = 0
  return widths.map((width) => {
    const [from, ...rest] = grid.slice(begin, begin + width + 1)
    const to = rest.pop()
    if (!from || !to) throw new RangeError('the grid is shorter than the steps on it')
    begin += width
    return { from, inner: rest, to }
  })
}

function stepsAlong(outline: readonly Part[], methods: readonly Method[], schedule: NoiseSchedule): Step[] {
  const steps: Step[] = []
  const past: Level[] = []
  outline.forEach(({ from, inner, to }, index) => {
    const levelAtLambda = (lambda: number): Level => schedule.levelAtLambda(lambda)
    const step = methods[index]!({ from, to, index, count: outline.length, past: past.slice(0, longestHistory), inner, levelAtLambda, slope: (t) => schedule.slope(t) }, {})
    steps.push(step)
    for (const stage of step.remember) past.unshift(step.stages[stage]?.level ?? from)
  })
  return steps
}

function snapOutline(steps: readonly Step[], schedule: NoiseSchedule, network: NoiseSchedule, refused: Parameters<typeof snapToKnots>[3]): { outline: Part[]; displaced: number } {
  const last = steps.at(-1)
  const between = steps.map(({ from, to, stages }) => [...new Set(stages.map(({ level }) => level))].filter((level) => level !== from && level !== to))
  const chain = [...steps.flatMap(({ from }, i) => [from, ...between[i]!]), ...(last ? [last.to] : [])]
  const upwards = chain.length > 1 && chain[0]!.lambda > chain[1]!.lambda
  const { levels, displaced } = snapToKnots(upwards ? [...chain].reverse() : chain, schedule, network, refused)
  if (upwards) levels.reverse()
  return { outline: parts(levels, between.map(({ length }) => length + 1)), displaced }
}

function beginLevel({ tStart, tEnd }: PlanRequest, schedule: NoiseSchedule, form: Form): Level {
  if (tStart === undefined || tStart === schedule.T) return startLevel(schedule, form)
  if (!(tStart > (tEnd === 'auto' ? schedule.tEnd : tEnd) && tStart < schedule.T)) throw startRefused(tStart, schedule.T)
  return schedule.level(tStart)
}

function endLevel({ tEnd }: PlanRequest, schedule: NoiseSchedule): Level {
  if (tEnd === 'auto') return schedule.level(schedule.tEnd)
  if (!(tEnd > 0 && tEnd < schedule.T)) throw endRefused(tEnd, schedule.T)
  try {
    return schedule.level(tEnd)
  } catch (error) {
    // Below the first knot a discrete schedule runs into alpha = 1 before t = 0.
    if (error instanceof RangeError) throw endRefused(tEnd, schedule.T)
    throw error
  }
}

/** Options that are of no use in this request, named so that nobody wonders why they change nothing. */
function unusedOptions(row: AlgorithmRow, request: PlanRequest): string[] {
  const used = row.uses(request)
  const unused = Object.keys(request.options).filter((name) => !used.includes(name)).sort()
  return unused.length === 0 ? [] : [`${unused.join(' and ')} ${unused.length === 1 ? 'is' : 'are'} not used: ${whyUnused(request, unused)}.`]
}

function whyUnused({ algorithm, method, order, spacing }: PlanRequest, unused: readonly string[]): string {
  if (!unused.every((name) => name === 'r1' || name === 'r2') || !(algorithm === 'dpmsolver' || algorithm === 'dpmsolver++')) return `${algorithm} with these settings has no such parameter`
  if (method === 'multistep' || order === 1) return `${method} of order ${order} has no inner evaluations`
  return spacing !== 'logSNR' ? `the spacing ${spacing} places the inner evaluations` : `${method} of order ${order} has one inner evaluation`
}
