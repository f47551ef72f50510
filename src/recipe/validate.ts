// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- it declares what `?validator` imports, which each project that reaches this file needs
/// <reference path="../schemas.d.ts" />
import check from '../../schemas/recipe.schema.json?validator'
import { DpmError, type ErrorReport } from '../sampler/errors'
import { t } from '../sampler/text'
import { complete, type PartialRecipe } from './defaults'
import { getPath, isObject } from './path'
import type { Recipe } from './recipe'
import { allowedValues, fieldPaths, isField, recipeSchema, schemaAt, type SchemaNode } from './schema'
import { parseSeed } from './seed'

/** What is wrong with a value that should be a recipe, or part of one: one report a field, in the order of the schema. Empty where it is fine. */
export function recipeErrors(raw: unknown): ErrorReport[] {
  if (!isObject(raw)) return [report('', t('A recipe must be an object'), raw)]
  const fields = new Set<string>()
  if (!check(raw)) for (const { instancePath } of check.errors ?? []) fields.add(fieldOf(instancePath))
  const errors = [...fields].map((path) => report(path, t('{0} must be {1}', path, allowedValues(schemaAt(path)!)), getPath(raw, path)))
  const seed = getPath(raw, 'noise.seed')
  if (seed !== undefined && seed !== 'random' && !fields.has('noise.seed')) {
    try { parseSeed(seed) } catch (error) { errors.push((error as DpmError).report()) }
  }
  const order = fieldPaths()
  return errors.sort((a, b) => order.indexOf(a.field ?? '') - order.indexOf(b.field ?? ''))
}

/** Fields the schema does not know, one sentence each. They are kept out of the recipe and are no error: a newer version may know them. */
export function recipeWarnings(raw: unknown): string[] {
  return unknownFields(recipeSchema, raw, '').map((path) => t('{0} is not a field of a recipe and was left out.', path))
}

/**
 * The complete recipe from untrusted JSON, missing fields from `defaults`. Throws DpmError (`recipeInvalid`) with the first field that
 * is wrong. Rules that need the model are checked by prepare().
 */
export function parseRecipe(raw: unknown, defaults?: Recipe): { recipe: Recipe; warnings: string[] } {
  const [first] = recipeErrors(raw)
  if (first) throw new DpmError(first)
  return { recipe: complete(raw as PartialRecipe, defaults), warnings: recipeWarnings(raw) }
}

/** `/conditioning/classLabel/2` is the field `conditioning.classLabel`. */
function fieldOf(instancePath: string): string {
  const keys = instancePath.split('/').slice(1)
  while (keys.length > 1 && !schemaAt(keys.join('.'))) keys.pop()
  return keys.join('.')
}

function report(field: string, must: string, given: unknown): ErrorReport {
  const fallback = schemaAt(field)?.default
  return {
    reason: 'recipeInvalid', message: t('{0}, not {1}.', must, inShort(given)),
    advice: fallback === undefined ? t('Correct it, or leave it out.') : t('Correct it, or leave it out for the default {0}.', inShort(fallback)),
    ...(field === '' ? {} : { field }), ...(fallback === undefined ? {} : { remedy: { title: t('Use {0}', inShort(fallback)), set: { [field]: fallback } } }),
  }
}

function inShort(value: unknown): string {
  const text = typeof value === 'string' ? value === '' ? t('an empty text') : `“${value}”` : JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function unknownFields(node: SchemaNode, value: unknown, prefix: string): string[] {
  if (isField(node) || !node.properties || !isObject(value)) return []
  const properties = node.properties
  return Object.entries(value).flatMap(([key, child]) => Object.hasOwn(properties, key) ? unknownFields(properties[key]!, child, `${prefix}${key}.`) : [prefix + key])
}
