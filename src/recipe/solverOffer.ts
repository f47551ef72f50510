import { andList, t } from '../sampler/text'
import { isObject } from './path'

/** A parsed scheduler_config.json. */
export type SchedulerConfig = Readonly<Record<string, unknown>>

/** The solver that a scheduler_config.json names. */
export interface SolverOffer {
  /** As recipe fields by dotted path; null where it is none that can be offered. */
  fields: Record<string, unknown> | null
  /** What of it is not as it was, one sentence each. */
  notes: string[]
}

/** What a scheduler is here, and the keys that have no counterpart. */
interface Counterpart { fields: Record<string, unknown>; left?: string[]; notes?: string[] }
/** A text says what it is about a scheduler that is not to be had here. */
type Reader = (config: SchedulerConfig) => Counterpart | string

/** Where a class puts its time steps if the configuration does not say, and whether it lays one more and leaves the last one out. */
type Grid = 'leading' | 'linspace' | 'linspace with one more'

/** Every diffusers class that has a counterpart, with the defaults of its signature (diffusers 0.39). */
const readers: Readonly<Record<string, Reader>> = {
  DDIMScheduler: ddim, DDIMParallelScheduler: ddim, DDPMScheduler: ddpm, DDPMParallelScheduler: ddpm,
  PNDMScheduler: (config) => withGrid(config, 'leading', {
    'solver.algorithm': 'pndm', 'solver.finalSigma': config['set_alpha_to_one'] === true ? 'zero' : 'sigmaMin', 'solver.options': config['skip_prk_steps'] === true ? {} : { start: 'rungeKutta' },
  }),
  LMSDiscreteScheduler: (config) => withGrid(config, 'linspace', { 'solver.algorithm': 'lms', 'solver.order': 3, 'solver.finalSigma': 'zero', 'solver.options': { order: 4 } }),
  EulerDiscreteScheduler: (config) => withGrid(config, 'linspace', { 'solver.algorithm': 'euler', 'solver.finalSigma': finalSigma(config, 'zero') }),
  EulerAncestralDiscreteScheduler: (config) => withGrid(config, 'linspace', { 'solver.algorithm': 'eulerAncestral', 'solver.finalSigma': 'zero' }),
  HeunDiscreteScheduler: (config) => withGrid(config, 'linspace', { 'solver.algorithm': 'heun', 'solver.finalSigma': 'zero', ...clipped(config, false) }),
  KDPM2DiscreteScheduler: (config) => withGrid(config, 'linspace', { 'solver.algorithm': 'dpm2', 'solver.finalSigma': 'zero' }),
  KDPM2AncestralDiscreteScheduler: (config) => withGrid(config, 'linspace', { 'solver.algorithm': 'dpm2Ancestral', 'solver.finalSigma': 'zero' }),
  DPMSolverSDEScheduler: (config) => withGrid(config, 'linspace', { 'solver.algorithm': 'dpmppSde', 'solver.finalSigma': 'zero' }),
  DPMSolverMultistepScheduler: (config) => dpmSolver(config, 'multistep'),
  // It lays its time steps by linspace whatever timestep_spacing says.
  DPMSolverSinglestepScheduler: (config) => dpmSolver({ ...config, timestep_spacing: 'linspace' }, 'singlestep'),
  DEISMultistepScheduler: deis, UniPCMultistepScheduler: unipc,
  EDMEulerScheduler: (config) => ({ fields: { 'solver.algorithm': 'euler', 'solver.finalSigma': finalSigma(config, 'zero'), ...edmSpacing(config) } }),
  EDMDPMSolverMultistepScheduler: (config) => {
    // Its σ_min and σ_max are those of the schedule.
    const solver = dpmSolver({ ...config, sigma_min: null, sigma_max: null }, 'multistep')
    return typeof solver === 'string' ? solver : { ...solver, fields: { ...solver.fields, ...edmSpacing(config) } }
  },
  FlowMatchEulerDiscreteScheduler: (config) => flowMatch(config, 'euler'), FlowMatchHeunDiscreteScheduler: (config) => flowMatch(config, 'heun'),
}

/** Reads which solver a configuration names; `name` is its `_class_name`. */
export function solverOffer(config: SchedulerConfig, name: string): SolverOffer {
  if (name === '') return { fields: null, notes: [] }
  const read = Object.hasOwn(readers, name) ? readers[name]!(config) : name
  if (typeof read === 'string') return { fields: null, notes: [t('The model’s solver, {0}, is not among those offered here.', read)] }
  const { fields, left = [], notes = [] } = read
  return { fields: { 'solver.thresholding': false, 'solver.options': {}, 'schedule.options': {}, ...fields }, notes: [...leftOut(left), ...notes] }
}

