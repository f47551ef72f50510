import { asNetwork, mixture, type AnalyticModel } from '../../src/sampler/analytic'
import { makePlan } from '../../src/sampler/plan'
import { sample } from '../../src/sampler/sample'
import { scheduleOf } from '../../src/sampler/schedule/schedule'
import type { FloatArray, Level, NoiseSchedule, PlanRequest, ScheduleSpec } from '../../src/sampler/types'
import { data, number, numbers, text, type Data } from '../golden/file'

/** A probability-flow ODE with a reference solution: 512 starts x_T ~ N(0, I), a mixture of Gaussians, one noise schedule. */
export interface Problem { name: string; model: AnalyticModel; schedule: NoiseSchedule; tEnd: number; x: Float64Array; reference: Float64Array }

const items = 512

/** The problems a file of measurements is about: its model on each of its schedules. */
export function problemsOf(header: Data): Problem[] {
  const spec = data(header, 'model')
  const [weights, s] = [numbers(spec, 'w'), numbers(spec, 's')]
  const size = numbers(spec, 'm').length / weights.length
  const model = mixture(weights.map((weight, k) => ({ weight, mean: numbers(spec, 'm').slice(k * size, (k + 1) * size), s: s[k]! })))
  const x = starts(size)
  const configs = header['configs']
  if (!Array.isArray(configs)) throw new TypeError('“configs” is not a list')
  return configs.map((config: unknown) => {
    const [name, kind, parameters, end] = config as unknown[]
    const schedule = scheduleOf(specOf(text({ kind }, 'kind'), numbers({ parameters }, 'parameters')))
    const tEnd = end === null ? schedule.tEnd : number({ end }, 'end')
    return { name: text({ name }, 'name'), model, schedule, tEnd, x, reference: solved(model, schedule, x, schedule.level(schedule.T), schedule.level(tEnd)) }
  })
}

function specOf(kind: string, [first = NaN, second = NaN, N = NaN]: readonly number[]): ScheduleSpec {
  switch (kind) {
    case 'linear': return { kind: 'vpLinear', beta0: first, beta1: second }
    case 'scaled': return { kind: 'discrete', betas: 'scaled_linear', trainSteps: N, betaStart: first, betaEnd: second, lambdaMin: -5.1 }
    default: throw new TypeError(`the schedule ${kind} is not known`)
  }
}

/** The starts of the peers' measurements: a linear congruential generator and one normal from two of its numbers. */
function starts(size: number): Float64Array {
  let state = 20260101
  const uniform = (): number => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return (state + 0.5) / 0x100000000
  }
  return Float64Array.from({ length: items * size }, () => {
    const [u1, u2] = [uniform(), uniform()]
    return Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * u2)
  })
}

/** Runge–Kutta steps of the reference: its error is below 1e-7. */
const referenceSteps = 1000

/** The ODE in λ for y = x/α, dy/dλ = −e^(−λ) ε, by the classical Runge–Kutta method. */
function solved(model: AnalyticModel, schedule: NoiseSchedule, x: Float64Array, from: Level, to: Level): Float64Array {
  const h = (to.lambda - from.lambda) / referenceSteps
  const y = x.map((value) => value / from.alpha)
  const k = Array.from({ length: 4 }, () => new Float64Array(x.length))
  const scaled = new Float64Array(x.length)
  const slope = (lambda: number, previous: Float64Array | undefined, width: number, out: Float64Array): void => {
    const level = schedule.levelAtLambda(lambda)
    for (let i = 0; i < y.length; i++) scaled[i] = level.alpha * (y[i]! + (previous ? width * previous[i]! : 0))
    model.noise(scaled, level, out)
    for (let i = 0; i < y.length; i++) out[i]! *= -Math.exp(-lambda)
  }
  for (let step = 0; step < referenceSteps; step++) {
    const lambda = from.lambda + step * h
    slope(lambda, undefined, 0, k[0]!)
    slope(lambda + h / 2, k[0], h / 2, k[1]!)
    slope(lambda + h / 2, k[1], h / 2, k[2]!)
    slope(lambda + h, k[2], h, k[3]!)
    for (let i = 0; i < y.length; i++) y[i]! += h / 6 * (k[0]![i]! + 2 * k[1]![i]! + 2 * k[2]![i]! + k[3]![i]!)
  }
  return y.map((value) => value * to.alpha)
}

/** Root mean square over the starts of the distance between a run's end and the reference. */
export async function errorOf(problem: Problem, request: Omit<PlanRequest, 'tEnd'>): Promise<{ rms: number; evaluations: number }> {
  const plan = makePlan({ ...request, tEnd: problem.tEnd }, problem.schedule)
  let end: FloatArray = problem.x
  for await (const row of sample({ plan, prediction: 'epsilon', x: problem.x, label: ({ t }) => t, evaluate: asNetwork(problem.model, 'epsilon') })) end = row.x
  return { rms: Math.sqrt(problem.reference.reduce((sum, value, i) => sum + (value - end[i]!) ** 2, 0) / items), evaluations: plan.evaluations }
}
