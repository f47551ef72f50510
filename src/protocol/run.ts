import type { ModelFacts } from '../recipe/model'
import type { Recipe } from '../recipe/recipe'
import type { ErrorReport } from '../sampler/errors'
import type { Level, Plan, ScheduleSpec } from '../sampler/types'

/** One provider that was tried and what came of it; the one that runs has no error. */
export interface ProviderTry { provider: string; error?: string }

/** run.json: written once, when the model is loaded and before the first evaluation; never changed. docs/run-format.md is its public description. */
export interface RunDocument {
  format: 'dpm-solver-run'
  version: 1
  id: string
  /** ISO 8601, UTC. */
  created: string
  /** The resolved recipe: the seed is the one used, as a decimal string. */
  recipe: Recipe
  model: Pick<ModelFacts, 'path' | 'name' | 'graph' | 'bytes' | 'predictionType' | 'schedule' | 'classes'>
  /** The schedule that placed the levels; equals model.schedule unless the recipe chose another. */
  schedule: ScheduleSpec
  plan: Plan
  /** B, C, H, W of every state. */
  shape: [batch: number, channels: number, height: number, width: number]
  states: { file: 'states.f32'; dtype: 'float32'; byteOrder: 'little'; tensors: ['x', 'x0']; rowBytes: number }
  /** Class label fed for each batch item; null where the network takes none. */
  labels: number[] | null
  /** Seed of each batch item, decimal. */
  seeds: string[]
  engine: { version: string; onnxruntime: string; provider: string; tried: ProviderTry[]; intraOpThreads: number }
}

/** min, max, mean, standard deviation over the finite values of a tensor; share in [0, 1] outside [−1, 1]; how many values are not finite. */
export interface TensorStatistics { min: number; max: number; mean: number; std: number; clipped: number; nonFinite: number }

/** One row of the trajectory: a line of events.jsonl, and what the panel shows under the frames. */
export interface RowEvent {
  event: 'row'
  /** Row i holds the state at level i of the plan. */
  row: number
  level: Level
  /** Order of the step that starts here; 0 in the last row. */
  order: number
  /** Model evaluations made so far, the one at this level included. */
  evaluations: number
  /** Milliseconds since the previous row was complete (row 0: since sampling began). */
  ms: number
  /** The row whose evaluation gave x̂₀: this row, or an earlier one in the last row of a run that ends above sigma = 0. */
  estimateFrom: number
  /** Byte offset of x in states.f32; x̂₀ follows it. */
  offset: number
  x: TensorStatistics
  x0: TensorStatistics
}

export type RunOutcome = 'finished' | 'stopped' | 'failed'

/** Last line of events.jsonl. Where it is missing the run was interrupted. */
export interface EndEvent {
  event: 'end'
  outcome: RunOutcome
  rows: number
  /** Evaluations that the recorded rows took. */
  evaluations: number
  /** Milliseconds from the first evaluation to the end. */
  ms: number
  /** Of these, milliseconds inside the network; absent where the engine did not live to say it. */
  evaluationMs?: number
  error?: ErrorReport
}
export type RunEvent = RowEvent | EndEvent

/** Preview pixels of one row: the batch as one contact sheet, RGBA, 8 bits. */
export interface FramePair { row: number; width: number; height: number; x: Uint8Array; x0: Uint8Array }
