import { asNetwork, gaussian, mixture, type AnalyticModel } from '../../src/sampler/analytic'
import { rungeKuttaStep } from '../../src/sampler/methods/rungeKutta'
import { makePlan } from '../../src/sampler/plan'
import { sample } from '../../src/sampler/sample'
import { scheduleOf } from '../../src/sampler/schedule/schedule'
import type { FloatArray, Level, NoiseSchedule, Plan, PlanRequest, ScheduleSpec, Step } from '../../src/sampler/types'
import type { OrderCase } from './cases'

const specs: Readonly<Record<string, ScheduleSpec>> = {
  'vpLinear': { kind: 'vpLinear', beta0: 0.1, beta1: 20 },
  'vpCosine': { kind: 'vpCosine', s: 0.008 },
  'linear': { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 },
  'scaledLinear': { kind: 'discrete', betas: 'scaled_linear', trainSteps: 1000, betaStart: 0.00085, betaEnd: 0.012, lambdaMin: -5.1 },
  'edm': { kind: 'edm', sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5 },
  'flow': { kind: 'flow', shift: 3, trainSteps: 1000 },
}
export const schedules: readonly (readonly [name: string, schedule: NoiseSchedule])[] = Object.entries(specs).map(([name, spec]) => [name, scheduleOf(spec)])

/** Where the model's output changes most, so that few evaluations show the order. */
const [first, last] = [-1, 2.5]
const evaluations = [192, 384, 768]

/** Gaussian data: the flow is known, and so is that of the reverse SDE's drift alone. */
const [mu, s] = [[0.5, -1, 0.25, 2], [0.8, 0.3, 1.2, 0.5]]
const gaussianData = gaussian(mu, s)
const starts = Float64Array.of(0.8, -1.1, 0.35, 0.6, -0.4, 1.7, -0.9, 0.15)

/** A mixture for the SDE: the x̂₀ of one Gaussian never changes along its drift, which methods on x̂₀ then follow exactly. */
const mixtureData = mixture([{ weight: 0.5, mean: [1.5, 0.5], s: 0.3 }, { weight: 0.3, mean: [-1, 1.2], s: 0.25 }, { weight: 0.2, mean: [0.3, -1.4], s: 0.4 }])

/** Runs of a method at growing numbers of evaluations, and their distance to the exact solution. */
export interface Measured { points: { evaluations: number; error: number }[]; order: number }

export async function measure(orderCase: OrderCase, schedule: NoiseSchedule): Promise<Measured> {
  const model = orderCase.eta === 0 ? gaussianData : mixtureData
  const [from, to] = [schedule.levelAtLambda(first), schedule.levelAtLambda(last)]
  const exact = model === gaussianData ? gaussianData.exact(starts, from, to) : solved(model, orderCase.eta, from, to)
  const points: Measured['points'] = []
  for (const steps of orderCase.equalSteps ?? []) points.push(await equal(makePlan(requestOf(orderCase, from, to), schedule), schedule, steps, exact))
  for (const value of orderCase.equalSteps ? [] : orderCase.tolerances ?? orderCase.evaluations ?? (orderCase.claimed > 2 ? evaluations : evaluations.map((n) => n / 2))) {
    const request = requestOf(orderCase, from, to)
    const own = orderCase.tolerances ? { options: { ...request.options, atol: value, rtol: value } } : { steps: value }
    points.push(await run(makePlan({ ...request, ...own }, schedule), schedule, model, exact))
  }
  return { points, order: slope(points) }
}

function requestOf({ request }: OrderCase, from: Level, to: Level): PlanRequest {
  return {
    algorithm: 'dpmsolver++', order: 2, method: 'multistep', steps: 1, orderSplit: 'authors', lowerOrderBelow: 0, finalSigma: 'sigmaMin', variant: 'midpoint', options: {}, spacing: 'logSNR',
    tStart: from.t, tEnd: to.t, ...request,
  }
}

