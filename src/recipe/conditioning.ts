import { DpmError } from '../sampler/errors'
import type { ClassFacts, ModelFacts } from './model'
import type { ClassLabel, Recipe } from './recipe'

export interface Conditioning {
  /** Class label fed for each batch item; null where the network takes none. */
  labels: number[] | null
  /** The label that means “no class”, with the recipe's override applied; null where the network has none. */
  nullLabel: number | null
  /** Why guidance cannot do anything here, in one sentence; null where it can. */
  guidanceOff: string | null
}

/**
 * What the network is fed beside the state. A class is an index, a name (exact, else regardless of case) or `none`; a list is cycled
 * over the batch. `none` and the null label itself are one thing. Throws DpmError at `conditioning.classLabel` for a class the model
 * does not have, at `model.nullClassLabel` for a label it cannot have.
 */
export function conditioning(recipe: Recipe, facts: ModelFacts): Conditioning {
  const asked = recipe.conditioning.classLabel
  const list = Array.isArray(asked) ? asked : [asked]
  const { classes } = facts
  if (!classes) {
    const named = list.find((label) => label !== 'none')
    if (named !== undefined) throw wrongClass(`${facts.name} takes no class labels, so class ${quoted(named)} cannot be chosen.`, 'Set the class label to none, or choose a class-conditional model.')
    return { labels: null, nullLabel: null, guidanceOff: `${facts.name} takes no class labels, so there is nothing to guide towards.` }
  }
  const nullLabel = nullLabelOf(recipe, facts.name, classes)
  const resolved = list.map((label) => resolve(label, facts.name, classes, nullLabel))
  const labels = Array.from({ length: recipe.noise.batch }, (_, k) => resolved[k % resolved.length]!)
  return { labels, nullLabel, guidanceOff: guidanceOff(labels, nullLabel, facts.name) }
}

function guidanceOff(labels: number[], nullLabel: number | null, name: string): string | null {
  if (nullLabel === null) return `${name} has no label for “no class”, which guidance compares with.`
  return labels.every((label) => label === nullLabel) ? 'Guidance needs a class: with the class label none there is nothing to guide towards.' : null
}

function nullLabelOf(recipe: Recipe, name: string, { count, nullLabel }: ClassFacts): number | null {
  const override = recipe.model.nullClassLabel
  if (override === 'auto') return nullLabel
  const highest = Math.max(count - 1, nullLabel ?? 0)
  if (override <= highest) return override
  throw new DpmError({
    reason: 'recipeInvalid', field: 'model.nullClassLabel', message: `model.nullClassLabel is ${override}, but the labels of ${name} end at ${highest}.`,
    advice: `Give a label from 0 to ${highest}, or auto.`, remedy: { title: 'Use auto', set: { 'model.nullClassLabel': 'auto' } },
  })
}

function resolve(label: ClassLabel, name: string, { count, names }: ClassFacts, nullLabel: number | null): number {
  if (label === 'none') {
    if (nullLabel !== null) return nullLabel
    throw wrongClass(`${name} has no label for “no class”, so the class label none cannot be fed.`, `Choose a class: ${listed(names)}.`, 0)
  }
  const index = typeof label === 'number' ? label : indexOf(label, names)
  if (index !== undefined && (index < count || index === nullLabel)) return index
  throw wrongClass(`${name} has no class ${quoted(label)}.`, `Choose one of its ${count} classes (an index from 0 to ${count - 1}, or a name): ${listed(names)}; or none.`)
}

function indexOf(label: string, names: string[]): number | undefined {
  const exact = names.indexOf(label)
  if (exact >= 0) return exact
  const folded = names.findIndex((name) => name.toLowerCase() === label.toLowerCase())
  if (folded >= 0) return folded
  return /^[0-9]{1,9}$/.test(label) ? Number(label) : undefined
}

function wrongClass(message: string, advice: string, instead: ClassLabel = 'none'): DpmError {
  return new DpmError({ reason: 'recipeInvalid', field: 'conditioning.classLabel', message, advice, remedy: { title: `Use Class ${instead}`, set: { 'conditioning.classLabel': instead } } })
}

function quoted(label: ClassLabel): string {
  return typeof label === 'number' ? String(label) : `“${label}”`
}

/** At most 20 names: the advice stays a sentence for a model of 1,000 classes. */
function listed(names: string[]): string {
  return names.length <= 20 ? names.join(', ') : `${names.slice(0, 20).join(', ')}, … (${names.length} in all)`
}
