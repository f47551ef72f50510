import type { StartRun } from '../protocol/engine'
import type { KeepRule } from '../protocol/keptRows'
import type { RunDocument, RunInput } from '../protocol/run'
import type { Prepared } from '../recipe/prepare'
import type { LoadedModel } from './models'
import { engineVersion } from './version'

/** Files that a run is made from, and what the user should know of them, one sentence each. */
export interface Sources { input: RunInput; notes: string[] }

/** What run.json says: the run as it was resolved, before its first evaluation. */
export function runDocument({ runId, recipe, engine, keep }: StartRun, { facts, provider, tried, server, threads, adapter }: LoadedModel, prepared: Prepared, sources: Sources, onnxruntime: string): RunDocument {
  const { path, name, graph, bytes, predictionType, schedule, classes, sigmaData, latents, shape: [channels, height, width] } = facts
  const { batch } = recipe.noise
  const keeping = keep && keptBy(keep)
  return {
    format: 'dpm-solver-run', version: keeping ? 2 : 1, id: runId, created: new Date().toISOString(),
    recipe: { ...recipe, noise: { ...recipe.noise, seed: prepared.seeds[0] ?? String(recipe.noise.seed) } },
    model: { path, name, graph, bytes, predictionType, schedule, classes, ...(sigmaData === null ? {} : { sigmaData }), ...(latents ? { latents } : {}) },
    ...(Object.keys(sources.input).length === 0 ? {} : { input: sources.input }),
    schedule: prepared.schedule, plan: { ...prepared.plan, notes: [...prepared.notes, ...sources.notes, ...(facts.scheduleAssumed ? facts.notes : [])] },
    shape: [batch, channels, height, width],
    states: { file: 'states.f32', dtype: 'float32', byteOrder: 'little', tensors: ['x', 'x0'], rowBytes: 2 * Float32Array.BYTES_PER_ELEMENT * batch * channels * height * width, ...keeping },
    labels: prepared.labels, seeds: prepared.seeds,
    engine: { version: engineVersion, onnxruntime, provider, tried, intraOpThreads: threads ?? engine.intraOpThreads, ...(adapter ? { adapter } : {}), ...(server ? { server } : {}) },
  }
}

/** What run.json says of which rows keep their states; nothing where all do. */
function keptBy({ keep, every }: KeepRule): Pick<RunDocument['states'], 'keep' | 'every'> | undefined {
  if (keep === 'lastOnly') return { keep }
  return keep === 'everyN' && every > 1 ? { keep, every } : undefined
}
