import type { RowEvent, RunDocument } from './run'

/** How far a run is. */
export interface Progress {
  /** The newest row; 0 before the first. */
  step: number
  /** How many steps its plan has; null where the run finds them by itself. */
  steps: number | null
  /** Of the way, from 0 to 1: in steps, or of an adaptive run in λ, the mean over its items. */
  share: number
}

export function progressOf({ rows, document }: { rows: readonly RowEvent[]; document: Pick<RunDocument, 'plan'> | null }): Progress {
  const row = rows.at(-1)
  const step = row?.row ?? 0
  if (!document) return { step, steps: 0, share: 0 }
  const { steps, adaptive } = document.plan
  if (!adaptive) return { step, steps: steps.length, share: steps.length === 0 ? 1 : step / steps.length }
  const [begin, end] = [adaptive.from.lambda, adaptive.to.lambda]
  const share = row?.lanes ? row.lanes.reduce((sum, { level }) => sum + (level.lambda - begin) / (end - begin), 0) / row.lanes.length : row ? 1 : 0
  return { step, steps: null, share }
}

/** `12/20`; of a run that finds its steps by itself `12 (37 %)`. */
export function progressText(run: Parameters<typeof progressOf>[0]): string {
  const { step, steps, share } = progressOf(run)
  return steps === null ? `${step} (${percent(share)})` : `${step}/${steps}`
}

/** Whole percents, never more than is done. */
export const percent = (share: number): string => `${Math.floor(100 * share + 1e-9)} %`

/** True for the last row of a finished run: none is known beforehand to be it where the run finds its steps by itself. */
export function isLastRow({ row, order, lanes }: Pick<RowEvent, 'row' | 'order' | 'lanes'>, { steps, adaptive }: RunDocument['plan']): boolean {
  return adaptive ? order === 0 && lanes === undefined : row === steps.length
}

/** Milliseconds that the recorded rows took together. */
export function spentMs(rows: readonly Pick<RowEvent, 'ms'>[]): number {
  return rows.reduce((sum, { ms }) => sum + ms, 0)
}
