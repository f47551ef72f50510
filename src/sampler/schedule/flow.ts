import { t } from '../text'
import type { Level, NoiseSchedule } from '../types'
import { scheduleError } from './invalid'
import { logAlphaOf } from './level'

/**
 * Flow matching with straight paths (rectified flow, arXiv 2209.03003; Lipman et al. 2023, arXiv 2210.02747): x = (1 − sigma) x0 + sigma ε, and sigma = s t/(1 + (s − 1) t)
 * with the shift s of Esser et al. (2024, arXiv 2403.03206, eq. 23), which keeps the run longer where there is more noise; s = 1 is sigma = t.
 * lambda = ln((1 − sigma)/sigma), −Infinity at t = 1, where alpha = 0. The network's time label is sigma·trainSteps.
 * @param shift above 0: 1, or 3 of Stable Diffusion 3, or `dynamicShift`
 * @param trainSteps number the network's time is counted in (1000)
 * @throws DpmError recipeInvalid
 */
export function flow(shift: number, trainSteps: number): NoiseSchedule {
  if (!(shift > 0) || !Number.isFinite(shift)) throw scheduleError('schedule.noise', t('A flow shift of {0} is not a positive number.', shift), t('Use 1 for no shift.'))
  if (!Number.isInteger(trainSteps) || trainSteps < 2) throw scheduleError('schedule.noise', t('A flow of {0} training steps is not possible.', trainSteps), t('Use 1000, the usual number.'))
  const scale = (t: number): number => 1 + (shift - 1) * t
  const timeAt = (sigma: number, alpha: number): number => sigma / (sigma + shift * alpha)

  return {
    spec: { kind: 'flow', shift, trainSteps }, T: 1, tEnd: 1 / trainSteps, knots: undefined,
    level(t): Level {
      if (!(t > 0 && t <= 1)) throw new RangeError(`no noise level at t = ${t}`)
      return { t, alpha: (1 - t) / scale(t), sigma: shift * t / scale(t), lambda: Math.log1p(-t) - Math.log(shift * t) }
    },
    levelAtLambda(lambda) {
      if (Number.isNaN(lambda) || lambda === Infinity) throw new RangeError(`no time belongs to lambda = ${lambda}`)
      // 1/(1 + e^(−lambda)) of both signs, from the same function that VP's roots come from.
      const [alpha, sigma] = [Math.exp(2 * logAlphaOf(lambda / 2)), Math.exp(2 * logAlphaOf(-lambda / 2))]
      return { t: timeAt(sigma, alpha), alpha, sigma, lambda }
    },
    slope(t) {
      const slope = shift / scale(t) ** 2
      const [alpha, sigma] = [(1 - t) / scale(t), shift * t / scale(t)]
      return { logAlpha: -slope / alpha, lambda: -slope / (alpha * sigma) }
    },
    label: (t) => shift * t / scale(t) * trainSteps,
    timeOf: (label) => timeAt(label / trainSteps, 1 - label / trainSteps),
  }
}

/** What a shift that depends on the size of the picture is made of; the usual values are those of FLUX. */
export interface DynamicShift { baseLength?: number; maxLength?: number; baseShift?: number; maxShift?: number; form?: 'exponential' | 'linear' }

/**
 * The shift for a picture of `length` tokens: μ goes linearly from baseShift to maxShift as the length goes from baseLength to maxLength (and on beyond), and the shift is e^μ
 * (`linear`: μ itself).
 */
export function dynamicShift(length: number, { baseLength = 256, maxLength = 4096, baseShift = 0.5, maxShift = 1.15, form = 'exponential' }: DynamicShift = {}): number {
  const mu = baseShift + (maxShift - baseShift) * (length - baseLength) / (maxLength - baseLength)
  return form === 'linear' ? mu : Math.exp(mu)
}
