import { DpmError } from '../sampler/errors'
import type { DynamicShift } from '../sampler/schedule/flow'
import { scheduleOf } from '../sampler/schedule/schedule'
import { andList, t } from '../sampler/text'
import type { PredictionType, ScheduleSpec } from '../sampler/types'
import { solverOffer, type SchedulerConfig, type SolverOffer } from './solverOffer'

/** What a diffusers scheduler_config.json says of the network, and of the solver it was meant to be sampled with. */
export interface SchedulerFacts {
  schedule: ScheduleSpec
  predictionType: PredictionType
  /** Standard deviation of the data, where the network's input and output are scaled as EDM's; else null. */
  sigmaData: number | null
  /** How the shift of a flow follows from the size of the image; null where it does not. */
  dynamicShift: DynamicShift | null
  /** The named solver as recipe fields by dotted path; null where it is none that can be offered. */
  solverOffer: SolverOffer['fields']
  /** What the user should know, one sentence each. */
  notes: string[]
}

/** lambda below which knots of a discrete schedule are dropped unless the recipe says otherwise. */
const lambdaMin = -5.1

/** A scheduler_config.json's constants where it leaves them out; diffusers writes only what differs from the class's own in some versions. */
const betasOfClass: Record<string, [betaStart: number, betaEnd: number, betas: string]> = {
  HeunDiscreteScheduler: [0.00085, 0.012, 'linear'], KDPM2DiscreteScheduler: [0.00085, 0.012, 'linear'], KDPM2AncestralDiscreteScheduler: [0.00085, 0.012, 'linear'],
  DPMSolverSDEScheduler: [0.00085, 0.012, 'linear'], LCMScheduler: [0.00085, 0.012, 'scaled_linear'], TCDScheduler: [0.00085, 0.012, 'scaled_linear'],
}

/** Why networks of some schedulers cannot be asked here. */
const others: readonly (readonly [name: RegExp, why: string])[] = [
  [/^KarrasVe/, t('whose networks are fed (x + 1)/2 and σ/2, which cannot be done here')],
  [/^ScoreSdeVe/, t('whose networks are told σ itself and draw images in 0 … 1, which cannot be done here')],
  [/^ScoreSdeVp/, t('whose networks are told t·(steps − 1), a time that depends on the run and cannot be given here')],
  [/^CosineDPM/, t('whose networks are told arctan(σ)·2/π, which cannot be done here')],
  [/^(CMStochastic|ConsistencyDecoder|IPNDM|VQDiffusion|Amused|DDPMWuerstchen|UnCLIP|CogVideoX)/, t('whose kind of noise schedule cannot be sampled here')],
]

/**
 * Reads a parsed scheduler_config.json of a variance-preserving, an EDM or a flow-matching scheduler; keys it does not know are passed over. `file` names it in messages.
 * Throws DpmError `modelUnsupported` where the network cannot be sampled.
 */
export function readSchedulerConfig(config: SchedulerConfig, file: string): SchedulerFacts {
  const name = typeof config['_class_name'] === 'string' ? config['_class_name'] : ''
  const refuse: Refuse = (what) => new DpmError({
    reason: 'modelUnsupported', message: t('{0} {1}', file, what), advice: t('Choose a model with a variance-preserving, EDM or flow-matching schedule.'), remedy: { title: t('Select Model…'), command: 'selectModel' },
  })
  const other = others.find(([pattern]) => pattern.test(name))
  if (other) throw refuse(t('names {0}, {1}.', name, other[1]))
  const values = new Values(config, refuse)
  const network = name.startsWith('EDM') ? edmIn(config, values) : name.startsWith('FlowMatch') || config['use_flow_sigmas'] === true ? flowIn(config, values, name) : variancePreserving(config, values, name)
  try { scheduleOf(network.schedule) } catch (error) {
    if (error instanceof DpmError) throw refuse(t('describes a noise schedule that cannot be: {0}', error.message))
    throw error
  }
  const { fields, notes } = solverOffer(config, name)
  return { ...network, solverOffer: fields, notes }
}

type Refuse = (what: string) => DpmError
type NetworkFacts = Omit<SchedulerFacts, 'solverOffer' | 'notes'>

/** A configuration's values, checked as they are read. */
class Values {
  constructor(private readonly config: SchedulerConfig, readonly refuse: Refuse) {}

  number(key: string, fallback: number): number {
    const value = this.config[key] ?? fallback
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.refuse(t('gives {0} as {1}, which is no number.', key, JSON.stringify(value)))
    return value
  }

  prediction(known: Readonly<Record<string, PredictionType>>, fallback: string): PredictionType {
    const value = this.config['prediction_type'] ?? fallback
    if (typeof value === 'string' && Object.hasOwn(known, value)) return known[value]!
    throw this.refuse(t('gives the prediction type {0}; known are {1}.', JSON.stringify(value), andList(Object.keys(known))))
  }
}

