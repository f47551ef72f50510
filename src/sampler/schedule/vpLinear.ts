import { t } from '../text'
import type { Level, NoiseSchedule } from '../types'
import { scheduleError } from './invalid'
import { levelAtLambda, levelAtLogAlpha, logAlphaOf, requireFinite, slopeAt } from './level'

/**
 * Continuous VP schedule with beta(t) = beta0 + t (beta1 − beta0), t in (0, 1]: log alpha = −(beta1 − beta0) t²/4 − beta0 t/2
 * (Song et al. 2021, arXiv 2011.13456, eq. 33; DPM-Solver, arXiv 2206.00927, appendix D.4 for the inverse).
 */
export function vpLinear(beta0: number, beta1: number): NoiseSchedule {
  if (!(beta0 > 0) || !Number.isFinite(beta0)) throw scheduleError('schedule.noise', t('beta0 = {0} is not a positive number.', beta0), t('Use 0.1, the usual value.'))
  if (!(beta1 >= beta0) || !Number.isFinite(beta1)) throw scheduleError('schedule.noise', t('beta1 = {0} is not a number of at least beta0 = {1}.', beta1, beta0), t('Use 20, the usual value.'))
  const slope = beta1 - beta0
  const level = (t: number): Level => levelAtLogAlpha(t, -t * (slope * t / 4 + beta0 / 2))

  return {
    spec: { kind: 'vpLinear', beta0, beta1 }, T: 1, tEnd: 1e-3, knots: undefined,
    level,
    levelAtLambda(lambda) {
      requireFinite(lambda)
      // The root of slope t²/2 + beta0 t = L in the form that does not cancel for small L and holds for slope = 0.
      const L = -2 * logAlphaOf(lambda)
      return levelAtLambda(2 * L / (beta0 + Math.sqrt(beta0 * beta0 + 2 * slope * L)), lambda)
    },
    slope: (t) => slopeAt(level(t), -(beta0 + slope * t) / 2),
    label: (t) => t,
    timeOf: (label) => label,
  }
}
