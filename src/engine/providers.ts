import type { EngineOptions, Provider } from '../protocol/engine'
import { deviceRefusal, optionsFor } from '../protocol/providerOptions'
import type { ProviderTry } from '../protocol/run'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import { Attempts } from './attempts'
import type { GraphFile } from './graphFile'
import { weightsInPlace, withWeights } from './linkedWeights'
import { webgpuAdapter } from './machine'
import { Memory } from './memory'
import { isModelFault, modelError } from './modelError'
import { failure, isOutOfGpuMemory, unavailable, Unusable } from './providerFailure'
import type { Runtime, Session } from './runtime'
import { selfCheck } from './selfCheck'
import { threadsFor } from './threads'

/** A session, the provider it runs on, every provider that was tried, in order, and the threads it has on the CPU. */
export interface Opened {
  session: Session
  provider: string
  tried: ProviderTry[]
  threads: number
  /** Where WebGPU’s adapter is a program instead of a GPU. */
  adapter?: 'software'
}

type Asked = Omit<EngineOptions, 'server'>
type SessionOptions = NonNullable<Parameters<Runtime['InferenceSession']['create']>[1]>

/** What `auto` tries before the CPU, where the platform's build has it. TensorRT compiles for minutes: only when asked for. */
const autoOrder: Partial<Record<NodeJS.Platform, Provider[]>> = { linux: ['cuda', 'webgpu'], win32: ['dml', 'webgpu'], darwin: ['webgpu', 'coreml'] }

/** The machine's execution providers: which of them run, found out once and remembered. */
export class Providers {
  /** Until the host says where the file is, nothing is kept beyond this process. */
  memory = new Memory(null, '')
  private attempts = new Attempts(this.memory)

  constructor(private readonly adapter = webgpuAdapter, private readonly platform: NodeJS.Platform = process.platform, private readonly now = (): number => performance.now()) {}

  /** Answers are kept there from now on, where those of former engines are. */
  remember(memory: Memory): void {
    this.memory = memory
    this.attempts = new Attempts(memory)
    this.attempts.takeUp()
  }

  /**
   * Opens a graph on the provider asked for, or on the first that works. Each provider gets a session of its own, one at a time: given a list, ONNX Runtime falls back silently.
   * It has to pass the self-check (selfCheck.ts) once on this machine, and not to have ended an engine by it; under `auto` a software adapter is passed over, and what ended an engine with this graph. `trying` is told of each before it is tried.
   * Throws DpmError: `providerUnavailable` for an explicit provider, `recipeInvalid` for options that are none of it, else what is wrong with the model.
   */
  async open(ort: Runtime, graph: GraphFile, asked: Asked, trying: (provider: string) => void): Promise<Opened> {
    optionsFor(asked.provider, asked)
    // Once: the load that the number depends on is another one when the model is open.
    const counted = { ...asked, intraOpThreads: threadsFor(asked.intraOpThreads).used }
    return asked.provider === 'auto' ? this.openFirst(ort, graph, counted, trying) : this.openAsked(ort, graph, counted, asked.provider, trying)
  }

  /** What `auto` chose on this machine, asked with these options; undefined where it is not known. */
  remembered(asked: Asked): { provider: string; tried: ProviderTry[] } | undefined { return this.memory.known.auto?.[optionsKey(asked)] }

  /** What `auto` chose does not hold any more, and what passed has to be looked at again. */
  forget(): void { this.memory.update(({ compared, ended }) => ({ ...(compared ? { compared } : {}), ...(ended ? { ended } : {}) })) }

  /** Why a provider does not run on this machine, in a few words, or null. */
  async whyNot(ort: Runtime, provider: Provider, asked: Asked): Promise<string | null> {
    try {
      await this.check(ort, provider, { ...asked, provider })
      return null
    } catch (error) {
      return error instanceof Unusable || error instanceof DpmError ? error.message.replace(/\.$/, '') : failure(provider, error, asked).reason
    }
  }

  private async openAsked(ort: Runtime, graph: GraphFile, asked: Asked, provider: Provider, trying: (provider: string) => void): Promise<Opened> {
    try {
      trying(provider)
      await this.check(ort, provider, asked)
      return this.opened(await this.create(ort, graph, provider, asked), provider, [], asked)
    } catch (error) {
      if (error instanceof DpmError) throw error
      if (error instanceof Unusable) throw unavailable(provider, error.message, error)
      if (provider === 'cpu' || (isModelFault(error) && !isOutOfGpuMemory(error))) throw modelError(graph.path, error)
      throw unavailable(provider, failure(provider, error, asked).reason, error)
    }
  }

