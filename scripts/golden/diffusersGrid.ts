import { keptSteps, tableOf, type Config } from './diffusersConfig'
import { count, interval, kindOf, points, rangeOf, respaced, shift, sigmaAt, stretched, timeOf } from './diffusersSpacing'
import { exp, log } from './exact'
import { isData, numbers, optionalNumber, type Data } from './file'
import { linspace, roundHalfEven, torchLinspace } from './torch'

/** Where a diffusers scheduler evaluates and steps, with the peer's own rounding. */
export interface Grid {
  /** What the model is given as time, one for each evaluation. */
  timesteps: number[]
  /** σ/α (σ itself of flow schedulers) between which the peer steps, noisiest first; without it the peer looks ᾱ up at `timesteps`. */
  sigmas?: number[]
  /** What x_T ~ N(0, 1) is multiplied by. */
  initNoiseSigma: number
  /** DPMSolverSinglestep: the order of every evaluation. */
  orders?: number[]
  /** KDPM2: the inner σ, where `sigmas` has the outer one. The ancestral one steps down to `down` and adds noise of `up`. */
  inner?: number[]
  down?: number[]
  up?: number[]
  /** PNDM: how many of the timesteps are Runge–Kutta ones. */
  prk?: number
  /** The peer begins by looking its first timestep up, and takes the second one where there are two. */
  begin: number
}

/** What `set_timesteps` was called with. */
export interface Asked { N?: number; timesteps?: number[]; sigmas?: number[]; mu?: number; trainSteps?: boolean }

/** The arguments of a case: its `N`, or its `set_timesteps` where it has one (null: it was not called). */
export function askedOf(golden: Data): Asked {
  const given = golden['set_timesteps']
  if (given === null) return { trainSteps: true }
  if (!isData(given)) return { N: optionalNumber(golden, 'N') ?? 0 }
  const [N, mu] = [optionalNumber(given, 'num_inference_steps'), optionalNumber(given, 'mu')]
  return {
    ...(N === undefined ? {} : { N }), ...(mu === undefined ? {} : { mu }),
    ...('timesteps' in given ? { timesteps: numbers(given, 'timesteps') } : {}), ...('sigmas' in given ? { sigmas: numbers(given, 'sigmas') } : {}),
  }
}

/** Undefined for a class that has none here. */
export function gridOf(scheduler: string, config: Config, asked: Asked): Grid | undefined {
  const grid = placed(scheduler, config, asked)
  return grid && { ...grid, begin: Math.max(grid.timesteps.indexOf(grid.timesteps[0] ?? NaN, 1), 0) }
}

type Placed = Omit<Grid, 'begin'>

function placed(scheduler: string, config: Config, asked: Asked): Placed | undefined {
  switch (scheduler) {
    case 'DPMSolverMultistepScheduler': case 'DPMSolverSinglestepScheduler': case 'UniPCMultistepScheduler': case 'DEISMultistepScheduler':
      return toInterval(scheduler, config, asked)
    case 'DPMSolverMultistepInverseScheduler': return inverse(config, asked)
    case 'EulerDiscreteScheduler': case 'LMSDiscreteScheduler': case 'EulerAncestralDiscreteScheduler': return toZero(scheduler, config, asked)
    case 'HeunDiscreteScheduler': return doubled(toZero(scheduler, config, asked))
    case 'DPMSolverSDEScheduler': return withMiddles(toZero(scheduler, config, asked), config)
    case 'KDPM2DiscreteScheduler': return withInner(toZero(scheduler, config, asked), config, false)
    case 'KDPM2AncestralDiscreteScheduler': return withInner(toZero(scheduler, config, asked), config, true)
    case 'DDIMScheduler': case 'DDPMScheduler': return { timesteps: asked.timesteps ?? wholeSteps(config, asked), initNoiseSigma: 1 }
    case 'DDIMInverseScheduler': return { timesteps: wholeSteps(config, asked).reverse(), initNoiseSigma: 1 }
    case 'PNDMScheduler': return pndm(config, asked)
    case 'IPNDMScheduler': return ipndm(config, asked)
    case 'EDMEulerScheduler': case 'EDMDPMSolverMultistepScheduler': return edm(scheduler, config, asked)
    case 'FlowMatchEulerDiscreteScheduler': return flowMatch(config, asked)
    case 'FlowMatchHeunDiscreteScheduler': return doubled(flowMatch(config, asked))
    default: return undefined
  }
}

const stepsOf = (config: Config, { N, timesteps, sigmas, trainSteps }: Asked): number => N ?? timesteps?.length ?? sigmas?.length ?? (trainSteps ? count(config) : 0)
const allSteps = (config: Config): number[] => Array.from({ length: count(config) }, (_, i) => count(config) - 1 - i)

