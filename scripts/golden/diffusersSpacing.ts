import { betaQuantile } from '../../src/sampler/betaQuantile'
import type { Config, Table } from './diffusersConfig'
import { exp, log, pow } from './exact'
import { optionalNumber } from './file'
import { arangeDown, linspace, roundHalfEven } from './torch'

/** Number of training steps. */
export const count = (config: Config): number => Number(config['num_train_timesteps'])

/** numpy.interp of the table's σ at a timestep. */
export function sigmaAt({ sigmas }: Table, t: number): number {
  const i = Math.min(Math.max(Math.floor(t), 0), sigmas.length - 1)
  const [low, high] = [sigmas[i]!, sigmas[i + 1]]
  return high === undefined || t <= i ? low : low + (high - low) * (t - i)
}

const logs = new WeakMap<Table, number[]>()

/** The peer's `_sigma_to_t`: log σ interpolated in the table, limited to its ends. */
export function timeOf(table: Table, sigma: number): number {
  const logSigmas = logs.get(table) ?? table.sigmas.map(log)
  logs.set(table, logSigmas)
  const logSigma = log(Math.max(sigma, 1e-10))
  // The last entry that is not above; a rescaled table is not sorted at its end.
  let last = logSigmas.length - 1
  while (last > 0 && !(logSigma - logSigmas[last]! >= 0)) last -= 1
  const low = Math.min(last, logSigmas.length - 2)
  const [a, b] = [logSigmas[low]!, logSigmas[low + 1]!]
  const w = Math.min(Math.max((a - logSigma) / (a - b), 0), 1)
  return (1 - w) * low + w * (low + 1)
}

export type Kind = 'karras' | 'exponential' | 'beta' | 'lu' | undefined

export function kindOf(config: Config): Kind {
  if (config['use_karras_sigmas'] === true) return 'karras'
  if (config['use_lu_lambdas'] === true) return 'lu'
  if (config['use_exponential_sigmas'] === true) return 'exponential'
  return config['use_beta_sigmas'] === true ? 'beta' : undefined
}

/** N values of σ between two, by the peer's formulas and in their order of operations. */
export function respaced(kind: Exclude<Kind, undefined>, from: number, to: number, N: number, rho = 7): number[] {
  switch (kind) {
    case 'karras': {
      const [a, b] = [pow(from, 1 / rho), pow(to, 1 / rho)]
      return linspace(0, 1, N).map((u) => pow(a + u * (b - a), rho))
    }
    case 'lu': {
      const [a, b] = [log(from), log(to)]
      return linspace(0, 1, N).map((u) => exp(a + u * (b - a)))
    }
    case 'exponential': return linspace(log(from), log(to), N).map(exp)
    case 'beta': return linspace(0, 1, N).map((u) => to + betaQuantile(1 - u, 0.6, 0.6) * (from - to))
  }
}

/** A range the configuration may narrow. */
export const rangeOf = (config: Config, from: number, to: number): [number, number] => [optionalNumber(config, 'sigma_max') ?? from, optionalNumber(config, 'sigma_min') ?? to]

/** Whole time steps of schedulers that step from one grid point to the next, N + 1 points with the last one left out. */
export function interval(config: Config, N: number, kept: number): number[] {
  switch (config['timestep_spacing']) {
    case 'leading': {
      const ratio = Math.floor(kept / (N + 1))
      return Array.from({ length: N }, (_, i) => (N - i) * ratio + Number(config['steps_offset']))
    }
    case 'trailing': return arangeDown(kept, count(config) / N).map((t) => roundHalfEven(t) - 1)
    default: return linspace(0, kept - 1, N + 1).map(roundHalfEven).reverse().slice(0, -1)
  }
}

/** Time steps of schedulers whose last one steps to σ = 0: N points, whole or not. */
export function points(config: Config, N: number): number[] {
  const steps = count(config)
  switch (config['timestep_spacing']) {
    case 'leading': return Array.from({ length: N }, (_, i) => (N - 1 - i) * Math.floor(steps / N) + Number(config['steps_offset']))
    case 'trailing': return arangeDown(steps, steps / N).map((t) => roundHalfEven(t) - 1)
    default: return linspace(0, steps - 1, N).reverse()
  }
}

/** Flow matching's shift of σ towards the noise; e^mu in place of the configured shift where mu is given. */
export function shift(config: Config, sigmas: readonly number[], mu?: number): number[] {
  const by = mu === undefined ? Number(config['flow_shift'] ?? config['shift']) : Math.exp(mu)
  return sigmas.map((sigma) => by * sigma / (1 + (by - 1) * sigma))
}

/** The last σ moved to `shift_terminal`, the others stretched with it. */
export function stretched(config: Config, sigmas: number[]): number[] {
  const end = optionalNumber(config, 'shift_terminal')
  if (end === undefined || end === 0) return sigmas
  const scale = (1 - (sigmas.at(-1) ?? NaN)) / (1 - end)
  return sigmas.map((sigma) => 1 - (1 - sigma) / scale)
}
