import type { RunDocument } from '../protocol/run'
import type { ModelFacts } from '../recipe/model'
import type { Prepared } from '../recipe/prepare'
import { doubled, guidanceAt, guide, guidePredictions, type GuidanceStrength } from '../sampler/guidance'
import type { Evaluate, EvaluationPoint } from '../sampler/sample'
import { ClosedForm } from './closedForm'
import { evaluationError } from './failures'
import type { LoadedModel } from './models'
import { Network, type NetworkSession } from './network'
import { loadRuntime, type Runtime } from './runtime'

/** The model of a run as the sampler asks it. */
export interface Asked {
  /** Milliseconds spent inside the model so far. */
  readonly runMs: number
  readonly evaluate: Evaluate
}

/** A loaded model, ready to be asked by a run at the levels of its own schedule; it answers with what it predicts. */
export function askedModel({ session, facts }: LoadedModel, prepared: Prepared, document: RunDocument): Asked {
  return session ? new Evaluator(loadRuntime(), session, facts, prepared, document) : new ClosedForm(facts.path)
}

const nobody: readonly number[] = []

/**
 * The network of a run with classifier-free guidance: both branches in one evaluation, unconditional items first; the conditional branch alone where guidance
 * does not act. Takes some of the batch's items, each at a time of its own, where an adaptive run asks so.
 */
class Evaluator implements Asked {
  private readonly network: Network
  private readonly batch: number
  private readonly strength: GuidanceStrength
  private readonly everybody: readonly number[]
  /** Whose labels the network holds; another evaluation of them all needs no new ones. */
  private labelled: readonly number[] | undefined

  constructor(ort: Runtime, session: NetworkSession, private readonly facts: ModelFacts, private readonly prepared: Prepared, private readonly document: RunDocument) {
    const { recipe: { guidance: { scale, interval: [from, to] } }, shape: [batch] } = document
    this.batch = batch
    this.everybody = Array.from({ length: batch }, (_, k) => k)
    this.strength = { scale, ...(from === undefined || to === undefined ? {} : { interval: { from, to } }) }
    this.network = new Network(ort, session, facts, prepared.guided ? 2 * batch : batch, prepared.labels && [])
  }

  get runMs(): number { return this.network.runMs }

  readonly evaluate: Evaluate = async (x, at) => {
    const { network } = this
    try {
      const count = at.items?.length ?? this.batch
      const acting = this.acting(at, count)
      this.feedLabels(at.items, acting)
      this.feedSample(x, acting, count)
      const output = await network.evaluate(at.labels ? [...acting.map((k) => at.labels![k]!), ...at.labels] : at.label, acting.length + count)
      return acting.length === 0 ? output : this.guided(output, acting, count)
    } catch (error) {
      throw evaluationError(error, at.evaluation, this.document)
    }
  }

  /** Places among the items of an evaluation where guidance acts. */
  private acting({ items, level, levels }: EvaluationPoint, count: number): readonly number[] {
    if (!this.prepared.guided) return nobody
    const all = items ? Array.from({ length: count }, (_, k) => k) : this.everybody
    if (!this.strength.interval) return all
    if (!levels) return guidanceAt(level, this.strength) === 1 ? nobody : all
    return all.filter((k) => guidanceAt(levels[k]!, this.strength) !== 1)
  }

  private feedLabels(items: readonly number[] | undefined, acting: readonly number[]): void {
    const { labels, nullLabel } = this.prepared
    if (!labels || !items && acting === this.labelled) return
    this.network.setLabels([...acting.map(() => nullLabel!), ...(items ?? this.everybody).map((item) => labels[item]!)])
    this.labelled = items ? undefined : acting
  }

  private feedSample(x: Parameters<Evaluate>[0], acting: readonly number[], count: number): void {
    const { sample } = this.network
    if (acting.length === count) { doubled(x, sample); return }
    const size = x.length / count
    acting.forEach((k, place) => { sample.set(x.subarray(k * size, (k + 1) * size), place * size) })
    sample.set(x, acting.length * size)
  }

  /** In place, in the network's own array. */
  private guided(output: Float32Array, acting: readonly number[], count: number): Float32Array {
    if (acting.length === count) return this.guide(output, output.subarray(0, output.length / 2), count)
    const size = output.length / (acting.length + count)
    const both = new Float32Array(2 * size)
    const conditional = output.subarray(acting.length * size)
    acting.forEach((k, place) => {
      const own = conditional.subarray(k * size, (k + 1) * size)
      both.set(output.subarray(place * size, (place + 1) * size))
      both.set(own, size)
      this.guide(both, own, 1)
    })
    return conditional
  }

  private guide(both: Float32Array, out: Float32Array, items: number): Float32Array {
    const { scale, rescale: phi } = this.document.recipe.guidance
    if (this.facts.learnsVariance) guidePredictions(both, scale, out, items, phi)
    else guide(both, scale, out, { phi, items })
    return out
  }
}
