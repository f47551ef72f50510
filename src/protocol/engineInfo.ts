import type { ErrorReport } from '../sampler/errors'
import type { ProviderTry, ServerFacts } from './run'

/** What of the adapter that WebGPU takes is known, and from what; `unknown` where the system does not tell. */
export interface AdapterFacts { kind: 'hardware' | 'software' | 'none' | 'unknown'; how: string }

/** Milliseconds of one evaluation of a model on a provider and on the CPU, the shortest of a few, at a batch of `items`. */
export interface Comparison { provider: string; providerMs: number; cpuMs: number; items: number }

/** What DPM-Solver: Show Engine Info and `dpm-solver info` tell. */
export interface EngineInfo {
  engine: { version: string; pid: number; node: string; onnxruntime: string; platform: string }
  /** Every provider there is a name for: whether this build has it, whether its libraries come along, and what keeps it from running here; null: it runs. Where it was not `tried`, why not. */
  providers: { provider: string; built: boolean; bundled: boolean; error: string | null; tried: boolean }[]
  adapter: AdapterFacts
  /** null: none was looked at. */
  model: {
    path: string
    name?: string
    /** Absent where the model could not be opened; `error` says why. */
    provider?: string
    tried: ProviderTry[]
    /** Times that nodes of the graph ran in one evaluation, by provider; absent where no graph is evaluated here, or `unprofiled` says why not. */
    nodes?: Record<string, number>
    unprofiled?: string
    comparison?: Comparison
    /** The inference server that evaluates it. */
    server?: ServerFacts
    error?: ErrorReport
  } | null
  /** Of the model where one is open here, else what one opened now would get. */
  threads: { asked: number; used: number; cores: number; load: number }
  /** Bytes of the engine process. */
  memory: { resident: number; peak: number }
  /** Where answers are remembered, null where nowhere; `auto` is what it chose before. */
  remembered: { file: string | null; auto: string | null }
}
