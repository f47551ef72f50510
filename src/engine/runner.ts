import type { RunBegan, RunLoading, RunRows, StartRun } from '../protocol/engine'
import { changeIn } from '../protocol/changes'
import { ownCpu } from '../protocol/comparison'
import { isLastRow } from '../protocol/progress'
import type { EndEvent, LaneEvent, RunDocument } from '../protocol/run'
import { prepare, type Prepared } from '../recipe/prepare'
import { sameSchedule } from '../recipe/scheduleChoice'
import { DpmError, reportOf, type ErrorReport } from '../sampler/errors'
import type { LaneReport } from '../sampler/lanes'
import type { LoopMemory } from '../sampler/memory'
import type { Row } from '../sampler/sample'
import { scheduleOf } from '../sampler/schedule/schedule'
import { t } from '../sampler/text'
import { openClassifier, Slope, type Classifier } from './classifier'
import { askedModel } from './evaluator'
import { allocationError, nonFiniteError } from './failures'
import { log } from './log'
import { forgetMemory, writeMemory } from './memoryFile'
import type { LoadedModel, Models } from './models'
import { onTerms, type Schedules } from './onTerms'
import { Recorder } from './recorder'
import { Reporter } from './reporter'
import { resumption } from './resume'
import { runDocument } from './runDocument'
import { loadRuntime } from './runtime'
import { statistics } from './statistics'
import { taskRows, type Rows } from './taskRows'

export interface RunListeners {
  loading(event: RunLoading): void
  began(event: RunBegan): void
  rows(event: RunRows): void
}

type Written = Pick<EndEvent, 'rows' | 'evaluations' | 'accepted' | 'rejected'>
type Ending = { outcome: 'finished' | 'stopped' } | { outcome: 'failed'; error: ErrorReport }

/** One run: its model, x_T, the sampler's loop, recording and reporting. */
export class Run {
  private stopping = false
  private reporter: Reporter | undefined

  constructor(private readonly start: StartRun, private readonly models: Models, private readonly on: RunListeners) {}

  /** No evaluation begins after this. */
  stop(): void { this.stopping = true }

  /** The client has dealt with the pixels of this row. */
  acknowledge(row: number): void { this.reporter?.acknowledge(row) }

  /**
   * Resolves with how the run ended; `failed` carries the error, and the rows so far are kept. Throws DpmError where it could not begin, or
   * go on: nothing was recorded then, and what was recorded before stands as it was.
   */
  execute(): Promise<EndEvent> {
    const { runId, recipe, engine } = this.start
    return this.models.with(recipe.model.path, engine, (what) => { this.on.loading({ runId, ...what }) }, (model) => this.sample(model)).catch((error: unknown) => { throw allocationError(error, recipe.noise.batch) })
  }

  private async sample(model: LoadedModel): Promise<EndEvent> {
    const { runId, recipe, engine } = this.start
    const prepared = prepare(recipe, model.facts)
    if (prepared.seeds.length === 0) throw new DpmError({ reason: 'recipeInvalid', field: 'noise.seed', message: t('noise.seed is the word random, and a run needs the seed itself.'), advice: t('Give a whole number as seed.') })
    const { classifier: path, classifierScale } = recipe.guidance
    if (path === '' || classifierScale === 0 || recipe.input.task === 'noise') return this.carryOut(model, prepared)
    const classifier = await openClassifier(path, model.facts, this.models.providers, engine, (what) => { this.on.loading({ runId, ...what }) })
    try { return await this.carryOut(model, prepared, classifier) } finally { await classifier.session.release() }
  }

