import type { Estimated, EstimateProgress, EstimateRequest } from '../protocol/engine'
import { defaultRecipe } from '../recipe/defaults'
import { prepare, type Prepared } from '../recipe/prepare'
import type { Recipe } from '../recipe/recipe'
import { itemSeed } from '../recipe/seed'
import { DpmError } from '../sampler/errors'
import type { NoiseStatistic } from '../sampler/methods/analyticDpm'
import { denoising } from '../sampler/network'
import { batchNormals } from '../sampler/noise'
import { batchSeeds, noiseSource } from '../sampler/random/source'
import { sample, type Evaluate } from '../sampler/sample'
import { startScale } from '../sampler/schedule/level'
import { scheduleOf, timeLabel } from '../sampler/schedule/schedule'
import { estimateStatistic, statisticLevels } from '../sampler/statistic'
import type { NoiseSchedule, PredictionType } from '../sampler/types'
import { ClosedForm } from './closedForm'
import { statesIn } from './imageFolder'
import { plainWords } from './modelError'
import type { LoadedModel, Models } from './models'
import { Network } from './network'
import { loadRuntime } from './runtime'

/** Images in an evaluation, unless the graph takes another number. */
const usualBatch = 16
/** Evaluations that draw an image. */
const drawingSteps = 20
/** Progress is told no more often. */
const progressMs = 50

/** Ends an estimation between two evaluations. */
class Stopped extends Error {}

/** The images of one evaluation: C·H·W of each, one after the other, and the class each is asked for. */
interface Batch { values: Float32Array; labels: number[] | null }

/** One estimation of a model's statistic: its images, read or drawn, and the network at every level on noise over them. */
export class Estimation {
  private stopping = false
  private evaluations = 0
  private planned = 0
  private told = -Infinity

  constructor(private readonly asked: EstimateRequest, private readonly models: Models, private readonly onProgress: (progress: EstimateProgress) => void) {}

  /** No evaluation begins after this. */
  stop(): void { this.stopping = true }

  /** Throws DpmError: for the model as a run does, for a folder without pictures or with one that cannot be read, for an evaluation that failed. */
  execute(): Promise<Estimated> {
    const { model: { path }, engine } = this.asked
    const started = performance.now()
    return this.models.with(path, engine, () => {}, async (model) => {
      const { statistic, images } = await this.estimate(model).catch((error: unknown) => {
        if (error instanceof Stopped) return { statistic: null, images: 0 }
        throw error instanceof DpmError ? error : new DpmError({
          reason: 'evaluationFailed', message: `The network failed at evaluation ${this.evaluations} of ${this.planned}: ${plainWords(error)}`, advice: 'Choose another model, or another provider.',
          remedy: { title: 'Select Model…', command: 'selectModel' },
        }, { cause: error })
      })
      return { statistic, images, evaluations: this.evaluations, ms: performance.now() - started }
    })
  }

  private async estimate(model: LoadedModel): Promise<{ statistic: NoiseStatistic; images: number }> {
    const { asked, asked: { levels, seed } } = this
    const { facts } = model
    const pictures = asked.images === null ? null : statesIn(asked.images, asked.count, facts.shape)
    const images = pictures?.length ?? asked.count
    const fitting = Math.ceil(images / (facts.fixedBatch ?? usualBatch))
    const items = facts.fixedBatch ?? Math.ceil(images / fitting)
    const prepared = prepare(this.recipe(items, classesOf(facts, fitting * items)), facts)
    const own = scheduleOf(prepared.ownSchedule)
    const at = statisticLevels(own, levels, facts.integerTime)
    this.planned = fitting * (at.length + (pictures ? 0 : drawingSteps))

    const batches: Batch[] = []
    for (let batch = 0; batch < fitting; batch++) batches.push(pictures ? ofPictures(pictures, batch, items, facts) : await this.drawn(model, own, batch, items))
    const networks = batches.map(({ labels }) => this.network(model, own, prepared.predictionType, labels, items))
    const statistic = await estimateStatistic({
      batches: batches.map(({ values }) => values), levels: at, label: (level) => timeLabel(level, own), prediction: networks[0]!.prediction,
      evaluate: (x, point) => networks[(point.evaluation - 1) % networks.length]!.evaluate(x, point), noise: noiseSource('philox4x32-10/v1', batchSeeds(seed, items)),
    })
    if (!statistic.meanSquare.every(Number.isFinite)) {
      throw new DpmError({ reason: 'nonFinite', message: `The network gave values that are infinite or NaN.`, advice: 'Check its prediction type, or choose another model.', remedy: { title: 'Select Model…', command: 'selectModel' } })
    }
    return { statistic, images: fitting * items }
  }

