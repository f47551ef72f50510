// Fields of the values that are no numbers: a choice, yes or no, a list.
import type { TemplateResult } from 'lit-html'
import { getPath } from '../../src/recipe/path'
import { schemaAt } from '../../src/recipe/schema'
import { schemaText, t } from '../../src/sampler/text'
import { leftOut } from '../form'
import { checkbox, dropdown, textField } from './controls'
import { describe, field, shownText, type Context, type FieldSpec } from './field'

export interface ChoiceSpec extends FieldSpec {
  /** The values in the order they are listed in, with their names. */
  words: Readonly<Record<string, string>>
  /** An option, which is left out of the recipe at this value; null: where none is chosen. */
  usual?: string | null
  /** Does what choosing a value means, in place of setting the field; false where it is set all the same. */
  choose?: (value: string) => boolean
}

/** A dropdown of a field's values, with the schema's words on each as tooltips. */
export function choiceField(context: Context, spec: ChoiceSpec): TemplateResult {
  const { state, act } = context
  const { path, words, usual, choose } = spec
  const values = schemaAt(path)?.enum ?? []
  const descriptions = typeof state.planner === 'string' ? [] : state.planner.valueDescriptionsOf(path)
  const given = getPath(state.form?.recipe, path)
  const options = Object.entries(words).map(([value, label]) => {
    const about = schemaText(descriptions[values.indexOf(value)] ?? '')
    return { value, label, ...(about ? { title: about.startsWith(label) ? about : `${label}: ${about}` } : {}) }
  })
  if (usual === null) options.unshift({ value: '', label: t('none') })
  const value = typeof given === 'string' ? given : usual ?? ''
  if (!options.some((option) => option.value === value)) options.push({ value, label: value })
  return field(context, spec, dropdown({ ...describe(state, spec), value, options, onChange: (next) => { if (!choose?.(next)) act.edit(path, usual !== undefined && next === (usual ?? '') ? leftOut : next) } }))
}

export interface CheckSpec extends FieldSpec { /** An option, which is left out of the recipe at this value. */ usual?: boolean }

export function checkField(context: Context, spec: CheckSpec): TemplateResult {
  const { state, act } = context
  const { path, usual } = spec
  const { id, label, disabled, description } = describe(state, spec)
  return field(context, spec, checkbox({
    id, label, disabled, description, unlabelled: true, checked: (getPath(state.form?.recipe, path) ?? usual) === true, onChange: (now) => { act.edit(path, now === usual ? leftOut : now) },
  }))
}

export interface ListSpec extends FieldSpec {
  /** What an empty list means. */
  placeholder: string
  /** An option, which is left out of the recipe where it is empty. */
  optional?: boolean
}

/** Numbers to type, separated by commas or blanks. */
export function listField(context: Context, spec: ListSpec): TemplateResult {
  const { state, act } = context
  const { path, label, placeholder, optional = false } = spec
  return field(context, spec, textField({
    ...describe(state, spec), className: 'wide', placeholder, value: shownText(state, path, (list) => Array.isArray(list) ? list.join(', ') : ''),
    onInput: (text) => { act.type(path, label, text, (typed) => optional && typed.trim() === '' ? leftOut : parseNumbers(path, typed)) }, onLeave: () => { act.leave(path) },
  }))
}

/** The numbers that a text lists, if the schema allows each at this path. */
function parseNumbers(path: string, text: string): number[] | undefined {
  const words = text.trim().split(/[\s,;]+/).filter((word) => word !== '')
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity } = schemaAt(path)?.items ?? {}
  const numbers = words.map((word) => /^[-−]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word) ? Number(word.replace('−', '-')) : NaN)
  return numbers.every((value) => value >= minimum && value <= maximum && value > exclusiveMinimum) ? numbers : undefined
}