/** RK45 with steps of one width, and an evaluation at the start. */
async function equal({ adaptive }: Plan, schedule: NoiseSchedule, count: number, exact: Float64Array): Promise<{ evaluations: number; error: number }> {
  const { from, to, variable } = adaptive!
  const at = (i: number): Level => {
    const value = from[variable] + (to[variable] - from[variable]) * i / count
    return i === 0 ? from : i === count ? to : variable === 't' ? schedule.level(value) : schedule.levelAtLambda(value)
  }
  const levels = Array.from({ length: count + 1 }, (_, i) => at(i))
  const begin: Step = { from, to: from, order: 0, stages: [{ level: from, input: [{ of: 'state', coefficient: 1 }] }], update: [{ of: 'state', coefficient: 1 }], remember: [0], estimate: 0 }
  const steps = [begin, ...levels.slice(1).map((level, i) => rungeKuttaStep('rk45', schedule, levels[i]!, level, variable))]
  return run({ form: 'noise', steps, levels, evaluations: 1 + 6 * count, notes: [] }, schedule, gaussianData, exact)
}

async function run(plan: Plan, schedule: NoiseSchedule, model: AnalyticModel, exact: Float64Array): Promise<{ evaluations: number; error: number }> {
  const network = asNetwork(model, 'epsilon')
  let calls = 0
  let end: FloatArray = starts
  const silence = { items: 1, draw: (out: FloatArray) => { out.fill(0) }, increment: (out: FloatArray) => { out.fill(0) } }
  // One lane for all items: a slope belongs to one sequence of steps.
  const adaptive = plan.adaptive && { adaptive: { ...plan.adaptive, together: true } }
  const rows = sample({
    plan: { ...plan, ...adaptive }, prediction: 'epsilon', x: starts, label: ({ t }) => t, schedule, items: starts.length / model.size, noise: silence,
    evaluate: (x, at) => {
      calls += 1
      return network(x, at)
    },
  })
  for await (const row of rows) end = row.x
  const { alpha } = plan.levels.at(-1)!
  return { evaluations: calls, error: Math.sqrt(exact.reduce((sum, value, i) => sum + ((value - end[i]!) / alpha) ** 2, 0) / exact.length) }
}

/** Least-squares slope of log error over log evaluations. */
function slope(points: Measured['points']): number {
  const logs = points.map(({ evaluations: n, error }) => [Math.log(n), Math.log(error)] as const)
  const mean = (k: 0 | 1): number => logs.reduce((sum, point) => sum + point[k], 0) / logs.length
  const [mx, my] = [mean(0), mean(1)]
  return -logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0)
}

const references = new Map<string, Float64Array>()

/** The drift of the SDE alone, d(x/α)/dλ = −(1 + η) e^(−λ) ε, by the classical Runge–Kutta method with an error below 1e-12. */
function solved(model: AnalyticModel, eta: number, from: Level, to: Level): Float64Array {
  // From the same start y = x/α the way depends on λ alone.
  const key = `${eta} ${from.alpha}`
  const known = references.get(key) ?? solution(model, eta, from)
  references.set(key, known)
  return known.map((value) => value * to.alpha)
}

function solution(model: AnalyticModel, eta: number, from: Level): Float64Array {
  const steps = 2000
  const h = (last - first) / steps
  let y = starts.map((value) => value / from.alpha)
  const slopeAt = (lambda: number, state: Float64Array): Float64Array => {
    // α = 1: the model depends on λ alone.
    const level = { t: 0, alpha: 1, sigma: Math.exp(-lambda), lambda }
    const epsilon = new Float64Array(state.length)
    model.noise(state, level, epsilon)
    return epsilon.map((e) => -(1 + eta) * Math.exp(-lambda) * e)
  }
  const along = (state: Float64Array, k: Float64Array, width: number): Float64Array => state.map((value, i) => value + width * k[i]!)
  for (let step = 0; step < steps; step++) {
    const lambda = first + step * h
    const k1 = slopeAt(lambda, y)
    const k2 = slopeAt(lambda + h / 2, along(y, k1, h / 2))
    const k3 = slopeAt(lambda + h / 2, along(y, k2, h / 2))
    const k4 = slopeAt(lambda + h, along(y, k3, h))
    y = y.map((value, i) => value + h / 6 * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!))
  }
  return y
}
