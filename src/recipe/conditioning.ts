import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
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
    if (named !== undefined) throw wrongClass(t('{0} takes no class labels, so class {1} cannot be chosen.', facts.name, quoted(named)), t('Set the class label to none, or choose a class-conditional model.'))
    return { labels: null, nullLabel: null, guidanceOff: t('{0} takes no class labels, so there is nothing to guide towards.', facts.name) }
  }
  const nullLabel = nullLabelOf(recipe, facts.name, classes)
  const resolved = list.map((label) => resolve(label, facts.name, classes, nullLabel))
  const labels = Array.from({ length: recipe.noise.batch }, (_, k) => resolved[k % resolved.length]!)
  return { labels, nullLabel, guidanceOff: guidanceOff(labels, nullLabel, facts.name) }
}

function guidanceOff(labels: number[], nullLabel: number | null, name: string): string | null {
  if (nullLabel === null) return t('{0} has no label for “no class”, which guidance compares with.', name)
  return labels.every((label) => label === nullLabel) ? t('Guidance needs a class: with the class label none there is nothing to guide towards.') : null
}

function nullLabelOf(recipe: Recipe, name: string, { count, nullLabel }: ClassFacts): number | null {
  const override = recipe.model.nullClassLabel
  if (override === 'auto') return nullLabel
  const highest = Math.max(count - 1, nullLabel ?? 0)
  if (override <= highest) return override
  throw new DpmError({
    reason: 'recipeInvalid', field: 'model.nullClassLabel', message: t('model.nullClassLabel is {0}, but the labels of {1} end at {2}.', override, name, highest),
    advice: t('Give a label from 0 to {0}, or auto.', highest), remedy: { title: t('Use auto'), set: { 'model.nullClassLabel': 'auto' } },
  })
}

function resolve(label: ClassLabel, name: string, { count, names }: ClassFacts, nullLabel: number | null): number {
  if (label === 'none') {
    if (nullLabel !== null) return nullLabel
    throw wrongClass(t('{0} has no label for “no class”, so the class label none cannot be fed.', name), t('Choose a class: {0}.', listed(names)), 0)
  }
  const index = typeof label === 'number' ? label : indexOf(label, names)
  if (index !== undefined && (index < count || index === nullLabel)) return index
  throw wrongClass(t('{0} has no class {1}.', name, quoted(label)), t('Choose one of its {0} classes (an index from 0 to {1}, or a name): {2}; or none.', count, count - 1, listed(names)))
}

function indexOf(label: string, names: string[]): number | undefined {
  const exact = names.indexOf(label)
  if (exact >= 0) return exact
  const folded = names.findIndex((name) => name.toLowerCase() === label.toLowerCase())
  if (folded >= 0) return folded
  return /^[0-9]{1,9}$/.test(label) ? Number(label) : undefined
}

function wrongClass(message: string, advice: string, instead: ClassLabel = 'none'): DpmError {
  return new DpmError({ reason: 'recipeInvalid', field: 'conditioning.classLabel', message, advice, remedy: { title: t('Use Class {0}', instead), set: { 'conditioning.classLabel': instead } } })
}

function quoted(label: ClassLabel): string {
  return typeof label === 'number' ? String(label) : `“${label}”`
}

/** At most 20 names: the advice stays a sentence for a model of 1,000 classes. */
function listed(names: string[]): string {
  return names.length <= 20 ? names.join(', ') : t('{0}, … ({1} in all)', names.slice(0, 20).join(', '), names.length)
}
