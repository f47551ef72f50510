import type { ModelFacts } from '../recipe/model'
import type { Recipe } from '../recipe/recipe'
import type { NoiseStatistic } from '../sampler/methods/analyticDpm'
import { message, request } from './channel'
import type { Comparison, EngineInfo } from './engineInfo'
import type { KeepRule } from './keptRows'
import type { EndEvent, FramePair, PreviewMethod, ProviderTry, ResumedRun, RowEvent, RunDocument } from './run'

/** Raised when a message changes its meaning; host and engine of different versions refuse each other. */
export const engineProtocol = 3

/** Execution providers as settings and command line name them; `auto` takes the first that works. */
export const providers = ['auto', 'cuda', 'tensorrt', 'dml', 'coreml', 'webgpu', 'cpu'] as const
export type Provider = (typeof providers)[number]

export interface EngineOptions {
  provider: Provider
  /** Which of the provider's devices, from 0; 0 where it is absent. */
  deviceId?: number
  /** Options of ONNX Runtime's provider by name, see providerOptions.ts. */
  providerOptions?: Readonly<Record<string, unknown>>
  /** 0 = as many as there are cores that nothing else wants. */
  intraOpThreads: number
  /** Address of an inference server that evaluates the model, or of the model there; absent or empty: it is evaluated here. */
  server?: string
}

export interface EngineHello { protocol: number; version: string; pid: number; /** Version of the Node.js it runs on, and where that is. */ node: string; execPath: string; onnxruntime: string; backends: { name: string; bundled: boolean }[] }

export interface StartRun {
  runId: string
  /** Complete after defaults; `noise.seed` is a number or decimal string by now. */
  recipe: Recipe
  /** Absolute path of the run folder; made by the engine. */
  folder: string
  /** null: no pixels are sent. maxSize: longest side of a frame in pixels; every: a frame at least every so many rows; method: absent, as `auto`. */
  preview: { maxSize: number; every: number; method?: PreviewMethod } | null
  engine: EngineOptions
  /** Which rows keep their states; absent: all. A run that is gone on with does as it began. */
  keep?: KeepRule
  /** The run was stopped before: `folder` has its recording, which is gone on with. */
  resume?: ResumedRun
}
export interface RunBegan { runId: string; document: RunDocument; /** Milliseconds it took to load the model; 0 if it was loaded, null where that was not told. */ loadMs: number | null; /** Of a run that is gone on with: how many of its recorded rows stay. */ rows?: number }
export interface RunRows {
  runId: string
  rows: RowEvent[]
  /** The newest row's pixels, or absent while an earlier pair is unacknowledged. */
  frames?: FramePair
}
export interface RunLoading { runId: string; file: string; bytes: number; provider: string }
/** What Analytic-DPM has to know of a model, to be estimated over images. */
export interface EstimateRequest {
  estimateId: string
  model: Recipe['model']
  /** Absolute path of a folder of PNG files; null: the model's own samples, drawn first. */
  images: string | null
  /** How many images: drawn, or taken of the folder at most. */
  count: number
  /** At how many levels, equally spaced in lambda. */
  levels: number
  /** Of the noise, and of the samples; decimal. */
  seed: string
  engine: EngineOptions
}
export interface EstimateProgress { estimateId: string; evaluations: number; of: number }
export interface Estimated { /** null where it was stopped. */ statistic: NoiseStatistic | null; images: number; evaluations: number; ms: number }
/** What is known of a model, and where it runs. */
export interface Inspected { facts: ModelFacts; provider: string; tried: ProviderTry[]; /** Of WebGPU, where it is no GPU. */ adapter?: 'software' }
export interface LogLine { level: 'debug' | 'info' | 'warn' | 'error'; text: string }

// host → engine
/** `memory`: absolute path of the file in which the engine remembers what it found out about the machine; null: nowhere. */
export const hello = request<{ protocol: number; memory: string | null }, EngineHello>('engine/hello')
export const inspectModel = request<{ path: string; engine: EngineOptions }, Inspected>('model/inspect')
export const startRun = request<StartRun, EndEvent>('run/start')
/** Stops before the next evaluation; answers at once, whether such a run is going. */
export const stopRun = request<{ runId: string }, { stopping: boolean }>('run/stop')
/** The client has drawn (or dropped) the frames of this row: the next pair may be sent. */
export const ackFrames = message<{ runId: string; row: number }>('run/ack')
/** Resolves when it is done or stopped; one at a time, also while a run goes. */
export const estimateStatistic = request<EstimateRequest, Estimated>('statistic/estimate')
/** Stops before the next evaluation; answers at once, whether there is such an estimation. */
export const stopEstimate = request<{ estimateId: string }, { stopping: boolean }>('statistic/stop')

/** Times a few evaluations of a model on its provider and on the CPU, at a batch of `items`; null where there is nothing to compare. Remembered: found out once on a machine. */
export const compareWithCpu = request<{ path: string; items: number; engine: EngineOptions }, Comparison | null>('engine/compare')

/** For Engine Info. `path`: the model to look at; null: none. */
export const describeEngine = request<{ path: string | null; engine: EngineOptions }, EngineInfo>('engine/info')

/** Bearer tokens by the origin of the server that each is for: all that are known. They are nowhere written down by the engine. */
export const serverTokens = message<{ tokens: Readonly<Record<string, string>> }>('engine/tokens')

// engine → host
export const runLoading = message<RunLoading>('run/loading')
export const runBegan = message<RunBegan>('run/began')
export const runRows = message<RunRows>('run/rows')
export const estimateProgress = message<EstimateProgress>('statistic/progress')
export const engineLog = message<LogLine>('engine/log')
