import { deis, lms } from '../../src/sampler/methods/adamsBashforth'
import { dpm2, euler, heun, heunInVelocity } from '../../src/sampler/methods/heun'
import { multistep } from '../../src/sampler/methods/multistep'
import { plms, plmsStart, pseudoRungeKutta } from '../../src/sampler/methods/pndm'
import { singlestep } from '../../src/sampler/methods/singlestep'
import { unipc } from '../../src/sampler/methods/unipc'
import type { Form, Level, Method, Step } from '../../src/sampler/types'
import { tableOf, type Config } from './diffusersConfig'
import type { Grid } from './diffusersGrid'
import { stochasticOutline } from './diffusersStochastic'
import type { Data } from './file'

/** What a diffusers scheduler does, as step tables: its levels are its σ, its labels the timesteps it hands to the model. */
export interface PeerPlan {
  form: Form
  steps: Step[]
  /** The peer's state is y = x/α. */
  scaled: boolean
}

/**
 * A scheduler's steps; undefined for a class that has none here.
 * @param args what the peer's `step` was called with
 */
export function planOf(scheduler: string, config: Config, grid: Grid, args: Data = {}): PeerPlan | undefined {
  const outline = stochasticOutline(scheduler, config, grid, args) ?? outlineOf(scheduler, config, grid)
  return outline && { ...outline, steps: labelled(outline.steps, grid.timesteps) }
}

/** The times the model is told, one for each evaluation. */
export function labelled(steps: readonly Step[], timesteps: readonly number[]): Step[] {
  let next = 0
  return steps.map((step) => ({ ...step, stages: step.stages.map((stage) => ({ ...stage, label: timesteps[next++] ?? NaN })) }))
}

function outlineOf(scheduler: string, config: Config, grid: Grid): PeerPlan | undefined {
  const order = Number(config['solver_order'])
  switch (scheduler) {
    case 'DPMSolverMultistepScheduler': case 'DPMSolverMultistepInverseScheduler': case 'EDMDPMSolverMultistepScheduler': {
      const form = formOf(config)
      const levels = sigmaLevels(grid, scheduler.startsWith('EDM') ? 'edm' : config['use_flow_sigmas'] === true ? 'flow' : 'vp')
      const variant = config['solver_type'] === 'heun' ? 'taylor' : 'midpoint'
      const ends = scheduler === 'DPMSolverMultistepInverseScheduler' ? { ...config, final_sigmas_type: 'sigma_min' } : config
      return plan(form, chain(levels, peerOrders(ends, levels.length - 1).map((own) => (at) => multistep(form, own, variant)(at, { compat: 'peers3M' }))))
    }
    case 'DEISMultistepScheduler': {
      const levels = sigmaLevels(grid, config['use_flow_sigmas'] === true ? 'flow' : 'vp')
      return plan('noise', chain(levels, peerOrders({ ...config, final_sigmas_type: 'sigma_min' }, levels.length - 1).map(deis)))
    }
    case 'DPMSolverSinglestepScheduler': return plan(formOf(config), singlesteps(config, grid))
    case 'UniPCMultistepScheduler': return unipcPlan(config, grid, order)
    case 'EulerDiscreteScheduler': return scaled(chain(sigmaLevels(grid, 'vp'), (grid.sigmas ?? []).slice(1).map(() => euler)))
    case 'HeunDiscreteScheduler': return scaled(untilZero(sigmaLevels(grid, 'vp', distinct), heun))
    case 'KDPM2DiscreteScheduler': return scaled(kdpm2(grid))
    case 'LMSDiscreteScheduler': return scaled(chain(sigmaLevels(grid, 'vp'), (grid.sigmas ?? []).slice(1).map((_, i) => lms(Math.min(4, i + 1)))))
    case 'PNDMScheduler': return plan('noise', pndmSteps(config, grid))
    case 'FlowMatchEulerDiscreteScheduler': return plan('data', chain(sigmaLevels(grid, 'flow'), (grid.sigmas ?? []).slice(1).map(() => singlestep('data', 1))))
    case 'FlowMatchHeunDiscreteScheduler': return plan('data', untilZero(sigmaLevels(grid, 'flow', distinct), heunInVelocity, singlestep('data', 1)))
    case 'EDMEulerScheduler': return plan('noise', chain(sigmaLevels(grid, 'edm'), (grid.sigmas ?? []).slice(1).map(() => euler)))
    default: return undefined
  }
}

