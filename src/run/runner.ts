import { join } from 'node:path'
import type { EngineOptions, RunBegan, RunLoading, RunRows, StartRun } from '../protocol/engine'
import { isKept, type KeepRule } from '../protocol/keptRows'
import { progressOf, progressText, spentMs } from '../protocol/progress'
import type { EndEvent, FramePair, PreviewMethod, RowEvent } from '../protocol/run'
import { isCutShort, isGoing, type RunView } from '../protocol/view'
import type { Recipe } from '../recipe/recipe'
import { reportOf, type ErrorReport } from '../sampler/errors'
import { t } from '../sampler/text'
import { systemClock, type Clock } from './clock'
import type { EngineClient } from './engineClient'
import { keepsExiting, type Exits } from './exits'
import { nameOfRun } from './givenName'
import type { Live } from './liveRuns'
import { resumedRun, whyNotResumed } from './resume'
import { newRunView, rowLine, storedRunView } from './runView'
import { Signal } from './signal'
import { openRun, type Recorded, type StoredRun } from './store'

/** What is needed of the engine's client; tests put another in its place. */
export type Engine = Pick<EngineClient, 'start' | 'inspect' | 'run' | 'stop' | 'ackFrames' | 'kill' | 'estimate' | 'forgetProviders' | 'compare' | 'info'>

export interface Log { debug(line: string): void; info(line: string): void; warn(line: string): void; error(line: string): void }

export interface RunnerParts {
  engine: Engine
  settings(): { preview: { every: number; maxSize: number; remoteMaxSize: number; method: PreviewMethod }; /** Which rows keep their states; absent: all. */ keep?: KeepRule; engine: EngineOptions; killAfterSeconds: number }
  /** The folder that holds the run folders, as it is now. */
  runsFolder(): string
  /** Absent: the system's. */
  clock?: Clock
  /** The machine, by what a user knows it by, where pictures have a network to cross from it; else null. */
  remote: string | null
  log: Log
}

/** A run that is asked for: a new one, or one that was stopped, to go on with. */
export interface Job { runId: string; recipe: Recipe; /** Of a run that samples while its recipe is being changed. */ live?: Live; resume?: StoredRun }
export interface RunSummary { runId: string; folder: string; outcome: EndEvent['outcome']; error: ErrorReport | null }

/** No timer is set for longer, in ms: a recording from a machine whose clock is ahead may be from days to come, and timers end at 25 days. */
const longestWait = 24 * 3600 * 1000

/** The run on show: carried out by the engine, or found on disk. */
export class Runner {
  /** Anything but rows changed. */
  readonly changed = new Signal<void>()
  readonly rows = new Signal<{ runId: string; rows: RowEvent[] }>()
  /** Pictures of the going run. Whoever listens acknowledges them at the engine, or sampling goes on without pictures. */
  readonly frames = new Signal<{ runId: string; frames: FramePair }>()

  private run: RunView | null = null
  /** Of the run on show, which may not be there yet. */
  folder = ''
  /** The folder of the recorded run that was on show before this one. */
  private folderBefore: string | undefined
  private count = 0
  /** How the newest run's states become pictures while it goes on, whatever is set meanwhile. */
  private method: PreviewMethod = 'auto'
  private timers: NodeJS.Timeout[] = []
  /** A run that cannot be resumed yet is looked at again. */
  private lookAgain: (() => void) | undefined
  /** Looks at whether the run on show can be resumed, counted: an earlier one that is late says nothing. */
  private looks = 0

  /** @param exits of the engine, those that nobody asked for; the one that ended a run is among them by then */
  constructor(private readonly parts: RunnerParts, private readonly exits: Exits) {}

  get view(): RunView | null { return this.run }
  get going(): boolean { return isGoing(this.run) }
  /** How states become pictures: of a going run as it began, else as the settings say now. */
  get previewMethod(): PreviewMethod { return this.going ? this.method : this.parts.settings().preview.method }

  /** Shows a run that was found on disk. */
  show(stored: StoredRun): void {
    this.put(storedRunView(stored), stored.folder)
    this.parts.log.info(`run ${stored.document.id} read from ${stored.folder}: ${stored.outcome}, ${stored.rows.length} rows`)
    this.changed.fire()
    void this.offerResume(true)
  }

  /** A user gave the run in this folder a name, or took it away: null. */
  renamed(folder: string, name: string | null): void {
    if (!this.run || folder !== this.folder) return
    this.run.name = name
    this.changed.fire()
  }

  /** Shows none. */
  clear(): void {
    this.run = null
    this.changed.fire()
  }

  /** The folder of the run on show; undefined where nothing of it is recorded. */
  get recordedFolder(): string | undefined { return this.run?.document ? this.folder : undefined }
  /** … and of the recorded one that was there before. */
  get recordedBefore(): string | undefined { return this.folderBefore }
  /** The folder of the run that a user sees: the page shows the one before until a live one is over. */
  get seenFolder(): string | undefined { return this.run?.live && this.going && this.folderBefore !== undefined ? this.folderBefore : this.recordedFolder }

