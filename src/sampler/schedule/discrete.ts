import { t } from '../text'
import type { Level, NoiseSchedule, ScheduleSpec } from '../types'
import { betasOf, zeroTerminalSnr } from './betas'
import { scheduleError, usualLambdaMin, useUsualLambdaMin } from './invalid'
import { levelAtLambda, levelAtLogAlpha, logAlphaOf, noSignal, requireFinite, slopeAt } from './level'

/**
 * The schedule of a network trained on N discrete steps: log alpha_i = ½ Σ_{j ≤ i} log(1 − beta_j) at t = (i + 1)/N, piecewise linear in t,
 * continued linearly beyond both ends (DPM-Solver, arXiv 2206.00927, appendix D.4; alphas_cumprod is alpha², not alpha).
 * The noisiest knots with lambda < lambdaMin are dropped and N is then the number kept, so T stays 1.
 * Where the last knot has alpha = 0 (zero terminal SNR, a last beta of 1), alpha itself is linear before it.
 * The network's time label is the knot's index, t·N − 1, a fraction between knots.
 * @throws DpmError recipeInvalid
 */
export function discrete(spec: Extract<ScheduleSpec, { kind: 'discrete' }>): NoiseSchedule {
  const betas = betasOf(spec.betas, spec.trainSteps, spec.betaStart, spec.betaEnd)
  const knots = keptKnots(spec.zeroTerminalSnr ? zeroTerminalSnr(betas) : betas, spec.lambdaMin)
  const N = knots.length
  const at = (i: number): number => knots[i] ?? NaN

  /** log alpha on the line through knots i and i + 1; alpha on it where it ends at 0. */
  function onSegment(i: number, t: number): number {
    const share = t * N - 1 - i
    return at(i) + (at(i + 1) === -Infinity ? Math.log1p(-share) : (at(i + 1) - at(i)) * share)
  }
  const segmentOf = (t: number): number => Math.min(Math.max(Math.floor(t * N - 1), 0), N - 2)

  function level(t: number): Level {
    // At a knot the table's own value, not a sum that rounds.
    const i = segmentOf(t)
    const logAlpha = t * N - 1 === i + 1 ? at(i + 1) : onSegment(i, t)
    return logAlpha === -Infinity && t === 1 ? noSignal(t) : levelAtLogAlpha(t, logAlpha)
  }

  return {
    spec, T: 1, tEnd: 1 / N, knots: N,
    level,
    levelAtLambda(lambda) {
      if (lambda === -Infinity && at(N - 1) === -Infinity) return noSignal(1)
      requireFinite(lambda)
      const logAlpha = logAlphaOf(lambda)
      // The last segment i whose knot i is not below logAlpha; the first and the last also serve beyond the ends.
      let i = 0
      let beyond = N - 1
      while (beyond - i > 1) {
        const middle = (i + beyond) >> 1
        if (at(middle) >= logAlpha) i = middle
        else beyond = middle
      }
      const share = at(i + 1) === -Infinity ? -Math.expm1(logAlpha - at(i)) : (logAlpha - at(i)) / (at(i + 1) - at(i))
      return levelAtLambda((i + 1 + share) / N, lambda)
    },
    slope(t) {
      const i = segmentOf(t)
      return slopeAt(level(t), at(i + 1) === -Infinity ? -N / (i + 2 - t * N) : (at(i + 1) - at(i)) * N)
    },
    label: (t) => t * N - 1,
    timeOf: (label) => (label + 1) / N,
  }
}

/** log alpha at every knot that stays, from the least noisy on. */
function keptKnots(betas: readonly number[], lambdaMin: number | null): Float64Array {
  if (lambdaMin !== null && !Number.isFinite(lambdaMin)) throw scheduleError('schedule.lambdaMin', t('lambdaMin = {0} is not a number.', lambdaMin), t('Use -5.1, the usual value, or none.'), useUsualLambdaMin)
  const logAlpha = new Float64Array(betas.length)
  let sum = 0
  betas.forEach((beta, i) => {
    sum += Math.log1p(-beta)
    logAlpha[i] = sum / 2
  })
  let kept = betas.length
  const last = (): number => logAlpha[kept - 1] ?? NaN
  if (lambdaMin === null) {
    if (logAlpha.at(-2) === -Infinity) throw scheduleError('schedule.lambdaMin', t('The noise schedule has no signal at all in more than its last step (a beta of 1 before the end).'), t('Use lambdaMin -5.1, which leaves that end out.'), useUsualLambdaMin)
    return logAlpha
  }
  while (kept > 0 && (last() === -Infinity || levelAtLogAlpha(1, last()).lambda < lambdaMin)) kept -= 1
  if (kept < 2) {
    const helps = lambdaMin > usualLambdaMin
    throw scheduleError('schedule.lambdaMin', t('Only {0} of the {1} knots of the noise schedule have lambda of at least {2}.', kept, betas.length, lambdaMin), helps ? t('Use a smaller lambdaMin, such as -5.1.') : t('Use another noise schedule.'), helps ? useUsualLambdaMin : undefined)
  }
  return logAlpha.subarray(0, kept)
}