const wholeSteps = (config: Config, asked: Asked): number[] => asked.trainSteps ? allSteps(config) : points(config, stepsOf(config, asked)).map(roundHalfEven)

/** DPMSolverMultistep, -Singlestep, UniPC, DEIS. */
function toInterval(scheduler: string, config: Config, asked: Asked): Placed {
  const table = tableOf(config)
  const [smallest = NaN] = table.sigmas
  const N = stepsOf(config, asked)
  const kind = kindOf(config)
  const [from, to] = rangeOf(config, table.sigmas.at(-1) ?? NaN, smallest)
  const unipc = scheduler === 'UniPCMultistepScheduler'
  const kept = unipc || scheduler === 'DEISMultistepScheduler' ? count(config) : keptSteps(table, Number(config['lambda_min_clipped']))
  let timesteps = asked.timesteps ?? interval(scheduler === 'DPMSolverSinglestepScheduler' ? { ...config, timestep_spacing: 'linspace' } : config, N, kept)
  let sigmas: number[]
  // Where DEIS and UniPC respace, “sigma_min” is the last σ once more.
  let least = smallest
  if (kind !== undefined) {
    sigmas = respaced(kind, from, to, N)
    if (config['use_flow_sigmas'] === true && unipc) sigmas = sigmas.map((sigma) => sigma / (sigma + 1))
    const exact = scheduler === 'DPMSolverMultistepScheduler' && config['beta_schedule'] === 'squaredcos_cap_v2'
    const rounded = (kind === 'karras' || kind === 'lu') && !exact ? roundHalfEven : (t: number): number => t
    timesteps = sigmas.map((sigma) => config['use_flow_sigmas'] === true && unipc ? sigma * count(config) : rounded(timeOf(table, sigma)))
    least = scheduler.startsWith('DPM') ? smallest : sigmas.at(-1) ?? NaN
  } else if (config['use_flow_sigmas'] === true) {
    sigmas = unipc ? unipcFlow(config, asked, N) : shift(config, linspace(1, 1 / count(config), N + 1).map((alpha) => 1 - alpha), asked.mu).reverse().slice(0, -1)
    timesteps = sigmas.map((sigma) => sigma * count(config))
    least = scheduler.startsWith('DPM') ? smallest : sigmas.at(-1) ?? NaN
  } else {
    sigmas = timesteps.map((t) => sigmaAt(table, t))
  }
  const last = config['final_sigmas_type'] === 'zero' ? 0 : least
  const orders = scheduler === 'DPMSolverSinglestepScheduler' ? { orders: singlestepOrders(config, N) } : {}
  return { timesteps: timesteps.map(Math.trunc), sigmas: [...sigmas, last], initNoiseSigma: 1, ...orders }
}

function unipcFlow(config: Config, asked: Asked, N: number): number[] {
  const sigmas = stretched(config, shift(config, asked.sigmas ?? linspace(1, 1 / count(config), N + 1).slice(0, -1), asked.mu))
  return sigmas.map((sigma, i) => i === 0 && Math.abs(sigma - 1) < 1e-6 ? sigma - 1e-6 : sigma)
}

/** Orders by evaluation: 1, 2, 3 count up to a full step. Without lower_order_final the peer turns it on where the steps do not divide, or end at 0. */
function singlestepOrders(config: Config, N: number): number[] {
  const order = Number(config['solver_order'])
  const zero = config['final_sigmas_type'] === 'zero'
  const groups = (full: number, ...rest: number[]): number[] => [...Array<number>(full).fill(order), ...rest].flatMap((k) => Array.from({ length: k }, (_, i) => i + 1))
  const whole = Math.floor(N / order)
  const lower = order > 1 && (config['lower_order_final'] === true || N % order !== 0 || zero)
  const orders = !lower ? groups(whole) : N % order !== 0 ? groups(whole, N % order) : groups(whole - 1, ...(order === 3 ? [2, 1] : [1, 1]))
  if (zero) orders[orders.length - 1] = 1
  return orders
}

