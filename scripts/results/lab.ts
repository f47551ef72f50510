import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { askedModel } from '../../src/engine/evaluator'
import { openGraph } from '../../src/engine/graphFile'
import { Models, type LoadedModel } from '../../src/engine/models'
import { takesTimes } from '../../src/engine/network'
import { openSession } from '../../src/engine/providers'
import { loadRuntime, type Runtime, type Session } from '../../src/engine/runtime'
import { runDocument } from '../../src/engine/runDocument'
import { complete } from '../../src/recipe/defaults'
import type { ModelFacts } from '../../src/recipe/model'
import { prepare } from '../../src/recipe/prepare'
import type { Recipe } from '../../src/recipe/recipe'
import { drawBatch, noiseSource } from '../../src/sampler/random/source'
import { sample } from '../../src/sampler/sample'
import { scheduleOf, timeLabel } from '../../src/sampler/schedule/schedule'
import type { FloatArray } from '../../src/sampler/types'
import type { Cell } from './cells'
import type { Moments } from './frechet'

/** Values in a feature vector. */
export const featureSize = 64

/** Sample k has the seed k, at every guidance and for every method, and the class k mod 10. */
export const classOf = (k: number): number => k % 10

export interface Drawn {
  /** One image after the other, in [−1, 1] or a little beyond. */
  images: Float32Array
  /** Evaluations that each image took; both branches of guidance count as one. */
  nfe: number[]
}

/** The two networks of the comparison, on one thread of the CPU. */
export interface Lab {
  facts: ModelFacts
  /** Samples first … first + count − 1 of a cell. */
  draw(cell: Cell, first: number, count: number): Promise<Drawn>
  /** The features of images, and what the classifier takes them for. */
  look(images: Float32Array): Promise<{ features: Float32Array; classes: number[] }>
}

const engine = { provider: 'cpu', intraOpThreads: 1 } as const

/** The files of the comparison in a clone. */
export const filesIn = (root: string): Record<'models' | 'features' | 'reference', string> => ({
  models: join(root, 'media/models'), features: join(root, 'test/fixtures/digits-features/model.onnx'), reference: join(root, 'test/fixtures/digits-features/reference.json'),
})

/** Mean and covariance of the features of the real digits. */
export function referenceMoments(root: string): Moments {
  const { mean, covariance } = JSON.parse(readFileSync(filesIn(root).reference, 'utf8')) as { mean: number[]; covariance: number[][] }
  return { mean: Float64Array.from(mean), covariance: Float64Array.from(covariance.flat()) }
}

/** Opens the networks for as long as `use` takes. */
export function withLab<T>(root: string, use: (lab: Lab) => Promise<T>): Promise<T> {
  const ort = loadRuntime()
  const files = filesIn(root)
  return new Models(files.models).with('digits', engine, () => undefined, async (model) => {
    const { facts } = model
    const judge = await openSession(ort, openGraph(files.features), engine.provider, engine.intraOpThreads, () => undefined)
    try {
      return await use({ facts, draw: (cell, first, count) => draw(model, cell, first, count), look: (images) => look(ort, judge.session, facts, images) })
    } finally {
      await judge.session.release()
    }
  })
}

/** Samples as the product draws them: its plan, its network with guidance, its loop. */
async function draw(model: LoadedModel, cell: Cell, first: number, count: number): Promise<Drawn> {
  const { facts } = model
  const recipe = recipeOf(cell, first, count)
  const prepared = prepare(recipe, facts)
  const { plan } = prepared
  const schedule = scheduleOf(prepared.schedule)
  const noise = noiseSource(recipe.noise.generator, prepared.seeds)
  const x = new Float32Array(count * facts.shape[0] * facts.shape[1] * facts.shape[2])
  drawBatch(noise, x, 0)
  const document = runDocument({ runId: 'results', recipe, folder: '', preview: null, engine }, model, prepared, { input: {}, notes: [] }, '')
  const { evaluate } = askedModel(model, prepared, document)
  const rows = sample({ plan, prediction: prepared.predictionType, x, label: (level) => timeLabel(level, schedule), schedule, noise, items: count, laneTimes: takesTimes(facts), evaluate })
  let images: FloatArray = x
  const nfe = Array<number>(count).fill(plan.adaptive ? 0 : plan.evaluations)
  for await (const row of rows) {
    images = row.x
    for (const { item, evaluations } of row.lanes ?? []) nfe[item] = evaluations + plan.evaluations
  }
  return { images: Float32Array.from(images), nfe }
}

function recipeOf({ request, guidance }: Cell, first: number, count: number): Recipe {
  const { algorithm, order, method, steps, orderSplit, lowerOrderBelow, finalSigma, variant, options, spacing, tEnd } = request
  const solver = { algorithm, order, method, steps, orderSplit, lowerOrderBelow, finalSigma, variant, options }
  return complete({
    model: { path: 'digits' }, conditioning: { classLabel: Array.from({ length: count }, (_item, k) => classOf(first + k)) }, solver, schedule: { spacing, tEnd }, noise: { seed: first, batch: count },
    guidance: { scale: guidance },
  })
}

async function look(ort: Runtime, session: Session, { shape }: ModelFacts, images: Float32Array): Promise<{ features: Float32Array; classes: number[] }> {
  const count = images.length / (shape[0] * shape[1] * shape[2])
  const clipped = images.map((value) => Math.min(Math.max(value, -1), 1))
  const { features, logits } = await session.run({ image: new ort.Tensor('float32', clipped, [count, ...shape]) }, ['features', 'logits'])
  const scores = logits!.data as Float32Array
  const classes = Array.from({ length: count }, (_, k) => {
    const own = scores.subarray(10 * k, 10 * (k + 1))
    return own.indexOf(Math.max(...own))
  })
  return { features: features!.data as Float32Array, classes }
}
