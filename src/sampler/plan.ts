import { needsOf } from './buffers'
import type { DpmError } from './errors'
import { optionNames, rowOf } from './algorithms'
import { endRefused, noiseRefused, refuseImpossible, startRefused } from './refuse'
import type { AlgorithmRow } from './row'
import { startLevel } from './schedule/schedule'
import { finalStep, stepsBetween, stepToZero } from './steps'
import { andList, t } from './text'
import type { Form, Level, NoiseSchedule, Plan, PlanRequest, Step } from './types'

/**
 * What will be computed, before any model runs: levels and steps as tables of coefficients.
 * `steps` counts model evaluations for every method. finalSigma `sigmaMin`: all of them lead from T to t_end. `zero`: one fewer does, and the last one
 * serves a first-order step from t_end to σ = 0 (x ← x̂₀). `denoise`: all of them lead to t_end, and one more serves that step (the authors' denoise_to_zero).
 * @param schedule places the levels
 * @param network the network's own schedule, to whose knots levels snap where `snapToKnots` asks for it
 * @throws DpmError recipeInvalid, with the field and what to set it to
 */
export function makePlan(asked: PlanRequest, schedule: NoiseSchedule, network: NoiseSchedule = schedule): Plan {
  const row = rowOf(asked.algorithm)
  const request = { ...asked, ...chosen(row, asked) }
  refuseImpossible(request, row, optionNames)
  if (request.method === 'adaptive') return adaptivePlan(row, request, schedule)
  const form = row.form(request.options, schedule)
  const toZero = request.finalSigma === 'zero'
  const planned = request.steps - (toZero ? 1 : 0)
  const cleans = request.finalSigma !== 'sigmaMin'
  const start = beginLevel(request, schedule, form)
  const { steps, notes } = stepsBetween(request, schedule, start, endLevel(request, schedule), planned, network, cleans, toZero)
  if (cleans) steps.push(finalStep(form, steps))
  if (start.t !== (request.tStart ?? schedule.T)) notes.push(noSignalNote(start))

  const evaluations = steps.reduce((sum, step) => sum + step.stages.length, 0)
  if (evaluations < request.steps) {
    notes.unshift(t('{0} of order {1} takes {2} of the {3} evaluations asked for.', request.method, request.order, evaluations, request.steps))
  }
  if (evaluations > request.steps) notes.unshift(t('The last step to σ = 0 takes evaluation {0}, one more than the {1} steps.', evaluations, request.steps))
  return { form, levels: levelsOf(steps), steps, evaluations, notes: [...notes, ...notAdaptive(row, asked), ...unusedOptions(row, request)] }
}

/**
 * The way back: from the data, taken for what lies at t_end, to the noise it comes from, with the steps of the request. Sampling with the same request and final σ
 * `sigmaMin` leads back to the data, within the method's order.
 * @throws DpmError recipeInvalid, also where the method adds noise: that cannot be undone
 */
export function makeEncodePlan(asked: PlanRequest, schedule: NoiseSchedule, network: NoiseSchedule = schedule): Plan {
  const row = rowOf(asked.algorithm)
  const request = { ...asked, ...chosen(row, asked), finalSigma: 'sigmaMin' as const }
  refuseImpossible(request, row, optionNames)
  const form = row.form(request.options, schedule)
  const [from, to] = [endLevel(request, schedule), beginLevel(request, schedule, request.method === 'adaptive' ? 'noise' : form)]
  if (request.method === 'adaptive') return { ...adaptivePlan(row, request, schedule), adaptive: { ...row.adaptive!(request), from, to }, levels: [from, to] }
  // What adds noise on the way to the data has no steps the other way.
  if (renewsNoise(row, request) || needsOf(stepsBetween(request, schedule, to, from, request.steps, network).steps).noises > 0) throw noiseRefused(row.title)
  const { steps, notes } = stepsBetween(request, schedule, from, to, request.steps, network)
  const evaluations = steps.reduce((sum, step) => sum + step.stages.length, 0)
  return { form, steps, evaluations, levels: levelsOf(steps), notes: [...notes, ...notAdaptive(row, asked), ...unusedOptions(row, request)] }
}

/** Where the rows of a trajectory lie: where each step begins, and where the last one ends. */
const levelsOf = (steps: readonly Step[]): Level[] => [...steps.map(({ from }) => from), ...steps.slice(-1).map(({ to }) => to)]

const noSignalNote = ({ lambda }: Level): string => t('There is no signal at all at the noisiest time: the run starts at λ = {0}.', lambda)

