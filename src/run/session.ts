import { basename, join } from 'node:path'
import type { Estimated, EstimateProgress, EstimateRequest, EngineOptions } from '../protocol/engine'
import { comparedInWords, ownCpu, slowProvider } from '../protocol/comparison'
import type { EngineInfo } from '../protocol/engineInfo'
import { server } from '../protocol/providerNames'
import { shortId, type ModelChoice, type PreviewChoice, type ViewState } from '../protocol/view'
import { analyticModels } from '../recipe/analyticModels'
import { bundledNames, isBundled } from '../recipe/bundled'
import { recipes } from '../recipe/door'
import type { ModelFacts } from '../recipe/model'
import { getPath, setPath } from '../recipe/path'
import type { Recipe } from '../recipe/recipe'
import { drawSeed, shortSeed } from '../recipe/seed'
import { DpmError, isOfModel, reportOf, type ErrorReport } from '../sampler/errors'
import { t } from '../sampler/text'
import { systemClock } from './clock'
import { Exits, keepsExiting } from './exits'
import { absolutePath, withAbsoluteFiles } from './filePaths'
import { HeldRuns } from './heldRuns'
import { Idle } from './idle'
import { LiveRuns, type Live } from './liveRuns'
import { ModelInspector } from './modelInspector'
import { pruneRuns, type RecordLimits } from './prune'
import { whyNotResumed } from './resume'
import { deleteRun } from './runList'
import { RunQueue } from './queue'
import { editRecipe, followDefaults, restoredForm, seedAfter, withSeed } from './recipeForm'
import { Runner, type Job, type RunnerParts, type RunSummary } from './runner'
import { isRunId, newRunId } from './runView'
import { Signal } from './signal'
import { newestRun, openRun, type StoredRun } from './store'
import { untrusted } from './trust'
import { UseMarks } from './useMarks'

export interface SessionSettings {
  recipe: Recipe
  seedMode: 'random' | 'fixed' | 'increment'
  preview: { every: number; maxSize: number; remoteMaxSize: number } & PreviewChoice
  engine: EngineOptions
  killAfterSeconds: number
  /** Minutes without use after which the engine is ended; 0: never. */
  idleMinutes: number
  record: RecordLimits
}

export interface SessionParts extends RunnerParts {
  /** The settings as they are now. */
  settings(): SessionSettings
  /** Absolute path of the folder that relative paths count from, if one is open. */
  folder(): string | undefined
  /** False in Restricted Mode. */
  trusted(): boolean
  /** Resolves when the page that was opened for a run can draw, at once where there is none, and always soon. */
  shown(): Promise<void>
  /** The run that this window had on show last, kept over reloads. */
  lastRun: { get(): string | undefined; set(runId: string): void }
  /** What is done with a run that has ended, before old recordings are removed. Nobody waits for it, and what it throws is told. */
  ended?(summary: RunSummary): Promise<void>
  /** What the window's form was left at, with the defaults it was edited from; untrusted. */
  /** Whether hints are wanted; `hide` is for good. */
  hints: { hidden(): boolean; hide(): void }
  form: { get(): unknown; set(form: { recipe: Recipe; defaults: Recipe }): void }
}

/** Recipe fields by dotted path. */
type Fields = Readonly<Record<string, unknown>>

/** What is edited, and what it is measured against. */
interface Form {
  recipe: Recipe
  /** The recipe as it was last written down. */
  kept: Recipe
  defaults: Recipe
  /** The seed that the settings name, and where seed.mode is increment the one the next run takes. */
  seeds: { settings: number | string; next: number | string | null }
  engine: EngineOptions
}

/** A recipe's fields by dotted path. */
const fieldsOf = (recipe: Recipe): Fields => Object.fromEntries(recipes().fieldPaths().map((path): [string, unknown] => [path, getPath(recipe, path)]).filter(([, value]) => value !== undefined))

export const bundledModels: ModelChoice[] = [...bundledNames.map((path) => ({ path, label: path })), ...analyticModels.map(({ name, title }) => ({ path: name, label: title }))]

