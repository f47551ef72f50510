import type { Estimated, EstimateProgress, EstimateRequest } from '../protocol/engine'
import { defaultRecipe } from '../recipe/defaults'
import type { ModelFacts } from '../recipe/model'
import { prepare } from '../recipe/prepare'
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
import { t } from '../sampler/text'
import type { NoiseSchedule, PredictionType } from '../sampler/types'
import { ClosedForm } from './closedForm'
import { picturesIn, stateOf } from './imageFolder'
import { plainWords } from './modelError'
import type { LoadedModel, Models } from './models'
import { Network } from './network'
import { loadRuntime } from './runtime'

/** Images in an evaluation, unless the graph takes another number. */
const usualBatch = 16
/** Evaluations that draw an image. */
const drawingSteps = 20
/** What images take together at most. */
const mostBytes = 2 ** 32
/** Progress is told no more often. */
const progressMs = 50

/** Ends an estimation between two evaluations. */
class Stopped extends Error {}

/** The images of one evaluation: C·H·W of each, one after the other, and the class each is asked for. */
interface Batch { values: Float32Array; labels: number[] | null }

/** The network as it is asked, after its labels were set. */
interface Asked { setLabels: (labels: readonly number[] | null) => void; evaluate: Evaluate; prediction: PredictionType }

/** One estimation of a model's statistic: its images, read or drawn, and the network at every level on noise over them. */
export class Estimation {
  private stopping = false
  private evaluations = 0
  private planned = 0
  private told = -Infinity

  constructor(private readonly asked: EstimateRequest, private readonly models: Models, private readonly onProgress: (progress: EstimateProgress) => void) {}

  /** No evaluation begins after this. */
  stop(): void { this.stopping = true }

  /** Throws DpmError: for the model as a run does, for a folder without pictures or with one that cannot be read, for more images than can be held, for an evaluation that failed. */
  execute(): Promise<Estimated> {
    const { model: { path }, engine } = this.asked
    const started = performance.now()
    return this.models.with(path, engine, () => {}, async (model) => {
      const { statistic, images } = await this.estimate(model).catch((error: unknown) => {
        if (error instanceof Stopped) return { statistic: null, images: 0 }
        throw error instanceof DpmError ? error : new DpmError({
          reason: 'evaluationFailed', message: t('The network failed at evaluation {0} of {1}: {2}', this.evaluations, this.planned, plainWords(error)), advice: t('Choose another model, or another provider.'),
          remedy: { title: t('Select Model…'), command: 'selectModel' },
        }, { cause: error })
      })
      return { statistic, images, evaluations: this.evaluations, ms: performance.now() - started }
    })
  }

  private async estimate(model: LoadedModel): Promise<{ statistic: NoiseStatistic; images: number }> {
    const { asked, asked: { levels, seed } } = this
    // Batches need not be full: the network fills them up, and what it says of the rest is passed over.
    const facts = { ...model.facts, fixedBatch: null }
    const size = facts.shape.reduce((product, n) => product * n, 1)
    const files = asked.images === null ? null : picturesIn(asked.images, asked.count)
    const images = files?.length ?? asked.count
    refuseTooMany(images, size)
    const batches = Math.ceil(images / (model.facts.fixedBatch ?? usualBatch))
    const items = Math.ceil(images / batches)
    const prepared = prepare(this.recipe(items, classesOf(facts, 0, items)), facts)
    const own = scheduleOf(prepared.ownSchedule)
    const at = statisticLevels(own, levels, facts.integerTime)
    this.planned = batches * (at.length + (files ? 0 : drawingSteps))

    const asking = this.asking(model, own, prepared.predictionType, items)
    const made: Batch[] = []
    for (let from = 0; from < images; from += items) {
      const count = Math.min(items, images - from)
      made.push(files ? await this.read(files.slice(from, from + count), facts) : await this.drawn(facts, own, asking, from, count))
    }
    const statistic = await estimateStatistic({
      batches: made.map(({ values }) => values), size, levels: at, label: (level) => timeLabel(level, own), prediction: asking.prediction, noise: noiseSource('philox4x32-10/v1', batchSeeds(seed, items)),
      evaluate: (x, point, batch) => {
        asking.setLabels(made[batch]!.labels)
        return asking.evaluate(x, point)
      },
    })
    if (!statistic.meanSquare.every(Number.isFinite)) {
      throw new DpmError({ reason: 'nonFinite', message: t('The network gave values that are infinite or NaN.'), advice: t('Check its prediction type, or choose another model.'), remedy: { title: t('Select Model…'), command: 'selectModel' } })
    }
    return { statistic, images }
  }

