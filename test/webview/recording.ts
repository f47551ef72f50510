import { statistics } from '../../src/engine/statistics'
import type { FramePair, LaneEvent, RowEvent, RowStates, RunDocument } from '../../src/protocol/run'
import { usualPreview, type RunStatus, type RunView, type ViewState } from '../../src/protocol/view'
import { defaultRecipe } from '../../src/recipe/defaults'
import type { ModelFacts } from '../../src/recipe/model'
import { setPath } from '../../src/recipe/path'
import { prepare } from '../../src/recipe/prepare'
import type { Recipe } from '../../src/recipe/recipe'
import { contactSheet, thumbnail } from '../../src/render/contactSheet'
import { isPlane, type StateShape } from '../../src/render/pixels'
import { asNetwork, mixture } from '../../src/sampler/analytic'
import { forward } from '../../src/sampler/forward'
import { batchNormals } from '../../src/sampler/noise'
import { noiseSource } from '../../src/sampler/random/source'
import { sample, type Evaluate, type Row } from '../../src/sampler/sample'
import { scheduleOf } from '../../src/sampler/schedule/schedule'

const names = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']

/** The bundled models as the engine describes them. */
export const digits: ModelFacts = {
  path: 'digits', name: 'digits', kind: 'folder', graph: '/models/digits/unet/model.onnx', bytes: 3_970_000, inputs: [], outputs: [], shape: [1, 32, 32], fixedBatch: null,
  classes: { count: 10, names, nullLabel: 10, nullLabelAssumed: false }, integerTime: false, predictionType: 'epsilon', predictionTypeAssumed: false,
  schedule: { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 }, scheduleAssumed: false, sigmaData: null, learnsVariance: false, statistic: null,
  solverOffer: { 'solver.algorithm': 'dpmsolver++', 'solver.order': 3, 'solver.method': 'singlestep', 'solver.finalSigma': 'zero' }, notes: [],
}
export const emoji: ModelFacts = {
  ...digits, path: 'emoji', name: 'emoji', graph: '/models/emoji/unet/model.onnx', bytes: 8_870_000, shape: [3, 32, 32], predictionType: 'v_prediction',
  classes: { count: 9, names: ['Smileys & Emotion', 'People & Body', 'Animals & Nature', 'Food & Drink', 'Travel & Places', 'Activities', 'Objects', 'Symbols', 'Flags'], nullLabel: 9, nullLabelAssumed: false },
  schedule: { kind: 'discrete', betas: 'squaredcos_cap_v2', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 },
  solverOffer: { 'solver.algorithm': 'dpmsolver++', 'solver.order': 2, 'solver.method': 'multistep', 'solver.finalSigma': 'zero', 'solver.lowerOrderBelow': 15 },
}

/** The default recipe with fields set by dotted path. */
export function recipeOf(set: Record<string, unknown> = {}): Recipe {
  return Object.entries(set).reduce((recipe, [path, value]) => setPath(recipe, path, value), defaultRecipe())
}

/** A run with all its pixels, as the host would have it. */
export interface Recording { document: RunDocument; rows: RowEvent[]; frames: FramePair[]; thumbnails: Uint8Array[]; states: RowStates[] }
export const thumbnailSize = 48

