import { DpmError } from '../sampler/errors'
import { scheduleOf } from '../sampler/schedule/schedule'
import type { PredictionType, ScheduleSpec } from '../sampler/types'

/** What a diffusers scheduler_config.json says of the network, and of the solver it was meant to be sampled with. */
export interface SchedulerFacts {
  schedule: ScheduleSpec
  predictionType: PredictionType
  /** The named solver as recipe fields by dotted path; null where it is none that can be offered. */
  solverOffer: Record<string, unknown> | null
  /** What the user should know, one sentence each. */
  notes: string[]
}

type Config = Readonly<Record<string, unknown>>

/** lambda below which knots of a discrete schedule are dropped unless the recipe says otherwise. */
const lambdaMin = -5.1

/** A scheduler_config.json's constants where it leaves them out; diffusers writes only what differs from the class's own in some versions. */
const betasOfClass: Record<string, [betaStart: number, betaEnd: number, betas: string]> = {
  HeunDiscreteScheduler: [0.00085, 0.012, 'linear'], KDPM2DiscreteScheduler: [0.00085, 0.012, 'linear'], KDPM2AncestralDiscreteScheduler: [0.00085, 0.012, 'linear'],
  DPMSolverSDEScheduler: [0.00085, 0.012, 'linear'], LCMScheduler: [0.00085, 0.012, 'scaled_linear'], TCDScheduler: [0.00085, 0.012, 'scaled_linear'],
}
/** Schedulers whose networks were not trained with a variance-preserving schedule of betas. */
const otherFamily = /^(FlowMatch|EDM|CosineDPM|KarrasVe|ScoreSde|CMStochastic|ConsistencyDecoder|IPNDM|VQDiffusion|Amused|DDPMWuerstchen|UnCLIP)/

/** The schedule and prediction type taken where a model folder names neither: DDPM's (arXiv 2006.11239). */
export const assumedScheduler: SchedulerFacts = readSchedulerConfig({}, 'scheduler_config.json')

/**
 * Reads a parsed scheduler_config.json; keys it does not know are passed over. `file` names it in messages.
 * Throws DpmError `modelUnsupported` where the network cannot be sampled as a variance-preserving ε, v or x₀ model.
 */
export function readSchedulerConfig(config: Config, file: string): SchedulerFacts {
  const name = typeof config['_class_name'] === 'string' ? config['_class_name'] : ''
  const refuse = (what: string): DpmError => new DpmError({
    reason: 'modelUnsupported', message: `${file} ${what}`, advice: 'Choose a model with a variance-preserving schedule that predicts ε, v or x₀.', remedy: { title: 'Select Model…', command: 'selectModel' },
  })
  if (otherFamily.test(name)) throw refuse(`names ${name}, whose kind of noise schedule cannot be sampled here.`)
  if (config['use_flow_sigmas'] === true) throw refuse('asks for use_flow_sigmas: flow-matching models cannot be sampled here.')

  const predictionType = config['prediction_type'] ?? 'epsilon'
  if (predictionType !== 'epsilon' && predictionType !== 'sample' && predictionType !== 'v_prediction') throw refuse(`gives the prediction type ${JSON.stringify(predictionType)}; known are epsilon, sample and v_prediction.`)

  const schedule = scheduleIn(config, name, refuse)
  try { scheduleOf(schedule) } catch (error) {
    if (error instanceof DpmError) throw refuse(`describes a noise schedule that cannot be: ${error.message}`)
    throw error
  }
  const { solverOffer, notes } = solverIn(config, name)
  if (config['thresholding'] === true) notes.push(`${file} asks for thresholding, which is not applied.`)
  return { schedule, predictionType, solverOffer, notes }
}

