import type { RunDocument } from '../protocol/run'
import type { Prepared } from '../recipe/prepare'
import { doubled, guide } from '../sampler/guidance'
import type { Evaluate } from '../sampler/sample'
import { evaluationError } from './failures'
import type { LoadedModel } from './models'
import { Network } from './network'
import type { Runtime } from './runtime'

/** The network of a run as the sampler asks it: guidance included, both branches in one evaluation. */
export class Evaluator {
  private readonly network: Network

  constructor(ort: Runtime, { session, facts }: LoadedModel, private readonly prepared: Prepared, private readonly document: RunDocument) {
    const { labels, nullLabel, guided } = prepared
    const [batch] = document.shape
    // Unconditional items first, as guide() takes them.
    const fed = labels && guided && nullLabel !== null ? [...labels.map(() => nullLabel), ...labels] : labels
    this.network = new Network(ort, session, facts, guided ? 2 * batch : batch, fed)
  }

  /** Milliseconds spent inside the network so far. */
  get runMs(): number { return this.network.runMs }

  readonly evaluate: Evaluate = async (x, { label, evaluation }) => {
    const { network, prepared: { guided } } = this
    try {
      if (guided) doubled(x, network.sample)
      else network.sample.set(x)
      const output = await network.evaluate(label)
      return guided ? guide(output, this.document.recipe.guidance.scale, output.subarray(0, x.length)) : output
    } catch (error) {
      throw evaluationError(error, evaluation, this.document)
    }
  }
}