/** The offer for a network that predicts no variance: one that asks for a learned variance takes the small one. */
export function withoutLearnedVariance(fields: SolverOffer['fields']): SolverOffer['fields'] {
  const options = fields?.['solver.options']
  return fields && isObject(options) && options['variance'] === 'learned' ? { ...fields, 'solver.options': { ...options, variance: 'small' } } : fields
}

/** DDIM with η = 0, which is what its `step` takes if nothing is said. Where x̂₀ is clipped it goes on with the network's own ε. */
function ddim(config: SchedulerConfig): Counterpart {
  const corrected = clipped(config, true)
  return withGrid(config, 'leading', {
    'solver.algorithm': 'ddim', 'solver.finalSigma': config['set_alpha_to_one'] === false ? 'sigmaMin' : 'zero', ...corrected,
    'solver.options': corrected['solver.thresholding'] === true ? { epsilon: 'raw' } : {},
  })
}

const variances: Readonly<Record<string, string>> = { fixed_small: 'small', fixed_small_log: 'small', fixed_large: 'large', fixed_large_log: 'large', learned_range: 'learned' }

function ddpm(config: SchedulerConfig): Counterpart {
  const type = text(config, 'variance_type', 'fixed_small')
  const variance = Object.hasOwn(variances, type) ? variances[type] : undefined
  return withGrid(config, 'leading', { 'solver.algorithm': 'ddpm', 'solver.finalSigma': 'zero', 'solver.options': { variance: variance ?? 'small' }, ...clipped(config, true) }, variance === undefined ? [`variance_type ${type}`] : [])
}

function dpmSolver(config: SchedulerConfig, method: 'multistep' | 'singlestep'): Counterpart | string {
  const algorithm = text(config, 'algorithm_type', 'dpmsolver++')
  const order = config['solver_order'] ?? 2
  const type = text(config, 'solver_type', 'midpoint')
  if (!['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++'].includes(algorithm)) return JSON.stringify(algorithm)
  if (order !== 1 && order !== 2 && order !== 3) return t('{0} of order {1}', algorithm, JSON.stringify(order))
  // The last three are other schedulers' and stand for midpoint in these. Order 1 has no types.
  if (order > 1 && !['midpoint', 'heun', 'logrho', 'bh1', 'bh2'].includes(type)) return t('{0} with the solver_type {1}', algorithm, JSON.stringify(type))
  const end = finalSigma(config, 'zero')
  const third = method === 'multistep' && order === 3
  // A last step to σ = 0 is of order 1 anyway.
  const euler = config['euler_at_final'] === true && method === 'multistep' && end === 'sigmaMin' && order > 1
  const stochastic = algorithm.startsWith('sde')
  const lambdaMin = config['lambda_min_clipped']
  return withGrid(config, 'linspace with one more', {
    'solver.algorithm': algorithm, 'solver.order': order, 'solver.method': method, 'solver.finalSigma': end, 'solver.variant': type === 'heun' ? 'taylor' : 'midpoint',
    ...(method === 'multistep' ? { 'solver.lowerOrderBelow': config['lower_order_final'] === false ? 0 : 15 } : {}), 'solver.options': euler && !stochastic ? { eulerAtEnd: true } : {},
    ...(typeof lambdaMin === 'number' && Number.isFinite(lambdaMin) ? { 'schedule.lambdaMin': lambdaMin } : {}), ...thresholded(config),
  }, euler && stochastic ? ['euler_at_final'] : [], third ? [t('Multistep of order 3 is of third order here; solver.options.compat {0} gives the model’s solver as it is elsewhere, which is of second order.', stochastic ? 'peersSde3' : 'peers3M')] : [])
}

function deis(config: SchedulerConfig): Counterpart | string {
  const order = config['solver_order'] ?? 2
  if (order !== 1 && order !== 2 && order !== 3) return t('{0} of order {1}', 'DEIS', JSON.stringify(order))
  return withGrid(config, 'linspace with one more', {
    'solver.algorithm': 'deis', 'solver.order': order, 'solver.finalSigma': 'sigmaMin', 'solver.lowerOrderBelow': config['lower_order_final'] === false ? 0 : 15, ...thresholded(config),
  })
}

/** More steps than a recipe can have: UniPC's lower_order_final acts however many there are. */
const always = 1001

function unipc(config: SchedulerConfig): Counterpart | string {
  const order = config['solver_order'] ?? 2
  if (order !== 1 && order !== 2 && order !== 3) return t('{0} of order {1}', 'UniPC', JSON.stringify(order))
  const b = config['solver_type'] === 'bh1' ? 'bh1' : 'bh2'
  const uncorrected = Array.isArray(config['disable_corrector']) && config['disable_corrector'].length > 0
  return withGrid(config, 'linspace with one more', {
    'solver.algorithm': 'unipc', 'solver.order': order, 'solver.finalSigma': finalSigma(config, 'zero'), 'solver.lowerOrderBelow': config['lower_order_final'] === false ? 0 : always,
    'solver.options': { b, form: config['predict_x0'] === false ? 'noise' : 'data' }, ...thresholded(config),
  }, [...(uncorrected ? ['disable_corrector'] : []), ...(isObject(config['solver_p']) ? ['solver_p'] : [])])
}

