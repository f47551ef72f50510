import { betaQuantile } from './betaQuantile'
import { always, bothWays, evenSpacings, logSNR, mix, never, spreadBy, type Placing, type Spread } from './evenSpacings'
import { customLevels, tableLevels, trainingSteps } from './spacingLists'
import type { Level, NoiseSchedule, Spacing } from './types'

/** Every spacing, by its name in recipes. */
export const spacings: Readonly<Record<Spacing, Spread>> = {
  ...evenSpacings,
  timePower: spreadBy((schedule, from, to, { power = 2 }) => (share) => schedule.level(mix(from.t ** (1 / power), to.t ** (1 / power), share) ** power), never),
  exponential: logSNR,
  karras: spreadBy((schedule, from, to, { rho = 7 }) => (share) => schedule.levelAtLambda(-rho * Math.log(mix(Math.exp(-from.lambda / rho), Math.exp(-to.lambda / rho), share))), always),
  polyexponential: spreadBy((schedule, from, to, { rho = 1 }) => (share) => schedule.levelAtLambda(mix(to.lambda, from.lambda, (1 - share) ** rho)), always),
  beta: spreadBy((schedule, from, to, { alpha = 0.6, beta = 0.6, betaOf = 'time' }) => {
    if (betaOf === 'time') return (share) => schedule.level(mix(to.t, from.t, betaQuantile(1 - share, alpha, beta)))
    return (share) => schedule.levelAtLambda(-Math.log(mix(Math.exp(-to.lambda), Math.exp(-from.lambda), betaQuantile(1 - share, alpha, beta))))
  }, ({ betaOf }) => betaOf === 'sigma'),
  leading: bothWays((...way) => trainingSteps('leading', ...way)),
  trailing: bothWays((...way) => trainingSteps('trailing', ...way)),
  linspace: bothWays((...way) => trainingSteps('linspace', ...way)),
  custom: bothWays(customLevels),
  ays: bothWays((...way) => tableLevels('ays', ...way)),
  tuned: bothWays((...way) => tableLevels('tuned', ...way)),
}

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
  return spacings[spacing](schedule, from, to, intervals, placing)
}
