import { isObject } from './path'
import type { Recipe } from './recipe'
import { isField, recipeSchema, type SchemaNode } from './schema'

/** A recipe with any of its fields left out. */
export type PartialRecipe = { [Group in keyof Recipe]?: Recipe[Group] extends object ? Partial<Recipe[Group]> : Recipe[Group] }

/** The recipe that is made where nothing is said: the schema's defaults. A new object each time. */
export function defaultRecipe(): Recipe {
  return fill(recipeSchema, undefined, undefined) as Recipe
}

/**
 * The complete recipe: each field from `partial` where it is given there, else from `defaults`. Fields the schema does not know are
 * left out. Both are taken as validated (validate.ts).
 */
export function complete(partial: PartialRecipe, defaults: Recipe = defaultRecipe()): Recipe {
  return fill(recipeSchema, partial, defaults) as Recipe
}

function fill(node: SchemaNode, given: unknown, fallback: unknown): unknown {
  if (isField(node)) return structuredClone(given ?? fallback ?? node.default)
  const own = (value: unknown, key: string): unknown => isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return Object.fromEntries(Object.entries(node.properties ?? {}).map(([key, child]) => [key, fill(child, own(given, key), own(fallback, key))]))
}
