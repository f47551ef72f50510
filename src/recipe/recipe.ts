import type { ForwardWay } from '../sampler/forward'
import type { NoiseGenerator } from '../sampler/random/source'
import type { Algorithm, FinalSigma, MethodOptions, OrderSplit, PredictionType, SamplingMethod, Spacing, Variant } from '../sampler/types'

export type NoiseChoice = 'model' | 'linear' | 'scaledLinear' | 'squaredcosCapV2' | 'betas' | 'vpLinear' | 'vpCosine' | 'edm' | 'flow'
/** An index, a class name, or the word `none`. */
export type ClassLabel = number | string
/** What a run does: sample (from noise, or an image anew), noise an image, follow it back to its noise, or that and back again. */
export type Task = 'sample' | 'noise' | 'encode' | 'reconstruct'
/** Parameters of one spacing or noise schedule only, by name; see scheduleOptions.ts. */
export type ScheduleOptions = Readonly<Record<string, unknown>>

/** What was asked for: plain JSON, complete after defaults. Field names are the one table of names that settings, command line and form share. */
export interface Recipe {
  version: 1
  model: {
    /** `digits`, `emoji` (bundled), `gaussian`, `mixture2d` (formulas) or a path to an .onnx file or a diffusers folder. */
    path: string
    nullClassLabel: number | 'auto'
    predictionType: 'auto' | PredictionType
  }
  conditioning: {
    /** Index, class name, `none`, or a list that is cycled over the batch. */
    classLabel: ClassLabel | ClassLabel[]
  }
  input: {
    task: Task
    /** A PNG file, or empty. */
    image: string
    /** A PNG file: white is made anew, black is kept; or empty. */
    mask: string
    way: ForwardWay
  }
  solver: {
    algorithm: Algorithm
    order: 1 | 2 | 3
    method: SamplingMethod
    steps: number
    orderSplit: OrderSplit
    lowerOrderBelow: number
    finalSigma: FinalSigma
    variant: Variant
    thresholding: boolean
    thresholdingRatio: number
    thresholdingForm: 'authors' | 'diffusers' | 'clip'
    thresholdingMax: number
    options: MethodOptions
  }
  schedule: {
    noise: NoiseChoice
    spacing: Spacing
    tStart: number | 'auto'
    tEnd: number | 'auto'
    /** Knots of a discrete schedule with lambda below this are dropped; `none` keeps all. */
    lambdaMin: number | 'none'
    /** The betas where noise is `betas`, else empty. */
    betas: number[]
    zeroTerminalSnr: boolean
    karrasRho: number
    /** Of the spacings `custom` and `tuned`, in the network's own labels. */
    timesteps: number[]
    options: ScheduleOptions
  }
  noise: {
    /** The word `random` before a run; the seed used after it. 0 … 2^64 − 1, a decimal string above 2^53 − 1. */
    seed: number | string
    batch: number
    generator: NoiseGenerator
  }
  guidance: {
    scale: number
    rescale: number
    /** σ/α from and to which guidance acts; empty: everywhere. */
    interval: number[]
    /** An .onnx file that gives a classifier's gradient, or empty. */
    classifier: string
    classifierScale: number
  }
}