  /** Resolves when no run goes any more, or another one does. */
  over(runId: string): Promise<void> {
    return new Promise((resolve) => {
      const mine = (): boolean => this.going && this.run?.runId === runId
      if (!mine()) { resolve(); return }
      const listening = this.changed.on(() => {
        if (mine()) return
        listening.dispose()
        resolve()
      })
    })
  }

  /** A row of the run on show, with the run it is of and whether its states are there; undefined for another run or a row that is not recorded. */
  recorded(runId: string, row: number): { run: Recorded; row: RowEvent; kept: boolean } | undefined {
    const event = this.run?.runId === runId ? this.run.rows[row] : undefined
    const document = this.run?.document
    if (!event || !document) return undefined
    // Of a run that goes on the engine may be further than is known here.
    return { run: { statesPath: join(this.folder, document.states.file), document }, row: event, kept: isKept(document, row, this.going ? -1 : this.run!.rows.length - 1) }
  }

  /**
   * Carries out a run, begun when `ready` resolves, and resolves when it has ended, however. One that could not begin leaves the run on show
   * that was there; so does, even where there was none, a recipe that the engine refused; and one that was overtaken. One that could not go on is as it was.
   */
  async execute({ runId, recipe, live, resume }: Job, ready: () => Promise<void>): Promise<RunSummary> {
    const previous = { run: this.run, folder: this.folder }
    const run: RunView = { ...newRunView(runId), ...live && { live: true }, ...resume && { document: resume.document, rows: resume.rows, name: resume.name } }
    const folder = resume?.folder ?? join(this.parts.runsFolder(), runId)
    const name = `run ${++this.count}`
    this.method = this.parts.settings().preview.method
    this.put(run, folder)
    const { solver, noise, model } = recipe
    this.parts.log.info(`${name} ${runId}${resume ? `, resumed after row ${resume.rows.length - 1}` : ''}: ${model.path}, ${solver.algorithm} ${solver.method} order ${solver.order}, ${solver.steps} steps, seed ${noise.seed}, batch ${noise.batch}`)
    this.changed.fire()
    await ready()
    const began = await this.carryOut(run, { runId, recipe, folder, ...this.options(), ...(resume ? { resume: resumedRun(resume) } : {}) }, name)
    this.clearTimers()
    run.stopOverdue = false
    this.parts.log.info(`${name} ${run.status} at step ${progressText(run)}${run.ms === null ? '' : `, ${run.ms.toFixed(0)} ms`}`)
    if (!began && resume) this.run = storedRunView(resume)
    else if (live?.overtaken || !began && run.error && (previous.run?.document || run.error.reason === 'recipeInvalid')) {
      this.run = previous.run
      this.folder = previous.folder
    }
    await this.findName(run)
    await this.offerResume(false)
    this.changed.fire()
    return { runId, folder, outcome: run.status === 'finished' || run.status === 'stopped' ? run.status : 'failed', error: run.error }
  }

  /** Stops the going run before its next evaluation. Force Stop is offered after killAfterSeconds; after as long again the engine is ended. */
  stop(): void {
    const { run } = this
    if (!isGoing(run)) return
    if (run.status === 'stopping') {
      if (run.stopOverdue) this.forceStop()
      return
    }
    run.status = 'stopping'
    this.parts.log.info(`run ${this.count} stopping`)
    this.changed.fire()
    this.parts.engine.stop(run.runId).catch((error: unknown) => { this.parts.log.debug(`stop: ${reportOf(error).message}`) })
    const graceMs = this.parts.settings().killAfterSeconds * 1000
    this.timers = [
      setTimeout(() => { run.stopOverdue = true; this.changed.fire() }, graceMs),
      setTimeout(() => { this.forceStop() }, 2 * graceMs + 1000),
    ]
  }

  /** Ends the engine process under the going run. What is recorded is kept. */
  forceStop(): void {
    if (this.going) void this.parts.engine.kill()
  }

  dispose(): void { this.clearTimers() }

  private options(): Pick<StartRun, 'preview' | 'engine' | 'keep'> {
    const { preview, engine, keep } = this.parts.settings()
    const { method } = this
    return { preview: method === 'off' ? null : { maxSize: this.parts.remote !== null ? preview.remoteMaxSize : preview.maxSize, every: preview.every, method }, engine, ...keep ? { keep } : {} }
  }

  /** What is shown again was called by what it was called when it was put aside. @param carriedOut the run that was on show meanwhile */
  private async findName(carriedOut: RunView): Promise<void> {
    const { run, folder } = this
    if (run === null || run === carriedOut) return
    run.name = await nameOfRun(folder)
  }

  private put(run: RunView, folder: string): void {
    if (this.run?.document && this.folder !== folder) this.folderBefore = this.folder
    this.run = run
    this.folder = folder
  }

