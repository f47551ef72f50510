import type { RunLoading } from '../../protocol/engine'
import { server as serverProvider } from '../../protocol/providerNames'
import { t } from '../../sampler/text'
import { countLabels } from '../classCount'
import { modelFacts, statedLabels } from '../graphFacts'
import { openGraph } from '../graphFile'
import { findModel, remoteModel, type ModelFolder } from '../modelFolder'
import type { LoadedModel } from '../models'
import { openSession } from '../providers'
import { loadRuntime } from '../runtime'
import { tensorFacts } from '../tensorFacts'
import { addressOf } from './address'
import { badAnswer } from './failures'
import { ServerSession, wireTensors, type Description, type Patience } from './session'

interface Kept { url: string; session: ServerSession; users: number; counted?: number | undefined }

/** Models whose graph is on an inference server. What their folders say is read here; the newest one's connections are kept for the next run. */
export class ServerModels {
  /** Bearer tokens by the server's origin. */
  tokens: Readonly<Record<string, string>> = {}
  private kept: Kept | undefined

  constructor(private readonly bundledFolder: string, private readonly patience?: Patience) {}

  /** Calls `use` with the model that the server has under the name of `path`, or at the address `server` itself. Throws DpmError. */
  async with<T>(path: string, server: string, loading: (what: Omit<RunLoading, 'runId'>) => void, use: (model: LoadedModel) => Promise<T> | T): Promise<T> {
    const started = performance.now()
    const folder = remoteModel(path, this.bundledFolder)
    const address = addressOf(server, folder.name)
    loading({ file: folder.name, bytes: 0, provider: serverProvider })
    const { kept } = this
    const known = kept?.url === address.url
    const mine = known ? kept : { url: address.url, users: 0, session: new ServerSession(address, () => this.tokens[address.origin], this.patience) }
    this.kept = mine
    if (kept && !known && kept.users === 0) await kept.session.release()
    mine.users++
    try {
      // Asked each time: the server may have loaded another version.
      const description = await this.described(mine, path)
      const facts = await factsOf({ ...folder, graph: address.url }, description, mine)
      return await use({ session: mine.session, facts, provider: serverProvider, tried: [{ provider: serverProvider }], server: description.server, loadMs: known ? 0 : performance.now() - started })
    } finally {
      mine.users--
      if (mine.users === 0 && this.kept !== mine) await mine.session.release()
    }
  }

  /** Where the server does not say what the model's tensors are, the graph in the model's own folder does, if there is one. */
  private async described({ session, url }: Kept, path: string): Promise<Description> {
    const description = await session.describe()
    if (description.inputs.length > 0 && description.outputs.length > 0) return description
    let graph
    try { graph = openGraph(findModel(path, this.bundledFolder).graph) } catch (error) {
      throw badAnswer({ origin: new URL(url).origin }, t('does not say what inputs and outputs the model at {0} has, and there is no graph here to read them from', url), error)
    }
    const { session: local } = await openSession(loadRuntime(), graph, 'cpu', 1, () => {})
    try {
      const [inputs, outputs] = [local.inputMetadata.map(tensorFacts), local.outputMetadata.map(tensorFacts)]
      session.learn(wireTensors(inputs), wireTensors(outputs))
      return { ...description, inputs, outputs }
    } finally { await local.release() }
  }
}

async function factsOf(folder: ModelFolder, { inputs, outputs }: Description, kept: Kept): Promise<LoadedModel['facts']> {
  const file = { path: folder.graph, bytes: 0 }
  const stated = statedLabels(folder)
  if (stated === undefined && inputs.some(({ name }) => name === 'class_labels')) {
    kept.counted ??= await countLabels(loadRuntime(), kept.session, modelFacts(folder, file, inputs, outputs, 1))
  }
  return modelFacts(folder, file, inputs, outputs, stated ?? kept.counted)
}
