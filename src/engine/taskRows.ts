import type { RunDocument } from '../protocol/run'
import type { ModelFacts } from '../recipe/model'
import type { Prepared } from '../recipe/prepare'
import type { Recipe } from '../recipe/recipe'
import { forward, noised } from '../sampler/forward'
import type { Attempt } from '../sampler/lane'
import type { LoopMemory } from '../sampler/memory'
import { keepKnown, type KnownPart } from '../sampler/mask'
import { drawBatch, noiseSource, type NoiseSource } from '../sampler/random/source'
import { sample, type Row, type SampleRequest } from '../sampler/sample'
import { startScale } from '../sampler/schedule/level'
import { timeLabel } from '../sampler/schedule/schedule'
import { clip, threshold } from '../sampler/thresholding'
import type { FloatArray, Level } from '../sampler/types'
import type { Pictures } from './images'
import { takesTimes } from './network'
import type { Asking, Schedules } from './onTerms'

export type Rows = AsyncGenerator<Row, 'finished' | 'stopped', undefined>

export interface TaskRequest {
  recipe: Recipe
  prepared: Prepared
  facts: ModelFacts
  shape: RunDocument['shape']
  schedules: Schedules
  /** What the run is made from, if anything. */
  pictures: Pictures | undefined
  asking: Asking
  onAttempt: (attempt: Attempt) => void
  shouldStop: () => boolean
  onStop: (memory: LoopMemory) => void
  /** Of a run that was stopped: how many rows it has. What it remembers is needed where a network is asked. */
  resume: { rows: number; memory?: LoopMemory } | undefined
}

/** The rows of what a recipe's task asks for. Nothing is evaluated before the first of them is asked for. */
export function taskRows({ recipe, prepared, facts, shape, schedules: { own, placing }, pictures, asking, onAttempt, shouldStop, onStop, resume }: TaskRequest): Rows {
  const { plan } = prepared
  const [batch] = shape
  const noise = noiseSource(recipe.noise.generator, prepared.seeds)
  if (recipe.input.task === 'noise') return noiseRows(forward({ way: recipe.input.way, x0: pictures!.image, levels: plan.levels.slice(1), schedule: placing, noise }), shouldStop, resume?.rows)
  const { x, known } = startOf(recipe, plan.levels[0]!, shape, noise, pictures)
  return sample({
    plan, ...asking, x, label: (level) => timeLabel(level, own, placing), noise, items: batch, schedule: placing, laneTimes: takesTimes(facts), onAttempt, shouldStop, onStop, ...(resume?.memory ? { resume: resume.memory } : {}),
    ...(facts.learnsVariance ? { secondOutput: { items: batch } } : {}), ...corrections(recipe, prepared, known, batch),
  })
}

/**
 * The state that a run starts with. The image itself where it is encoded; else x_T, draw 0 of the noise at the scale of the level; or, made anew from an image, q(x_t | x₀) of it
 * at that level with the same noise. With a mask only what is kept is the image, unless a start was given.
 */
function startOf({ input: { task }, schedule: { tStart } }: Recipe, level: Level, [batch, channels, height, width]: RunDocument['shape'], noise: NoiseSource, pictures: Pictures | undefined): { x: Float32Array; known?: KnownPart } {
  if (task !== 'sample') return { x: pictures!.image }
  const x = new Float32Array(batch * channels * height * width)
  drawBatch(noise, x, 0)
  const z = pictures ? x.slice() : x
  if (pictures && (!pictures.mask || tStart !== 'auto')) noised(pictures.image, z, level, x)
  else {
    const scale = startScale(level)
    for (let i = 0; i < x.length; i++) x[i] = x[i]! * scale
  }
  if (!pictures?.mask) return { x }
  const known = { known: pictures.image, noise: z, mask: pictures.mask }
  keepKnown(x, level, known)
  return { x, known }
}

/** What is done to estimates and states on the way: thresholding, and what a mask keeps. */
function corrections({ solver }: Recipe, { thresholding }: Prepared, known: KnownPart | undefined, batch: number): Pick<SampleRequest, 'correctEstimate' | 'correctState'> {
  const { thresholdingForm: form, thresholdingRatio: ratio, thresholdingMax: max } = solver
  return {
    ...(thresholding ? {
      correctEstimate: (x0, { items }) => {
        if (form === 'clip') clip(x0, max)
        else threshold(x0, items?.length ?? batch, { ratio, max, form })
      },
    } : {}),
    ...(known ? { correctState: (x, level, _row, items) => { keepKnown(x, level, items ? partOf(known, items, batch) : known) } } : {}),
  }
}

/** Of neighbouring items: those of one lane. */
function partOf({ known, noise, mask }: KnownPart, items: readonly number[], batch: number): KnownPart {
  const size = known.length / batch
  const cut = (values: FloatArray): FloatArray => values.subarray(items[0]! * size, (items.at(-1)! + 1) * size)
  return { known: cut(known), noise: cut(noise), mask: cut(mask) }
}

/** @param from the row to begin with: those before it are made again on the way, which asks no network */
async function* noiseRows(rows: Iterable<Row>, shouldStop: () => boolean, from = 0): Rows {
  for (const row of rows) {
    if (row.row < from) continue
    yield row
    // Messages are read between rows, Stop among them.
    await new Promise((resolve) => setImmediate(resolve))
    if (shouldStop()) return 'stopped'
  }
  return 'finished'
}
