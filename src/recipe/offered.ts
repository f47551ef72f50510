import { DpmError } from '../sampler/errors'
import type { Recipe } from './recipe'

/** The parameters of methods that recipes have. */
const options = ['r1', 'r2']

/**
 * Refuses what the sampler can do and recipes do not offer.
 * @throws DpmError recipeInvalid at the field to change
 */
export function refuseNotOffered({ solver }: Recipe): void {
  if (solver.method === 'multistep' && solver.order === 3) {
    throw new DpmError({
      reason: 'recipeInvalid', field: 'solver.order', message: 'Order 3 is not available with the method multistep.', advice: 'Use the method singlestep, or order 2.',
      remedy: { title: 'Use Singlestep', set: { 'solver.method': 'singlestep' } },
    })
  }
  const other = Object.keys(solver.options).find((name) => !options.includes(name))
  if (other !== undefined) {
    throw new DpmError({
      reason: 'recipeInvalid', field: `solver.options.${other}`, message: `There is no option ${other}.`, advice: 'The options are r1 and r2, of the method singlestep.',
      remedy: { title: 'Use the Usual Values', set: { 'solver.options': {} } },
    })
  }
}
