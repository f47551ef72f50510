import { assertNever, DpmError } from './errors'
import { t } from './text'
import type { Form, Level, Plan, PredictionType } from './types'

/** What a wanted quantity is made of: `state`·x + `output`·(network output), elementwise. */
export interface Conversion { state: number; output: number }

/**
 * From the network's own output at a level to what a method wants there: the noise ε or the data x̂₀. Every pair is direct, so that v never passes through ε
 * or x̂₀ and no division is made that is not needed (α may be 0 at the noisy end, σ at the clean one).
 * x = α x0 + σ ε; v = α ε − σ x0 (Salimans and Ho 2022, arXiv 2202.00512, appendix D), so x0 = (α x − σ v)/(α² + σ²) and ε = (σ x + α v)/(α² + σ²).
 * The score is −ε/σ. Flow matching's velocity is ε − x0, so x0 = (x − σ v)/(α + σ) and ε = (x + α v)/(α + σ), at α = 0 and σ = 0 too.
 * @throws RangeError where the quantity cannot be known: x̂₀ from ε at α = 0, ε from x̂₀ at σ = 0
 */
export function conversion(prediction: PredictionType, form: Form, { alpha, sigma }: Level): Conversion {
  switch (prediction) {
    case 'epsilon':
      if (form === 'noise') return { state: 0, output: 1 }
      if (alpha === 0) throw new RangeError('x̂₀ cannot be found from ε where α = 0')
      return { state: 1 / alpha, output: -sigma / alpha }
    case 'sample':
      if (form === 'data') return { state: 0, output: 1 }
      if (sigma === 0) throw new RangeError('ε cannot be found from x̂₀ where σ = 0')
      return { state: 1 / sigma, output: -alpha / sigma }
    case 'v_prediction': {
      const norm = alpha * alpha + sigma * sigma
      return form === 'data' ? { state: alpha / norm, output: -sigma / norm } : { state: sigma / norm, output: alpha / norm }
    }
    case 'score':
      if (form === 'noise') return { state: 0, output: -sigma }
      if (alpha === 0) throw new RangeError('x̂₀ cannot be found from the score where α = 0')
      return { state: 1 / alpha, output: sigma * sigma / alpha }
    case 'flow': {
      const sum = alpha + sigma
      return form === 'data' ? { state: 1 / sum, output: -sigma / sum } : { state: 1 / sum, output: alpha / sum }
    }
    default: return assertNever(prediction)
  }
}

/**
 * Refuses a plan that evaluates, in data form, where there is no signal, with a network whose output says nothing about the data there.
 * @throws DpmError recipeInvalid
 */
export function requireEstimate(prediction: PredictionType, { form, steps }: Pick<Plan, 'form' | 'steps'>): void {
  if (form === 'noise' || prediction !== 'epsilon' && prediction !== 'score') return
  if (!steps.some(({ stages }) => stages.some(({ level }) => level.alpha === 0))) return
  throw new DpmError({
    reason: 'recipeInvalid', field: 'solver.algorithm', message: t('The noise schedule starts without any signal, where a network that predicts the noise says nothing about the image.'),
    advice: t('Use dpmsolver or another algorithm on noise predictions, which starts where there is a little signal.'), remedy: { title: t('Use DPM-Solver'), set: { 'solver.algorithm': 'dpmsolver' } },
  })
}
