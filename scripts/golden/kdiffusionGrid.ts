import { denoiserOf, type NetworkTerms } from '../../src/sampler/network'
import { ancestralSplit } from '../../src/sampler/methods/ancestral'
import { scheduleOf } from '../../src/sampler/schedule/schedule'
import { spacedLevels } from '../../src/sampler/spacing'
import type { Level, NoiseSchedule, ScheduleSpec } from '../../src/sampler/types'
import type { Compared } from './compare'
import { tableOf, type Table } from './diffusersConfig'
import { timeOf } from './diffusersSpacing'
import { data, number, numbers, optionalNumber, text, type Data } from './file'
import { veLevel } from './kdiffusion'
import type { Unsupported } from './kinds'
import { linspace } from './torch'

/** The peer's σ by their names, and how its ancestral samplers divide a step: both from the product's own spacings and methods. */
export function kdiffusionGrid(golden: Data, header: Data): Compared[] | Unsupported {
  const fn = text(golden, 'fn')
  switch (fn) {
    case 'get_sigmas': {
      const levels = sigmaLevels(text(golden, 'sigmas'), data(data(header, 'sigma_schedules'), text(golden, 'sigmas')), number(golden, 'n'))
      if (!levels) return { unsupported: text(golden, 'sigmas') }
      return [{ what: 'grid', got: [...levels.map(({ alpha, sigma }) => sigma / alpha), 0], expected: numbers(golden, 'grid') }]
    }
    case 'get_ancestral_step': {
      const { down, up } = ancestralSplit(veLevel(number(golden, 'from')), veLevel(number(golden, 'to')), optionalNumber(golden, 'eta') ?? 1)
      return [{ what: 'sigma_down', got: [down], expected: numbers(golden, 'sigma_down') }, { what: 'sigma_up', got: [up], expected: numbers(golden, 'sigma_up') }]
    }
    default: return { unsupported: fn }
  }
}

function sigmaLevels(name: string, parameters: Data, n: number): Level[] | undefined {
  const of = (key: string): number => number(parameters, key)
  if (name === 'vp') {
    const schedule = scheduleOf({ kind: 'vpLinear', beta0: of('beta_min'), beta1: of('beta_min') + of('beta_d') })
    return spacedLevels('timeUniform', schedule, schedule.level(1), schedule.level(of('eps_s')), n - 1)
  }
  if (name !== 'karras' && name !== 'exponential' && name !== 'polyexponential') return undefined
  const schedule = ve(of('sigma_min'), of('sigma_max'))
  const rho = optionalNumber(parameters, 'rho')
  return spacedLevels(name, schedule, schedule.level(schedule.T), schedule.level(schedule.tEnd), n - 1, rho === undefined ? {} : { rho })
}

const ve = (sigmaMin: number, sigmaMax: number): NoiseSchedule => scheduleOf({ kind: 'edm', sigmaMin, sigmaMax, sigmaData: 1 })

/** The peer's wrappers of networks trained on other terms: the tables of discrete ones, and how the product makes denoisers of both. */
export function kdiffusionDiscrete(golden: Data): Compared[] | Unsupported {
  const fn = text(golden, 'fn')
  switch (fn) {
    case 'DiscreteSchedule': return discreteTable(golden)
    case 'DiscreteEpsDDPMDenoiser.get_scalings': return scalings(golden, { schedule: scheduleOf(usual), prediction: 'epsilon' })
    case 'VDenoiser': {
      const sigma = numbers(golden, 'sigma')
      return [
        ...scalings(golden, { schedule: ve(1e-3, 1e3), prediction: 'v_prediction', sigmaData: optionalNumber(golden, 'sigma_data') ?? 1 }),
        ...scalings(golden, { schedule: scheduleOf(usual), prediction: 'v_prediction' }),
        ...('sigma_to_t' in golden ? [{ what: 'sigma_to_t', got: sigma.map((s) => Math.atan(s) / Math.PI * 2), expected: numbers(golden, 'sigma_to_t') }] : []),
        ...('t_to_sigma' in golden ? [{ what: 't_to_sigma', got: ('t' in golden ? numbers(golden, 't') : [0.2, 0.8]).map((t) => Math.tan(t * Math.PI / 2)), expected: numbers(golden, 't_to_sigma') }] : []),
      ]
    }
    default: return { unsupported: fn }
  }
}

const usual: ScheduleSpec = { kind: 'discrete', betas: 'scaled_linear', trainSteps: 1000, betaStart: 0.00085, betaEnd: 0.012, lambdaMin: null }

function scalings(golden: Data, terms: NetworkTerms): Compared[] {
  const placedBy = ve(1e-3, 1e3)
  const all = numbers(golden, 'sigma').map((sigma) => denoiserOf(terms, placedBy.level(sigma), placedBy))
  return [
    ...('c_skip' in golden ? [{ what: 'c_skip', got: all.map(({ skip }) => skip), expected: numbers(golden, 'c_skip') }] : []),
    { what: 'c_out', got: all.map(({ out }) => out), expected: numbers(golden, 'c_out') },
    { what: 'c_in', got: all.map((denoiser) => denoiser.in), expected: numbers(golden, 'c_in') },
  ]
}

/** “scaled_linear 0.00085 0.012 N=1000” */
function tableNamed(words: string): Table {
  const [kind, start, end, steps] = words.split(' ')
  return tableOf({ beta_schedule: kind, beta_start: Number(start), beta_end: Number(end), num_train_timesteps: Number(steps?.replace('N=', '')) })
}

/** Between the knots the peer interpolates log σ, and quantising takes the knot nearest in it. */
function discreteTable(golden: Data): Compared[] {
  const table = tableNamed(text(golden, 'betas'))
  const { sigmas } = table
  const last = sigmas.length - 1
  const sigmaAt = (double: number): number => {
    // The peer has the time and both weights in single precision.
    const t = Math.fround(double)
    const low = Math.min(Math.floor(t), last - 1)
    const w = Math.fround(t - low)
    return Math.exp(Math.log(sigmas[low]!) * Math.fround(1 - w) + Math.log(sigmas[low + 1]!) * w)
  }
  const nearest = (sigma: number): number => {
    const distances = sigmas.map((other) => Math.abs(Math.log(sigma / other)))
    return distances.indexOf(Math.min(...distances))
  }
  const grids = Object.keys(golden).filter((key) => key.startsWith('get_sigmas_'))
  return [
    { what: 'sigma_min', got: [sigmas[0]!], expected: numbers(golden, 'sigma_min') },
    { what: 'sigma_max', got: [sigmas[last]!], expected: numbers(golden, 'sigma_max') },
    { what: 'sigma_to_t', got: numbers(golden, 'sigma').map((sigma) => timeOf(table, sigma)), expected: numbers(golden, 'sigma_to_t') },
    { what: 'sigma_to_t_quantized', got: numbers(golden, 'sigma').map(nearest), expected: numbers(golden, 'sigma_to_t_quantized') },
    { what: 't_to_sigma', got: numbers(golden, 't').map(sigmaAt), expected: numbers(golden, 't_to_sigma') },
    ...grids.map((key) => ({ what: key, got: [...linspace(last, 0, Number(key.slice('get_sigmas_'.length))).map(sigmaAt), 0], expected: numbers(golden, key) })),
  ]
}
