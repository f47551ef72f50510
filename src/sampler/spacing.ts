import { assertNever } from './errors'
import type { Level, NoiseSchedule, Spacing } from './types'

/**
 * Levels that divide the way from one level to another into `intervals` parts, both ends included (the very objects that were given).
 * logSNR: equal parts of lambda (DPM-Solver, arXiv 2206.00927, §3.4); timeUniform: of t; timeQuadratic: of √t (DDIM, arXiv 2010.02502).
 * Works in both directions, towards the data or towards the noise.
 */
export function spacedLevels(spacing: Spacing, schedule: NoiseSchedule, from: Level, to: Level, intervals: number): Level[] {
  const inside = Array.from({ length: intervals - 1 }, (_, i) => levelBetween(spacing, schedule, from, to, (i + 1) / intervals))
  return [from, ...inside, to]
}

/** The level a share of the way from one to the other, 0 < share < 1. */
function levelBetween(spacing: Spacing, schedule: NoiseSchedule, from: Level, to: Level, share: number): Level {
  const mix = (a: number, b: number): number => a + (b - a) * share
  switch (spacing) {
    case 'logSNR': return schedule.levelAtLambda(mix(from.lambda, to.lambda))
    case 'timeUniform': return schedule.level(mix(from.t, to.t))
    case 'timeQuadratic': return schedule.level(mix(Math.sqrt(from.t), Math.sqrt(to.t)) ** 2)
    default: return assertNever(spacing)
  }
}
