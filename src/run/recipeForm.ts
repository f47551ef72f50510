import type { PartialRecipe } from '../recipe/defaults'
import { recipes } from '../recipe/door'
import { getPath, isObject, setPath } from '../recipe/path'
import type { Recipe } from '../recipe/recipe'
import { drawSeed, itemSeed, parseSeed, shortSeed } from '../recipe/seed'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The recipe after its defaults changed from `before` to `after`: fields that stood at their default follow, edited ones stay. */
export function followDefaults(recipe: Recipe, before: Recipe, after: Recipe): Recipe {
  return recipes().fieldPaths().reduce((result, path) => {
    const value = getPath(after, path)
    return !same(value, getPath(before, path)) && same(getPath(recipe, path), getPath(before, path)) ? setPath(result, path, value) : result
  }, recipe)
}

/** The form as it was left: what was edited then is kept, the rest follows the defaults of now. These alone where `left` is nothing of the kind. */
export function restoredForm(left: unknown, defaults: Recipe): Recipe {
  const { complete, recipeErrors } = recipes()
  if (!isObject(left) || recipeErrors(left['recipe']).length > 0 || recipeErrors(left['defaults']).length > 0) return defaults
  return followDefaults(complete(left['recipe'] as PartialRecipe), complete(left['defaults'] as PartialRecipe), defaults)
}

/** The recipe with some fields, by dotted path, set to other values. Throws DpmError (`recipeInvalid`) where the result is no recipe. */
export function editRecipe(recipe: Recipe, fields: Record<string, unknown>): Recipe {
  const { fieldPaths, recipeErrors } = recipes()
  let edited = recipe
  for (const [path, value] of Object.entries(fields)) {
    if (!fieldPaths().includes(path)) throw new DpmError({ reason: 'recipeInvalid', message: t('A recipe has no field {0}.', path), advice: t('Name one of its fields.') })
    edited = setPath(edited, path, value)
  }
  const [error] = recipeErrors(edited)
  if (error) throw new DpmError(error)
  return edited
}

/** The recipe with the seed its run uses: drawn where it says `random`, or where a new one is asked for. */
export function withSeed(recipe: Recipe, draw: boolean): Recipe {
  return draw || recipe.noise.seed === 'random' ? setPath(recipe, 'noise.seed', drawSeed()) : recipe
}

/** The seed after the last image of a run, in the shortest form a recipe takes. */
export function seedAfter({ noise: { seed, batch } }: Recipe): number | string {
  return shortSeed(itemSeed(parseSeed(seed), batch))
}
