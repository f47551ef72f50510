import type { RunDocument } from './run'

/** Which rows of a run keep their states: all; row 0, every N-th and the newest; or the newest alone. Each keeps its line in any case. */
export const keeps = ['all', 'everyN', 'lastOnly'] as const
export type Keep = typeof keeps[number]
/** `every`: the N of everyN, at least 1. */
export interface KeepRule { keep: Keep; every: number }
export const usualKeep: KeepRule = { keep: 'all', every: 5 }

/** What of a run's description says which states there are. docs/run-format.md has the rule in words. */
export type Keeping = Pick<RunDocument, 'version' | 'states'>

/** The distance between rows whose states stay, whatever follows them: 1 where all do, Infinity where none does. */
function stride({ version, states: { keep, every } }: Keeping): number {
  return version === 1 ? 1 : keep === 'everyN' ? every ?? 1 : Infinity
}

/** True for a row whose states stay whatever follows it; those of any other go with the rows after it. */
export function stays(of: Keeping, row: number): boolean {
  const distance = stride(of)
  return Number.isFinite(distance) && row % distance === 0
}

/** True for a row whose states are there. @param newest the last row of the run; −1 while rows may follow that are not known of yet */
export const isKept = (of: Keeping, row: number, newest: number): boolean => row === newest || stays(of, row)

/** The last of so many rows whose states are there, or else the last; `going`: rows may follow that are not known of yet. */
export function lastKept(of: Keeping, rows: number, going: boolean): number {
  const newest = rows - 1
  for (let row = newest; row >= 0; row--) if (isKept(of, row, going ? -1 : newest)) return row
  return newest
}

/**
 * Where the states of a row are written, in rows from the beginning of states.f32. Rows that stay have places of their own; of the others two neighbours never have the
 * same, so that while one is written the newest row before it is whole.
 */
export function placeOf(of: Keeping, row: number): number {
  const distance = stride(of)
  if (distance === 1) return row
  return stays(of, row) ? 2 + row / distance : row % 2
}

/** Bytes of states.f32 that so many rows are in. */
export function bytesOfRows(of: Keeping, rows: number): number {
  let places = 0
  // The last of those that stay lies furthest; the two before the end may be elsewhere.
  for (let row = rows - 1; row >= 0; row--) {
    places = Math.max(places, placeOf(of, row) + 1)
    if (rows - row > 2 && (stays(of, row) || !stays(of, 0))) break
  }
  return places * of.states.rowBytes
}
