import { dpmSolvers } from '../sampler/dpmSolvers'
import { DpmError } from '../sampler/errors'
import { evenSpacings } from '../sampler/evenSpacings'
import type { Offer } from '../sampler/planner'
import { useUsualLambdaMin } from '../sampler/schedule/invalid'
import type { NoiseSchedule } from '../sampler/types'
import type { Recipe } from './recipe'

/** The algorithms and spacings of recipes. */
export const offered: Offer = { algorithms: dpmSolvers, spacings: evenSpacings }

/** The parameters of methods that recipes have. */
const options = ['r1', 'r2']

/**
 * Refuses what the sampler can do and recipes do not offer.
 * @param schedules those of the run
 * @throws DpmError recipeInvalid at the field to change
 */
export function refuseNotOffered({ solver }: Recipe, schedules: readonly NoiseSchedule[]): void {
  if (schedules.some((schedule) => schedule.level(schedule.T).alpha === 0)) {
    throw new DpmError({
      reason: 'recipeInvalid', field: 'schedule.lambdaMin', message: 'The noise schedule ends with no signal at all (a beta of 1).', advice: 'Use lambdaMin -5.1, which leaves that end out.',
      remedy: useUsualLambdaMin,
    })
  }
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