/** What the window is working on: the recipe of the form, the model it names, the run on show and those that wait. Knows nothing of VS Code. */
export class Session {
  /** Anything but rows changed; `form` where it was the page's own edit of the recipe. */
  readonly changed = new Signal<'form' | 'state'>()
  /** Something a user asked for could not be done. */
  readonly failed = new Signal<ErrorReport>()
  /** Something could be better, and is no error. */
  readonly hinted = new Signal<ErrorReport>()
  /** A run was asked for: time to show the preview. */
  readonly starting = new Signal<void>()
  readonly runner: Runner
  /** Runs that nothing but their deletion takes away. */
  readonly held = new HeldRuns()
  /** The recording of a run is gone from the disk. */
  readonly removed = new Signal<string>()
  /** `down`: it went by itself, and none was started since. */
  engineState: 'off' | 'starting' | 'ready' | 'down' = 'off'
  enginePid: number | undefined

  /** Undefined until somebody asks: it takes the checks of recipes, which activate() does without. */
  private made: Form | undefined
  private notice: ErrorReport | null = null
  /** True where the notice is not over with the next run. */
  private standing = false
  private hint: ErrorReport | null = null
  /** The last run that failed, which may have nothing on show to be known by. */
  private lastFailure: { error: ErrorReport; recipe: Recipe } | undefined
  private choices: ModelChoice[] = []
  /** The fields that the run asked for last had of its own; null: it was that of the form. */
  private asked: Fields | null = null
  private readonly queue: RunQueue<Job, RunSummary>
  private readonly live: LiveRuns
  private readonly marks: UseMarks
  private readonly inspector: ModelInspector
  private readonly exits: Exits
  private readonly idle: Idle
  private restoring: Promise<void> | undefined
  /** How often a run was to be shown, recorded or new: an earlier one that is read late is not shown in a later one's place. */
  private shows = 0
  /** The start that is watched. */
  private startingEngine: Promise<unknown> | undefined
  /** What is done with the runs that have ended. */
  private after: Promise<void> = Promise.resolve()

  constructor(private readonly parts: SessionParts) {
    const changed = (): void => { this.changed.fire('state') }
    this.marks = new UseMarks(() => this.used())
    this.held.changed.on(() => { this.marks.update() })
    this.changed.on(() => { this.marks.update() })
    this.changed.on(() => {
      const { recipe, kept, defaults } = this.form
      if (kept !== recipe) parts.form.set({ recipe, defaults })
      this.form.kept = recipe
    })
    const { clock = systemClock } = parts
    this.exits = new Exits(clock)
    this.idle = new Idle(() => parts.settings().idleMinutes, () => { this.unload() }, clock)
    this.runner = new Runner(parts, this.exits)
    this.runner.changed.on(() => { this.remember(); changed() })
    this.queue = new RunQueue((job) => this.execute(job), changed)
    this.live = new LiveRuns({
      busy: () => this.queue.working || this.queue.length > 0, stop: () => { this.runner.stop() }, held: async (folder) => await this.usedElsewhere(folder) || this.held.has(folder), removed: (runIds) => { this.tellRemoved(runIds) }, log: parts.log, job: (recipe, live) => this.liveJob(recipe, live),
      work: (job) => this.queue.add(job).then((result) => result === 'cancelled' ? undefined : result),
    })
    this.inspector = new ModelInspector((path) => this.lookAt(path), (path) => parts.trusted() || isBundled(path), changed, parts.log)
  }

  private get form(): Form {
    if (this.made) return this.made
    const { recipe: defaults, engine } = this.parts.settings()
    const recipe = restoredForm(this.parts.form.get(), defaults)
    return this.made = { recipe, kept: recipe, defaults, seeds: { settings: defaults.noise.seed, next: null }, engine }
  }

