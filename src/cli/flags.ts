import { providers, type EngineOptions } from '../protocol/engine'
import { keeps, usualKeep, type KeepRule } from '../protocol/keptRows'
import { defaultRecipe } from '../recipe/defaults'
import { fields } from '../recipe/fields'
import { setPath } from '../recipe/path'
import type { Recipe } from '../recipe/recipe'
import { allowedValues, fieldPaths, schemaAt, type SchemaNode } from '../recipe/schema'
import { descriptionOf } from '../recipe/schemaWords'
import { parseRecipe } from '../recipe/validate'
import { DpmError } from '../sampler/errors'

/** An option of the command line, as commander takes it. */
export interface Flag { flags: string; description: string; path: string }

/** One option for each recipe field that has a flag: described, with its values and default, by the schema. */
export const recipeFlags: readonly Flag[] = fields.flatMap(({ path, flag }) => {
  if (flag === null) return []
  const node = schemaAt(path)!
  const kind = node.type === 'integer' || node.type === 'number' ? 'n' : node.enum ? 'name' : 'value'
  const values = node.enum ? ` Values: ${node.enum.join(', ')}.` : ''
  return [{ path, flags: `${flag} <${kind}>`, description: `${descriptionOf(path)}${values} (default: ${String(node.default)})` }]
})

/** Options as commander hands them over: each by its long name in camel case. */
export type FlagValues = Readonly<Record<string, unknown>>

/**
 * The recipe that the options ask for, the schema's defaults for the rest; `--set` goes last. Text becomes a number where the field takes
 * numbers. Throws DpmError (`recipeInvalid`) for a value or a path that there is not.
 */
export function recipeFrom(values: FlagValues): Recipe {
  let raw: unknown = {}
  for (const { path, flag } of fields) {
    const text = flag === null ? undefined : values[camelCase(flag)]
    if (typeof text === 'string') raw = setPath(raw, path, path === 'conditioning.classLabel' ? classLabel(text) : scalar(text, schemaAt(path)!))
  }
  const assignments = Array.isArray(values['set']) ? values['set'] : []
  for (const assignment of assignments) raw = assign(raw, String(assignment))
  return parseRecipe(raw, defaultRecipe()).recipe
}

/** What `--provider`, `--device`, `--provider-option`, `--threads` and `--server` ask for. Throws DpmError. */
export function engineFrom(values: FlagValues): EngineOptions {
  const given = typeof values['provider'] === 'string' ? values['provider'] : 'auto'
  const provider = providers.find((name) => name === given)
  if (!provider) throw wrongValue(`--provider must be one of ${providers.join(', ')}, not “${given}”.`)
  const threads = typeof values['threads'] === 'string' ? values['threads'] : '0'
  if (!/^[0-9]{1,3}$/.test(threads)) throw wrongValue(`--threads must be a whole number from 0 to 999, not “${threads}”.`)
  const device = typeof values['device'] === 'string' ? values['device'] : '0'
  if (!/^[0-9]{1,3}$/.test(device)) throw wrongValue(`--device must be a whole number from 0 to 999, not “${device}”.`)
  const assigned = Array.isArray(values['providerOption']) ? values['providerOption'].map(String) : []
  return {
    provider, intraOpThreads: Number(threads), ...(Number(device) > 0 ? { deviceId: Number(device) } : {}),
    ...(assigned.length > 0 ? { providerOptions: Object.fromEntries(assigned.map(providerOption)) } : {}), ...(typeof values['server'] === 'string' ? { server: values['server'] } : {}),
  }
}

/** The options that say which steps of a run keep their states. */
export const keepFlags: readonly (readonly [flags: string, description: string])[] = [
  ['--keep <name>', `Which steps keep their states in the run folder; numbers are kept of all. Values: ${keeps.join(', ')}. (default: ${usualKeep.keep})`],
  ['--keep-every <n>', `With --keep everyN: the states of the first step, of every n-th and of the last are kept. (default: ${usualKeep.every})`],
]

