import { html, nothing, type TemplateResult } from 'lit-html'
import type { ClassFacts } from '../../src/recipe/model'
import type { ClassLabel } from '../../src/recipe/recipe'
import { t } from '../../src/sampler/text'
import { factsOf } from '../form'
import { dropdown, textField } from './controls'
import { describe, field, shownText, type Context } from './field'

const path = 'conditioning.classLabel'
/** Stands for a list in the dropdown; no class name of a model is likely to be this. */
const listEntry = '\u0000list'

/** The class: none, one of the model's, or for a batch a list that is cycled. */
export function classField(context: Context): TemplateResult {
  const { state, act } = context
  const facts = factsOf(state)
  const asked = state.form?.recipe.conditioning.classLabel ?? 'none'
  const isList = Array.isArray(asked) || state.form?.drafts[path] !== undefined
  const classes = facts?.classes ?? null
  const off = facts && !classes && asked === 'none' ? t('{0} has no classes.', facts.name) : null
  const batch = state.form?.recipe.noise.batch ?? 1
  const options = [{ value: 'none', label: t('none') }, ...(classes?.names ?? []).map((name, index) => ({ value: String(index), label: entryText(name, index, labelOf(String(index), classes)) }))]
  if (batch > 1 || isList) options.push({ value: listEntry, label: t('a list…') })
  const value = isList ? listEntry : entryOf(asked, classes)
  if (!options.some((option) => option.value === value)) options.push({ value, label: String(asked) })
  const spec = { path, label: t('Class'), off }
  const described = describe(state, spec)
  return field(context, spec, html`
    ${dropdown({
      ...described, value, options,
      onChange: (next) => { act.edit(path, next === listEntry ? firstList(asked, classes, batch) : labelOf(next, classes)) },
    })}
    ${isList ? textField({
      label: t('Classes, separated by commas'), description: described.description, invalid: described.invalid, className: 'own-line', value: shownText(state, path, (list) => [list as ClassLabel | ClassLabel[]].flat().map((label) => inList(label, classes)).join(', ')),
      onInput: (text) => { act.type(path, 'classes', text, parseList) }, onLeave: () => { act.leave(path) },
    }) : nothing}`)
}

/** A name, with its index where the recipe has that. */
const entryText = (name: string, index: number, label: ClassLabel): string => label === name || name === String(index) ? name : `${name} (${index})`

/** The dropdown's entry for a label: an index as it is, a name as its index, `none`; what the model does not know as it is written. */
function entryOf(label: ClassLabel, classes: ClassFacts | null): string {
  if (label === 'none' || !classes) return String(label)
  if (label === classes.nullLabel || label === String(classes.nullLabel)) return 'none'
  if (typeof label === 'number') return String(label)
  const exact = classes.names.indexOf(label)
  const index = exact >= 0 ? exact : classes.names.findIndex((name) => name.toLowerCase() === label.toLowerCase())
  return index >= 0 ? String(index) : label
}

const known = new WeakMap<ClassFacts, ClassLabel[]>()

/**
 * What the recipe calls each class: its name, since that is what a reader understands, unless another class has it too or a list would not
 * give it back; then its index. Kept, since every drawing asks and there may be thousands.
 */
function labelsOf(classes: ClassFacts): ClassLabel[] {
  let labels = known.get(classes)
  if (!labels) {
    const times = new Map<string, number>()
    for (const name of classes.names) times.set(name, (times.get(name) ?? 0) + 1)
    labels = classes.names.map((name, index) => times.get(name) === 1 && name !== 'none' && parseList(name)?.[0] === name ? name : index)
    known.set(classes, labels)
  }
  return labels
}

function labelOf(entry: string, classes: ClassFacts | null): ClassLabel {
  return classes ? labelsOf(classes)[Number(entry)] ?? entry : entry
}

/** A label as a list is written: by its index where its name has a comma. */
function inList(label: ClassLabel, classes: ClassFacts | null): string {
  return String(typeof label === 'string' && label.includes(',') ? labelOf(entryOf(label, classes), classes) : label)
}

function firstList(asked: ClassLabel | ClassLabel[], classes: ClassFacts | null, batch: number): ClassLabel[] {
  if (Array.isArray(asked)) return asked
  return Array.from({ length: Math.min(batch, classes?.count ?? 1) }, (_, index) => labelOf(String(index), classes))
}

function parseList(text: string): ClassLabel[] | undefined {
  const items = text.split(',').map((item) => item.trim())
  return items.some((item) => item === '') ? undefined : items.map((item) => /^\d{1,9}$/.test(item) ? Number(item) : item)
}
