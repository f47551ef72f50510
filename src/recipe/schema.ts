import document from '../../schemas/recipe.schema.json'

/** The part of JSON Schema that the recipe's schema is written in. */
export interface SchemaNode {
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean'
  description?: string
  default?: unknown
  const?: string | number
  enum?: readonly (string | number)[]
  enumDescriptions?: readonly string[]
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

/** schemas/recipe.schema.json: the one place that states the recipe's fields, ranges, defaults and descriptions. */
export const recipeSchema = document as SchemaNode

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
  if (node.anyOf) return join(node.anyOf.map(allowedValues))
  if (node.const !== undefined) return String(node.const)
  if (node.enum) return join(node.enum.map(String))
  switch (node.type ?? 'object') {
    case 'integer': return `a whole number${range(node)}`
    case 'number': return `a number${range(node)}`
    case 'boolean': return 'true or false'
    case 'string': return node.pattern ? 'a string of up to 20 decimal digits' : node.minLength ? 'a text that is not empty' : 'a text'
    case 'array': return `a list${node.minItems ? ' that is not empty' : ''}${node.items ? `, each item ${allowedValues(node.items)}` : ''}`
    case 'object': return 'an object'
  }
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SchemaNode): string {
  if (exclusiveMinimum !== undefined && exclusiveMaximum !== undefined) return ` between ${exclusiveMinimum} and ${exclusiveMaximum}`
  if (exclusiveMinimum !== undefined && maximum !== undefined) return ` above ${exclusiveMinimum} and at most ${maximum}`
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`
  return ''
}

function join(parts: string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`
}