  get state(): ViewState {
    const { show, keys } = this.parts.settings().preview
    return {
      recipe: this.form.recipe, defaults: this.form.defaults, models: this.models, model: this.inspector.state(this.form.recipe.model.path), run: this.runner.view,
      queued: this.queue.length, provider: this.provider, ...this.parts.remote === null ? {} : { remote: this.parts.remote }, preview: { show, keys, method: this.runner.previewMethod }, trusted: this.parts.trusted(), notice: this.notice, hint: this.hint,
    }
  }

  get provider(): string {
    const { provider, server: address } = this.parts.settings().engine
    return address ? server : provider
  }

  /** What is known of any model, asked of the engine. Rejects with DpmError, for one that is not bundled also where the workspace is not trusted. */
  async look(path: string): Promise<ModelFacts> {
    const { model } = this.state
    if (model.status === 'ready' && model.path === path) return model.facts
    if (!this.parts.trusted() && !isBundled(path)) throw untrusted()
    return (await this.withEngine(() => this.parts.engine.inspect(path, this.parts.settings().engine))).facts
  }

  /** Runs that wait behind the one that goes, first come first. */
  get waiting(): readonly Job[] { return this.queue.jobs }

  /** Looks at the model the recipe names, unless that is known; starts the engine for it. Never waits. */
  inspect(): void { this.inspector.inspect(this.form.recipe.model.path) }

  /** As inspect; what is known already is asked for again, and stays until the answer is there: a model may have been replaced on disk. Not for an engine that keeps exiting. */
  refresh(): void {
    if (this.engineState !== 'down' || !this.exits.often) this.inspector.refresh(this.form.recipe.model.path)
  }

  /** The page's form was edited. A recipe that breaks the schema is not taken: the page says so at the field. */
  editForm(recipe: Recipe): void {
    if (recipes().recipeErrors(recipe).length > 0) return
    const otherModel = recipe.model.path !== this.form.recipe.model.path
    this.form.recipe = recipe
    if (otherModel) this.exits.forget()
    const mended = this.takeRefusalBack(otherModel)
    this.changed.fire(otherModel || mended ? 'state' : 'form')
    if (otherModel) this.inspect()
  }

  /** Puts the recipe of a run into the form, its seed as well. Throws nothing: what cannot be taken is reported. */
  useRecipe(recipe: Recipe): void {
    const [error] = recipes().recipeErrors(recipe)
    if (error) { this.report(error); return }
    const otherModel = recipe.model.path !== this.form.recipe.model.path
    this.form.recipe = setPath(recipe, 'noise.seed', shortSeed(recipe.noise.seed))
    this.takeRefusalBack(otherModel)
    this.changed.fire('state')
    if (otherModel && this.parts.trusted()) this.inspect()
  }

  /** Sets recipe fields by dotted path. Throws DpmError where the values do not fit. */
  edit(fields: Record<string, unknown>): void {
    const { path } = this.form.recipe.model
    this.form.recipe = editRecipe(this.form.recipe, fields)
    const otherModel = this.form.recipe.model.path !== path
    if (otherModel) this.exits.forget()
    this.takeRefusalBack(otherModel)
    this.changed.fire('state')
    if (this.inspector.known) this.inspect()
  }

  /** Models to choose from, beside the bundled ones. */
  offerModels(choices: ModelChoice[]): void {
    this.choices = choices
    this.changed.fire('state')
  }

  /** The settings changed: fields of the form that stood at their default follow. */
  followSettings(): void {
    const { recipe, seedMode, engine } = this.parts.settings()
    const before = this.form.defaults
    const otherEngine = JSON.stringify(engine) !== JSON.stringify(this.form.engine)
    this.form.engine = engine
    this.idle.count()
    if (seedMode !== 'increment' || recipe.noise.seed !== this.form.seeds.settings) this.form.seeds = { settings: recipe.noise.seed, next: null }
    this.form.defaults = this.form.seeds.next === null ? recipe : setPath(recipe, 'noise.seed', this.form.seeds.next)
    this.form.recipe = followDefaults(this.form.recipe, before, this.form.defaults)
    if (otherEngine) {
      this.parts.engine.forgetProviders()
      this.hint = null
    }
    this.changed.fire('state')
    if (otherEngine) {
      this.exits.forget()
      this.inspectAgain()
    } else if (this.inspector.known) this.inspect()
  }

