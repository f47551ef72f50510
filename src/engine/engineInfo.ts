import { providers as names, type EngineOptions, type Provider } from '../protocol/engine'
import { ownCpu } from '../protocol/comparison'
import type { EngineInfo } from '../protocol/engineInfo'
import { reportOf } from '../sampler/errors'
import { t } from '../sampler/text'
import { comparisonOf } from './comparison'
import { webgpuAdapter } from './machine'
import { plainWords } from './modelError'
import type { LoadedModel, Models } from './models'
import { profiledNodes } from './profile'
import { loadRuntime } from './runtime'
import { threadsFor } from './threads'
import { engineVersion } from './version'

/** A larger graph, in bytes, is not profiled: it takes a second copy of its weights. */
const largest = 500e6
const whileBusy = t('not looked at while a run or an estimation goes')
const compiles = t('it compiles for minutes, so only where it is set')

/**
 * What there is to know of this process, the machine and the model at `path` (null: none is looked at). Providers that have not been tried are tried on the small graph of the
 * self-check, TensorRT only where it is set. While `busy`, nothing is opened or evaluated beside what goes.
 */
export async function engineInfo(models: Models, path: string | null, engine: EngineOptions, busy: () => boolean): Promise<EngineInfo> {
  const ort = loadRuntime()
  const { model, threads } = path === null ? { model: null } : await modelInfo(models, path, engine, busy)
  const counted = threadsFor(engine.intraOpThreads)
  const built = ort.listSupportedBackends()
  const providers: EngineInfo['providers'] = []
  for (const provider of names.filter((name) => name !== 'auto')) {
    const known = built.find(({ name }) => name === provider)
    providers.push({ provider, built: known !== undefined, bundled: known?.bundled ?? false, ...await whyNot(models, provider, engine, model?.provider, known !== undefined, busy) })
  }
  return {
    engine: { version: engineVersion, pid: process.pid, node: process.versions.node, onnxruntime: ort.env.versions.node ?? 'unknown', platform: `${process.platform}-${process.arch}` },
    providers, adapter: webgpuAdapter(), model, threads: { ...counted, used: threads ?? counted.used },
    memory: { resident: process.memoryUsage.rss(), peak: process.resourceUsage().maxRSS * 1024 },
    remembered: { file: models.providers.memory.file, auto: models.providers.remembered(engine)?.provider ?? null },
  }
}

type Tried = Pick<EngineInfo['providers'][number], 'error' | 'tried'>

async function whyNot(models: Models, provider: Provider, engine: EngineOptions, inUse: string | undefined, built: boolean, busy: () => boolean): Promise<Tried> {
  if (provider === inUse || provider === 'cpu') return { error: null, tried: true }
  if (busy()) return { error: whileBusy, tried: false }
  if (built && provider === 'tensorrt' && engine.provider !== provider) return { error: compiles, tried: false }
  return { error: await models.providers.whyNot(loadRuntime(), provider, engine), tried: true }
}

async function modelInfo(models: Models, path: string, engine: EngineOptions, busy: () => boolean): Promise<{ model: NonNullable<EngineInfo['model']>; threads?: number }> {
  try {
    return await models.with(path, engine, () => {}, async (model) => {
      const { facts, provider, tried, server, session, threads } = model
      const compared = session && !ownCpu.includes(provider) ? comparisonOf(models.providers, model) : undefined
      const evaluated = await nodes(models, model, threads === undefined ? engine : { ...engine, intraOpThreads: threads }, busy)
      return { model: { path, name: facts.name, provider, tried, ...(server ? { server } : {}), ...(compared ? { comparison: compared } : {}), ...evaluated }, ...(threads === undefined ? {} : { threads }) }
    })
  } catch (error) {
    return { model: { path, tried: [], error: reportOf(error) } }
  }
}

/** Where the nodes of a graph run, or why that is not known; nothing where no graph is evaluated here. */
async function nodes(models: Models, model: LoadedModel, engine: EngineOptions, busy: () => boolean): Promise<{ nodes?: Record<string, number>; unprofiled?: string }> {
  if (!model.session || model.server) return {}
  if (busy()) return { unprofiled: whileBusy }
  if (model.facts.bytes > largest) return { unprofiled: t('the model is larger than {0} MB, and profiling takes a second copy of it', largest / 1e6) }
  try { return { nodes: await profiledNodes(models.providers, model, engine) } } catch (error) { return { unprofiled: plainWords(error).replace(/\.$/, '') } }
}
