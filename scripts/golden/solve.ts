import { makePlan } from '../../src/sampler/plan'
import { finalStep, stepsBetween } from '../../src/sampler/steps'
import type { StepsRequest } from '../../src/sampler/row'
import { sample, type Evaluate, type SampleRequest } from '../../src/sampler/sample'
import type { Level, Plan, PredictionType, SamplingMethod } from '../../src/sampler/types'
import type { Compared } from './compare'
import { number, numbers, optionalNumber, text, type Data } from './file'
import type { Unsupported } from './kinds'
import { algorithmOf, authorsLabel, modelOfCase, scheduleOfCase, spacingOf, variantOf, type GoldenSchedule } from './official'

/** The authors' code lowers the order at the end below 10 steps, whatever its documentation says. */
const authorsLowerBelow = 10

const methods: Readonly<Record<string, SamplingMethod>> = { singlestep: 'singlestep', singlestep_fixed: 'singlestepFixed', multistep: 'multistep' }

/** Name of what this version does not have, or undefined. */
export function missing(golden: Data): string | undefined {
  const method = text(golden, 'method')
  return Object.hasOwn(methods, method) ? undefined : method
}

/** The case's steps from one time to another. */
export function planOf(golden: Data, { schedule, T, t0 }: GoldenSchedule, from = T, to = t0): Pick<Plan, 'form' | 'steps'> {
  const steps = number(golden, 'steps')
  const toZero = golden['denoise_to_zero'] === true
  const lower = golden['lower_order_final'] !== false
  const request: StepsRequest = {
    algorithm: algorithmOf(golden), order: number(golden, 'order') as 1 | 2 | 3, method: methods[text(golden, 'method')]!, steps, orderSplit: 'authors',
    lowerOrderBelow: lower ? authorsLowerBelow : 0, variant: variantOf(golden), spacing: spacingOf(golden),
    // The authors' third-order multistep is not what the mathematics asks for.
    options: { compat: 'peers3M' },
  }
  if (from === schedule.T && to < from) {
    // The product's own way. The evaluation at t_end is one of its steps, and its threshold counts it.
    const extra = toZero ? 1 : 0
    return makePlan({
      ...request, finalSigma: toZero ? 'zero' : 'sigmaMin', steps: steps + extra, lowerOrderBelow: lower ? authorsLowerBelow + extra : 0, tEnd: to,
    }, schedule)
  }
  const form = request.algorithm === 'dpmsolver' ? 'noise' : 'data'
  const between = stepsBetween(request, schedule, schedule.level(from), schedule.level(to), steps).steps
  return { form, steps: toZero ? [...between, finalStep(form, between)] : between }
}

export interface Solution { x: Float64Array; states: Float64Array[]; calls: { level: Level; x: Float64Array }[] }

/** What changes the estimate or the state on the way. */
export type Corrections = Pick<SampleRequest, 'correctEstimate' | 'correctState'>

export async function solve(
  plan: Pick<Plan, 'form' | 'steps'>, x: Float64Array, evaluate: Evaluate, { schedule }: GoldenSchedule, prediction: PredictionType = 'epsilon', corrections: Corrections = {},
): Promise<Solution> {
  const calls: Solution['calls'] = []
  const states: Float64Array[] = []
  const watched: Evaluate = (state, point) => {
    calls.push({ level: point.level, x: Float64Array.from(state) })
    return evaluate(state, point)
  }
  for await (const row of sample({ plan, prediction, x, label: ({ t }) => authorsLabel(t, schedule), evaluate: watched, ...corrections })) states.push(Float64Array.from(row.x))
  return { x: states.at(-1) ?? x, states, calls }
}

/** Final states of whole runs, and how many evaluations they took. */
export async function final(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const unsupported = missing(golden)
  if (unsupported !== undefined) return { unsupported }
  const at = scheduleOfCase(golden, header)
  const { model, x } = modelOfCase(golden, header, at.schedule)
  const plan = planOf(golden, at, optionalNumber(golden, 't_start') ?? at.T, optionalNumber(golden, 't_end') ?? at.t0)
  const run = await solve(plan, x, model.network('epsilon'), at)
  return [{ what: 'x', got: run.x, expected: numbers(golden, 'x') }, ...callsOf(golden, run)]
}

export const callsOf = (golden: Data, { calls }: Solution): Compared[] => 'calls' in golden ? [{ what: 'calls', got: [calls.length], expected: [number(golden, 'calls')], exact: true }] : []

/** Every state and every evaluation of a run. Only multistep's list of states begins with x_T. */
export async function trace(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const unsupported = missing(golden)
  if (unsupported !== undefined) return { unsupported }
  const at = scheduleOfCase(golden, header)
  const { model, x } = modelOfCase(golden, header, at.schedule)
  const { states, calls } = await solve(planOf(golden, at), x, model.network('epsilon'), at)
  const shown = text(golden, 'method') === 'multistep' ? states : states.slice(1)
  return [
    { what: 'intermediates', got: shown.flatMap((state) => [...state]), expected: numbers(golden, 'intermediates') },
    { what: 'call_t', got: calls.map(({ level }) => level.t), expected: numbers(golden, 'call_t') },
    { what: 'call_x', got: calls.flatMap((call) => [...call.x]), expected: numbers(golden, 'call_x') },
  ]
}

/** The authors' sample, inverse and add_noise with options. */
export async function options(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const at = scheduleOfCase(golden, header)
  switch (text(golden, 'fn')) {
    case 'sample': return final(golden, header)
    case 'inverse_then_sample': {
      const unsupported = missing(golden)
      if (unsupported !== undefined) return { unsupported }
      const evaluate = modelOfCase(golden, header, at.schedule).model.network('epsilon')
      const encoded = await solve(planOf(golden, at, at.t0, at.T), Float64Array.from(numbers(golden, 'x0')), evaluate, at)
      const decoded = await solve(planOf(golden, at), encoded.x, evaluate, at)
      return [
        { what: 'encoded', got: encoded.x, expected: numbers(golden, 'encoded') },
        { what: 'decoded', got: decoded.x, expected: numbers(golden, 'decoded') },
      ]
    }
    case 'add_noise': {
      const x0 = numbers(golden, 'x0')
      const noise = numbers(golden, 'noise')
      const got = numbers(golden, 't').flatMap((t, k) => {
        const { alpha, sigma } = at.schedule.level(t)
        return x0.map((value, i) => alpha * value + sigma * noise[k * x0.length + i]!)
      })
      return [{ what: 'x', got, expected: numbers(golden, 'x') }]
    }
    default: return { unsupported: text(golden, 'fn') }
  }
}
