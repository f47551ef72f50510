import { basename } from 'node:path'
import type { EngineOptions, RunLoading } from '../protocol/engine'
import { closedForm } from '../protocol/providerNames'
import type { ServerFacts } from '../protocol/run'
import { analyticFacts, analyticModel } from '../recipe/analyticModels'
import type { ModelFacts } from '../recipe/model'
import { countLabels } from './classCount'
import { modelFacts, statedLabels } from './graphFacts'
import { openGraph, type GraphFile } from './graphFile'
import { findModel } from './modelFolder'
import type { NetworkSession } from './network'
import { Providers, type Opened } from './providers'
import { loadRuntime } from './runtime'
import { ServerModels } from './server/models'
import { tensorFacts } from './tensorFacts'

/** A model ready for evaluations. */
export interface LoadedModel extends Omit<Opened, 'session' | 'threads'> {
  /** Of the CPU, where the graph is evaluated here. */
  threads?: number
  /** null where the model is a formula. */
  session: NetworkSession | null
  /** Of a model that a server evaluates. */
  server?: ServerFacts
  facts: ModelFacts
  /** Milliseconds it took to load; 0 where it was loaded already. */
  loadMs: number
}

type Loading = Omit<RunLoading, 'runId'>
interface Kept {
  key: string
  opened: Opened
  users: number
  /** What countLabels found, once it was asked. */
  counted?: number | undefined
}

/** Keeps the newest model loaded, so that a second run begins at once. An older one is let go when its last user is done. */
export class Models {
  readonly servers: ServerModels
  private kept: Kept | undefined
  private readonly outdated = new Set<Kept>()
  private queue: Promise<unknown> = Promise.resolve()
  /** Who waits for a model, and what is being loaded for them: a run that comes while its model is looked at says what it waits for. */
  private readonly waiting = new Set<(what: Loading) => void>()
  private loading: Loading | undefined

  constructor(private readonly bundledFolder: string, readonly providers = new Providers()) { this.servers = new ServerModels(bundledFolder) }

  /**
   * Calls `use` with the model at `path`, which stays loaded until `use` is done. Throws DpmError for a model that is missing, unreadable
   * or none that can be sampled, and for a provider that cannot be used.
   */
  async with<T>(path: string, options: EngineOptions, loading: (what: Loading) => void, use: (model: LoadedModel) => Promise<T> | T): Promise<T> {
    const formula = analyticModel(path)
    if (formula) return use({ session: null, facts: analyticFacts(formula), provider: closedForm, tried: [{ provider: closedForm }], loadMs: 0 })
    if (options.server) return this.servers.with(path, options.server, loading, use)
    // One at a time: a second request for the same model finds it loaded.
    this.waiting.add(loading)
    if (this.loading) loading(this.loading)
    const opening = this.queue.then(() => this.open(path, options)).finally(() => {
      this.loading = undefined
      this.waiting.delete(loading)
    })
    this.queue = opening.catch(() => {})
    const { kept, model } = await opening
    try {
      return await use(model)
    } finally {
      kept.users--
      await this.letGo()
    }
  }

  private async open(path: string, asked: EngineOptions): Promise<{ kept: Kept; model: LoadedModel }> {
    const folder = findModel(path, this.bundledFolder)
    const file = openGraph(folder.graph)
    const key = JSON.stringify([file.stamp, asked])
    const started = performance.now()
    const known = this.kept?.key === key
    if (this.kept && !known) await this.replace()
    const trying = (candidate: string): void => {
      this.loading = { file: folder.kind === 'file' ? basename(folder.graph) : folder.name, bytes: file.bytes, provider: candidate }
      for (const tell of this.waiting) tell(this.loading)
    }
    const kept: Kept = this.kept ?? { key, opened: await this.providers.open(loadRuntime(), file, asked, trying), users: 0 }
    const facts = await this.factsOf(folder, file, kept, known)
    this.kept = kept
    kept.users++
    return { kept, model: { ...kept.opened, facts, loadMs: known ? 0 : performance.now() - started } }
  }

  private async factsOf(folder: ReturnType<typeof findModel>, file: GraphFile, kept: Kept, known: boolean): Promise<ModelFacts> {
    const { session } = kept.opened
    try {
      const [inputs, outputs] = [session.inputMetadata.map(tensorFacts), session.outputMetadata.map(tensorFacts)]
      const stated = statedLabels(folder)
      if (stated === undefined && inputs.some(({ name }) => name === 'class_labels')) {
        kept.counted ??= await countLabels(loadRuntime(), session, modelFacts(folder, file, inputs, outputs, 1))
      }
      return modelFacts(folder, file, inputs, outputs, stated ?? kept.counted)
    } catch (error) {
      if (!known) await session.release()
      throw error
    }
  }

  private async replace(): Promise<void> {
    if (this.kept) this.outdated.add(this.kept)
    this.kept = undefined
    await this.letGo()
  }

  private async letGo(): Promise<void> {
    for (const kept of [...this.outdated].filter(({ users }) => users === 0)) {
      this.outdated.delete(kept)
      await kept.opened.session.release()
    }
  }
}
