import { betaQuantile } from './betaQuantile'
import { assertNever } from './errors'
import { leastLambda } from './schedule/level'
import { customLevels, tableLevels, trainingSteps } from './spacingLists'
import type { Level, NoiseSchedule, Spacing, SpacingOptions } from './types'

/** `toZero`: a step from the last level to σ = 0 follows. Spacings that are lists of times leave it the last interval. */
export type Placing = SpacingOptions & { toZero?: boolean }

/**
 * Levels that divide the way from one level to another into `intervals` parts, both ends included (the very objects that were given). Works in both
 * directions, towards the data or towards the noise, on the same levels.
 *
 * Equal parts of a quantity: logSNR and exponential of lambda (DPM-Solver, arXiv 2206.00927, §3.4); timeUniform of t; timeQuadratic of √t (DDIM, arXiv
 * 2010.02502); timePower of t^(1/power); karras of (σ/α)^(1/rho) (arXiv 2206.00364, eq. 5); polyexponential: −lambda follows (1 − u)^rho; beta: t (or
 * σ/α) follows the quantiles of Beta(alpha, beta) (arXiv 2407.12173).
 *
 * Lists, whose ends are the list's: leading, trailing, linspace of the training steps (arXiv 2305.08891, table 2); custom times or σ; ays and tuned:
 * tables interpolated log-linearly and stretched to the ends.
 *
 * Where the way begins without any signal (lambda = −∞), spacings in lambda spend their first interval on the way to lambda = −5.1.
 * @throws DpmError recipeInvalid where a list does not fit the number of intervals
 */
export function spacedLevels(spacing: Spacing, schedule: NoiseSchedule, from: Level, to: Level, intervals: number, placing: Placing = {}): Level[] {
  if (from.lambda > to.lambda) return spacedLevels(spacing, schedule, to, from, intervals, placing).reverse()
  if (spacing === 'leading' || spacing === 'trailing' || spacing === 'linspace') return trainingSteps(spacing, schedule, from, to, intervals, placing)
  if (spacing === 'custom') return customLevels(schedule, from, to, intervals, placing)
  if (spacing === 'ays' || spacing === 'tuned') return tableLevels(spacing, schedule, from, to, intervals, placing)
  if (from.lambda === -Infinity && !inTime(spacing, placing) && intervals > 1) {
    const near = schedule.levelAtLambda(Math.min(leastLambda, to.lambda - 1))
    return [from, ...spacedLevels(spacing, schedule, near, to, intervals - 1, placing)]
  }
  const between = placer(spacing, schedule, from, to, placing)
  return [from, ...Array.from({ length: intervals - 1 }, (_, i) => between((i + 1) / intervals)), to]
}

type Formula = Exclude<Spacing, 'leading' | 'trailing' | 'linspace' | 'custom' | 'ays' | 'tuned'>

const inTime = (spacing: Formula, { betaOf }: Placing): boolean => spacing.startsWith('time') || spacing === 'beta' && betaOf !== 'sigma'

/** The level at a share of the way from one to the other, 0 < share < 1. */
function placer(spacing: Formula, schedule: NoiseSchedule, from: Level, to: Level, { power = 2, rho, alpha = 0.6, beta = 0.6, betaOf = 'time' }: Placing): (share: number) => Level {
  const mix = (a: number, b: number, share: number): number => a + (b - a) * share
  const atLambda = (lambda: number): Level => schedule.levelAtLambda(lambda)
  const atTime = (t: number): Level => schedule.level(t)
  const inPower = (p: number) => (share: number): Level => atTime(mix(from.t ** (1 / p), to.t ** (1 / p), share) ** p)
  switch (spacing) {
    case 'logSNR': case 'exponential': return (share) => atLambda(mix(from.lambda, to.lambda, share))
    case 'timeUniform': return (share) => atTime(mix(from.t, to.t, share))
    case 'timeQuadratic': return (share) => atTime(mix(Math.sqrt(from.t), Math.sqrt(to.t), share) ** 2)
    case 'timePower': return inPower(power)
    case 'karras': {
      const p = rho ?? 7
      return (share) => atLambda(-p * Math.log(mix(Math.exp(-from.lambda / p), Math.exp(-to.lambda / p), share)))
    }
    case 'polyexponential': return (share) => atLambda(mix(to.lambda, from.lambda, (1 - share) ** (rho ?? 1)))
    case 'beta': {
      if (betaOf === 'time') return (share) => atTime(mix(to.t, from.t, betaQuantile(1 - share, alpha, beta)))
      return (share) => atLambda(-Math.log(mix(Math.exp(-to.lambda), Math.exp(-from.lambda), betaQuantile(1 - share, alpha, beta))))
    }
    default: return assertNever(spacing)
  }
}