  /** The recipe that draws a batch: DPM-Solver++ 2M. */
  private recipe(batch: number, classLabel: number[] | null, seed = '0'): Recipe {
    const usual = defaultRecipe()
    return {
      ...usual, model: this.asked.model, conditioning: { classLabel: classLabel ?? 'none' }, solver: { ...usual.solver, algorithm: 'dpmsolver++', method: 'multistep', order: 2, steps: drawingSteps },
      noise: { ...usual.noise, batch, seed },
    }
  }

  /** Batch `batch` of the model's own samples; image k of all has seed + k, and the classes follow one another. */
  private async drawn(model: LoadedModel, own: NoiseSchedule, batch: number, items: number): Promise<Batch> {
    const { facts } = model
    const seed = itemSeed(BigInt(this.asked.seed), batch * items)
    const classes = classesOf(facts, (batch + 1) * items)?.slice(batch * items) ?? null
    const { plan, labels, predictionType }: Prepared = prepare(this.recipe(items, classes, seed), facts)
    const { evaluate, prediction } = this.network(model, own, predictionType, labels, items)
    const scale = startScale(plan.levels[0]!)
    let values = batchNormals(seed, 0, items, facts.shape[0] * facts.shape[1] * facts.shape[2]).map((z) => scale * z)
    for await (const { x } of sample({ plan, prediction, x: values, label: (level) => timeLabel(level, own), evaluate })) values = x as Float32Array<ArrayBuffer>
    return { values, labels }
  }

  /** The network for batches of some labels, as one that can be asked at the levels of its own schedule. */
  private network({ session, facts }: LoadedModel, own: NoiseSchedule, predictionType: PredictionType, labels: number[] | null, items: number): { evaluate: Evaluate; prediction: PredictionType } {
    const network = session && new Network(loadRuntime(), session, facts, items, labels)
    const formula = session ? null : new ClosedForm(facts.path)
    const evaluate: Evaluate = async (x, at) => {
      if (this.stopping) throw new Stopped()
      network?.sample.set(x)
      this.evaluations += 1
      const output = network ? await network.evaluate(at.label) : await formula!.evaluate(x, at)
      this.tell()
      return output.length === x.length ? output : predictionsOf(output, items)
    }
    if (facts.sigmaData === null) return { evaluate, prediction: predictionType }
    return { evaluate: denoising(evaluate, { schedule: own, prediction: predictionType, sigmaData: facts.sigmaData }, own), prediction: 'sample' }
  }

  private tell(): void {
    const now = performance.now()
    if (now - this.told < progressMs) return
    this.told = now
    this.onProgress({ estimateId: this.asked.estimateId, evaluations: this.evaluations, of: this.planned })
  }
}

/** All classes in turn; null where the network knows none. */
const classesOf = ({ classes }: LoadedModel['facts'], count: number): number[] | null => classes && Array.from({ length: count }, (_, k) => k % Math.max(1, classes.count))

/** A batch of pictures, filled up from the first on where there are too few. What they show is not known: the label is “no class”, or where there is none each in turn. */
function ofPictures(pictures: readonly Float32Array[], batch: number, items: number, facts: LoadedModel['facts']): Batch {
  const size = pictures[0]!.length
  const values = new Float32Array(items * size)
  for (let k = 0; k < items; k++) values.set(pictures[(batch * items + k) % pictures.length]!, k * size)
  const nullLabel = facts.classes?.nullLabel ?? null
  return { values, labels: nullLabel === null ? classesOf(facts, items) : Array.from({ length: items }, () => nullLabel) }
}

/** Of a network that returns a variance beside its prediction, the prediction. */
function predictionsOf(output: Float32Array, items: number): Float32Array {
  const size = output.length / items / 2
  const out = new Float32Array(items * size)
  for (let k = 0; k < items; k++) out.set(output.subarray(2 * k * size, (2 * k + 1) * size), k * size)
  return out
}
