import { progressText, spentMs } from '../protocol/progress'
import type { RunDocument } from '../protocol/run'
import { shortId, type RunView } from '../protocol/view'
import { t } from '../sampler/text'
import { randomHex } from './randomHex'
import type { StoredRun } from './store'

/** A run nothing is known of yet. */
export function newRunView(runId: string): RunView {
  return { runId, name: null, status: 'loading', document: null, rows: [], loading: null, error: null, stopOverdue: false, ms: null }
}

/** A run as it is found on disk; one without an end counts as stopped where its recording ends, and is marked. */
export function storedRunView({ document, rows, end, outcome, name }: StoredRun): RunView {
  const recorded = spentMs(rows)
  const how = outcome === 'interrupted' ? { status: 'stopped', interrupted: true } as const : { status: outcome }
  return { ...newRunView(document.id), name, ...how, document, rows, error: end?.error ?? null, ms: end?.ms ?? recorded }
}

/** What a run is called by in titles: for short, and the name that a user gave it. */
function calledBy(runId: string, name: string | null): string {
  return name === null ? shortId(runId) : t('{0}: {1}', shortId(runId), name)
}

/** The title of a tab that stays with a run. */
export function sampleTitle(runId: string, name: string | null): string {
  return t('Sample {0}', calledBy(runId, name))
}

/** The title of the preview: that it is the preview, the run it shows, and what goes on in it. */
export function previewTitle(run: RunView | null): string {
  if (!run) return t('DPM-Solver Preview')
  const { runId, name, status } = run
  const called = calledBy(runId, name)
  switch (status) {
    case 'loading': return `● ${t('Preview: Loading model, {0}', called)}`
    case 'running': return `● ${t('Preview: Sampling {0}, {1}', progressText(run), called)}`
    case 'stopping': return `● ${t('Preview: Stopping {0}, {1}', progressText(run), called)}`
    case 'stopped': case 'finished': case 'failed': return t('Preview: {0}', sampleTitle(runId, name))
  }
}

/** A new run id, which is also the name of its folder: sorts by time, unlike any other. */
export function newRunId(now: Date): string {
  // 20260102-030405-678: to the millisecond, since a small model runs several times in a second.
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').replace('.', '-').slice(0, 19)
  return `${stamp}-${randomHex(2)}`
}

/** True for what can name a run, made here or by the command line: a name that stays inside the folder of the runs. */
export function isRunId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9A-Za-z][\w.+-]{0,199}$/.test(value)
}

/** A run's line in the log, without its number: `step 12/20 λ −0.31 σ 0.806 41 ms`. */
export function rowLine(row: RunView['rows'][number], document: RunDocument): string {
  const signed = (x: number): string => (Number.isFinite(x) ? x.toFixed(2) : x > 0 ? '∞' : '-∞').replace('-', '−')
  const { lambda, sigma } = row.level
  return `step ${progressText({ rows: [row], document })} λ ${signed(lambda)} σ ${sigma === 0 ? '0' : sigma.toPrecision(3)} ${row.ms < 10 ? row.ms.toFixed(1) : row.ms.toFixed(0)} ms`
}
