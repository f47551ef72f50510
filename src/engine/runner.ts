import type { RunBegan, RunLoading, RunRows, StartRun } from '../protocol/engine'
import type { EndEvent, RunDocument } from '../protocol/run'
import { prepare, type Prepared } from '../recipe/prepare'
import { sameSchedule } from '../recipe/scheduleChoice'
import { DpmError, reportOf, type ErrorReport } from '../sampler/errors'
import { batchNormals } from '../sampler/noise'
import { sample, type Row } from '../sampler/sample'
import { scheduleOf, timeLabel } from '../sampler/schedule/schedule'
import { Evaluator } from './evaluator'
import { allocationError, nonFiniteError } from './failures'
import type { LoadedModel, Models } from './models'
import { Recorder } from './recorder'
import { Reporter } from './reporter'
import { runDocument } from './runDocument'
import { loadRuntime } from './runtime'
import { statistics } from './statistics'

export interface RunListeners {
  loading(event: RunLoading): void
  began(event: RunBegan): void
  rows(event: RunRows): void
}

type Rows = ReturnType<typeof sample>
type Written = Pick<EndEvent, 'rows' | 'evaluations'>
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
   * Resolves with how the run ended; `failed` carries the error, and the rows so far are kept. Throws DpmError where it could not begin:
   * nothing was recorded then.
   */
  execute(): Promise<EndEvent> {
    const { runId, recipe, engine } = this.start
    return this.models.with(recipe.model.path, engine, (what) => { this.on.loading({ runId, ...what }) }, (model) => this.sample(model)).catch((error: unknown) => { throw allocationError(error, recipe.noise.batch) })
  }

  private async sample(model: LoadedModel): Promise<EndEvent> {
    const { runId, recipe, folder, preview } = this.start
    const ort = loadRuntime()
    const prepared = prepare(recipe, model.facts)
    const document = runDocument(this.start, model, prepared, ort.env.versions.node ?? 'unknown')
    const evaluator = new Evaluator(ort, model, prepared, document)
    const rows = this.rows(prepared, document, evaluator)
    const recorder = new Recorder(folder, document)
    const reporter = this.reporter = new Reporter(runId, preview, document.shape, (batch) => { this.on.rows(batch) })
    this.on.began({ runId, document, loadMs: model.loadMs })
    // A stop that came while the model was loading is read now.
    await new Promise((resolve) => setImmediate(resolve))

    const started = performance.now()
    const written: Written = { rows: 0, evaluations: 0 }
    const { outcome, ...failure } = await follow(rows, document, recorder, reporter, written).catch((error: unknown): Ending => ({ outcome: 'failed', error: reportOf(allocationError(error, recipe.noise.batch)) }))
    const end: EndEvent = { event: 'end', outcome, ...written, ms: performance.now() - started, evaluationMs: evaluator.runMs, ...failure }
    reporter.flush()
    try { recorder.end(end) } catch (error) { return { ...end, outcome: 'failed', error: end.error ?? reportOf(error) } }
    return end
  }

  private rows({ plan, predictionType, schedule, ownSchedule, seeds: [seed] }: Prepared, { shape: [batch, channels, height, width] }: RunDocument, { evaluate }: Evaluator): Rows {
    if (seed === undefined) throw new DpmError({ reason: 'recipeInvalid', field: 'noise.seed', message: 'noise.seed is the word random, and a run needs the seed itself.', advice: 'Give a whole number as seed.' })
    const own = scheduleOf(ownSchedule)
    const placing = sameSchedule(schedule, ownSchedule) ? own : scheduleOf(schedule)
    const x = batchNormals(seed, 0, batch, channels * height * width)
    return sample({ plan, prediction: predictionType, x, label: (level) => timeLabel(level, own, placing), evaluate, shouldStop: () => this.stopping })
  }
}

/** Records and reports every row, until the rows end or one has a value that is not finite. `written` counts what is on disk, also where this throws. */
async function follow(rows: Rows, document: RunDocument, recorder: Recorder, reporter: Reporter, written: Written): Promise<Ending> {
  let before = performance.now()
  for (;;) {
    const next = await rows.next()
    if (next.done) return { outcome: next.value }
    // float32 in, float32 out.
    const { x, x0, ...row } = next.value as Row & { x: Float32Array; x0: Float32Array }
    const now = performance.now()
    const event = recorder.row({ ...row, ms: now - before, x: statistics(x), x0: statistics(x0) }, x, x0)
    before = now
    written.rows = row.row + 1
    written.evaluations = row.evaluations
    const error = event.x.nonFinite + event.x0.nonFinite > 0 ? nonFiniteError(event, document) : undefined
    reporter.row(event, x, x0, error !== undefined || row.row === document.plan.steps.length)
    if (error) return { outcome: 'failed', error }
  }
}
