import type { Algorithm, FinalSigma, MethodOptions, OrderSplit, SamplingMethod, Spacing, Variant } from '../sampler/types'

export type NoiseChoice = 'model' | 'linear' | 'scaledLinear' | 'squaredcosCapV2' | 'betas' | 'vpLinear' | 'vpCosine'
/** An index, a class name, or the word `none`. */
export type ClassLabel = number | string

/** What was asked for: plain JSON, complete after defaults. Of what the sampler can do it has what is offered (see offered.ts). Field names are the one table of names that settings, command line and form share. */
export interface Recipe {
  version: 1
  model: {
    /** `digits`, `emoji` (bundled) or a path to an .onnx file or a diffusers folder. */
    path: string
    nullClassLabel: number | 'auto'
    predictionType: 'auto' | 'epsilon' | 'sample' | 'v_prediction'
  }
  conditioning: {
    /** Index, class name, `none`, or a list that is cycled over the batch. */
    classLabel: ClassLabel | ClassLabel[]
  }
  solver: {
    algorithm: Extract<Algorithm, 'dpmsolver' | 'dpmsolver++'>
    order: 1 | 2 | 3
    method: Extract<SamplingMethod, 'multistep' | 'singlestep' | 'singlestepFixed'>
    steps: number
    orderSplit: OrderSplit
    lowerOrderBelow: number
    finalSigma: Extract<FinalSigma, 'zero' | 'sigmaMin'>
    variant: Extract<Variant, 'midpoint'>
    options: MethodOptions
  }
  schedule: {
    noise: NoiseChoice
    spacing: Extract<Spacing, 'logSNR' | 'timeUniform' | 'timeQuadratic'>
    tEnd: number | 'auto'
    /** Knots of a discrete schedule with lambda below this are dropped; `none` keeps all. */
    lambdaMin: number | 'none'
    /** The betas where noise is `betas`, else empty. */
    betas: number[]
  }
  noise: {
    /** The word `random` before a run; the seed used after it. 0 … 2^64 − 1, a decimal string above 2^53 − 1. */
    seed: number | string
    batch: number
    generator: 'philox4x32-10/v1'
  }
  guidance: { scale: number }
}
