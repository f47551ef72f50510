import { dpm2Ancestral, dpmppSde, eulerAncestral } from '../../src/sampler/methods/ancestral'
import { ddim, ddpm } from '../../src/sampler/methods/ddim'
import { sdeMultistep, sdeSinglestep } from '../../src/sampler/methods/sdeDpmSolver'
import type { Level, Method, MethodOptions, Step, Term } from '../../src/sampler/types'
import type { Config } from './diffusersConfig'
import type { Grid } from './diffusersGrid'
import { alphaLevel, chain, distinct, formOf, groupOf, levelOf, peerOrders, sigmaLevels, strideOf, type PeerPlan } from './diffusersPlan'
import { optionalNumber, type Data } from './file'

/**
 * A scheduler's steps where they are or may be stochastic; undefined where they are not, or for a class that is not known here.
 * @param args what the peer's `step` was called with
 */
export function stochasticOutline(scheduler: string, config: Config, grid: Grid, args: Data): PeerPlan | undefined {
  const sde = String(config['algorithm_type']).startsWith('sde-')
  switch (scheduler) {
    case 'DPMSolverMultistepScheduler': return sde ? plan(formOf(config), sdeMultisteps(config, grid)) : undefined
    case 'DPMSolverSinglestepScheduler': return sde ? plan(formOf(config), sdeSinglesteps(config, grid)) : undefined
    case 'DDIMScheduler': case 'DDIMInverseScheduler': return plan('data', ddimSteps(config, grid, args, scheduler === 'DDIMInverseScheduler'))
    case 'DDPMScheduler': return plan('data', ddpmSteps(config, grid))
    case 'EulerAncestralDiscreteScheduler': return scaled(chain(sigmaLevels(grid, 'vp'), (grid.sigmas ?? []).slice(1).map(() => withOptions(eulerAncestral, {}))))
    case 'KDPM2AncestralDiscreteScheduler': return { ...scaled(kdpm2Steps(grid)), form: 'noise' }
    case 'DPMSolverSDEScheduler': return scaled(sdeSteps(grid, args))
    case 'EulerDiscreteScheduler': return (optionalNumber(args, 's_churn') ?? 0) > 0 ? scaled(churnedSteps(config, grid, args)) : undefined
    default: return undefined
  }
}

const plan = (form: PeerPlan['form'], steps: Step[]): PeerPlan => ({ form, steps, scaled: false })
const scaled = (steps: Step[]): PeerPlan => ({ form: 'data', steps, scaled: true })
const withOptions = (method: Method, options: MethodOptions): Method => (at) => method(at, options)

const kindOf = (config: Config): 'flow' | 'vp' => config['use_flow_sigmas'] === true ? 'flow' : 'vp'
const variantOf = (config: Config): 'taylor' | 'midpoint' => config['solver_type'] === 'heun' ? 'taylor' : 'midpoint'

function sdeMultisteps(config: Config, grid: Grid): Step[] {
  const levels = sigmaLevels(grid, kindOf(config))
  return chain(levels, peerOrders(config, levels.length - 1).map((order) => withOptions(sdeMultistep(formOf(config), order, variantOf(config)), { compat: 'peersSde3' })))
}

/** Every evaluation continues its group from where the group began, with noise of its own. */
function sdeSinglesteps(config: Config, grid: Grid): Step[] {
  const levels = sigmaLevels(grid, kindOf(config))
  const starts = (grid.orders ?? []).flatMap((order, i) => order === 1 ? [i] : [])
  const over = (part: readonly Level[]): Step => {
    const [from, ...rest] = part
    const to = rest.pop()!
    const method = sdeSinglestep(formOf(config), part.length - 1, variantOf(config))
    return method({ from: from!, to, index: 0, count: 1, past: [], inner: rest, levelAtLambda: () => to }, { compat: 'peersSde3' })
  }
  return starts.map((start, group) => groupOf(levels.slice(start, (starts[group + 1] ?? levels.length - 1) + 1), over))
}

/** The next level is a stride away, whatever the grid says. Where x̂₀ is clipped the peer keeps the network's ε, unless it is told otherwise. */
function ddimSteps(config: Config, { timesteps }: Grid, args: Data, inverse: boolean): Step[] {
  const options = { eta: optionalNumber(args, 'eta') ?? 0, epsilon: args['use_clipped_model_output'] === true ? 'corrected' : 'raw' }
  const last = Number(config['num_train_timesteps']) - 1
  const stride = strideOf(config, timesteps.length)
  return timesteps.flatMap((t) => {
    const [from, to] = inverse ? [Math.min(t - stride, last), t] : [t, t - stride]
    return chain([alphaLevel(config, from), alphaLevel(config, to)], [withOptions(ddim, options)])
  })
}

