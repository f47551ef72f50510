import { t } from '../sampler/text'
import type { Recipe } from './recipe'
import { findsSteps, solverName } from './solverName'

/** The ways of noising an image, in a word. */
export const ways: Record<Recipe['input']['way'], string> = { direct: t('direct'), chain: t('chain'), sde: 'SDE' }

/** What a recipe's run is called by: its solver, and what is done to an image. */
export function runName({ solver, input: { task, way } }: Recipe): string {
  switch (task) {
    case 'sample': return solverName(solver)
    case 'noise': return t('Noising, {0}', ways[way])
    case 'encode': return t('Encoding, {0}', solverName(solver))
    case 'reconstruct': return t('Encoding and decoding, {0}', solverName(solver))
  }
}

/** A recipe in a few words: what its run is called by, and what it costs where that is known before. */
export function recipeInWords(recipe: Recipe): string {
  const { input: { task }, solver } = recipe
  return findsSteps(solver) && task !== 'noise' ? runName(recipe) : `${runName(recipe)}, ${task === 'noise' ? stepsText(solver.steps) : evaluationsText(solver.steps)}`
}

/** Steps of a plan: one fewer than there are states. */
export const stepsText = (count: number): string => count === 1 ? t('1 step') : t('{0} steps', count)
/** What a run costs. */
export const evaluationsText = (count: number): string => count === 1 ? t('1 evaluation') : t('{0} evaluations', count)
