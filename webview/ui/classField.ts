import { html, nothing, type TemplateResult } from 'lit-html'
import type { ClassFacts } from '../../src/recipe/model'
import type { ClassLabel } from '../../src/recipe/recipe'
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
  const off = facts && !classes && asked === 'none' ? `${facts.name} has no classes.` : null
  const batch = state.form?.recipe.noise.batch ?? 1
  const options = [{ value: 'none', label: 'none' }, ...(classes?.names ?? []).map((name, index) => ({ value: String(index), label: name === String(index) ? name : `${name}` }))]
  if (batch > 1 || isList) options.push({ value: listEntry, label: 'a list…' })
  const value = isList ? listEntry : entryOf(asked, classes)
  if (!options.some((option) => option.value === value)) options.push({ value, label: String(asked) })
  const described = describe(state, path, off)
  return field(context, path, 'Class', html`
    ${dropdown({
      ...described, label: 'Class', value, options,
      onChange: (next) => { act.edit(path, next === listEntry ? firstList(asked, classes, batch) : labelOf(next, classes)) },
    })}
    ${isList ? textField({
      label: 'Classes, separated by commas', description: described.description, invalid: described.invalid, className: 'below', value: shownText(state, path, (list) => [list].flat().join(', ')),
      onInput: (text) => { act.type(path, 'classes', text, parseList) }, onLeave: () => { act.leave(path) },
    }) : nothing}`, off)
}

/** The dropdown's entry for a label: an index as it is, a name as its index, `none`; what the model does not know as it is written. */
function entryOf(label: ClassLabel, classes: ClassFacts | null): string {
  if (label === 'none' || !classes) return String(label)
  if (label === classes.nullLabel || label === String(classes.nullLabel)) return 'none'
  const exact = classes.names.findIndex((name) => name === label)
  const index = exact >= 0 ? exact : classes.names.findIndex((name) => name.toLowerCase() === String(label).toLowerCase())
  return index >= 0 ? String(index) : String(label)
}

/** Names are kept as names, since that is what a reader of the recipe understands. */
function labelOf(entry: string, classes: ClassFacts | null): ClassLabel {
  if (entry === 'none' || !classes) return entry
  const name = classes.names[Number(entry)]
  return name === undefined ? entry : name === entry ? Number(entry) : name
}

function firstList(asked: ClassLabel | ClassLabel[], classes: ClassFacts | null, batch: number): ClassLabel[] {
  if (Array.isArray(asked)) return asked
  return Array.from({ length: Math.min(batch, classes?.count ?? 1) }, (_, index) => labelOf(String(index), classes))
}

function parseList(text: string): ClassLabel[] | undefined {
  const items = text.split(',').map((item) => item.trim())
  return items.some((item) => item === '') ? undefined : items.map((item) => /^\d{1,9}$/.test(item) ? Number(item) : item)
}
