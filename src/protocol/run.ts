import type { ModelFacts } from '../recipe/model'
import type { Recipe } from '../recipe/recipe'
import type { ErrorReport } from '../sampler/errors'
import type { LaneReport } from '../sampler/lanes'
import type { LatentSpace, Level, Plan, ScheduleSpec } from '../sampler/types'

/** How pictures of states are made. `auto`: of latents where the model's folder says so; `latentToRgb`: of 4 or 16 channels as of latents; `off`: as `auto`, but none while a run goes on. */
export const previewMethods = ['auto', 'latentToRgb', 'off'] as const
export type PreviewMethod = (typeof previewMethods)[number]

/** One provider that was tried and what came of it; the one that runs has no error. */
export interface ProviderTry { provider: string; error?: string }

/** The inference server that evaluated a model, in its own words; empty where it says nothing. `url` is the model's own, without a user or password. */
export interface ServerFacts { url: string; name: string; version: string; platform: string; modelVersion: string }

/** A picture that a run was made from: where it was, what it was (SHA-256 of the file, hexadecimal), its size in pixels. */
export interface InputFile { path: string; sha256: string; width: number; height: number }

/** Files beside the model that a run was made from. */
export interface RunInput {
  image?: InputFile
  mask?: InputFile
  /** The classifier of guidance.classifier: absolute path, and size with its external data. */
  classifier?: { path: string; bytes: number }
}

/** run.json: written once, when the model is loaded and before the first evaluation; never changed. docs/run-format.md is its public description. */
export interface RunDocument {
  format: 'dpm-solver-run'
  /** 2 where not all rows keep their states (`states.keep`). */
  version: 1 | 2
  id: string
  /** ISO 8601, UTC. */
  created: string
  /** The resolved recipe: the seed is the one used, as a decimal string. */
  recipe: Recipe
  model: Pick<ModelFacts, 'path' | 'name' | 'graph' | 'bytes' | 'predictionType' | 'schedule' | 'classes'> & {
    /** Standard deviation of the data, where the network's input and output are scaled as EDM's; else null or absent. */
    sigmaData?: number | null
    /** Which latents the states are, where the model's folder said that they are some. */
    latents?: LatentSpace
  }
  /** Absent where there is none. */
  input?: RunInput
  /** The schedule that placed the levels; equals model.schedule unless the recipe chose another. */
  schedule: ScheduleSpec
  plan: Plan
  /** B, C, H, W of every state. */
  shape: [batch: number, channels: number, height: number, width: number]
  states: { file: 'states.f32'; dtype: 'float32'; byteOrder: 'little'; tensors: ['x', 'x0']; rowBytes: number; /** Of version 2: which rows keep their states; see keptRows.ts. */ keep?: 'everyN' | 'lastOnly'; /** The N of everyN. */ every?: number }
  /** Class label fed for each batch item; null where the network takes none. */
  labels: number[] | null
  /** Seed of each batch item, decimal. */
  seeds: string[]
  engine: { version: string; onnxruntime: string; provider: string; tried: ProviderTry[]; intraOpThreads: number; /** Of WebGPU, where it was no GPU. */ adapter?: 'software'; /** Absent where the model was evaluated here. */ server?: ServerFacts }
}

/** min, max, mean, standard deviation over the finite values of a tensor; share in [0, 1] outside [−1, 1]; how many values are not finite. */
export interface TensorStatistics { min: number; max: number; mean: number; std: number; clipped: number; nonFinite: number }

/** Where one batch item of an adaptive run is, and the row in which its state and estimate were last new. */
export interface LaneEvent extends LaneReport { row: number }

/** One row of the trajectory: a line of events.jsonl, and what the panel shows under the frames. */
export interface RowEvent {
  event: 'row'
  /** Row i holds the state at level i of the plan; of an adaptive run, where `level` says. */
  row: number
  /** Of the first item that is new, where items are at levels of their own (`lanes`). */
  level: Level
  /** Order of the step that starts here; 0 in the last row. */
  order: number
  /** Model evaluations made so far, the one at this level included. */
  evaluations: number
  /** Milliseconds since the previous row was complete (row 0: since sampling began). */
  ms: number
  /** The row whose evaluation gave x̂₀: this row, or an earlier one in the last row of a run that ends above sigma = 0. */
  estimateFrom: number
  /** Byte offset of x in states.f32; x̂₀ follows it. Of a row whose states were not kept, where they were. */
  offset: number
  x: TensorStatistics
  x0: TensorStatistics
  /** How much x̂₀ changed since the row before, rms over the items that are new; NaN in row 0. Only where the states that say it may be gone. */
  change?: number
  /** Of the adaptive part of a run: every batch item, in order, as this row shows it. Those whose `row` is this one are new; the others are where they were. */
  lanes?: LaneEvent[]
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
  /** Of an adaptive run: attempts at steps, of all items, that were taken and that were not. */
  accepted?: number
  rejected?: number
  error?: ErrorReport
}
export type RunEvent = RowEvent | EndEvent

/** What a run that was stopped remembers beside its recording, in its folder; docs/run-format.md describes it. */
export const memoryFile = 'resume.safetensors'

/** A stopped run, as it is known to who goes on with it. */
export interface ResumedRun {
  document: RunDocument
  /** The last row that is recorded, with all those before it. */
  last: RowEvent
  /** Milliseconds of all recorded rows together, and of the run up to its stop. */
  rowsMs: number
  ms: number
  /** As the end line has them, where there is one. */
  evaluationMs?: number
  accepted?: number
  rejected?: number
}

/** Both states of a row, as they stand in states.f32. */
export interface RowStates { row: number; x: Float32Array; x0: Float32Array }

/** Preview pixels of one row: the batch as one contact sheet, RGBA, 8 bits. */
export interface FramePair {
  row: number
  width: number
  height: number
  x: Uint8Array
  x0: Uint8Array
  /** The states themselves, of runs whose items are points of the plane. */
  states?: RowStates
}
