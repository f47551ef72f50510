import { asNetwork, gaussian, mixture, type AnalyticModel } from '../../src/sampler/analytic'
import type { Evaluate } from '../../src/sampler/sample'
import { scheduleOf } from '../../src/sampler/schedule/schedule'
import type { Algorithm, NoiseSchedule, PredictionType, ScheduleSpec, Spacing, Variant } from '../../src/sampler/types'
import { data, isData, number, numbers, optionalNumber, text, type Data } from './file'

/** What the authors' code drops: knots with λ below this. */
export const clip = -5.1

/** The names of the authors' code for what has a name here. */
export const spacings: Readonly<Record<string, Spacing>> = { logSNR: 'logSNR', time_uniform: 'timeUniform', time_quadratic: 'timeQuadratic' }
const algorithms: Readonly<Record<string, Algorithm>> = { 'dpmsolver': 'dpmsolver', 'dpmsolver++': 'dpmsolver++' }
const variants: Readonly<Record<string, Variant>> = { dpmsolver: 'midpoint', taylor: 'taylor' }

/** The value a case names in a table. */
export function named<T>(table: Readonly<Record<string, T>>, from: Data, key: string): T {
  const name = text(from, key)
  if (!Object.hasOwn(table, name)) throw new TypeError(`“${key}” is ${name}, which is not known`)
  return table[name]!
}
export const spacingOf = (golden: Data): Spacing => named(spacings, golden, 'skip_type')
export const algorithmOf = (golden: Data): Algorithm => named(algorithms, golden, 'algorithm_type')
export const variantOf = (golden: Data): Variant => golden['solver_type'] === undefined ? 'midpoint' : named(variants, golden, 'solver_type')

/** A schedule with the ends its header gives it. */
export interface GoldenSchedule { schedule: NoiseSchedule; T: number; t0: number }

/** The schedule a case or its header describes: by the parameters it carries, else by its name in the header. */
export function scheduleOfCase(golden: Data, header: Data, lambdaMin: number | null = clip): GoldenSchedule {
  const name = golden['schedule'] ?? header['schedule']
  const given = golden['params'] ?? header['schedule_params']
  const params = isData(given) ? given : data(data(header, 'schedules'), String(name))
  const schedule = scheduleOf(specOf(params, lambdaMin))
  return { schedule, T: optionalNumber(params, 'T') ?? schedule.T, t0: optionalNumber(params, 't_0') ?? schedule.tEnd }
}

export function specOf(params: Data, lambdaMin: number | null): ScheduleSpec {
  if ('betas' in params) {
    const given = params['betas']
    const betas = Array.isArray(given) ? numbers(params, 'betas') : text(params, 'betas')
    if (typeof betas === 'string' && betas !== 'linear' && betas !== 'scaled_linear' && betas !== 'squaredcos_cap_v2') throw new TypeError(`“betas” is ${betas}, which is not known`)
    return {
      kind: 'discrete', betas, trainSteps: optionalNumber(params, 'N') ?? 1000,
      betaStart: optionalNumber(params, 'beta_start') ?? 1e-4, betaEnd: optionalNumber(params, 'beta_end') ?? 0.02, lambdaMin,
    }
  }
  if ('beta_0' in params) return { kind: 'vpLinear', beta0: number(params, 'beta_0'), beta1: number(params, 'beta_1') }
  return { kind: 'vpCosine', s: number(params, 's') }
}

/** The time the authors' code hands to a network: right for 1000 training steps only, so it lives here and nowhere else. */
export const authorsLabel = (t: number, schedule: NoiseSchedule): number => schedule.knots === undefined ? t : (t - 1 / schedule.knots) * 1000

/** A model of a golden file as a network. */
export interface GoldenModel {
  /** Values of one item. */
  size: number
  /** The data distribution, where it has a closed form. */
  model?: AnalyticModel
  network(prediction: PredictionType): Evaluate
  component?(k: number): Evaluate
}

/** The model a case names in its header, or the header's only one. */
export function modelOfCase(golden: Data, header: Data, schedule?: NoiseSchedule): { model: GoldenModel; x: Float64Array } {
  const { models, x_init: init } = header
  const name = typeof golden['model'] === 'string' ? golden['model'] : isData(models) && 'gmm' in models ? 'gmm' : Object.keys(isData(models) ? models : {})[0] ?? ''
  const spec = isData(models) ? data(models, name) : data(header, 'model')
  const start = 'x_init' in golden ? golden : isData(init) ? { x_init: init[name] } : header
  return { model: modelOf(spec, schedule), x: Float64Array.from(numbers(start, 'x_init')) }
}

function modelOf(spec: Data, schedule: NoiseSchedule | undefined): GoldenModel {
  if ('mu' in spec) return analytic(gaussian(numbers(spec, 'mu'), numbers(spec, 's')))
  if ('w' in spec) {
    const s = numbers(spec, 's')
    const means = (spec['m'] as unknown[]).map((_, k) => numbers(spec['m'] as Data, String(k)))
    const components = numbers(spec, 'w').map((weight, k) => ({ weight, mean: means[k]!, s: s[k]! }))
    return { ...analytic(mixture(components)), component: (k) => asNetwork(mixture([components[k]!]), 'epsilon') }
  }
  // “dummy”: f(x, t) = x t/(t + 1) of the label t.
  return {
    size: 1,
    network: () => (x, { level }) => {
      const label = schedule ? authorsLabel(level.t, schedule) : level.t
      return Float64Array.from(x, (value) => value * label / (label + 1))
    },
  }
}

const analytic = (model: AnalyticModel): GoldenModel => ({ size: model.size, model, network: (prediction) => asNetwork(model, prediction) })
