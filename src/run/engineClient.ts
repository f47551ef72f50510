import { fork, type ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { attemptFile } from '../protocol/attemptFile'
import { Channel, type RequestType } from '../protocol/channel'
import {
  ackFrames, compareWithCpu, describeEngine, engineLog, engineProtocol, estimateProgress, estimateStatistic, hello, inspectModel, runBegan, runLoading, runRows, serverTokens, startRun, stopEstimate, stopRun,
  type EngineHello, type EngineOptions, type Estimated, type EstimateProgress, type EstimateRequest, type Inspected, type LogLine, type RunBegan, type RunLoading, type RunRows, type StartRun,
} from '../protocol/engine'
import type { Comparison, EngineInfo } from '../protocol/engineInfo'
import type { EndEvent } from '../protocol/run'
import { childTransport, type ChildExit } from '../protocol/transports'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import { endedError, exitError, GoingRun, mismatch } from './engineExit'

/** How an engine process is started. */
export interface EngineLaunch { /** As EngineClientOptions.execPath. */ execPath?: string; /** Added to the environment. */ env?: NodeJS.ProcessEnv }

export interface EngineClientOptions {
  /** Absolute path of the engine's bundle, dist/engine.js. */
  enginePath: string
  /** The executable that runs it; default: the one this process runs on. */
  execPath?: string
  /** Absolute path of the folder in which the engine remembers which providers run on this machine; absent: it does not. */
  memoryFolder?: string
  /** Added to this process's own environment. */
  env?: NodeJS.ProcessEnv
  /** Asked before each start of a process, and goes before the two above. Rejects with DpmError where it cannot be started as is wanted. */
  launch?: () => Promise<EngineLaunch>
  /** After stop() the engine is ended when its run has not stopped by then; absent: only kill() ends it. */
  killAfterSeconds?: number
  /** Lines of the engine's log and of what its libraries print. `trace` gives every request and answer. */
  onLog?: (line: LogLine) => void
  trace?: boolean
  /** Bearer tokens by the origin of the inference server that each is for: asked before anything else of a new engine. */
  serverTokens?: () => Promise<Readonly<Record<string, string>>>
  /** The process has ended, or is being ended by us (`expected`): the next request starts another. */
  onExit?: (exit: { error: DpmError; expected: boolean }) => void
}

export interface RunEvents {
  loading?(event: RunLoading): void
  began?(event: RunBegan): void
  rows?(event: RunRows): void
}

/**
 * For glibc, others do not look at it: keep freed memory, in large pages. ONNX Runtime frees every tensor of an evaluation, and giving the pages
 * back to the kernel and faulting them in again for the next one costs an evaluation one or two per cent.
 */
const allocator = { MALLOC_TRIM_THRESHOLD_: String(2 ** 30), MALLOC_MMAP_THRESHOLD_: String(2 ** 25), MALLOC_TOP_PAD_: String(2 ** 24), GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' }

/** A started engine: its process and the channel to it. */
interface Engine { child: ChildProcess; channel: Channel; hello: Promise<EngineHello>; exited: Promise<void>; expected: boolean; /** To be ended when its work is done. */ outdated: boolean }

/**
 * The engine process as its host sees it. The process is started by the first request and again after it has ended, however that came;
 * what was pending then is rejected with `engineExited`, and the recording of a going run is closed.
 */
export class EngineClient {
  private engine: Engine | undefined
  /** Those that were told to end, and have not yet. */
  private readonly ending = new Set<Engine>()
  private going: GoingRun | undefined
  private estimating: ((progress: EstimateProgress) => void) | undefined
  /** Resolves when the going run is asked for, or will not be. */
  private sent = Promise.resolve()
  private launching: Promise<EngineLaunch> | undefined
  private tokenChanges = 0
  private disposed = false

  constructor(private readonly options: EngineClientOptions) {}

  /** Starts the process where there is none, and resolves when it can be asked. Rejects with DpmError: `engineNotStarted`, `engineExited`, `engineProtocol` or `providerUnavailable`. */
  async start(): Promise<EngineHello> { return (await this.started()).hello }

  /** What is known of a model; it stays loaded for a run. Rejects with DpmError. */
  inspect(path: string, engine: EngineOptions): Promise<Inspected> {
    return this.ask(inspectModel, { path, engine })
  }

  /**
   * Carries out a run; one at a time. Resolves with how it ended, `stopped` also where kill() ended it. Rejects with DpmError where it could
   * not begin, or where the engine went without being told to: the recording is then closed with that error.
   */
  async run(start: StartRun, on: RunEvents = {}): Promise<EndEvent> {
    if (this.going) throw new DpmError({ reason: 'engineProtocol', message: t('Run {0} is not over yet.', this.going.runId), advice: t('Wait for its end, or stop it.') })
    const run = this.going = new GoingRun(start, on)
    let engine: Engine | undefined
    let sent = (): void => {}
    this.sent = new Promise((resolve) => { sent = resolve })
    try {
      engine = await this.started()
      await engine.hello
      const ended = engine.channel.ask(startRun, start)
      sent()
      return await ended
    } catch (error) {
      if (!engine || !(error instanceof DpmError) || error.reason !== 'engineExited') throw error
      const end = await run.close(engine.expected ? undefined : error)
      if (end.error?.reason === 'engineExited') throw error
      return end
    } finally {
      sent()
      run.over()
      this.going = undefined
      this.endOutdated()
    }
  }

  /** Stops the run before its next evaluation. Resolves to whether there was such a run. */
  async stop(runId: string): Promise<boolean> {
    const { going, options: { killAfterSeconds } } = this
    if (going?.runId !== runId) return false
    if (killAfterSeconds !== undefined) going.onOverdue(killAfterSeconds * 1000, () => { void this.kill() })
    await this.sent // a stop must not overtake what asks for the run
    const { engine } = this
    if (!engine || this.going !== going) return false
    const { stopping } = await engine.channel.ask(stopRun, { runId })
    return stopping
  }

  /** Estimates the statistic of a model; one at a time. `statistic` is null where it was stopped. Rejects with DpmError. */
  async estimate(asked: EstimateRequest, on: (progress: EstimateProgress) => void, stopped: AbortSignal): Promise<Estimated> {
    if (this.estimating) throw new DpmError({ reason: 'engineProtocol', message: t('An estimation is not over yet.'), advice: t('Wait for its end, or cancel it.') })
    this.estimating = on
    let stop = (): void => {}
    try {
      const { hello: agreed, channel } = await this.started()
      stop = (): void => { void channel.ask(stopEstimate, { estimateId: asked.estimateId }).catch(() => {}) }
      stopped.addEventListener('abort', stop, { once: true })
      await agreed
      const answer = channel.ask(estimateStatistic, asked)
      if (stopped.aborted) stop()
      return await answer
    } finally {
      stopped.removeEventListener('abort', stop)
      this.estimating = undefined
      this.endOutdated()
    }
  }

  /** What there is to know of engine, machine and model. Rejects with DpmError. */
  info(path: string | null, engine: EngineOptions): Promise<EngineInfo> { return this.ask(describeEngine, { path, engine }) }

  /** How long an evaluation takes on the model's provider and on the CPU; null where there is nothing to compare. Rejects with DpmError. */
  compare(path: string, items: number, engine: EngineOptions): Promise<Comparison | null> { return this.ask(compareWithCpu, { path, items, engine }) }

  /** The pixels of this row were drawn or dropped: the next may come. */
  ackFrames(runId: string, row: number): void { this.engine?.channel.notify(ackFrames, { runId, row }) }

  /** Tokens have changed: a going engine is told. */
  async tokensChanged(): Promise<void> {
    this.tokenChanges++
    if (this.engine) await this.sendTokens(this.engine.channel)
  }

  /** Ends the process now, if there is one, and resolves when it is gone. A going run counts as stopped; what is asked from now on is asked of a new process. */
  async kill(): Promise<void> {
    if (!this.engine) await this.launching?.catch(() => {})
    const { engine } = this
    if (engine) {
      this.engine = undefined
      this.ending.add(engine)
      engine.expected = true
      engine.child.kill('SIGKILL')
      this.forgetAttempt(engine)
      this.options.onExit?.({ error: endedError(), expected: true })
    }
    await this.ended()
  }

  /** What was remembered of this machine's providers is found out again by the next engine. */
  forgetProviders(): void {
    if (this.memoryFile === null) return
    try { rmSync(this.memoryFile, { force: true }) } catch (error) { this.log('warn', `what is known of this machine’s providers could not be forgotten: ${String(error)}`) }
  }

  /** Engines are started differently from now on: one that is idle is ended, one that is at work when that is done. */
  async renew(): Promise<void> {
    await this.launching?.catch(() => {})
    if (this.engine) this.engine.outdated = true
    this.endOutdated()
    await this.ended()
  }

  async restart(): Promise<EngineHello> {
    await this.kill()
    return this.start()
  }

  /** Ends the process for good. */
  async dispose(): Promise<void> {
    this.disposed = true
    await this.kill()
  }

  private get memoryFile(): string | null { return this.options.memoryFolder === undefined ? null : join(this.options.memoryFolder, 'providers.json') }

  /** What the process tried when it was ended from here is not what ended it. */
  private forgetAttempt({ child: { pid } }: Engine): void {
    if (this.memoryFile === null || pid === undefined) return
    try { rmSync(attemptFile(this.memoryFile, pid), { force: true }) } catch (error) { this.log('warn', `what the engine tried could not be forgotten: ${String(error)}`) }
  }

  private async started(): Promise<Engine> {
    if (this.engine || !this.options.launch || this.disposed) return this.engine ??= this.spawn({})
    const launch = await (this.launching ??= this.options.launch().finally(() => { this.launching = undefined }))
    return this.engine ??= this.spawn(launch)
  }

  private endOutdated(): void {
    if (this.engine?.outdated && !this.going && !this.estimating) void this.kill()
  }

  /** Resolves when those that were told to end have ended. */
  private async ended(): Promise<void> { await Promise.all([...this.ending].map(({ exited }) => exited)) }

  /** Asks once the versions are known to agree. */
  private async ask<P, R>(type: RequestType<P, R>, params: P): Promise<R> {
    const { hello: agreed, channel } = await this.started()
    await agreed
    return channel.ask(type, params)
  }

  private spawn(launch: EngineLaunch): Engine {
    if (this.disposed) throw new DpmError({ reason: 'engineExited', message: t('The engine was shut down.'), advice: t('Reload the window.') })
    const { enginePath, onExit } = this.options
    const execPath = launch.execPath ?? this.options.execPath
    const child = fork(enginePath, [], {
      serialization: 'advanced', execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'], ...(execPath ? { execPath } : {}),
      env: { ...allocator, ...process.env, ...this.options.env, ...launch.env, ELECTRON_RUN_AS_NODE: '1', ORT_DISABLE_TELEMETRY: '1' },
    })
    const errors = this.lines(child.stderr)
    this.lines(child.stdout)
    let gone: (error: DpmError) => void = () => {}
    const explain = (exit: ChildExit): DpmError => {
      const error = exitError(exit, enginePath, this.going, [...errors].reverse().find((line) => /error/i.test(line)))
      gone(error)
      return error
    }
    const trace = (line: string): void => { if (this.options.trace) this.log('debug', line) }
    const channel = new Channel(childTransport(child, explain), trace, (what) => { this.log('warn', `not understood from the engine: ${what}`) })
    const engine: Engine = {
      child, channel, hello: this.handshake(channel), expected: false, outdated: false,
      exited: new Promise((resolve) => {
        gone = (error) => {
          if (this.engine === engine) this.engine = undefined
          this.ending.delete(engine)
          this.log(engine.expected ? 'debug' : 'error', error.message)
          if (engine.expected) this.forgetAttempt(engine) // it may have been written after the first time, which is for a window that does not live to see this
          else onExit?.({ error, expected: false })
          resolve()
        }
      }),
    }
    engine.hello.catch(() => {})
    channel.on(engineLog, ({ level, text }) => { this.log(level, text) })
    channel.on(runLoading, (event) => { this.going?.loading(event) })
    channel.on(runBegan, (event) => { this.going?.began(event) })
    channel.on(runRows, (event) => { this.going?.rows(event) })
    channel.on(estimateProgress, (progress) => { this.estimating?.(progress) })
    return engine
  }

  private async handshake(channel: Channel): Promise<EngineHello> {
    const answer = await channel.ask(hello, { protocol: engineProtocol, memory: this.memoryFile })
    if (answer.protocol !== engineProtocol) throw mismatch(answer.protocol)
    await this.sendTokens(channel)
    this.log('debug', `engine ${answer.version}, process ${answer.pid}, Node ${answer.node} (${answer.execPath}), ONNX Runtime ${answer.onnxruntime}, providers ${answer.backends.map(({ name }) => name).join(', ')}`)
    return answer
  }

  /** What the channel traces of it is its name. */
  private async sendTokens(channel: Channel): Promise<void> {
    try {
      let tokens: Readonly<Record<string, string>> | undefined
      let changes: number
      do { // those that were read before a change may come after those that were read for it
        changes = this.tokenChanges
        tokens = await this.options.serverTokens?.()
      } while (changes !== this.tokenChanges)
      if (tokens) channel.notify(serverTokens, { tokens })
    } catch (error) { this.log('warn', `the tokens for servers could not be read: ${error instanceof Error ? error.message : String(error)}`) }
  }

  /** Passes a stream on to the log, line by line. Returns the last lines, kept up to date. */
  private lines(stream: Readable | null): string[] {
    const last: string[] = []
    if (!stream) return last
    createInterface({ input: stream }).on('line', (line) => {
      // ONNX Runtime colours what it prints.
      const text = line.replace(/\u001b\[[0-9;]*m/g, '').trim()
      if (text === '') return
      if (last.push(text) > 20) last.shift()
      this.log('debug', text)
    })
    return last
  }

  private log(level: LogLine['level'], text: string): void { this.options.onLog?.({ level, text }) }
}