const plan = (form: Form, steps: Step[]): PeerPlan => ({ form, steps, scaled: false })
const scaled = (steps: Step[]): PeerPlan => ({ form: 'noise', steps, scaled: true })

/** The form of `algorithm_type`. */
export const formOf = (config: Config): Form => String(config['algorithm_type']).endsWith('++') ? 'data' : 'noise'

/** What a scheduler's σ is: σ/α of a variance-preserving process, σ where α = 1, σ where α = 1 − σ. */
export type SigmaKind = 'vp' | 'edm' | 'flow'

export function levelOf(kind: SigmaKind, sigma: number, t: number): Level {
  switch (kind) {
    case 'vp': {
      const alpha = 1 / Math.sqrt(1 + sigma * sigma)
      return { t, alpha, sigma: sigma * alpha, lambda: -Math.log(sigma) }
    }
    case 'edm': return { t, alpha: 1, sigma, lambda: -Math.log(sigma) }
    case 'flow': return { t, alpha: 1 - sigma, sigma, lambda: Math.log((1 - sigma) / sigma) }
  }
}

/** Schedulers of two evaluations a step list all σ but the first and the last twice. */
export const distinct = (sigmas: readonly number[]): number[] => sigmas.filter((_, i) => i === 0 || i % 2 === 1)

export function sigmaLevels(grid: Grid, kind: SigmaKind, pick: (sigmas: readonly number[]) => readonly number[] = (all) => all): Level[] {
  return pick(grid.sigmas ?? []).map((sigma, i) => levelOf(kind, sigma, i))
}

/** One method for each interval of the levels; `inner` levels where a method evaluates between. */
export function chain(levels: readonly Level[], methods: readonly Method[], inner: readonly (readonly Level[])[] = []): Step[] {
  const past: Level[] = []
  return methods.map((method, index) => {
    const at = { from: levels[index]!, to: levels[index + 1]!, index, count: methods.length, past: [...past], inner: inner[index] ?? [], levelAtLambda: () => { throw new RangeError('the grid has no such level') } }
    const step = method(at, {})
    for (const stage of step.remember) past.unshift(step.stages[stage]!.level)
    return step
  })
}

function untilZero(levels: readonly Level[], method: Method, last: Method = euler): Step[] {
  return chain(levels, levels.slice(1).map(({ sigma }) => sigma === 0 ? last : method))
}

/** The order of every step of the multistep schedulers. */
export function peerOrders(config: Config, N: number): number[] {
  const order = Number(config['solver_order'])
  const few = config['lower_order_final'] === true && N < 15
  const firstAtEnd = few || config['euler_at_final'] === true || config['final_sigmas_type'] === 'zero'
  return Array.from({ length: N }, (_, i) => {
    if (i === N - 1 && firstAtEnd) return 1
    return Math.min(order, i + 1, i === N - 2 && few ? 2 : 3)
  })
}

/** Every evaluation continues its group from where the group began: the inner states are the updates of the lower orders. */
function singlesteps(config: Config, grid: Grid): Step[] {
  const form = formOf(config)
  const levels = sigmaLevels(grid, 'vp')
  const starts = (grid.orders ?? []).flatMap((order, i) => order === 1 ? [i] : [])
  return starts.map((start, group) => group === starts.length - 1 ? levels.slice(start) : levels.slice(start, starts[group + 1]! + 1)).map((part) => groupOf(part, (part_) => singlestepUpdate(form, config, part_)))
}

