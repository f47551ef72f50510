import './environment'
import { join } from 'node:path'
import { Channel } from '../protocol/channel'
import { ackFrames, compareWithCpu, describeEngine, engineLog, engineProtocol, estimateProgress, estimateStatistic, hello, inspectModel, runBegan, runLoading, runRows, serverTokens, startRun, stopEstimate, stopRun } from '../protocol/engine'
import { parentTransport } from '../protocol/transports'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import { compare } from './comparison'
import { engineInfo } from './engineInfo'
import { Estimation } from './estimation'
import { log, logTo } from './log'
import { machineKey } from './machine'
import { Memory } from './memory'
import { Models } from './models'
import { Run } from './runner'
import { loadRuntime, providerLibraries } from './runtime'
import { engineVersion } from './version'

// Without its parent the engine serves nobody. It has no handler for SIGTERM either: during an evaluation none could run, and the default ends it at once.
process.once('disconnect', () => { process.exit(0) })
// A terminal sends Ctrl+C to the whole process group; what it means is the parent's to decide.
process.on('SIGINT', () => {})
const gone = new DpmError({ reason: 'engineExited', message: t('The host is gone.'), advice: t('Start again.') })
const channel = new Channel(parentTransport(process, () => gone), undefined, (what) => { log('warn', `not understood: ${what}`) })
logTo((line) => { channel.notify(engineLog, line) })
process.on('uncaughtException', (error) => { log('error', `uncaught: ${error.stack ?? error.message}`) })
process.on('unhandledRejection', (error) => { log('error', `unhandled: ${error instanceof Error ? error.stack ?? error.message : String(error)}`) })

const models = new Models(process.env['DPM_MODELS'] ?? join(__dirname, '..', 'media', 'models'))
let run: { id: string; run: Run } | undefined
let estimation: { id: string; estimation: Estimation } | undefined
/** Something has the processors and a model: nothing is opened or timed beside it. */
const busy = (): boolean => run !== undefined || estimation !== undefined

channel.handle(hello, ({ protocol, memory }) => {
  if (protocol !== engineProtocol) {
    throw new DpmError({
      reason: 'engineProtocol', message: t('The engine speaks version {0} of its protocol, and was asked for {1}.', engineProtocol, protocol),
      advice: t('Reload the window so that both sides are of one version.'), remedy: { title: t('Restart Engine'), command: 'restartEngine' },
    })
  }
  const ort = loadRuntime()
  models.providers.remember(new Memory(memory, machineKey(ort.env.versions.node ?? '', providerLibraries())))
  return {
    protocol: engineProtocol, version: engineVersion, pid: process.pid, node: process.versions.node, execPath: process.execPath, onnxruntime: ort.env.versions.node ?? 'unknown',
    backends: ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled })),
  }
})

channel.on(serverTokens, ({ tokens }) => { models.servers.tokens = tokens })

channel.handle(inspectModel, ({ path, engine }) => models.with(path, engine, () => {}, ({ facts, provider, tried, adapter }) => ({ facts, provider, tried, ...(adapter ? { adapter } : {}) })))

channel.handle(compareWithCpu, ({ path, items, engine }) => models.with(path, engine, () => {}, (model) => compare(models.providers, model, items, engine, busy)))

channel.handle(describeEngine, ({ path, engine }) => engineInfo(models, path, engine, busy))

channel.handle(startRun, async (start) => {
  if (run) throw new DpmError({ reason: 'engineProtocol', message: t('Run {0} is not over yet.', run.id), advice: t('Wait for its end, or stop it.') })
  const mine = run = {
    id: start.runId,
    run: new Run(start, models, {
      loading: (event) => { channel.notify(runLoading, event) },
      began: (event) => { channel.notify(runBegan, event) },
      rows: (event) => { channel.notify(runRows, event) },
    }),
  }
  try { return await mine.run.execute() } finally { run = undefined }
})

channel.handle(stopRun, ({ runId }) => {
  if (run?.id !== runId) return { stopping: false }
  run.run.stop()
  return { stopping: true }
})

channel.handle(estimateStatistic, async (asked) => {
  if (estimation) throw new DpmError({ reason: 'engineProtocol', message: t('An estimation is not over yet.'), advice: t('Wait for its end, or stop it.') })
  const mine = estimation = { id: asked.estimateId, estimation: new Estimation(asked, models, (progress) => { channel.notify(estimateProgress, progress) }) }
  try { return await mine.estimation.execute() } finally { estimation = undefined }
})

channel.handle(stopEstimate, ({ estimateId }) => {
  if (estimation?.id !== estimateId) return { stopping: false }
  estimation.estimation.stop()
  return { stopping: true }
})

channel.on(ackFrames, ({ runId, row }) => { if (run?.id === runId) run.run.acknowledge(row) })
