import { optionalNumber, type Data } from './file'

/** Numbers computed here beside the golden ones. `exact` for counts and orders; `check` where a case has tolerances of its own. */
export interface Compared { what: string; got: ArrayLike<number>; expected: ArrayLike<number>; exact?: boolean; check?: Data }

/** How a case went: what of it differs most, as a relative difference, and in words if that is too much. */
export interface Verdict { worst: number; failure?: string }

/**
 * Applies a file's `check`: { relative, floor } means |a − b| ≤ relative·max(floor, |b|), { absolute } means |a − b| ≤ absolute.
 * A number under the quantity's own name overrides `relative` for it.
 */
export function compare(check: Data, all: readonly Compared[]): Verdict {
  const verdict: Verdict = { worst: 0 }
  for (const { what, got, expected, exact, check: own = check } of all) {
    if (got.length !== expected.length) return { worst: Infinity, failure: `${what} has ${got.length} values instead of ${expected.length}` }
    for (let i = 0; i < expected.length; i++) {
      const [a, b] = [got[i]!, expected[i]!]
      const { difference, allowed } = exact ? { difference: a === b ? 0 : Infinity, allowed: 0 } : differ(own, what, a, b)
      verdict.worst = Math.max(verdict.worst, difference)
      if (!(difference <= allowed)) verdict.failure ??= `${what}[${i}] is ${a} instead of ${b}`
    }
  }
  return verdict
}

function differ(check: Data, what: string, a: number, b: number): { difference: number; allowed: number } {
  if (Object.is(a, b) || a === b) return { difference: 0, allowed: 0 }
  if (!Number.isFinite(a) || !Number.isFinite(b)) return { difference: Infinity, allowed: 0 }
  const absolute = optionalNumber(check, 'absolute')
  const scale = Math.max(optionalNumber(check, 'floor') ?? (absolute === undefined ? 0 : 1), Math.abs(b))
  const difference = Math.abs(a - b) / scale
  if (absolute !== undefined) return { difference, allowed: absolute / scale }
  const relative = optionalNumber(check, what) ?? optionalNumber(check, 'relative')
  if (relative === undefined) throw new TypeError('the “check” of this file gives no tolerance')
  return { difference, allowed: relative }
}