  /** Trust was granted, or another provider is set: what was said of the model may not hold any more. */
  inspectAgain(): void {
    if (!this.inspector.known) return
    this.inspector.forget()
    this.inspect()
  }

  /**
   * Runs the recipe of the form, behind those that wait. Resolves when its run has ended, or to undefined where it was not started:
   * refused (and reported) or cancelled before its turn.
   * @param how.set recipe fields of this run alone, by dotted path
   */
  async generate(how: { newSeed?: boolean; set?: Fields } = {}): Promise<RunSummary | undefined> {
    this.asked = how.set ?? null
    this.starting.fire()
    if (!this.parts.trusted()) {
      this.failed.fire(untrusted().report()) // the panel says so all the time
      return undefined
    }
    const job = this.attempt(() => this.makeJob(how.newSeed ?? false, how.set ?? {}))
    if (!job) {
      if (this.inspector.known) this.refresh() // what it was refused by may not hold any more
      return undefined
    }
    if (!this.standing) this.notice = null
    this.live.giveWay()
    const result = await this.queue.add(job)
    return result === 'cancelled' ? undefined : result
  }

  /**
   * The form is being changed, and the result of this recipe is wanted at once: on the noise of the run on show, in place of a live run before, and unless a run goes
   * that somebody asked for. Nothing is told of what cannot be run: the page says it at the field.
   */
  generateLive(recipe: Recipe): void {
    this.editForm(recipe)
    const taken = this.form.recipe === recipe // not where it breaks the schema
    if (taken && this.parts.trusted()) this.live.ask(this.form.recipe)
  }

  /** Runs a recipe that is not the form's, which stays as it is: that of another run, with its seed or a new one. */
  generateAs(recipe: Recipe, newSeed: boolean): Promise<RunSummary | undefined> {
    const set = fieldsOf(recipe)
    return this.generate({ set: newSeed ? { ...set, 'noise.seed': 'random' } : set })
  }

  /** A user gave the run in this folder a name, or took it away: null. */
  renamed(folder: string, name: string | null): void {
    for (const { resume } of this.queue.jobs) if (resume?.folder === folder) resume.name = name
    this.runner.renamed(folder, name)
  }

  /** Goes on with a run that was stopped, behind those that wait. Resolves as `generate`. Throws DpmError where it cannot be gone on with. */
  async resume(folder: string): Promise<RunSummary | undefined> {
    if (!this.parts.trusted()) throw untrusted()
    const resume = await openRun(folder)
    const { id: runId, recipe } = resume.document
    const goesOn = (): boolean => this.queue.jobs.some((job) => job.runId === runId) || this.runner.going && this.runner.view?.runId === runId
    const lacking = await whyNotResumed(resume)
    const refused = goesOn() ? { why: t('It goes on already.'), againMs: undefined } : lacking // asked last: nothing comes between it and the queue
    if (refused) throw new DpmError({ reason: 'runFolder', message: t('Run {0} cannot be resumed: {1}', shortId(runId), refused.why), advice: refused.againMs === undefined ? t('Run its recipe again.') : resumeLater(Math.ceil(refused.againMs / 1000)) })
    this.asked = fieldsOf(recipe)
    this.starting.fire()
    if (!this.standing) this.notice = null
    this.live.giveWay()
    const result = await this.queue.add({ runId, recipe, resume })
    return result === 'cancelled' ? undefined : result
  }