/** DPMSolverMultistepInverse: from the data on. */
function inverse(config: Config, asked: Asked): Placed {
  const table = tableOf(config)
  const N = stepsOf(config, asked)
  const kept = keptSteps(table, Number(config['lambda_min_clipped']))
  const kind = kindOf(config)
  let timesteps: number[]
  let sigmas: number[]
  if (kind !== undefined) {
    // The table as it stands, least noise first: the peer's from and to are exchanged with it.
    sigmas = respaced(kind, table.sigmas[0]!, table.sigmas.at(-1)!, N)
    timesteps = sigmas.map((sigma) => kind === 'karras' ? roundHalfEven(timeOf(table, sigma)) : timeOf(table, sigma))
    sigmas.push(sigmas.at(-1)!)
  } else if (config['use_flow_sigmas'] === true) {
    sigmas = shift(config, linspace(1, 1 / count(config), N + 1).map((alpha) => 1 - alpha), asked.mu).reverse().slice(0, -1)
    timesteps = sigmas.map((sigma) => sigma * count(config))
    sigmas.push(sigmas.at(-1)!)
  } else {
    timesteps = config['timestep_spacing'] === 'linspace' ? linspace(0, kept - 1, N + 1).map(roundHalfEven).slice(0, -1)
      : config['timestep_spacing'] === 'leading' ? Array.from({ length: N }, (_, i) => i * Math.floor(kept / (N + 1)) + Number(config['steps_offset']))
        : interval(config, N, kept).reverse()
    sigmas = [...timesteps.map((t) => sigmaAt(table, t)), table.sigmas[kept - 1]!]
  }
  return { timesteps: [...new Set(timesteps)].map(Math.trunc), sigmas, initNoiseSigma: 1 }
}

/** Euler, Heun, LMS, KDPM2, SDE: every grid ends at σ = 0, and the times need not be whole. */
function toZero(scheduler: string, config: Config, asked: Asked): Placed & { sigmas: number[] } {
  const table = tableOf(config)
  const N = stepsOf(config, asked)
  let timesteps: number[]
  let sigmas: number[]
  if (asked.sigmas) {
    sigmas = asked.sigmas.slice(0, -1)
    timesteps = sigmas.map((sigma) => timeOf(table, sigma))
  } else {
    timesteps = asked.timesteps ?? (asked.trainSteps ? allSteps(config) : points(config, N))
    sigmas = timesteps.map((t) => sigmaAt(table, t))
    if (config['interpolation_type'] === 'log_linear') sigmas = torchLinspace(log(table.sigmas.at(-1)!), log(table.sigmas[0]!), N + 1).map(exp)
    const kind = kindOf(config)
    if (kind !== undefined) {
      sigmas = respaced(kind, ...rangeOf(config, sigmas[0]!, sigmas.at(-1)!), N)
      timesteps = sigmas.map((sigma) => timeOf(table, sigma))
      if (kind === 'karras' && scheduler.startsWith('KDPM2')) timesteps = timesteps.map(roundHalfEven)
    }
  }
  sigmas = [...sigmas, asked.sigmas?.at(-1) ?? (config['final_sigmas_type'] === 'sigma_min' ? table.sigmas[0]! : 0)]
  if (config['timestep_type'] === 'continuous' && config['prediction_type'] === 'v_prediction') timesteps = sigmas.slice(0, -1).map((sigma) => 0.25 * Math.log(sigma))
  const most = Math.max(...sigmas)
  return { timesteps, sigmas, initNoiseSigma: config['timestep_spacing'] === 'leading' ? Math.sqrt(most ** 2 + 1) : most }
}

/** All but the first and the last twice. */
const twice = (values: readonly number[], last: boolean): number[] => values.flatMap((value, i) => i === 0 || last && i === values.length - 1 ? [value] : [value, value])

const doubled = (grid: Placed & { sigmas: number[] }): Placed => ({ ...grid, timesteps: twice(grid.timesteps, false), sigmas: twice(grid.sigmas, true) })

/** The SDE scheduler evaluates again at the middle of every step in log σ. */
function withMiddles(grid: Placed & { sigmas: number[] }, config: Config): Placed {
  const { timesteps, sigmas } = grid
  const table = tableOf(config)
  const middles = sigmas.slice(1, -1).map((sigma, i) => timeOf(table, exp((log(sigmas[i]!) + log(sigma)) / 2)))
  return { ...grid, timesteps: timesteps.flatMap((t, i) => i === 0 ? [t] : [middles[i - 1]!, t]), sigmas: twice(sigmas, true) }
}