/** The peer adds no noise at t = 0 only; where its grid ends above that, the last step gets its noise all the same. */
function ddpmSteps(config: Config, { timesteps }: Grid): Step[] {
  const type = String(config['variance_type'])
  if (type.startsWith('learned')) throw new TypeError(`“variance_type” is ${type}, for which there is no model here`)
  const large = type === 'fixed_large'
  const ends = { ...config, set_alpha_to_one: true }
  return timesteps.map((t, i) => {
    const [from, to] = [alphaLevel(ends, t), alphaLevel(ends, timesteps[i + 1] ?? -1)]
    const step = chain([from, to], [withOptions(ddpm, { variance: large ? 'large' : 'small' })])[0]!
    if (to.sigma > 0 || t <= 0) return step
    const last: Term = { of: { brownian: [from, to] }, coefficient: large ? from.sigma : 1e-10 }
    return { ...step, update: [...step.update, last] }
  })
}

function kdpm2Steps(grid: Grid): Step[] {
  // The list ends with its 0 three times.
  const levels = sigmaLevels(grid, 'vp', distinct).filter((_, i, all) => i === 0 || all[i - 1]!.sigma > 0)
  const inner = (grid.inner ?? []).filter((_, i) => i === 0 || i % 2 === 1).map((sigma, i) => [levelOf('vp', sigma, i)])
  return chain(levels, levels.slice(1).map(() => withOptions(dpm2Ancestral, {})), inner)
}

function sdeSteps(grid: Grid, args: Data): Step[] {
  const levels = sigmaLevels(grid, 'vp', distinct)
  const inner = levels.slice(1).map(({ lambda }, i) => [levelOf('vp', Math.exp(-(lambda + levels[i]!.lambda) / 2), i)])
  return chain(levels, levels.slice(1).map(() => withOptions(dpmppSde, { sNoise: optionalNumber(args, 's_noise') ?? 1 })), inner)
}

/**
 * Euler's method with churning, as the peer has it: the model is asked at σ, before the noise that lifts the state to σ̂ = σ (1 + γ), and x̂₀ is then taken from the
 * lifted state. In y = x/α with the noise n: ŷ = y + n, y′ = r ŷ + (1 − r) x̂₀′, r = σ′/σ̂.
 */
function churnedSteps(config: Config, grid: Grid, args: Data): Step[] {
  const levels = sigmaLevels(grid, 'vp')
  const sigmas = grid.sigmas ?? []
  const N = levels.length - 1
  const option = (name: string, usual: number): number => optionalNumber(args, name) ?? usual
  let draw = 0
  return levels.slice(0, -1).map((from, i): Step => {
    const to = levels[i + 1]!
    const [sigma, next] = [sigmas[i]!, sigmas[i + 1]!]
    const inside = sigma >= option('s_tmin', 0) && sigma <= option('s_tmax', Infinity)
    const gamma = inside ? Math.min(option('s_churn', 0) / N, Math.SQRT2 - 1) : 0
    const lifted = sigma * (1 + gamma)
    const n = option('s_noise', 1) * Math.sqrt(lifted ** 2 - sigma ** 2)
    const r = next / lifted
    // x̂₀′ = state·y + data·x̂₀ + noise·n
    const estimate = config['prediction_type'] === 'epsilon' ? { state: 1 - lifted / sigma, data: lifted / sigma, noise: 1 }
      : config['prediction_type'] === 'v_prediction' ? { state: 0, data: 1, noise: 1 / (1 + sigma ** 2) } : { state: 0, data: 1, noise: 0 }
    const update: Term[] = [
      { of: 'state', coefficient: to.alpha / from.alpha * (r + (1 - r) * estimate.state) },
      { of: { stage: 0 }, coefficient: to.alpha * (1 - r) * estimate.data },
    ]
    if (gamma > 0) update.push({ of: { draw: ++draw }, coefficient: to.alpha * n * (r + (1 - r) * estimate.noise) })
    return { from, to, order: 1, stages: [{ level: from, input: [{ of: 'state', coefficient: 1 }] }], update, remember: [], estimate: 0 }
  })
}