  /** Deletes this run, if it is on show, stopping it first; the one before it is shown again. Throws DpmError (`runFolder`). */
  async discard(runId: string): Promise<void> {
    const { runner } = this
    const { folder } = runner
    if (runner.view?.runId !== runId) return
    this.stop()
    await runner.over(runId)
    await deleteRun(folder)
    this.takeAway(runId)
    if (runner.view?.runId !== runId) return // another has begun
    const { recordedBefore } = runner
    const before = recordedBefore === undefined ? undefined : await openRun(recordedBefore).catch(() => undefined)
    const shown = before ?? await newestRun(this.parts.runsFolder())
    if (runner.view?.runId !== runId) return
    if (shown) runner.show(shown)
    else runner.clear()
  }

  /** Puts a recorded run on show, unless another was asked for or it was deleted while it was read. Throws DpmError where it cannot be read, or while a run goes. */
  async showRun(folder: string): Promise<void> {
    const asked = ++this.shows
    const gone = new Set<string>()
    const listening = this.removed.on((runId) => { gone.add(runId) })
    const stored = await openRun(folder).finally(() => { listening.dispose() })
    if (gone.has(stored.document.id) || gone.has(basename(folder))) return
    if (this.runner.going) {
      if (this.runner.view?.runId === stored.document.id) return
      throw new DpmError({ reason: 'runFolder', message: t('A run is going, and the preview shows it.'), advice: t('Wait for its end, or stop it, then choose the other run again.') })
    }
    if (asked !== this.shows) return
    this.runner.show(stored)
    if (!this.standing && this.notice?.reason === 'runFolder') this.dismissNotice() // it was said of another
  }

  /** Another window shows this run, exports it or has yet to go on with it. */
  usedElsewhere(folder: string): Promise<boolean> { return this.marks.elsewhere(folder) }

  /** A run was deleted: it is not on show any more, nor gone on with. */
  forgetRun(runId: string): void {
    this.takeAway(runId)
    if (this.runner.view?.runId === runId && !this.runner.going) this.runner.clear()
  }

  /** Runs again what was asked for last, with some recipe fields changed: in the form, or where it was a run with fields of its own in these alone. */
  again(changes: Fields = {}): Promise<RunSummary | undefined> {
    if (this.asked) return this.generate({ set: { ...this.asked, ...changes } })
    const done = Object.keys(changes).length === 0 || this.attempt(() => { this.edit(changes); return true })
    return done ? this.generate() : Promise.resolve(undefined)
  }

  /** Repeats what failed, with its seed, whatever the form says by now: the run that a notice tells of, or the one on show. Where no recipe is known of it, as `again`. */
  repeat(failed: Recipe | undefined = this.failedRecipe): Promise<RunSummary | undefined> {
    return failed ? this.generateAs(failed, false) : this.again()
  }

  /** The recipe, with its seed, of the run that the notice tells of, else of the one on show that failed, or that cannot be read. */
  get failedRecipe(): Recipe | undefined {
    const { notice, lastFailure, runner: { view } } = this
    if (notice !== null && notice === lastFailure?.error) return lastFailure.recipe
    if (view?.status !== 'failed' && notice?.reason !== 'runFolder') return undefined
    return view?.document?.recipe ?? (view?.error && view.error === lastFailure?.error ? lastFailure.recipe : undefined)
  }

  /** Estimates what Analytic-DPM has to know of the recipe's model. Throws DpmError. */
  async estimate(how: Pick<EstimateRequest, 'images' | 'count' | 'levels'>, on: (progress: EstimateProgress) => void, stopped: AbortSignal): Promise<Estimated> {
    if (!this.parts.trusted()) throw untrusted()
    return this.withEngine(() => this.parts.engine.estimate({ ...how, estimateId: newRunId(new Date()), model: this.form.recipe.model, seed: String(drawSeed()), engine: this.parts.settings().engine }, on, stopped))
  }

  /** What there is to know of the engine, the machine and, where wanted, the recipe's model, which is loaded for it. Rejects with DpmError. */
  engineInfo({ model = true } = {}): Promise<EngineInfo> {
    const { path } = this.form.recipe.model
    return this.withEngine(() => this.parts.engine.info(model && (this.parts.trusted() || isBundled(path)) ? path : null, this.parts.settings().engine))
  }

  stop(): void { this.runner.stop() }