  private async carryOut(model: LoadedModel, prepared: Prepared, classifier?: Classifier): Promise<EndEvent> {
    const { runId, recipe, folder, preview, resume } = this.start
    const { facts } = model
    const shape: RunDocument['shape'] = [recipe.noise.batch, ...facts.shape]
    // Of use in few runs only, and reading PNG files takes a while to load.
    const pictures = recipe.input.image === '' ? undefined : (await import('./images')).readPictures(recipe, shape)
    const sources = {
      input: { ...pictures?.files, ...(classifier ? { classifier: { path: classifier.path, bytes: classifier.bytes } } : {}) },
      notes: [...pictures?.notes ?? [], ...(classifier && prepared.labels?.every((label) => label === prepared.nullLabel) ? [t('The classifier guides nothing, because no image has a class.')] : [])],
    }
    const now = runDocument(this.start, model, prepared, sources, loadRuntime().env.versions.node ?? 'unknown')
    const going = resume && await resumption(folder, resume, now)
    const document = resume?.document ?? now
    const written: Written = { rows: going?.rows ?? 0, evaluations: going?.evaluations ?? 0, ...(prepared.plan.adaptive ? { accepted: resume?.accepted ?? 0, rejected: resume?.rejected ?? 0 } : {}) }
    let memory: LoopMemory | undefined
    const asked = askedModel(model, prepared, document)
    const slope = classifier && new Slope(classifier, prepared.labels ?? [], prepared.nullLabel)
    const schedules = schedulesOf(prepared)
    const asking = onTerms(asked.evaluate, prepared, facts, schedules, slope && { gradient: slope.gradient, scale: recipe.guidance.classifierScale }, recipe.noise.batch)
    const rows = taskRows({
      recipe, prepared, facts, shape, schedules, pictures, asking, shouldStop: () => this.stopping,
      onStop: (remembered) => { memory = remembered }, resume: going && { rows: going.rows, ...(going.memory ? { memory: going.memory } : {}) },
      onAttempt: ({ accepted }) => { if (accepted) written.accepted! += 1; else written.rejected! += 1 },
    })
    const recorder = new Recorder(folder, document, going?.rows)
    const reporter = this.reporter = new Reporter(runId, preview, document, (batch) => { this.on.rows(batch) })
    this.on.began({ runId, document, loadMs: model.loadMs, ...(going ? { rows: going.rows } : {}) })
    // A stop that came while the model was loading is read now.
    await new Promise((resolve) => setImmediate(resolve))

    const started = performance.now()
    const { outcome, ...failure } = await follow(rows, document, recorder, reporter, written, { rowMs: going?.rowMs ?? 0, lanes: resume?.last.lanes ?? [], x0: going?.x0 }).catch((error: unknown): Ending => ({ outcome: 'failed', error: reportOf(allocationError(error, recipe.noise.batch)) }))
    const end: EndEvent = {
      event: 'end', outcome, ...written, ms: (going?.ms ?? 0) + performance.now() - started, ...failure,
      ...(resume && resume.evaluationMs === undefined ? {} : { evaluationMs: (resume?.evaluationMs ?? 0) + asked.runMs + (slope?.runMs ?? 0) }),
    }
    if (end.error?.reason === 'evaluationFailed' && !ownCpu.includes(model.provider)) this.models.providers.forget()
    reporter.flush()
    keepMemory(folder, outcome === 'stopped' && written.rows > 0 ? memory : undefined)
    try { recorder.end(end) } catch (error) { return { ...end, outcome: 'failed', error: end.error ?? reportOf(error) } }
    return end
  }
}

function schedulesOf({ schedule, ownSchedule }: Prepared): Schedules {
  const own = scheduleOf(ownSchedule)
  return { own, placing: sameSchedule(schedule, ownSchedule) ? own : scheduleOf(schedule) }
}

/** Leaves beside the recording what it takes to go on with a run, or nothing. Where that cannot be written the run is a stopped one all the same. */
function keepMemory(folder: string, memory: LoopMemory | undefined): void {
  try {
    if (memory) writeMemory(folder, memory)
    else forgetMemory(folder)
  } catch (error) {
    log('warn', `what the run remembers could not be written: ${reportOf(error).message}`)
  }
}

/**
 * Records and reports every row, until the rows end or one has a value that is not finite. `written` counts what is on disk, also where this throws.
 * @param going of a run that was stopped: the milliseconds that its next row took before, where its items are, and x̂₀ of its last row
 */
async function follow(rows: Rows, document: RunDocument, recorder: Recorder, reporter: Reporter, written: Written, going: { rowMs: number; lanes: LaneEvent[]; x0: Float32Array | undefined }): Promise<Ending> {
  let before = performance.now() - going.rowMs
  let { lanes } = going
  // Where not all states are kept, nobody can find out later how much x̂₀ changed.
  let earlier = going.x0
  for (;;) {
    const next = await rows.next()
    if (next.done) return { outcome: next.value }
    // float32 in, float32 out.
    const { x, x0, lanes: moved, ...row } = next.value as Row & { x: Float32Array; x0: Float32Array }
    if (row.row < written.rows) { // made again to go on from it, which is no part of the next row's time
      before = performance.now()
      continue
    }
    if (moved) lanes = updated(lanes, moved, row.row)
    const now = performance.now()
    const placed = { ...row, ...(moved ? { lanes } : {}) }
    const change = document.version === 1 ? {} : { change: changeIn(placed, x0, earlier, document.shape[0]) }
    const event = recorder.row({ ...placed, ms: now - before, x: statistics(x), x0: statistics(x0), ...change }, x, x0)
    if (document.version !== 1) (earlier ??= new Float32Array(x0.length)).set(x0)
    before = now
    written.rows = row.row + 1
    written.evaluations = row.evaluations
    const error = event.x.nonFinite + event.x0.nonFinite > 0 ? nonFiniteError(event, document) : undefined
    reporter.row(event, x, x0, error !== undefined || isLastRow(event, document.plan))
    if (error) return { outcome: 'failed', error }
  }
}

/** Where all items are once some have moved; the first row of a run has all of them. */
function updated(lanes: readonly LaneEvent[], moved: readonly LaneReport[], row: number): LaneEvent[] {
  const next = [...lanes]
  for (const lane of moved) next[lane.item] = { ...lane, row }
  return next
}