/** A step over all levels of a part, from the update over its first levels only. */
export function groupOf(part: readonly Level[], updateOver: (part: readonly Level[]) => Step): Step {
  const whole = updateOver(part)
  const stages = whole.stages.map((stage, k) => k === 0 ? stage : { ...stage, input: updateOver(part.slice(0, k + 1)).update })
  return { ...whole, stages }
}

function singlestepUpdate(form: Form, config: Config, part: readonly Level[]): Step {
  const [from, ...rest] = part
  const to = rest.pop()!
  const method = singlestep(form, part.length - 1, config['solver_type'] === 'heun' ? 'taylor' : 'midpoint')
  return method({ from: from!, to, index: 0, count: 1, past: [], inner: rest, levelAtLambda: () => to }, {})
}

function unipcPlan(config: Config, grid: Grid, order: number): PeerPlan {
  const form = config['predict_x0'] === false ? 'noise' : 'data'
  const levels = sigmaLevels(grid, config['use_flow_sigmas'] === true ? 'flow' : 'vp')
  const N = levels.length - 1
  const without = Array.isArray(config['disable_corrector']) ? config['disable_corrector'].map(Number) : []
  const methods = Array.from({ length: N }, (_, i): Method => {
    const own = Math.min(order, i + 1, config['lower_order_final'] === true ? N - i : order)
    return unipc(form, own, config['solver_type'] === 'bh1' ? 'bh1' : 'bh2', i < N - 1 && !without.includes(i))
  })
  return plan(form, chain(levels, methods))
}

function kdpm2(grid: Grid): Step[] {
  // The doubled lists end with 0 three times; inner[k] lies before sigmas[k].
  const levels = sigmaLevels(grid, 'vp', distinct).slice(0, -1)
  const inner = (grid.inner ?? []).filter((_, i) => i % 2 === 1).map((sigma, i) => [levelOf('vp', sigma, i)])
  return chain(levels, levels.slice(1).map(({ sigma }) => sigma === 0 ? euler : dpm2), inner)
}

/** The level of ᾱ at a whole time step; beyond the first one, the ᾱ the configuration asks for. */
export function alphaLevel(config: Config, t: number): Level {
  const { alphasCumprod } = tableOf(config)
  const alphaBar = t >= 0 ? alphasCumprod[t] ?? NaN : config['set_alpha_to_one'] === true ? 1 : alphasCumprod[0] ?? NaN
  return { t, alpha: Math.sqrt(alphaBar), sigma: Math.sqrt(1 - alphaBar), lambda: Math.log(alphaBar / (1 - alphaBar)) / 2 }
}

/** How far a step goes, in time steps. */
export const strideOf = (config: Config, N: number): number => Math.floor(Number(config['num_train_timesteps']) / N)

/** PNDM counts its N from the grid: four evaluations for each of three Runge–Kutta steps, or one more than N. */
function pndmSteps(config: Config, { timesteps, prk = 0 }: Grid): Step[] {
  const N = prk > 0 ? timesteps.length - prk + 3 : timesteps.length - 1
  const stride = strideOf(config, N)
  const starts = prk > 0 ? [0, 4, 8].map((i) => timesteps[i]!).concat(timesteps.slice(prk)) : [timesteps[0]!, ...timesteps.slice(2)]
  const levels = [...starts.map((t) => alphaLevel(config, t)), alphaLevel(config, starts.at(-1)! - stride)]
  const methods = starts.map((_, i): Method => prk > 0 ? i < 3 ? pseudoRungeKutta : plms(4) : i === 0 ? plmsStart : plms(Math.min(4, i + 1)))
  const inner = starts.map((t, i) => prk > 0 && i < 3 ? [alphaLevel(config, t - Math.floor(stride / 2))] : [])
  return chain(levels, methods, inner)
}