function scheduleIn(config: Config, name: string, refuse: (what: string) => DpmError): ScheduleSpec {
  const [defaultStart, defaultEnd, defaultBetas] = betasOfClass[name] ?? [1e-4, 0.02, 'linear']
  const number = (key: string, fallback: number): number => {
    const value = config[key] ?? fallback
    if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse(`gives ${key} as ${JSON.stringify(value)}, which is no number.`)
    return value
  }
  const discrete = { kind: 'discrete' as const, trainSteps: number('num_train_timesteps', 1000), betaStart: number('beta_start', defaultStart), betaEnd: number('beta_end', defaultEnd), lambdaMin }
  const trained = config['trained_betas']
  if (trained !== undefined && trained !== null) {
    if (!Array.isArray(trained) || !trained.every((beta): beta is number => typeof beta === 'number')) throw refuse('gives trained_betas that are no list of numbers.')
    return { ...discrete, betas: trained, trainSteps: trained.length }
  }
  const betas = config['beta_schedule'] ?? defaultBetas
  if (betas !== 'linear' && betas !== 'scaled_linear' && betas !== 'squaredcos_cap_v2') throw refuse(`gives the beta schedule ${JSON.stringify(betas)}; known are linear, scaled_linear, squaredcos_cap_v2 and trained_betas.`)
  if (config['rescale_betas_zero_snr'] === true) throw refuse('asks for rescale_betas_zero_snr: a schedule that ends without any signal cannot be sampled here.')
  return { ...discrete, betas }
}

const midpointTypes: readonly unknown[] = ['midpoint', 'logrho', 'bh1', 'bh2']

interface Solver { solverOffer: Record<string, unknown> | null; notes: string[] }

/** DDIMScheduler, DPMSolverMultistepScheduler and DPMSolverSinglestepScheduler as recipe fields; defaults as in their signatures. */
function solverIn(config: Config, name: string): Solver {
  if (name === 'DDIMScheduler') return ddimIn(config)
  const method = { DPMSolverMultistepScheduler: 'multistep', DPMSolverSinglestepScheduler: 'singlestep' }[name]
  if (method === undefined) return { solverOffer: null, notes: [] }
  const algorithm = config['algorithm_type'] ?? 'dpmsolver++'
  const order = config['solver_order'] ?? 2
  const type = config['solver_type'] ?? 'midpoint'
  const cannot = (what: string): Solver => ({ solverOffer: null, notes: [`The model’s solver, ${what}, is not among those offered here.`] })
  if (algorithm !== 'dpmsolver' && algorithm !== 'dpmsolver++') return cannot(JSON.stringify(algorithm))
  if (order !== 1 && order !== 2 && order !== 3) return cannot(`${algorithm} of order ${JSON.stringify(order)}`)
  if (method === 'multistep' && order === 3) return cannot(`multistep ${algorithm} of order 3`)
  // Order 1 has no types; the last three are other schedulers' and stand for midpoint in these.
  if (order > 1 && !midpointTypes.includes(type)) return cannot(`${algorithm} with the solver_type ${JSON.stringify(type)}`)
  const toZero = config['final_sigmas_type'] !== 'sigma_min'
  return {
    solverOffer: {
      'solver.algorithm': algorithm, 'solver.order': order, 'solver.method': method, 'solver.finalSigma': toZero ? 'zero' : 'sigmaMin',
      ...(method === 'multistep' ? { 'solver.lowerOrderBelow': config['lower_order_final'] === false ? 0 : 15 } : {}),
    },
    // A last step to σ = 0 is of order 1 anyway.
    notes: leftOut([...placing(config), ...(config['euler_at_final'] === true && !toZero && order > 1 ? ['euler_at_final'] : [])]),
  }
}

/** DDIM is DPM-Solver of order 1 (arXiv 2206.00927, section 4.1). */
function ddimIn(config: Config): Solver {
  return {
    solverOffer: { 'solver.algorithm': 'dpmsolver++', 'solver.order': 1, 'solver.method': 'multistep', 'solver.finalSigma': config['set_alpha_to_one'] === false ? 'sigmaMin' : 'zero' },
    notes: leftOut([...placing(config), ...(config['clip_sample'] === false ? [] : ['clip_sample'])]),
  }
}

/** The keys by which a configuration chooses where the noise levels lie. */
function placing(config: Config): string[] {
  const switches = ['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas', 'use_lu_lambdas'].filter((key) => config[key] === true)
  return [...switches, ...(typeof config['timestep_spacing'] === 'string' ? [`timestep_spacing ${config['timestep_spacing']}`] : [])]
}

function leftOut(keys: string[]): string[] {
  if (keys.length === 0) return []
  const list = keys.length === 1 ? keys[0] : `${keys.slice(0, -1).join(', ')} and ${keys.at(-1)}`
  return [`Of the model’s solver, ${list} ${keys.length === 1 ? 'is' : 'are'} not taken over.`]
}