  /** Finds out whether the run on show can be resumed. @param tell whether anybody is told when that is known @param again it was looked at before */
  private async offerResume(tell: boolean, again = false): Promise<void> {
    this.lookAgain?.()
    const look = ++this.looks
    const { run, folder } = this
    if (!run?.document || !isCutShort(run)) return
    if (again && run.interrupted && await this.takeFurther(run, () => look === this.looks)) return
    const refused = await whyNotResumed({ folder, document: run.document, rows: run.rows, end: run.error && { error: run.error }, outcome: run.interrupted ? 'interrupted' : run.status === 'failed' ? 'failed' : 'stopped' })
    if (this.run !== run || look !== this.looks) return
    const { why = null, againMs } = refused ?? {}
    run.resume = againMs === undefined ? { why } : { why, from: Date.now() + againMs }
    if (againMs !== undefined) this.lookAgain = (this.parts.clock ?? systemClock).after(Math.min(againMs + 1, longestWait), () => { void this.offerResume(true, true) })
    if (tell) this.changed.fire()
  }

  /** Shows an interrupted run as it is by now, where it went on in another window. Resolves to whether it did, or another is on show. */
  private async takeFurther(run: RunView, current: () => boolean): Promise<boolean> {
    const stored = await openRun(this.folder).catch(() => undefined)
    if (this.run !== run || !current()) return true
    if (!stored || stored.end === null && stored.rows.length <= run.rows.length) return false
    this.show(stored)
    return true
  }

  /** Resolves to whether it began, or went on. */
  private async carryOut(run: RunView, start: StartRun, name: string): Promise<boolean> {
    if (run.status !== 'loading') { // stopped before it began
      run.status = 'stopped'
      return false
    }
    let began = false
    // An engine that was ended sends nothing more, but what is still under way for an earlier run is not this one's.
    const mine = (event: { runId: string }): boolean => event.runId === run.runId && isGoing(run)
    try {
      const end = await this.parts.engine.run(start, {
        loading: (event) => { if (mine(event)) this.onLoading(run, event) },
        began: (event) => {
          if (!mine(event)) return
          began = true
          this.onBegan(run, event, name)
        },
        rows: (event) => { if (mine(event)) this.onRows(run, event, name) },
      })
      run.status = end.outcome
      run.ms = end.ms
      run.error = end.error ?? null
    } catch (error) {
      const report = reportOf(error)
      run.status = 'failed'
      run.error = report.reason === 'engineExited' ? this.engineExit(run, report) : report
      if (run.document) run.ms = spentMs(run.rows)
    }
    if (run.error) this.parts.log.error(`${name}: ${run.error.message} ${run.error.advice}`)
    return began
  }

  private onLoading(run: RunView, { file, bytes, provider }: RunLoading): void {
    run.loading = { file, bytes, provider }
    this.parts.log.info(`loading ${file}${bytes > 0 ? ` (${(bytes / 1e6).toFixed(1)} MB)` : ''} on ${provider}`)
    this.changed.fire()
  }

  private onBegan(run: RunView, { document, loadMs, rows }: RunBegan, name: string): void {
    run.document = document
    if (rows !== undefined) run.rows = run.rows.slice(0, rows)
    run.loading = null
    if (run.status === 'loading') run.status = 'running'
    const { provider, tried, onnxruntime, server, adapter } = document.engine
    this.parts.log.info(`${name} began: ${server ? `evaluated by ${server.url} (${[server.name, server.version, server.platform].filter(Boolean).join(' ')})` : `provider ${provider}${adapter === 'software' ? ' (software adapter)' : ''}, onnxruntime ${onnxruntime}`}${loadMs === null ? '' : `, model loaded in ${loadMs.toFixed(0)} ms`}`)
    for (const { provider: other, error } of tried) if (error !== undefined) this.parts.log.info(`provider ${other} does not run: ${error}`)
    for (const note of document.plan.notes) this.parts.log.info(note)
    this.changed.fire()
  }

  private onRows(run: RunView, { rows, frames }: RunRows, name: string): void {
    run.rows.push(...rows)
    if (run.document) for (const row of rows) this.parts.log.debug(`${name} ${rowLine(row, run.document)}`)
    this.rows.fire({ runId: run.runId, rows })
    if (!frames) return
    if (this.frames.heard) this.frames.fire({ runId: run.runId, frames })
    else this.parts.engine.ackFrames(run.runId, frames.row)
  }

  private engineExit(run: RunView, error: ErrorReport): ErrorReport {
    const known = run.rows.length > 0 ? { ...error, message: t('{0} The recording up to step {1} is kept.', error.message, progressOf(run).step) } : error
    return this.exits.often ? keepsExiting(known, this.exits.count) : known
  }

  private clearTimers(): void {
    this.lookAgain?.()
    this.looks++
    for (const timer of this.timers.splice(0)) clearTimeout(timer)
  }
}
