import type { RowEvent } from '../src/protocol/run'

/** Milliseconds of an evaluation in each row, sorted. */
export function perEvaluation(rows: readonly RowEvent[]): number[] {
  return rows.flatMap(({ ms, evaluations }, i) => {
    const made = evaluations - (rows[i - 1]?.evaluations ?? 0)
    return made > 0 ? [ms / made] : []
  }).sort((a, b) => a - b)
}

/** The q-quantile of sorted values; 0 where there are none. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}