  /** The pictures of this row were drawn, or dropped: the engine may send the next. */
  ackFrames(runId: string, row: number): void { this.parts.engine.ackFrames(runId, row) }

  /** Cancels the runs that wait. Returns how many there were. */
  cancelPending(): number { return this.queue.clear() }

  /** Ends the engine and starts a new one, which looks at the model again. A going run is stopped; those that wait go on. */
  async restartEngine(): Promise<void> {
    this.inspector.forget()
    this.exits.forget()
    const down = this.engineState === 'down'
    await this.parts.engine.kill()
    if (!down) this.parts.engine.forgetProviders() // what ended the engine is not tried again at once
    const hello = await this.attemptAsync(() => this.withEngine(() => this.parts.engine.start()))
    if (hello) this.parts.log.info(`engine ${hello.version}, Node ${hello.node} (${hello.execPath}), onnxruntime ${hello.onnxruntime}, process ${hello.pid}`)
    this.inspect()
  }

  /** The engine process has ended; `expected` where that was our doing. */
  engineExited(expected: boolean): void {
    this.engineState = expected ? 'off' : 'down'
    this.enginePid = undefined
    this.startingEngine = undefined
    if (!expected) this.exits.add()
    if (!expected && this.exits.often) this.queue.clear()
    this.changed.fire('state')
  }

  /**
   * Shows a recorded run where none is on show: the one this window had last, else the one the page remembers, else the newest; what cannot be
   * read is passed over. (The newest may be another window's. What a page remembers may be older than its last moments: VS Code writes it down
   * later, and a reload does not wait for that.) Never rejects.
   */
  restore(runId: string | null): Promise<void> {
    if (this.runner.view !== null) return Promise.resolve()
    return this.restoring ??= this.readLast(runId).finally(() => { this.restoring = undefined })
  }

  /** Tells the user of an error that belongs to no run and no model; a `standing` one stays for the runs that follow, until it is taken back or dismissed. */
  report(error: ErrorReport, { standing = false } = {}): void {
    this.notice = error
    this.standing = standing
    this.parts.log.error(`${error.message} ${error.advice}`)
    this.changed.fire('state')
    this.failed.fire(error)
  }

  dismissNotice(): void {
    if (this.notice === null) return
    this.notice = null
    this.changed.fire('state')
  }

  dismissHint(): void {
    if (this.hint === null) return
    this.hint = null
    this.changed.fire('state')
  }

  /** No hint is shown any more, in no window. */
  hideHints(): void {
    this.parts.hints.hide()
    this.dismissHint()
  }

  /** Does it, and reports what it throws. */
  attempt<T>(action: () => T): T | undefined {
    try { return action() } catch (error) { this.report(reportOf(error)); return undefined }
  }

  async attemptAsync<T>(action: () => Promise<T>): Promise<T | undefined> {
    try { return await action() } catch (error) { this.report(reportOf(error)); return undefined }
  }

  dispose(): void {
    this.runner.dispose()
    this.idle.dispose()
    this.marks.dispose()
  }

  private async execute(job: Job): Promise<RunSummary> {
    this.shows++
    if (job.live) return this.withEngine(() => this.runner.execute(job, () => Promise.resolve()))
    const summary = await this.withEngine(() => this.runner.execute(job, async () => {
      // A small model would have sampled before the page could show it: the page is waited for, and a bundled model loads meanwhile.
      // Others are loaded by the run itself, which tells how large they are.
      if (isBundled(job.recipe.model.path)) this.inspect()
      await this.parts.shown()
      setImmediate(() => { this.refresh() })
    }))
    if (summary.error) this.lastFailure = { error: summary.error, recipe: job.recipe }
    const { model } = this.state
    if (model.status === 'failed' && model.error.reason === 'engineExited' && !this.exits.often) this.inspect() // it went with the run's engine
    // The panel says it with the run, unless the next one takes its place at once, or the run is as it was.
    if (summary.error && this.runner.view?.runId === summary.runId && this.runner.view.error && this.queue.length === 0) this.failed.fire(summary.error)
    else if (summary.error) this.report(summary.error)
    if (summary.error?.reason === 'runFolder' && this.notice?.reason === 'runFolder' && this.notice !== summary.error) this.dismissNotice() // it said of a row what this says of the run
    this.after = this.after.then(() => this.attemptAsync(async () => this.parts.ended?.(summary))).then(() => { this.prune() })
    void this.compare(summary)
    return summary
  }

