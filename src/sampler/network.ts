import { conversion } from './prediction'
import type { Evaluate, EvaluationPoint } from './sample'
import { startScale } from './schedule/level'
import { ownLevel, timeLabel } from './schedule/schedule'
import type { FloatArray, Level, NoiseSchedule, PredictionType } from './types'

/** On what terms a network was trained. */
export interface NetworkTerms {
  schedule: NoiseSchedule
  prediction: PredictionType
  /** Standard deviation of the data, where the network's input and output are scaled as EDM's; its prediction then counts as `epsilon`, or `v_prediction` with the other sign. */
  sigmaData?: number
}

/** How a network becomes a denoiser at one level: x̂₀ = skip·x + out·network(in·x, label). */
export interface Denoiser { skip: number; out: number; in: number; label: number }

/**
 * The denoiser that a network is at a level which any schedule may have placed: the state is scaled to the network's own schedule at equal lambda, its time label is the
 * one there, and what it predicts is x̂₀ on its own terms. EDM's preconditioning (arXiv 2206.00364, table 1) is written for x = alpha x0 + sigma ε, so that alpha may be 0.
 * @param placedBy the schedule that level.t belongs to
 */
export function denoiserOf({ schedule: own, prediction, sigmaData }: NetworkTerms, level: Level, placedBy: NoiseSchedule): Denoiser {
  const label = timeLabel(level, own, placedBy)
  if (sigmaData !== undefined) {
    const { alpha, sigma } = level
    const variance = sigma * sigma + alpha * alpha * sigmaData * sigmaData
    const out = sigma * sigmaData / Math.sqrt(variance)
    return { skip: alpha * sigmaData * sigmaData / variance, out: prediction === 'v_prediction' ? -out : out, in: 1 / Math.sqrt(variance), label }
  }
  const at = ownLevel(level, own, placedBy)
  const scale = startScale(at) / startScale(level)
  const { state, output } = conversion(prediction, 'data', at)
  return { skip: state * scale, out: output, in: scale, label }
}

/** True where the network can be asked as it is at a plan's levels: by the same schedule, or where both preserve the variance, so that equal lambda is equal scale. */
export function onOwnTerms({ schedule, sigmaData }: NetworkTerms, placedBy: NoiseSchedule): boolean {
  return sigmaData === undefined && (schedule === placedBy || preservesVariance(schedule) && preservesVariance(placedBy))
}

const preservesVariance = ({ spec }: NoiseSchedule): boolean => spec.kind === 'discrete' || spec.kind === 'vpLinear' || spec.kind === 'vpCosine'

/** The network as one that predicts x̂₀ at the levels of a plan (prediction `sample`). */
export function denoising(network: Evaluate, terms: NetworkTerms, placedBy: NoiseSchedule): Evaluate {
  const denoiserAt = (level: Level): Denoiser => denoiserOf(terms, level, placedBy)
  return async (x, at) => {
    const levels = at.levels ?? [at.level]
    const denoisers = levels.map(denoiserAt)
    const labels = denoisers.map(({ label }) => label)
    const raw = await network(scaled(x, denoisers), pointOf(at, labels, levels.map((level) => ownLevel(level, terms.schedule, placedBy))))
    // Another length is for the loop to report.
    if (raw.length !== x.length) return raw
    const out = x.slice()
    const size = x.length / denoisers.length
    for (const [item, { skip, out: weight }] of denoisers.entries()) for (let i = item * size; i < (item + 1) * size; i++) out[i] = skip * x[i]! + weight * raw[i]!
    return out
  }
}

const pointOf = (at: EvaluationPoint, labels: readonly number[], levels: readonly Level[]): EvaluationPoint => (
  { ...at, label: labels[0]!, level: levels[0]!, ...(at.levels ? { labels, levels } : {}) }
)

function scaled(x: FloatArray, denoisers: readonly Denoiser[]): FloatArray {
  if (denoisers.every((denoiser) => denoiser.in === 1)) return x
  const out = x.slice()
  const size = x.length / denoisers.length
  for (const [item, denoiser] of denoisers.entries()) for (let i = item * size; i < (item + 1) * size; i++) out[i] = denoiser.in * x[i]!
  return out
}
