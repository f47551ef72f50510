import type { RunBegan, RunLoading, RunRows, StartRun } from '../protocol/engine'
import type { EndEvent, RunDocument } from '../protocol/run'
import { prepare, type Prepared } from '../recipe/prepare'
import { sameSchedule } from '../recipe/scheduleChoice'
import { DpmError, reportOf, type ErrorReport } from '../sampler/errors'
import { batchNormals } from '../sampler/noise'
import { sample, type Row } from '../sampler/sample'
import { scheduleOf, timeLabel } from '../sampler/schedule/schedule'
import { Evaluator } from './evaluator'
import { nonFiniteError } from './failures'
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
    return this.models.with(recipe.model.path, engine, (what) => { this.on.loading({ runId, ...what }) }, (model) => this.sample(model))
  }

  private async sample(model: LoadedModel): Promise<EndEvent> {
    const { runId, recipe, folder, preview } = this.start
    const ort = loadRuntime()
    const prepared = prepare(recipe, model.facts)
    const document = runDocument(this.start, model, prepared, ort.env.versions.node ?? 'unknown')
    const x = noiseFor(prepared, document)
    const evaluator = new Evaluator(ort, model, prepared, document)
    const recorder = new Recorder(folder, document)
    this.on.began({ runId, document, loadMs: model.loadMs })
    const reporter = this.reporter = new Reporter(runId, preview, document.shape, (rows) => { this.on.rows(rows) })

    // A stop that came while the model was loading is read now.
    await new Promise((resolve) => setImmediate(resolve))
    const started = performance.now()
    const written = { rows: 0 }
    const ending = await this.loop(x, prepared, document, { evaluator, recorder, reporter, written }).catch((error: unknown): Ending => ({ outcome: 'failed', error: reportOf(error) }))
    const { outcome, ...failure } = ending
    const end: EndEvent = { event: 'end', outcome, rows: written.rows, evaluations: evaluator.count, ms: performance.now() - started, evaluationMs: evaluator.runMs, ...failure }
    reporter.flush()
    try { recorder.end(end) } catch (error) { return { ...end, outcome: 'failed', error: end.error ?? reportOf(error) } }
    return end
  }

  private async loop(
    x: Float32Array, prepared: Prepared, document: RunDocument, to: { evaluator: Evaluator; recorder: Recorder; reporter: Reporter; written: { rows: number } },
  ): Promise<Ending> {
    const { plan, predictionType: prediction, schedule, ownSchedule } = prepared
    const own = scheduleOf(ownSchedule)
    const placing = sameSchedule(schedule, ownSchedule) ? own : scheduleOf(schedule)
    const rows = sample({ plan, prediction, x, label: (level) => timeLabel(level, own, placing), evaluate: to.evaluator.evaluate, shouldStop: () => this.stopping })
    let before = performance.now()
    for (;;) {
      const { done, value } = await rows.next()
      if (done) return { outcome: value }
      const row = value as Row & { x: Float32Array; x0: Float32Array }
      const now = performance.now()
      const event = to.recorder.row({
        row: row.row, level: row.level, order: row.order, evaluations: row.evaluations, ms: now - before, estimateFrom: row.estimateFrom, x: statistics(row.x), x0: statistics(row.x0),
      }, row.x, row.x0)
      before = now
      to.written.rows = row.row + 1
      const error = event.x.nonFinite + event.x0.nonFinite > 0 ? nonFiniteError(event, document) : undefined
      to.reporter.row(event, row.x, row.x0, error !== undefined || row.row === plan.steps.length)
      if (error) return { outcome: 'failed', error }
    }
  }
}

function noiseFor({ seeds: [seed] }: Prepared, { shape: [batch, channels, height, width] }: RunDocument): Float32Array {
  if (seed === undefined) throw new DpmError({ reason: 'recipeInvalid', field: 'noise.seed', message: 'noise.seed is the word random, and a run needs the seed itself.', advice: 'Give a whole number as seed.' })
  return batchNormals(seed, 0, batch, channels * height * width)
}