  /** Says it where the CPU is faster than the provider that a run had. */
  private async compare({ runId, outcome }: RunSummary): Promise<void> {
    const document = this.runner.view?.runId === runId ? this.runner.view.document : null
    if (outcome !== 'finished' || !document || ownCpu.includes(document.engine.provider)) return
    try {
      const { engine } = this.form
      const comparison = await this.withEngine(() => this.parts.engine.compare(document.model.path, document.shape[0], engine))
      if (!comparison || JSON.stringify(engine) !== JSON.stringify(this.form.engine)) return // other settings take a hint back
      const slow = slowProvider(comparison, document.model.name)
      this.parts.log.info(`one evaluation of ${document.model.name}: ${comparedInWords(comparison)}`)
      if (!slow || slow.message === this.hint?.message) return
      this.parts.log.warn(`${slow.message} ${slow.advice}`)
      if (this.parts.hints.hidden()) return
      this.hint = slow
      this.changed.fire('state')
      this.hinted.fire(slow)
    } catch (error) { this.parts.log.debug(`not compared with the CPU: ${reportOf(error).message}`) }
  }

  /** What a notice says of the recipe, or of the model where that is another now, was said of the one before an edit. Returns whether there was one. */
  private takeRefusalBack(otherModel: boolean): boolean {
    if (this.standing || !this.notice || !(this.notice.reason === 'recipeInvalid' || otherModel && isOfModel(this.notice.reason))) return false
    this.notice = null
    return true
  }

  /** Does what needs the engine, and watches it start. */
  private withEngine<T>(action: () => Promise<T>): Promise<T> {
    const result = this.idle.during(action())
    if (this.engineState === 'off' || this.engineState === 'down') {
      const start = this.startingEngine = this.parts.engine.start()
      // One that was ended meanwhile may still answer: another is watched then, or none.
      const settle = (state: 'ready' | 'off', pid?: number): void => {
        if (this.startingEngine !== start) return
        this.startingEngine = undefined
        this.engineState = state
        this.enginePid = pid
        this.changed.fire('state')
      }
      this.engineState = 'starting'
      start.then(({ pid }) => { settle('ready', pid) }, () => { settle('off') }) // whoever asked hears why; one that exited is known to be down
    }
    return result
  }

  private lookAt(path: string): ReturnType<SessionParts['engine']['inspect']> {
    return this.withEngine(() => this.parts.engine.inspect(path, this.parts.settings().engine)).catch((error: unknown) => {
      const report = reportOf(error)
      throw report.reason === 'engineExited' && this.exits.often ? new DpmError(keepsExiting(report, this.exits.count), { cause: error }) : error
    })
  }

  /** Ends an engine that has not been in use: only that gives the memory of a model back. */
  private unload(): void {
    if (this.engineState === 'starting') this.idle.count()
    if (this.engineState !== 'ready') return
    const { idleMinutes } = this.parts.settings()
    this.parts.log.info(`engine ended after ${idleMinutes} ${idleMinutes === 1 ? 'minute' : 'minutes'} without use; the next run starts it again`)
    void this.parts.engine.kill()
  }

  private makeJob(newSeed: boolean, set: Fields): Job {
    const [error] = recipes().recipeErrors(this.form.recipe)
    if (error) throw new DpmError(error)
    const job = this.jobOf(withSeed(editRecipe(this.form.recipe, set), newSeed))
    if (this.form.recipe.noise.seed !== 'random' && !('noise.seed' in set)) this.advanceSeed(job.recipe)
    return job
  }