  /** The recipe that draws a batch: DPM-Solver++ 2M. */
  private recipe(batch: number, classLabel: number[] | null, seed = '0'): Recipe {
    const usual = defaultRecipe()
    return {
      ...usual, model: this.asked.model, conditioning: { classLabel: classLabel ?? 'none' }, solver: { ...usual.solver, algorithm: 'dpmsolver++', method: 'multistep', order: 2, steps: drawingSteps },
      noise: { ...usual.noise, batch, seed },
    }
  }

  /** Some pictures. What they show is not known: the label is “no class”, or where there is none each in turn. A stop is heard between two of them. */
  private async read(files: readonly string[], facts: ModelFacts): Promise<Batch> {
    const states: Float32Array[] = []
    for (const file of files) {
      await new Promise((resolve) => setImmediate(resolve))
      this.throwIfStopping()
      states.push(stateOf(file, facts))
    }
    const size = states[0]!.length
    const values = new Float32Array(states.length * size)
    states.forEach((state, k) => { values.set(state, k * size) })
    const nullLabel = facts.classes?.nullLabel ?? null
    return { values, labels: nullLabel === null ? classesOf(facts, 0, states.length) : states.map(() => nullLabel) }
  }

  /** Some of the model's own samples; image k of all has seed + k, and the classes follow one another. */
  private async drawn(facts: ModelFacts, own: NoiseSchedule, { setLabels, evaluate, prediction }: Asked, from: number, count: number): Promise<Batch> {
    const seed = itemSeed(BigInt(this.asked.seed), from)
    const { plan, labels } = prepare(this.recipe(count, classesOf(facts, from, count), seed), facts)
    setLabels(labels)
    const scale = startScale(plan.levels[0]!)
    let values = batchNormals(seed, 0, count, facts.shape[0] * facts.shape[1] * facts.shape[2]).map((z) => scale * z)
    for await (const { x } of sample({ plan, prediction, x: values, label: (level) => timeLabel(level, own), evaluate })) values = x as Float32Array<ArrayBuffer>
    return { values, labels }
  }

  /** The network for batches of so many items at most, as one that can be asked at the levels of its own schedule. */
  private asking({ session, facts }: LoadedModel, own: NoiseSchedule, predictionType: PredictionType, most: number): Asked {
    const network = session && new Network(loadRuntime(), session, facts, most, facts.classes && [])
    const formula = session ? null : new ClosedForm(facts.path)
    const size = facts.shape.reduce((product, n) => product * n, 1)
    const setLabels: Asked['setLabels'] = (labels) => { if (labels) network?.setLabels(labels) }
    const evaluate: Evaluate = async (x, at) => {
      this.throwIfStopping()
      const items = x.length / size
      network?.sample.set(x)
      this.evaluations += 1
      const output = network ? await network.evaluate(at.label, items) : await formula!.evaluate(x, at)
      this.tell()
      return output.length === x.length ? output : predictionsOf(output, items)
    }
    if (facts.sigmaData === null) return { setLabels, evaluate, prediction: predictionType }
    return { setLabels, evaluate: denoising(evaluate, { schedule: own, prediction: predictionType, sigmaData: facts.sigmaData }, own), prediction: 'sample' }
  }

  private throwIfStopping(): void { if (this.stopping) throw new Stopped() }

  private tell(): void {
    const now = performance.now()
    if (now - this.told < progressMs) return
    this.told = now
    this.onProgress({ estimateId: this.asked.estimateId, evaluations: this.evaluations, of: this.planned })
  }
}

/** All classes in turn, for images from `from` on; null where the network knows none. */
const classesOf = ({ classes }: ModelFacts, from: number, count: number): number[] | null => classes && Array.from({ length: count }, (_, k) => (from + k) % Math.max(1, classes.count))

/** All images are held, so that every level is estimated over the same. */
function refuseTooMany(images: number, size: number): void {
  const most = Math.max(1, Math.floor(mostBytes / (4 * size)))
  if (images <= most) return
  throw new DpmError({
    reason: 'pictures', message: t('{0} images of this model take {1} GiB of memory, more than the {2} GiB that are held at most.', images, Math.ceil(images * 4 * size / 2 ** 30), mostBytes / 2 ** 30),
    advice: t('Estimate over {0} or fewer.', most), remedy: { title: t('Estimate Variance…'), command: 'estimateVariance' },
  })
}

/** Of a network that returns a variance beside its prediction, the prediction. */
function predictionsOf(output: Float32Array, items: number): Float32Array {
  const size = output.length / items / 2
  const out = new Float32Array(items * size)
  for (let k = 0; k < items; k++) out.set(output.subarray(2 * k * size, (2 * k + 1) * size), k * size)
  return out
}
