import { analyticModel } from '../recipe/analyticModels'
import { asNetwork } from '../sampler/analytic'
import { modelOf } from '../sampler/distribution'
import { DpmError } from '../sampler/errors'
import type { Evaluate, EvaluationPoint } from '../sampler/sample'
import { t } from '../sampler/text'
import type { FloatArray } from '../sampler/types'
import type { Asked } from './evaluator'

/** A model that is a formula, asked as a network that predicts ε is: float32 in and out, computed in float64. */
export class ClosedForm implements Asked {
  /** Milliseconds spent in the formula so far. */
  runMs = 0
  private readonly network: Evaluate

  /** Throws DpmError (`modelMissing`) where no formula goes by this name. */
  constructor(name: string) {
    const definition = analyticModel(name)
    if (!definition) throw new DpmError({ reason: 'modelMissing', message: t('There is no formula called {0}.', name), advice: t('Choose another model.'), field: 'model.path', remedy: { title: t('Select Model…'), command: 'selectModel' } })
    this.network = asNetwork(modelOf(definition.distribution), 'epsilon')
  }

  readonly evaluate = async (x: FloatArray, at: EvaluationPoint): Promise<Float32Array> => {
    // Messages are read between evaluations, Stop among them, as they are where a network computes elsewhere.
    await new Promise((resolve) => setImmediate(resolve))
    const started = performance.now()
    const output = Float32Array.from(await this.network(x, at))
    this.runMs += performance.now() - started
    return output
  }
}
