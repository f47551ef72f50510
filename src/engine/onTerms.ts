import type { ModelFacts } from '../recipe/model'
import type { Prepared } from '../recipe/prepare'
import { classifierGuided, type Gradient } from '../sampler/guidance'
import { denoising, type NetworkTerms } from '../sampler/network'
import type { Evaluate, EvaluationPoint } from '../sampler/sample'
import { startScale } from '../sampler/schedule/level'
import { ownLevel } from '../sampler/schedule/schedule'
import type { FloatArray, NoiseSchedule, PredictionType } from '../sampler/types'

export interface Schedules {
  /** The network's own. */
  own: NoiseSchedule
  /** Places the levels; the same object where that is the network's own. */
  placing: NoiseSchedule
}

/** What the loop evaluates, and what that predicts. */
export interface Asking { evaluate: Evaluate; prediction: PredictionType }

/**
 * The network at the levels of a plan: as it is, where they are on its own terms; else as one that predicts x̂₀, with the state scaled to its own schedule. A classifier's gradient
 * comes on top of classifier-free guidance, and before thresholding, which is the loop's.
 * @param network answers with its own prediction, classifier-free guidance included
 * @param gradient of a classifier that knows states on the scale of the network's own schedule
 * @param batch items of an evaluation that does not say otherwise
 */
export function onTerms(
  network: Evaluate, { predictionType, onOwnTerms }: Pick<Prepared, 'predictionType' | 'onOwnTerms'>, { sigmaData, learnsVariance }: Pick<ModelFacts, 'sigmaData' | 'learnsVariance'>,
  { own, placing }: Schedules, classifier: { gradient: Gradient; scale: number } | undefined, batch: number,
): Asking {
  const terms: NetworkTerms = { schedule: own, prediction: predictionType, ...(sigmaData === null ? {} : { sigmaData }) }
  const prediction = onOwnTerms ? predictionType : 'sample'
  const wrap = (predictions: Evaluate): Evaluate => {
    const asked = onOwnTerms ? predictions : denoising(predictions, terms, placing)
    if (!classifier) return asked
    return classifierGuided(asked, prediction, onOwnTerms ? classifier.gradient : rescaled(classifier.gradient, own, placing), classifier.scale)
  }
  if (onOwnTerms && !classifier) return { evaluate: network, prediction }
  return { evaluate: learnsVariance ? besideSecond(network, wrap, batch) : wrap(network), prediction }
}

/** The gradient with respect to a state x at a level of another schedule, from that with respect to the same state s·x on the scale of the own one: s times as much. */
function rescaled(gradient: Gradient, own: NoiseSchedule, placing: NoiseSchedule): Gradient {
  return async (x, at) => {
    const scales = (at.levels ?? [at.level]).map((level) => startScale(ownLevel(level, own, placing)) / startScale(level))
    const slope = await gradient(timesScales(x, scales), at)
    return timesScales(slope, scales)
  }
}

function timesScales(x: FloatArray, scales: readonly number[]): FloatArray {
  const size = x.length / scales.length
  return x.map((value, i) => value * scales[Math.floor(i / size)]!)
}

/** What is done to predictions, for a network that returns a second output after each: that one is passed by. */
function besideSecond(network: Evaluate, wrap: (predictions: Evaluate) => Evaluate, batch: number): Evaluate {
  let both: FloatArray = new Float32Array(0)
  const itemsOf = ({ items }: EvaluationPoint): number => items?.length ?? batch
  const wrapped = wrap(async (x, at) => {
    both = await network(x, at)
    // Another length is for the loop to report.
    if (both.length !== 2 * x.length) return both
    const size = x.length / itemsOf(at)
    const predictions = x.slice()
    for (let item = 0; item < itemsOf(at); item++) predictions.set(both.subarray(2 * item * size, (2 * item + 1) * size), item * size)
    return predictions
  })
  return async (x, at) => {
    const predictions = await wrapped(x, at)
    if (predictions.length !== x.length) return predictions
    const out = both.slice()
    const size = x.length / itemsOf(at)
    for (let item = 0; item < itemsOf(at); item++) out.set(predictions.subarray(item * size, (item + 1) * size), 2 * item * size)
    return out
  }
}