/** A run whose steps are found while it goes: `steps` does not count. Only the step to σ = 0 is known beforehand. */
function adaptivePlan(row: AlgorithmRow, request: PlanRequest, schedule: NoiseSchedule): Plan {
  const form = row.form(request.options, schedule)
  // Neither λ nor the slope in t is finite without any signal.
  const [from, to] = [beginLevel(request, schedule, 'noise'), endLevel(request, schedule)]
  const steps = request.finalSigma === 'sigmaMin' ? [] : [stepToZero(form, to, 0)]
  const { atol, rtol, ...rest } = row.adaptive!(request)
  return {
    form, adaptive: { ...rest, atol, rtol, from, to }, steps, levels: [from, to, ...steps.map((step) => step.to)], evaluations: steps.length,
    notes: [...(from.t === (request.tStart ?? schedule.T) ? [] : [noSignalNote(from)]), t('The run finds its steps by itself: each may have an error of {0}, or {1} times the state where that is more.', atol, rtol), ...unusedOptions(row, request)],
  }
}

/** An algorithm that knows one order, method or variant takes that one, whatever the recipe says for those that have a choice. */
export function chosen({ orders, methods, variants }: AlgorithmRow, asked: Pick<PlanRequest, 'order' | 'method' | 'variant'>): Pick<PlanRequest, 'order' | 'method' | 'variant'> {
  const only = <T>(values: readonly T[], value: T): T => values.length === 1 ? values[0]! : value
  return { order: only(orders, asked.order), method: only(methods, asked.method), variant: only(variants, asked.variant) }
}

function beginLevel({ tStart, tEnd }: PlanRequest, schedule: NoiseSchedule, form: Form): Level {
  if (tStart === undefined || tStart === schedule.T) return startLevel(schedule, form)
  if (!(tStart > (tEnd === 'auto' ? schedule.tEnd : tEnd) && tStart < schedule.T)) throw startRefused(tStart, schedule.T)
  return levelOr(schedule, tStart, () => startRefused(tStart, schedule.T))
}

function endLevel({ tEnd }: PlanRequest, schedule: NoiseSchedule): Level {
  if (tEnd === 'auto') return schedule.level(schedule.tEnd)
  if (!(tEnd > 0 && tEnd < schedule.T)) throw endRefused(tEnd, schedule.T)
  return levelOr(schedule, tEnd, () => endRefused(tEnd, schedule.T))
}

/** Below the first knot a discrete schedule runs into alpha = 1 before t = 0. */
function levelOr(schedule: NoiseSchedule, t: number, refused: () => DpmError): Level {
  try {
    return schedule.level(t)
  } catch (error) {
    if (error instanceof RangeError) throw refused()
    throw error
  }
}

/** An amount of noise that is not 0, however little comes of it. */
function renewsNoise({ options, stochastic }: AlgorithmRow, { options: given }: PlanRequest): boolean {
  if (stochastic && !options.some(({ name }) => name === 'eta')) return true
  return ['eta', 'sChurn'].some((name) => {
    const option = options.find((own) => own.name === name)
    return option !== undefined && (given[name] ?? ('usual' in option ? option.usual : 0)) !== 0
  })
}

/** Every algorithm has a choice of its own; that one was asked to find its steps and does not is said. */
function notAdaptive({ title, methods }: AlgorithmRow, { method }: PlanRequest): string[] {
  return method === 'adaptive' && !methods.includes('adaptive') ? [t('{0} takes a given number of steps: the method adaptive is not used.', title)] : []
}

/** What is of no use in this request, named so that nobody wonders why it changes nothing. */
function unusedOptions(row: AlgorithmRow, request: PlanRequest): string[] {
  const used = row.uses(request)
  const unused = Object.keys(request.options).filter((name) => !used.includes(name)).sort()
  return unused.length === 0 ? [] : [unused.length === 1 ? t('{0} is not used: {1}.', unused[0]!, whyUnused(request, unused)) : t('{0} are not used: {1}.', andList(unused), whyUnused(request, unused))]
}

function whyUnused({ algorithm, method, order, spacing }: PlanRequest, unused: readonly string[]): string {
  if (!unused.every((name) => name === 'r1' || name === 'r2') || !(algorithm === 'dpmsolver' || algorithm === 'dpmsolver++')) return t('{0} with these settings has no such parameter', algorithm)
  if (method === 'multistep' || order === 1) return t('{0} of order {1} has no inner evaluations', method, order)
  return spacing !== 'logSNR' ? t('the spacing {0} places the inner evaluations', spacing) : t('{0} of order {1} has one inner evaluation', method, order)
}