/** KDPM2 evaluates again at the geometric mean of a step's σ; the ancestral one at that of σ and where it steps down to. */
function withInner(grid: Placed & { sigmas: number[] }, config: Config, ancestral: boolean): Placed {
  const { timesteps, sigmas } = grid
  const table = tableOf(config)
  const spread = (values: readonly number[]): number[] => values.flatMap((value, i) => i === 0 ? [value] : [value, value]).concat(values.at(-1)!)
  const mean = (a: number, b: number): number => a === 0 || b === 0 ? 0 : exp((log(a) + log(b)) / 2)
  let inner: number[]
  let noise: Pick<Placed, 'up' | 'down'> = {}
  if (ancestral) {
    const next = [...sigmas.slice(1), 0]
    const up = sigmas.map((sigma, i) => sigma === 0 ? 0 : Math.sqrt(next[i]! ** 2 * (sigma ** 2 - next[i]! ** 2) / sigma ** 2))
    const down = next.map((sigma, i) => i === sigmas.length - 1 ? 0 : Math.sqrt(sigma ** 2 - up[i]! ** 2))
    inner = sigmas.map((sigma, i) => i >= sigmas.length - 2 ? 0 : mean(sigma, down[i]!))
    noise = { up: spread(up), down: spread(down) }
  } else {
    inner = sigmas.map((sigma, i) => i === 0 ? 0 : mean(sigma, sigmas[i - 1]!))
  }
  const between = ancestral ? inner.slice(0, -2) : inner.slice(1, -1)
  const labels = between.map((sigma) => timeOf(table, sigma))
  return { ...grid, timesteps: timesteps.flatMap((t, i) => i === 0 ? [t] : [labels[i - 1]!, t]), sigmas: spread(sigmas), inner: spread(inner), ...noise }
}

/** Four Runge–Kutta steps of four evaluations each unless they are skipped, then the multistep ones. */
function pndm(config: Config, asked: Asked): Placed {
  const N = stepsOf(config, asked)
  const rising = wholeSteps(config, asked).reverse()
  if (config['skip_prk_steps'] === true) {
    const again = [...rising.slice(0, -1), ...rising.slice(-2, -1), ...rising.slice(-1)].reverse()
    return { timesteps: again, initNoiseSigma: 1, prk: 0 }
  }
  const half = Math.floor(Math.floor(count(config) / N) / 2)
  const ends = rising.slice(-4).flatMap((t) => [t, t + half])
  const prk = ends.slice(0, -1).flatMap((t) => [t, t]).slice(1, -1).reverse()
  return { timesteps: [...prk, ...rising.slice(0, -3).reverse()], initNoiseSigma: 1, prk: prk.length }
}

/** Here `sigmas` are the peer's betas, sin²(π/2 u). */
function ipndm(config: Config, asked: Asked): Placed {
  const steps = [...torchLinspace(1, 0, stepsOf(config, asked) + 1).slice(0, -1), 0]
  const betas = Array.isArray(config['trained_betas']) ? numbers(config, 'trained_betas') : steps.map((u) => Math.sin(u * Math.PI / 2) ** 2)
  return { timesteps: betas.map((beta) => Math.atan2(beta, Math.sqrt(1 - beta ** 2)) / Math.PI * 2).slice(0, -1), sigmas: betas, initNoiseSigma: 1 }
}

function edm(scheduler: string, config: Config, asked: Asked): Placed {
  const N = stepsOf(config, asked)
  const [from, to] = rangeOf(config, 80, 0.002)
  const kind = config['sigma_schedule'] === 'exponential' ? 'exponential' : 'karras'
  const sigmas = respaced(kind, from, to, N, Number(config['rho']))
  const last = config['final_sigmas_type'] === 'zero' ? 0 : scheduler === 'EDMEulerScheduler' ? sigmas.at(-1)! : to
  return { timesteps: sigmas.map((sigma) => 0.25 * Math.log(sigma)), sigmas: [...sigmas, last], initNoiseSigma: Math.sqrt(from ** 2 + 1) }
}

/** FlowMatchEuler and -Heun: the range is shifted once when it is made and the grid in it again. */
function flowMatch(config: Config, asked: Asked): Placed & { sigmas: number[] } {
  const N = stepsOf(config, asked)
  const steps = count(config)
  const dynamic = config['use_dynamic_shifting'] === true
  const [least = NaN, most = NaN] = dynamic ? [1 / steps, 1] : shift(config, [1 / steps, 1])
  let sigmas = asked.sigmas ?? (asked.timesteps ?? linspace(most * steps, least * steps, N)).map((t) => t / steps)
  if (dynamic) {
    const weight = config['time_shift_type'] === 'linear' ? asked.mu ?? NaN : Math.exp(asked.mu ?? NaN)
    sigmas = sigmas.map((t) => weight / (weight + (1 / t - 1)))
  } else {
    sigmas = shift(config, sigmas)
  }
  sigmas = stretched(config, sigmas)
  const kind = kindOf(config)
  if (kind !== undefined) sigmas = respaced(kind, sigmas[0]!, sigmas.at(-1)!, N)
  if (config['invert_sigmas'] === true) sigmas = sigmas.map((sigma) => 1 - sigma)
  const timesteps = asked.timesteps && config['invert_sigmas'] !== true ? asked.timesteps : sigmas.map((sigma) => sigma * steps)
  return { timesteps, sigmas: [...sigmas, config['invert_sigmas'] === true ? 1 : 0], initNoiseSigma: 1 }
}
