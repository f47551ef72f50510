import type { Provider } from '../protocol/engine'
import { providerName } from '../protocol/providerNames'
import type { ProviderTry } from '../protocol/run'
import { DpmError } from '../sampler/errors'
import type { GraphFile } from './graphFile'
import { weightsInPlace, withWeights } from './linkedWeights'
import { isModelFault, modelError, plainWords } from './modelError'
import { libraryFault } from './providerLibrary'
import type { Runtime, Session } from './runtime'

/** A session, the provider it runs on, and every provider that was tried, in order. */
export interface Opened { session: Session; provider: string; tried: ProviderTry[] }

/** What `auto` tries before the CPU, where the platform's build has it. TensorRT compiles for minutes: only when asked for. */
const autoOrder: Partial<Record<NodeJS.Platform, Provider[]>> = { linux: ['cuda', 'webgpu'], win32: ['dml', 'webgpu'], darwin: ['webgpu', 'coreml'] }

/** Failures that will not go away while this process lives: a library or a device is missing. */
const missing = new Map<string, string>()

/**
 * Opens a graph on the provider asked for, or on the first that works. Each provider gets a session of its own: given a list, ONNX Runtime
 * falls back silently. `trying` is told of each before it is tried. Throws DpmError: `providerUnavailable` for an explicit provider, else what
 * is wrong with the model.
 */
export async function openSession(ort: Runtime, graph: GraphFile, provider: Provider, intraOpThreads: number, trying: (provider: string) => void): Promise<Opened> {
  const built = ort.listSupportedBackends().map(({ name }) => name)
  const tried: ProviderTry[] = []
  const candidates = provider === 'auto' ? [...autoOrder[process.platform] ?? [], 'cpu'].filter((name) => built.includes(name)) : [provider]
  for (const candidate of candidates) {
    const known = provider === 'auto' ? missing.get(candidate) : undefined
    if (known !== undefined) { tried.push({ provider: candidate, error: known }); continue }
    if (!built.includes(candidate)) throw unavailable(candidate, `ONNX Runtime for ${process.platform}-${process.arch} is built without it`)
    trying(candidate)
    try {
      const session = await withWeights(graph, ({ path, ...weights }) => ort.InferenceSession.create(path, { ...options(candidate, intraOpThreads, graph), ...weights }))
      return { session, provider: candidate, tried: [...tried, { provider: candidate }] }
    } catch (error) {
      if (error instanceof DpmError) throw error
      if (candidate === 'cpu' || (provider !== 'auto' && isModelFault(error))) throw modelError(graph.path, error)
      const { reason, lasting } = failure(candidate, error)
      if (provider !== 'auto') throw unavailable(candidate, reason, error)
      if (lasting) missing.set(candidate, reason)
      tried.push({ provider: candidate, error: reason })
    }
  }
  throw unavailable('cpu', 'this build of ONNX Runtime has no provider at all')
}

function options(provider: string, intraOpThreads: number, graph: GraphFile): NonNullable<Parameters<Runtime['InferenceSession']['create']>[1]> {
  return {
    executionProviders: [provider],
    // The arena rounds requests up to a power of two, and Electron's allocator ends the process at 2 GiB.
    enableCpuMemArena: false,
    // Spinning workers gain a little only while nothing else wants the cores.
    extra: { session: { intra_op: { allow_spinning: '0' }, ...(weightsInPlace(graph) ? { disable_prepacking: '1' } : {}) } },
    logSeverityLevel: 3,
    ...(intraOpThreads > 0 ? { intraOpNumThreads: intraOpThreads } : {}),
  }
}

/** Why a provider did not open, in a few words, and whether it is the machine that lacks something. */
function failure(provider: string, error: unknown): { reason: string; lasting: boolean } {
  const text = String(error)
  if (/Failed to load shared library/.test(text)) return { reason: libraryFault(provider), lasting: true }
  if (/Failed to get a WebGPU adapter/.test(text)) return { reason: 'no graphics adapter was found (a GPU with its driver is needed)', lasting: true }
  if (/backend not found|no available backend/.test(text)) return { reason: 'this build of ONNX Runtime does not have it', lasting: true }
  return { reason: plainWords(error).replace(/\.$/, ''), lasting: /no CUDA-capable device|driver version is insufficient|CUDA failure 100\b/i.test(text) }
}

function unavailable(provider: string, reason: string, cause?: unknown): DpmError {
  return new DpmError({
    reason: 'providerUnavailable', message: `${providerName(provider)} cannot be used: ${reason}.`,
    advice: 'Use the CPU, or let the provider be chosen automatically.', remedy: { title: 'Use CPU', command: 'useCpu' },
  }, { cause })
}
