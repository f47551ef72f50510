import { t } from '../text'
import type { Level, NoiseSchedule } from '../types'
import { scheduleError } from './invalid'
import { requireFinite } from './level'

/**
 * The variance-exploding schedule of Karras et al. (2022, arXiv 2206.00364): x = x0 + sigma ε and time is sigma itself, so alpha = 1 and lambda = −ln sigma.
 * The network's time label is theirs, c_noise = ln(sigma)/4; its scaling of input and output is `preconditioning`.
 * @param sigmaMin where sampling ends, above 0 (0.002)
 * @param sigmaMax where it starts (80)
 * @param sigmaData standard deviation of the data (0.5)
 * @throws DpmError recipeInvalid
 */
export function edm(sigmaMin: number, sigmaMax: number, sigmaData: number): NoiseSchedule {
  if (!(sigmaMin > 0) || !Number.isFinite(sigmaMin)) throw scheduleError('schedule.noise', t('sigmaMin = {0} is not a positive number.', sigmaMin), t('Use 0.002, the usual value.'))
  if (!(sigmaMax > sigmaMin) || !Number.isFinite(sigmaMax)) throw scheduleError('schedule.noise', t('sigmaMax = {0} is not a number above sigmaMin = {1}.', sigmaMax, sigmaMin), t('Use 80, the usual value.'))
  if (!(sigmaData > 0) || !Number.isFinite(sigmaData)) throw scheduleError('schedule.noise', t('sigmaData = {0} is not a positive number.', sigmaData), t('Use 0.5, the usual value.'))

  return {
    spec: { kind: 'edm', sigmaMin, sigmaMax, sigmaData }, T: sigmaMax, tEnd: sigmaMin, knots: undefined,
    level(t): Level {
      if (!(t > 0)) throw new RangeError(`no noise level at sigma = ${t}`)
      return { t, alpha: 1, sigma: t, lambda: -Math.log(t) }
    },
    levelAtLambda(lambda) {
      requireFinite(lambda)
      const sigma = Math.exp(-lambda)
      return { t: sigma, alpha: 1, sigma, lambda }
    },
    slope: (t) => ({ logAlpha: 0, lambda: -1 / t }),
    label: (t) => Math.log(t) / 4,
    timeOf: (label) => Math.exp(4 * label),
  }
}

/** How a network F of that paper becomes a denoiser: x̂₀ = skip·x + out·F(in·x, noise), for x = x0 + sigma ε (its table 1). */
export interface Preconditioning { skip: number; out: number; in: number; noise: number }

export function preconditioning(sigma: number, sigmaData: number): Preconditioning {
  const variance = sigma * sigma + sigmaData * sigmaData
  return { skip: sigmaData * sigmaData / variance, out: sigma * sigmaData / Math.sqrt(variance), in: 1 / Math.sqrt(variance), noise: Math.log(sigma) / 4 }
}