/** What `--keep` and `--keep-every` ask for. Throws DpmError. */
export function keepFrom(values: FlagValues): KeepRule {
  const given = typeof values['keep'] === 'string' ? values['keep'] : usualKeep.keep
  const keep = keeps.find((name) => name === given)
  if (!keep) throw wrongValue(`--keep must be one of ${keeps.join(', ')}, not “${given}”.`)
  const every = typeof values['keepEvery'] === 'string' ? values['keepEvery'] : String(usualKeep.every)
  if (!/^[1-9][0-9]{0,5}$/.test(every)) throw wrongValue(`--keep-every must be a whole number from 1 to 999999, not “${every}”.`)
  return { keep, every: Number(every) }
}

function providerOption(assignment: string): [name: string, value: unknown] {
  const at = assignment.indexOf('=')
  if (at < 1) throw wrongValue(`--provider-option takes name=value, not “${assignment}”.`)
  return [assignment.slice(0, at).trim(), json(assignment.slice(at + 1))]
}

function assign(raw: unknown, assignment: string): unknown {
  const at = assignment.indexOf('=')
  if (at < 1) throw wrongValue(`--set takes path=value, not “${assignment}”.`)
  const path = assignment.slice(0, at).trim()
  const text = assignment.slice(at + 1)
  const isOption = /^(solver|schedule)\.options\.[A-Za-z0-9]+$/.test(path)
  if (!fieldPaths().includes(path) && !isOption) throw wrongValue(`“${path}” is not a field of a recipe.`, `The fields are ${fieldPaths().join(', ')}.`)
  const node = schemaAt(path)
  const value = path === 'conditioning.classLabel' ? classLabel(text) : node && isScalar(node) ? scalar(text, node) : json(text)
  try { return setPath(raw, path, value) } catch { throw wrongValue(`“${path}” is not a field of a recipe.`) }
}

const isScalar = (node: SchemaNode): boolean => node.type !== 'object' && node.type !== 'array'

/** A number where the field takes numbers and the text is one that keeps all its digits; else the text. */
function scalar(text: string, node: SchemaNode): unknown {
  if (node.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  const takesNumbers = [node, ...node.anyOf ?? []].some(({ type }) => type === 'integer' || type === 'number')
  if (!takesNumbers || !/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return text
  const value = Number(text)
  return /^\d+$/.test(text) && !Number.isSafeInteger(value) ? text : value
}

/** `3`, `none`, a name, or a list: `0,1,2` or, where names hold commas, a JSON array. */
function classLabel(text: string): unknown {
  if (text.trimStart().startsWith('[')) return json(text)
  const labels = text.split(',').map((part) => /^-?\d+$/.test(part.trim()) ? Number(part) : part.trim())
  return labels.length === 1 ? labels[0] : labels
}

function json(text: string): unknown {
  try { return JSON.parse(text) as unknown } catch { return text }
}

const camelCase = (flag: string): string => flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

function wrongValue(message: string, advice = '“dpm-solver sample --help” lists the options and their values.'): DpmError {
  return new DpmError({ reason: 'recipeInvalid', message, advice })
}

function linesOf(path: string): string[] {
  const node = schemaAt(path)!
  const line = (name: string): string => `  ${name.padEnd(28)} ${descriptionOf(name)}`
  const withValues = (name: string, of: SchemaNode): string => `${line(name)} Must be ${allowedValues(of)}.`
  const options = Object.entries(node.properties ?? {}).map(([name, option]) => withValues(`${path}.${name}`, option))
  return options.length > 0 ? [line(path), ...options] : [withValues(path, node)]
}

/** What the recipe fields behind `--set` may hold, options of algorithms and schedules among them, for the help text. */
export function otherFields(): string {
  return fields.filter(({ flag, path }) => flag === null && path !== 'version').flatMap(({ path }) => linesOf(path)).join('\n')
}