  private async openFirst(ort: Runtime, graph: GraphFile, asked: Asked, trying: (provider: string) => void, before = this.remembered(asked) ?? null): Promise<Opened> {
    const tried: ProviderTry[] = before?.tried.slice(0, -1) ?? []
    const built = backends(ort)
    const order = [...autoOrder[this.platform] ?? [], 'cpu' as const].filter((name) => built.includes(name))
    const candidates = order.slice(Math.max(0, order.findIndex((name) => name === before?.provider)))
    let lasting = true
    for (const provider of candidates) {
      trying(provider)
      try {
        if (before?.provider !== provider) await this.check(ort, provider, asked)
        const create = (): Promise<Session> => this.create(ort, graph, provider, asked)
        const session = provider === 'cpu' ? await create() : await this.attempt([provider, optionsFor(provider, asked), graph.stamp], false, create)
        const answer = [...tried, { provider }]
        if (lasting && !before) this.memory.update((known) => ({ ...known, auto: { ...known.auto, [optionsKey(asked)]: { provider, tried: answer } } }))
        return this.opened(session, provider, tried, asked)
      } catch (error) {
        if (error instanceof DpmError) throw error
        if (provider === 'cpu') throw modelError(graph.path, error)
        const { reason, lasting: always } = failure(provider, error, asked)
        if (before?.provider === provider && !isModelFault(error) && !(error instanceof Unusable)) {
          // What ran before does not: all of it is found out again.
          this.forget()
          return this.openFirst(ort, graph, asked, trying, null)
        }
        lasting &&= always
        tried.push({ provider, error: reason })
      }
    }
    throw unavailable('cpu', t('this build of ONNX Runtime has no provider at all'))
  }

  /** Throws Unusable, DpmError, or what ONNX Runtime throws. The CPU is what the others are compared with. */
  private async check(ort: Runtime, provider: Provider, asked: Asked): Promise<void> {
    if (!backends(ort).includes(provider)) throw new Unusable(t('ONNX Runtime for {0}-{1} is built without it', process.platform, process.arch), true)
    const device = deviceRefusal(provider, asked)
    if (device !== null) throw new Unusable(device, true)
    if (provider === 'cpu') return
    const auto = asked.provider === 'auto'
    if (auto && provider === 'webgpu') {
      const { kind, how } = this.adapter()
      if (kind === 'software') throw new Unusable(t('its adapter is a program and no GPU: {0}', how), true)
    }
    // What passed when it was asked for by name has not been timed.
    const key = JSON.stringify([provider, auto, optionsFor(provider, asked)])
    if (this.memory.known.passed?.[key]) return
    const wrong = await this.attempt([provider, optionsFor(provider, asked)], true, () => selfCheck(ort, sessionOptions(provider, asked), auto, this.now))
    if (wrong) throw new Unusable(wrong, true)
    this.memory.update((known) => ({ ...known, passed: { ...known.passed, [key]: true } }))
  }

  /** Does what a driver may end the process by, unless it has. Throws Unusable, or what `work` throws. */
  private attempt<T>(what: readonly unknown[], lasting: boolean, work: () => Promise<T>): Promise<T> {
    const key = JSON.stringify(what)
    if (this.attempts.ended(key)) throw new Unusable(lasting ? t('it ended the engine when it was tried') : t('it ended the engine when it was tried with this model'), lasting)
    return this.attempts.during(key, work)
  }

  /** A session of a graph on one provider, unchecked. Throws what ONNX Runtime throws. */
  create(ort: Runtime, graph: GraphFile, provider: string, asked: Asked, more: SessionOptions = {}): Promise<Session> {
    return withWeights(graph, ({ path, ...weights }) => ort.InferenceSession.create(path, { ...sessionOptions(provider as Provider, asked, weightsInPlace(graph)), ...more, ...weights }))
  }

  private opened(session: Session, provider: Provider, tried: readonly ProviderTry[], asked: Asked): Opened {
    const software = provider === 'webgpu' && this.adapter().kind === 'software'
    return { session, provider, tried: [...tried, { provider }], threads: asked.intraOpThreads, ...(software ? { adapter: 'software' } : {}) }
  }
}

/** A graph on a provider, for those who keep nothing. */
export function openSession(ort: Runtime, graph: GraphFile, provider: Provider, intraOpThreads: number, trying: (provider: string) => void): Promise<Opened> {
  return new Providers().open(ort, graph, { provider, intraOpThreads }, trying)
}

/** Names of the providers that this build of ONNX Runtime knows. */
export const backends = (ort: Runtime): string[] => ort.listSupportedBackends().map(({ name }) => name)

const optionsKey = ({ deviceId = 0, providerOptions = {} }: Asked): string => JSON.stringify([deviceId, providerOptions])

/** `inPlace`: weights are used where they lie, not packed anew for the processor. */
function sessionOptions(provider: Provider, asked: Asked, inPlace = false): SessionOptions {
  const own = optionsFor(provider, asked)
  return {
    executionProviders: [Object.keys(own).length > 0 ? { name: provider, ...own } : provider],
    // The arena rounds requests up to a power of two, and Electron's allocator ends the process at 2 GiB.
    enableCpuMemArena: false,
    // Spinning workers gain a little only while nothing else wants the cores.
    extra: { session: { intra_op: { allow_spinning: '0' }, ...(inPlace ? { disable_prepacking: '1' } : {}) } },
    logSeverityLevel: 3,
    intraOpNumThreads: threadsFor(asked.intraOpThreads).used,
  }
}