  private jobOf(asked: Recipe): Job {
    const recipe = withAbsoluteFiles(asked, (path) => absolutePath(path, this.parts.folder()))
    const model = this.inspector.state(recipe.model.path)
    if (model.status === 'ready') recipes().prepare(recipe, model.facts) // a rule it breaks is said here, before the engine is asked
    return { runId: newRunId(new Date()), recipe }
  }

  private liveJob(recipe: Recipe, live: Live): Job | undefined {
    const shown = this.runner.view?.document?.recipe.noise.seed
    const { seed } = recipe.noise
    // Where seeds count up the form has the next one already.
    const other = shown !== undefined && (seed === 'random' || seed === this.form.seeds.next)
    try {
      return { ...this.jobOf(other ? setPath(recipe, 'noise.seed', shown) : withSeed(recipe, false)), live }
    } catch (error) {
      this.parts.log.debug(`not sampled while it changes: ${reportOf(error).message}`)
      return undefined
    }
  }

  /** The form's seed after a run with `used`: the one used, or the one after it where seeds count up. */
  private advanceSeed(used: Recipe): void {
    if (this.parts.settings().seedMode === 'increment') {
      const next = seedAfter(used)
      this.form.seeds = { ...this.form.seeds, next }
      this.form.defaults = setPath(this.form.defaults, 'noise.seed', next)
      this.form.recipe = setPath(this.form.recipe, 'noise.seed', next)
    } else {
      this.form.recipe = setPath(this.form.recipe, 'noise.seed', used.noise.seed)
    }
  }

  private async readLast(runId: string | null): Promise<void> {
    const root = this.parts.runsFolder()
    let stored: StoredRun | undefined
    for (const id of new Set([this.parts.lastRun.get(), runId])) if (isRunId(id)) stored ??= await openRun(join(root, id)).catch(() => undefined)
    stored ??= await newestRun(root)
    if (stored && this.runner.view === null) this.runner.show(stored)
  }

  private remember(): void {
    const run = this.runner.view
    if (run?.document && run.runId !== this.parts.lastRun.get()) this.parts.lastRun.set(run.runId)
  }

  /** Folders of the runs that are on show, held, or to be gone on with. */
  private used(): string[] {
    const { seenFolder } = this.runner
    return [...seenFolder === undefined ? [] : [seenFolder], ...this.held.all, ...this.queue.jobs.flatMap(({ resume }) => resume?.folder ?? [])]
  }

  /** As used(), by this window or another. */
  private async inUse(folder: string): Promise<boolean> {
    return await this.usedElsewhere(folder) || this.used().includes(folder)
  }

  /** The recording of a run is gone: there is nothing that its resumption, which may wait, could go on with. */
  private takeAway(runId: string): void {
    this.queue.clear((job) => job.runId === runId)
    this.removed.fire(runId)
  }

  private tellRemoved(runIds: readonly string[]): void {
    for (const runId of runIds) this.takeAway(runId)
    this.changed.fire('state')
  }

  /** Removes recordings beyond the limits. Nobody waits for it. */
  private prune(): void {
    pruneRuns(this.parts.runsFolder(), this.parts.settings().record, (folder) => this.inUse(folder)).then(
      (removed) => {
        if (removed.length === 0) return
        this.parts.log.info(`removed the oldest recordings: ${removed.join(', ')}`)
        this.tellRemoved(removed)
      },
      (error: unknown) => { this.parts.log.warn(`old recordings could not be removed: ${reportOf(error).message}`) },
    )
  }

  private get models(): ModelChoice[] {
    const { path } = this.form.recipe.model
    const known = [...bundledModels, ...this.choices]
    return known.some((choice) => choice.path === path) ? known : [...known, { path, label: path.split(/[\\/]/).filter(Boolean).at(-1) ?? path }]
  }
}

function resumeLater(seconds: number): string {
  return seconds === 1 ? t('Resume it in 1 second, or run its recipe again.') : t('Resume it in {0} seconds, or run its recipe again.', seconds)
}