const predictions = { epsilon: 'epsilon', sample: 'sample', v_prediction: 'v_prediction', score: 'score' } as const

function variancePreserving(config: SchedulerConfig, values: Values, name: string): NetworkFacts {
  return { schedule: discreteIn(config, values, name), predictionType: values.prediction(predictions, 'epsilon'), sigmaData: null, dynamicShift: null }
}

/** Karras et al. (2022, arXiv 2206.00364), table 1: diffusers' `epsilon` is the paper's preconditioning, `v_prediction` the same with the other sign. */
function edmIn(config: SchedulerConfig, values: Values): NetworkFacts {
  const sigmaData = values.number('sigma_data', 0.5)
  const schedule: ScheduleSpec = { kind: 'edm', sigmaMin: values.number('sigma_min', 0.002), sigmaMax: values.number('sigma_max', 80), sigmaData }
  const kind = config['sigma_schedule'] ?? 'karras'
  if (kind !== 'karras' && kind !== 'exponential') throw values.refuse(t('gives the sigma_schedule {0}; known are karras and exponential.', JSON.stringify(kind)))
  return { schedule, predictionType: values.prediction({ epsilon: 'epsilon', v_prediction: 'v_prediction' }, 'epsilon'), sigmaData, dynamicShift: null }
}

/** Flow matching: by a FlowMatch scheduler, whose networks predict the velocity, or by another one with `use_flow_sigmas`. */
function flowIn(config: SchedulerConfig, values: Values, name: string): NetworkFacts {
  const matching = name.startsWith('FlowMatch')
  if (config['invert_sigmas'] === true) throw values.refuse(t('asks for invert_sigmas: a network whose time runs the other way cannot be asked here.'))
  const schedule: ScheduleSpec = { kind: 'flow', shift: values.number(matching ? 'shift' : 'flow_shift', 1), trainSteps: values.number('num_train_timesteps', 1000) }
  const predictionType = matching ? 'flow' : values.prediction({ epsilon: 'epsilon', sample: 'sample', flow_prediction: 'flow' }, 'flow_prediction')
  return { schedule, predictionType, sigmaData: null, dynamicShift: config['use_dynamic_shifting'] === true ? dynamicShiftIn(config, values) : null }
}

function dynamicShiftIn(config: SchedulerConfig, values: Values): DynamicShift {
  return {
    baseLength: values.number('base_image_seq_len', 256), maxLength: values.number('max_image_seq_len', 4096), baseShift: values.number('base_shift', 0.5), maxShift: values.number('max_shift', 1.15),
    form: config['time_shift_type'] === 'linear' ? 'linear' : 'exponential',
  }
}

function discreteIn(config: SchedulerConfig, values: Values, name: string): ScheduleSpec {
  const [defaultStart, defaultEnd, defaultBetas] = betasOfClass[name] ?? [1e-4, 0.02, 'linear']
  const { refuse } = values
  // Without any signal at the end λ has no lower bound: nothing is dropped then.
  const end = config['rescale_betas_zero_snr'] === true ? { lambdaMin: null, zeroTerminalSnr: true } : { lambdaMin }
  const trainSteps = values.number('num_train_timesteps', 1000)
  const discrete = { kind: 'discrete' as const, trainSteps, betaStart: values.number('beta_start', defaultStart), betaEnd: values.number('beta_end', defaultEnd), ...end }
  const trained = config['trained_betas']
  if (trained !== undefined && trained !== null) {
    if (!Array.isArray(trained) || !trained.every((beta): beta is number => typeof beta === 'number')) throw refuse(t('gives trained_betas that are no list of numbers.'))
    return { ...discrete, betas: trained, trainSteps: trained.length }
  }
  const betas = config['beta_schedule'] ?? defaultBetas
  if (betas === 'sigmoid') return { ...discrete, betas: sigmoidBetas(discrete) }
  if (betas !== 'linear' && betas !== 'scaled_linear' && betas !== 'squaredcos_cap_v2') {
    throw refuse(t('gives the beta schedule {0}; known are linear, scaled_linear, squaredcos_cap_v2, sigmoid and trained_betas.', JSON.stringify(betas)))
  }
  return { ...discrete, betas }
}

/** Betas along a sigmoid from −6 to 6 (GeoDiff, arXiv 2203.02923). */
function sigmoidBetas({ trainSteps, betaStart, betaEnd }: { trainSteps: number; betaStart: number; betaEnd: number }): number[] {
  return Array.from({ length: Math.max(0, Math.min(Math.floor(trainSteps), 1e6)) }, (_, i) => (betaEnd - betaStart) / (1 + Math.exp(6 - 12 * i / (trainSteps - 1))) + betaStart)
}

/** The schedule and prediction type taken where a model folder names neither: DDPM's (arXiv 2006.11239). */
export const assumedScheduler: SchedulerFacts = readSchedulerConfig({}, 'scheduler_config.json')
