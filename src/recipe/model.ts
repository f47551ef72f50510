import type { NoiseStatistic } from '../sampler/methods/analyticDpm'
import type { LatentSpace, PredictionType, ScheduleSpec } from '../sampler/types'

export interface TensorFacts { name: string; type: string; shape: (number | string)[] }

export interface ClassFacts {
  /** Labels the network knows, the null label not counted: 0 … count − 1. */
  count: number
  /** Name of each class, by index; the index as text where the model folder names none. */
  names: string[]
  /** The label that means "no class", or null if the network has none. */
  nullLabel: number | null
  /** True where the null label was not stated by the model but taken as num_class_embeds − 1. */
  nullLabelAssumed: boolean
}

/** What is known of a model before it samples: read from its folder and its graph. Plain data; it travels to host and page. */
export interface ModelFacts {
  /** As in `model.path` of the recipe: a bundled name or an absolute path. */
  path: string
  /** Short name for lists and file names. */
  name: string
  /** `analytic`: a formula of ours, without files (analyticModels.ts). */
  kind: 'folder' | 'file' | 'analytic'
  /** Absolute real path of the ONNX graph, or its address on a server; empty where there is none. */
  graph: string
  /** Size of the graph with its external data, in bytes; 0 where there is none, and on a server. */
  bytes: number
  inputs: TensorFacts[]
  outputs: TensorFacts[]
  /** Channels, height, width of one sample. */
  shape: [channels: number, height: number, width: number]
  /** Which latents a sample is, where the folder says that it is some; absent where it says nothing of it, as of pixels. */
  latents?: LatentSpace
  /** The only batch size the graph takes, or null if any. */
  fixedBatch: number | null
  classes: ClassFacts | null
  /** True where the network's time input is an integer: levels are then snapped to knots of its schedule. */
  integerTime: boolean
  predictionType: PredictionType
  predictionTypeAssumed: boolean
  /** The schedule the network was trained with. */
  schedule: ScheduleSpec
  scheduleAssumed: boolean
  /** Standard deviation of the data, where the network's input and output are scaled as EDM's; else null. */
  sigmaData: number | null
  /** The network returns a second output beside its prediction: the variance it learned. */
  learnsVariance: boolean
  /** E|ε̂|²/D of the network by lambda, for Analytic-DPM; null where its folder has none. */
  statistic: NoiseStatistic | null
  /** The solver its scheduler_config.json names, as recipe fields by dotted path; offered, never applied by itself. */
  solverOffer: Record<string, unknown> | null
  /** What the user should know, one sentence each. */
  notes: string[]
}