/** Steps equal in t before the shift; what respaces σ itself has no counterpart. */
function flowMatch(config: SchedulerConfig, algorithm: 'euler' | 'heun'): Counterpart {
  const left = [...kinds.filter(([key]) => config[key] === true).map(([key]) => key), ...(typeof config['shift_terminal'] === 'number' && config['shift_terminal'] > 0 ? ['shift_terminal'] : []), ...(config['stochastic_sampling'] === true ? ['stochastic_sampling'] : [])]
  return { fields: { 'solver.algorithm': algorithm, 'solver.finalSigma': 'zero', 'schedule.spacing': 'timeUniform' }, left }
}

const finalSigma = (config: SchedulerConfig, usual: string): string => ({ zero: 'zero', sigma_min: 'sigmaMin' })[text(config, 'final_sigmas_type', '')] ?? usual

const edmSpacing = (config: SchedulerConfig): Record<string, unknown> => config['sigma_schedule'] === 'exponential'
  ? { 'schedule.spacing': 'exponential', 'schedule.options': {} } : { 'schedule.spacing': 'karras', 'schedule.karrasRho': within(config['rho'], 0.01, 100, 7), 'schedule.options': {} }

/** Ways to place σ, in the order in which diffusers asks for them. */
const kinds: readonly (readonly [key: string, spacing: Record<string, unknown>])[] = [
  ['use_karras_sigmas', { 'schedule.spacing': 'karras', 'schedule.karrasRho': 7 }], ['use_lu_lambdas', { 'schedule.spacing': 'logSNR' }], ['use_exponential_sigmas', { 'schedule.spacing': 'exponential' }],
  ['use_beta_sigmas', { 'schedule.spacing': 'beta', 'schedule.options': { alpha: 0.6, beta: 0.6, betaOf: 'sigma' } }],
]

function withGrid(config: SchedulerConfig, usual: Grid, fields: Record<string, unknown>, left: string[] = [], notes: string[] = []): Counterpart {
  const range = ['sigma_min', 'sigma_max'].filter((key) => typeof config[key] === 'number')
  if (config['use_flow_sigmas'] === true) {
    return { fields: { ...fields, 'schedule.spacing': 'timeUniform' }, left: [...left, ...range, ...kinds.filter(([key]) => config[key] === true).map(([key]) => key)], notes }
  }
  const kind = kinds.find(([key]) => config[key] === true)?.[1]
  return { fields: { ...fields, ...(kind ?? trainingSteps(config, usual)) }, left: [...left, ...range], notes }
}

function trainingSteps(config: SchedulerConfig, usual: Grid): Record<string, unknown> {
  const spacing = text(config, 'timestep_spacing', usual.split(' ')[0]!)
  const extra = usual === 'linspace with one more' && spacing !== 'trailing' ? { extraPoint: true } : {}
  const offset = spacing === 'leading' ? within(config['steps_offset'], 0, 1000, 0) : 0
  return {
    'schedule.spacing': spacing === 'leading' || spacing === 'trailing' ? spacing : 'linspace',
    'schedule.options': { ...extra, ...(Number.isInteger(offset) && offset > 0 ? { offset } : {}) },
  }
}

/** Dynamic thresholding as recipe fields; none where it is off. */
function thresholded(config: SchedulerConfig): Record<string, unknown> {
  if (config['thresholding'] !== true) return {}
  return {
    'solver.thresholding': true, 'solver.thresholdingForm': 'diffusers', 'solver.thresholdingRatio': within(config['dynamic_thresholding_ratio'], 0.5, 1, 0.995),
    'solver.thresholdingMax': within(config['sample_max_value'], 1e-6, 1000, 1),
  }
}

/** The same of classes that clip where they do not threshold. */
function clipped(config: SchedulerConfig, usual: boolean): Record<string, unknown> {
  if (config['thresholding'] === true) return thresholded(config)
  return (config['clip_sample'] ?? usual) === true ? { 'solver.thresholding': true, 'solver.thresholdingForm': 'clip', 'solver.thresholdingMax': within(config['clip_sample_range'], 1e-6, 1000, 1) } : {}
}

const text = (config: SchedulerConfig, key: string, usual: string): string => typeof config[key] === 'string' ? config[key] : usual
const within = (value: unknown, least: number, most: number, usual: number): number => typeof value === 'number' && value >= least && value <= most ? value : usual

function leftOut(keys: string[]): string[] {
  if (keys.length === 0) return []
  return [keys.length === 1 ? t('Of the model’s solver, {0} is not taken over.', keys[0]!) : t('Of the model’s solver, {0} are not taken over.', andList(keys))]
}