/** Samples with the real plan and loop; the network is a closed-form one (rings, bars, discs) unless another is given. */
export async function record(recipe: Recipe, facts: ModelFacts, evaluate: Evaluate = asNetwork(mixture(shapes(facts.shape)), facts.predictionType), runId = 'run-1'): Promise<Recording> {
  const prepared = prepare(recipe, facts)
  const shape: StateShape = [recipe.noise.batch, ...facts.shape]
  const size = shape[1] * shape[2] * shape[3]
  const own = scheduleOf(prepared.ownSchedule)
  const rows: RowEvent[] = []
  const frames: FramePair[] = []
  const thumbnails: Uint8Array[] = []
  const kept: RowStates[] = []
  let before = performance.now()
  const placing = scheduleOf(prepared.schedule)
  const noise = noiseSource(recipe.noise.generator, prepared.seeds)
  const { task, way } = recipe.input
  const image = Float32Array.from({ length: shape[0] * size }, (_, i) => shapes(facts.shape)[0]!.mean[i % size]!)
  const run: Iterable<Row> | AsyncIterable<Row> = task === 'noise' ? forward({ way, x0: image, levels: prepared.plan.levels.slice(1), schedule: placing, noise }) : sample({
    plan: prepared.plan, prediction: facts.predictionType, x: task === 'sample' ? batchNormals(prepared.seeds[0] ?? '0', 0, shape[0], size) : image, evaluate, noise, schedule: placing, items: shape[0],
    label: (level) => Number.isFinite(level.lambda) ? own.label(own.levelAtLambda(level.lambda).t) : 0,
  })
  let lanes: LaneEvent[] = []
  for await (const { row, level, order, evaluations, estimateFrom, x, x0, lanes: moved } of run) {
    const now = performance.now()
    lanes = lanes.slice()
    for (const lane of moved ?? []) lanes[lane.item] = { ...lane, row }
    rows.push({ event: 'row', row, level, order, evaluations, ms: now - before, estimateFrom, offset: row * shape[0] * size * 8, x: statistics(Float32Array.from(x)), x0: statistics(Float32Array.from(x0)), ...(moved ? { lanes } : {}) })
    before = now
    const sheet = contactSheet(x, shape)
    const both: RowStates = { row, x: Float32Array.from(x), x0: Float32Array.from(x0) }
    kept.push(both)
    const states = isPlane(shape) ? { states: both } : {}
    frames.push({ row, width: sheet.width, height: sheet.height, x: sheet.rgba, x0: contactSheet(x0, shape).rgba, ...states })
    thumbnails.push(thumbnail(x0, shape, thumbnailSize).rgba)
  }
  const document: RunDocument = {
    format: 'dpm-solver-run', version: 1, id: runId, created: '2026-01-02T03:04:05.000Z', recipe: { ...recipe, noise: { ...recipe.noise, seed: prepared.seeds[0] ?? '0' } },
    model: facts, schedule: prepared.schedule, plan: prepared.plan, shape: [...shape], labels: prepared.labels, seeds: prepared.seeds,
    states: { file: 'states.f32', dtype: 'float32', byteOrder: 'little', tensors: ['x', 'x0'], rowBytes: shape[0] * size * 8 },
    engine: { version: '0.1.0', onnxruntime: '1.30.0', provider: 'cpu', tried: [{ provider: 'cuda', error: 'libcudnn.so.9 was not found' }, { provider: 'cpu' }], intraOpThreads: 0 },
  }
  return { document, rows, frames, thumbnails, states: kept }
}

/** The run at a moment: its first `rows` rows. */
export function viewOf({ document, rows }: Recording, status: RunStatus, count = rows.length, more: Partial<RunView> = {}): RunView {
  const shown = rows.slice(0, count)
  return { runId: document.id, name: null, status, document, rows: shown, loading: null, error: null, stopOverdue: false, ms: status === 'running' ? null : shown.reduce((sum, { ms }) => sum + ms, 0), ...more }
}

export function stateOf(recipe: Recipe, facts: ModelFacts, more: Partial<ViewState> = {}): ViewState {
  return {
    recipe, defaults: defaultRecipe(), models: [{ path: 'digits', label: 'digits 32×32' }, { path: 'emoji', label: 'emoji 32×32' }],
    model: { status: 'ready', path: recipe.model.path, facts }, run: null, queued: 0, provider: 'auto', preview: usualPreview, trusted: true, notice: null, hint: null, ...more,
  }
}

/** Four pictures that the closed-form network knows. */
function shapes([channels, height, width]: ModelFacts['shape']): { weight: number; mean: number[]; s: number }[] {
  const inside: ((u: number, v: number) => boolean)[] = [
    (u, v) => Math.abs(Math.hypot(u, v) - 0.6) < 0.15, (u, v) => Math.abs(u) < 0.15 && Math.abs(v) < 0.75, (u, v) => Math.hypot(u, v) < 0.5, (u, v) => Math.abs(Math.abs(u) - Math.abs(v)) < 0.15 && Math.abs(u) < 0.7,
  ]
  return inside.map((test, k) => ({
    weight: 1 / inside.length, s: 0.05,
    mean: Array.from({ length: channels * height * width }, (_, i) => {
      const pixel = i % (height * width)
      const hit = test((pixel % width + 0.5) / width * 2 - 1, (Math.floor(pixel / width) + 0.5) / height * 2 - 1)
      return hit ? 1 - 0.7 * Number(channels > 1 && (k + Math.floor(i / (height * width))) % 3 === 0) : -0.9
    }),
  }))
}
