import type { ModelFacts } from '../../../src/recipe/model'
import type { Recipe } from '../../../src/recipe/recipe'
import { defaultRecipe } from '../../../src/recipe/defaults'
import { setPath } from '../../../src/recipe/path'

/** A class-conditional model as the bundled ones are, without a file behind it. */
export function facts(changes: Partial<ModelFacts> = {}): ModelFacts {
  return {
    path: '/models/rings', name: 'rings', kind: 'folder', graph: '/models/rings/unet/model.onnx', bytes: 1000,
    inputs: [], outputs: [], shape: [1, 8, 8], fixedBatch: null,
    classes: { count: 3, names: ['Small', 'Large', 'Double'], nullLabel: 3, nullLabelAssumed: false },
    integerTime: false, predictionType: 'epsilon', predictionTypeAssumed: false,
    schedule: { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 }, scheduleAssumed: false,
    sigmaData: null, learnsVariance: false, statistic: null,
    solverOffer: null, notes: [], ...changes,
  }
}

/** The default recipe with fields changed by dotted path; the seed is fixed. */
export function recipe(changes: Record<string, unknown> = {}): Recipe {
  return Object.entries({ 'noise.seed': 7, ...changes }).reduce((made, [path, value]) => setPath(made, path, value), defaultRecipe())
}
