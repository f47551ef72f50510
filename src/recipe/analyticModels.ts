import type { Distribution } from '../sampler/distribution'
import { t } from '../sampler/text'
import type { ScheduleSpec } from '../sampler/types'
import type { ModelFacts } from './model'

/** A model that is a formula: the data are points of the plane, and what a network would have to learn is known. */
export interface AnalyticDefinition {
  /** What stands in `model.path`. Runs name it, so another distribution is another name. */
  name: string
  title: string
  distribution: Distribution
}

/** `count` equal components on a circle around the origin. */
const ring = (count: number, radius: number, turn: number, weight: number, s: number) => Array.from({ length: count }, (_, k) => {
  const angle = 2 * Math.PI * (k + turn) / count
  return { weight: weight / count, mean: [radius * Math.cos(angle), radius * Math.sin(angle)], s }
})

export const analyticModels: readonly AnalyticDefinition[] = [
  { name: 'gaussian', title: 'Gaussian', distribution: { kind: 'gaussian', mean: [0.2, -0.15], s: [0.26, 0.08] } },
  { name: 'mixture2d', title: 'Gaussian mixture 2-D', distribution: { kind: 'mixture', components: [...ring(3, 0.34, 0.75, 0.36, 0.08), ...ring(5, 0.82, 0.25, 0.64, 0.07)] } },
]

/** The definition that a `model.path` names, or undefined. */
export function analyticModel(path: string): AnalyticDefinition | undefined {
  return analyticModels.find(({ name }) => name === path)
}

/** DDPM's linear schedule. */
const schedule: ScheduleSpec = { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 }

/** A definition as a model is known: a point is a state of two channels and one pixel. */
export function analyticFacts({ name, title }: AnalyticDefinition): ModelFacts {
  return {
    path: name, name, kind: 'analytic', graph: '', bytes: 0, inputs: [], outputs: [], shape: [2, 1, 1], fixedBatch: null, classes: null, integerTime: false,
    predictionType: 'epsilon', predictionTypeAssumed: false, schedule, scheduleAssumed: false, sigmaData: null, learnsVariance: false, statistic: null, solverOffer: null,
    notes: [t('{0} is a formula: its ε is exact, and each item of the batch is one point.', title)],
  }
}
