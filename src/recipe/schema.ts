// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- it declares what `?rules` imports, which each project that reaches this file needs
/// <reference path="../schemas.d.ts" />
import rules from '../../schemas/recipe.schema.json?rules'
import { orList, t } from '../sampler/text'

/** The part of JSON Schema that the recipe's schema is written in. */
export interface SchemaNode {
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean'
  default?: unknown
  const?: string | number
  enum?: readonly (string | number)[]
  /** What the values are called, where they have names. */
  enumNames?: readonly string[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minLength?: number
  pattern?: string
  minItems?: number
  items?: SchemaNode
  anyOf?: readonly SchemaNode[]
  properties?: Readonly<Record<string, SchemaNode>>
}

/** Of schemas/recipe.schema.json, the one place that states the recipe's fields, what they are, may be and are by default; what it says of them is in schemaWords.ts. */
export const recipeSchema = rules as SchemaNode

/** The schema of the field at a dotted path, or undefined for a path that is none. */
export function schemaAt(path: string): SchemaNode | undefined {
  let node: SchemaNode | undefined = recipeSchema
  for (const key of path.split('.')) {
    const properties: SchemaNode['properties'] = node?.properties
    node = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
  }
  return node
}

/** True for a field, which holds a value; false for a group of fields such as `solver`. */
export function isField(node: SchemaNode): boolean {
  return node.default !== undefined
}

/** Dotted paths of all fields, in the order of the schema. */
export function fieldPaths(node: SchemaNode = recipeSchema, prefix = ''): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => isField(child) ? [prefix + key] : fieldPaths(child, `${prefix}${key}.`))
}

/** What a field may hold, in words that follow “must be”: “a whole number from 1 to 1000”, “logSNR, timeUniform or timeQuadratic”. */
export function allowedValues(node: SchemaNode): string {
  if (node.anyOf) return orList(node.anyOf.map(allowedValues))
  if (node.const !== undefined) return String(node.const)
  if (node.enum) return orList(node.enum)
  switch (node.type ?? 'object') {
    case 'integer': return ranged(t('a whole number'), node)
    case 'number': return ranged(t('a number'), node)
    case 'boolean': return t('true or false')
    case 'string': return node.pattern ? t('a string of up to 20 decimal digits') : node.minLength ? t('a text that is not empty') : t('a text')
    case 'array': {
      const list = node.minItems ? t('a list that is not empty') : t('a list')
      return node.items ? t('{0}, each item {1}', list, allowedValues(node.items)) : list
    }
    case 'object': return t('an object')
  }
}

function ranged(what: string, { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SchemaNode): string {
  if (exclusiveMinimum !== undefined && exclusiveMaximum !== undefined) return t('{0} between {1} and {2}', what, exclusiveMinimum, exclusiveMaximum)
  if (exclusiveMinimum !== undefined && maximum !== undefined) return t('{0} above {1} and at most {2}', what, exclusiveMinimum, maximum)
  if (minimum !== undefined && maximum !== undefined) return t('{0} from {1} to {2}', what, minimum, maximum)
  if (minimum !== undefined) return t('{0} of at least {1}', what, minimum)
  if (exclusiveMinimum !== undefined) return t('{0} above {1}', what, exclusiveMinimum)
  return what
}
