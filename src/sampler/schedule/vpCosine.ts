import { t } from '../text'
import type { Level, NoiseSchedule } from '../types'
import { scheduleError } from './invalid'
import { levelAtLambda, levelAtLogAlpha, logAlphaOf, requireFinite, slopeAt } from './level'

/** alpha(1) = 0: sampling starts a little before, where lambda is about −5.1 for s = 0.008. */
const T = 0.9946

/**
 * Continuous cosine schedule (Nichol and Dhariwal 2021, arXiv 2102.09672, eq. 17): alpha = cos(a + b) / cos(a)
 * with a = (pi/2) s/(1 + s), b = (pi/2) t/(1 + s), t in (0, 1).
 */
export function vpCosine(s: number): NoiseSchedule {
  if (!(s > 0 && s < 1)) throw scheduleError('schedule.noise', t('The cosine offset s = {0} is not between 0 and 1.', s), t('Use 0.008, the usual value.'))
  const a = s / (1 + s) * Math.PI / 2
  const tanA = Math.tan(a)
  const bPerT = Math.PI / 2 / (1 + s)
  function level(t: number): Level {
    // cos(a + b)/cos a = 1 − (2 sin²(b/2) + tan a sin b): the difference of two logarithms would lose all digits as t → 0.
    const b = t * bPerT
    return levelAtLogAlpha(t, Math.log1p(-(2 * Math.sin(b / 2) ** 2 + tanA * Math.sin(b))))
  }

  return {
    spec: { kind: 'vpCosine', s }, T, tEnd: 1e-3, knots: undefined,
    level,
    levelAtLambda(lambda) {
      requireFinite(lambda)
      // The same equation for u = tan(b/2), with d = 1 − alpha: (2 − d) u² + 2 tan(a) u − d = 0.
      const d = -Math.expm1(logAlphaOf(lambda))
      const u = d / (tanA + Math.sqrt(tanA * tanA + d * (2 - d)))
      return levelAtLambda(2 * Math.atan(u) / bPerT, lambda)
    },
    slope: (t) => slopeAt(level(t), -bPerT * Math.tan(a + t * bPerT)),
    label: (t) => t,
    timeOf: (label) => label,
  }
}
