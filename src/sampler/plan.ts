import { assertNever } from './errors'
import { multistep } from './methods/multistep'
import type { Variant } from './methods/propagator'
import { singlestep } from './methods/singlestep'
import { fixedOrders, multistepOrders, singlestepOrders } from './orders'
import { refuseImpossible, endRefused } from './refuse'
import { noiseFree } from './schedule/level'
import { snapToKnots } from './snap'
import { spacedLevels } from './spacing'
import type { Form, Level, NoiseSchedule, Plan, PlanRequest, Step } from './types'

/**
 * What will be computed, before any model runs: levels and steps as tables of coefficients.
 * `steps` counts model evaluations for every method. finalSigma `sigmaMin`: all of them lead from T to t_end. `zero`: one fewer does, and the last one
 * serves a first-order step from t_end to σ = 0 (x ← x̂₀).
 * @param schedule places the levels
 * @param network the network's own schedule, to whose knots levels snap where `snapToKnots` asks for it
 * @throws DpmError recipeInvalid, with the field and what to set it to
 */
export function makePlan(request: PlanRequest, schedule: NoiseSchedule, network: NoiseSchedule = schedule): Plan {
  refuseImpossible(request)
  const toZero = request.finalSigma === 'zero'
  const planned = request.steps - (toZero ? 1 : 0)
  const { steps, notes } = stepsBetween(request, schedule, schedule.level(schedule.T), endLevel(request, schedule), planned, network)
  if (toZero) steps.push(finalStep(formOf(request), steps))

  const evaluations = steps.reduce((sum, step) => sum + step.stages.length, 0)
  if (evaluations < request.steps) {
    notes.unshift(`${request.method} of order ${request.order} takes ${evaluations} of the ${request.steps} evaluations asked for.`)
  }
  return { form: formOf(request), levels: [...steps.map(({ from }) => from), ...steps.slice(-1).map(({ to }) => to)], steps, evaluations, notes: [...notes, ...unusedOptions(request)] }
}

/** What of a request decides the steps between two given levels. `steps` is only compared with lowerOrderBelow. */
export type StepsRequest = Omit<PlanRequest, 'finalSigma' | 'tEnd' | 'variant'> & { variant: Variant }

/**
 * Steps from one level to another, in either direction, with the orders, spacing and method of the request.
 * @param evaluations how many evaluations to divide; singlestepFixed takes the largest multiple of the order
 */
export function stepsBetween(
  request: StepsRequest, schedule: NoiseSchedule, from: Level, to: Level, evaluations: number, network: NoiseSchedule = schedule,
): { steps: Step[]; notes: string[] } {
  const orders = ordersOf(request, evaluations)
  let outline = place(request, schedule, from, to, orders)
  const notes: string[] = []
  if (request.snapToKnots) {
    const placed = stepsAlong(outline, orders, schedule, request)
    const snapped = snapOutline(placed, schedule, network, request.steps)
    outline = snapped.outline
    if (snapped.displaced > 0) notes.push(`The network takes whole time steps only: ${snapped.displaced} levels moved to a neighbouring one because their own was taken.`)
  }
  return { steps: stepsAlong(outline, orders, schedule, request), notes }
}

/** The first-order step from where the given steps end to σ = 0. */
export function finalStep(form: Form, steps: readonly Step[]): Step {
  const from = steps.at(-1)?.to
  if (!from) throw new RangeError('no step precedes the final one')
  const at = { from, to: noiseFree, index: steps.length, count: steps.length + 1, past: [], levelAtLambda: () => from }
  return singlestep(form, 1)(at, {})
}

const formOf = ({ algorithm }: Pick<PlanRequest, 'algorithm'>): Form => algorithm === 'dpmsolver' ? 'noise' : 'data'

/** More remembered outputs than any multistep method asks for. */
const longestHistory = 3

/** Where one step lies: its two ends and the inner levels, empty where the method places them itself. */
interface Part { from: Level; inner: Level[]; to: Level }

function ordersOf({ method, order, orderSplit, steps, lowerOrderBelow }: StepsRequest, evaluations: number): number[] {
  switch (method) {
    case 'multistep': return multistepOrders(evaluations, order, steps < lowerOrderBelow)
    case 'singlestep': return singlestepOrders(evaluations, order, orderSplit)
    case 'singlestepFixed': return fixedOrders(evaluations, order)
    case 'adaptive': throw new RangeError('the steps of an adaptive run are not known beforehand')
    default: return assertNever(method)
  }
}

/**
 * Steps equal in λ, with inner levels at the method's own r1, r2; with another spacing a grid of one interval for each evaluation, of which a
 * step of order k takes k: its inner levels are grid points, so r1, r2 are what the grid makes them.
 */
function place({ spacing, method }: StepsRequest, schedule: NoiseSchedule, from: Level, to: Level, orders: readonly number[]): Part[] {
  const widths = method === 'multistep' || spacing === 'logSNR' ? orders.map(() => 1) : orders
  const grid = spacedLevels(spacing, schedule, from, to, widths.reduce((sum, width) => sum + width, 0))
  return parts(grid, widths)
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

/** The options are of the order asked for: a step that makes up the number of evaluations keeps its own r1. */
function stepsAlong(outline: readonly Part[], orders: readonly number[], schedule: NoiseSchedule, { algorithm, method, order, variant, options }: StepsRequest): Step[] {
  const form = formOf({ algorithm })
  const make = method === 'multistep' ? multistep : singlestep
  const steps: Step[] = []
  const past: Level[] = []
  outline.forEach(({ from, inner, to }, index) => {
    const own = orders[index] ?? order
    const levelAtLambda = (lambda: number): Level => schedule.levelAtLambda(lambda)
    const at = { from, to, index, count: outline.length, past: past.slice(0, longestHistory), inner, levelAtLambda }
    const step = make(form, own, variant)(at, own === order ? options : {})
    steps.push(step)
    for (const stage of step.remember) past.unshift(step.stages[stage]?.level ?? from)
  })
  return steps
}

function snapOutline(steps: readonly Step[], schedule: NoiseSchedule, network: NoiseSchedule, evaluations: number): { outline: Part[]; displaced: number } {
  const last = steps.at(-1)
  const chain = [...steps.flatMap(({ stages }) => stages.map(({ level }) => level)), ...(last ? [last.to] : [])]
  const { levels, displaced } = snapToKnots(chain, schedule, network, evaluations)
  return { outline: parts(levels, steps.map(({ stages }) => stages.length)), displaced }
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

function unusedOptions({ options, method, order, spacing }: PlanRequest): string[] {
  const used = method === 'multistep' || order === 1 || spacing !== 'logSNR' ? [] : order === 2 ? ['r1'] : ['r1', 'r2']
  const unused = Object.keys(options).filter((name) => !used.includes(name)).sort()
  if (unused.length === 0) return []
  const why = method === 'multistep' || order === 1 ? `${method} of order ${order} has no inner evaluations`
    : spacing !== 'logSNR' ? `the spacing ${spacing} places the inner evaluations` : `${method} of order ${order} has one inner evaluation`
  return [`${unused.join(' and ')} ${unused.length === 1 ? 'is' : 'are'} not used: ${why}.`]
}
