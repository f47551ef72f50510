import { html, nothing, type TemplateResult } from 'lit-html'
import { getPath } from '../../src/recipe/path'
import { schemaAt } from '../../src/recipe/schema'
import { t } from '../../src/sampler/text'
import { leftOut } from '../form'
import { textField } from './controls'
import { describe, field, shownText, type Context, type FieldSpec } from './field'
import { slider } from './native'

export interface NumberSpec extends FieldSpec {
  integer?: boolean
  /** Ends of the slider, and the width of a step; none: no slider. */
  range?: [min: number, max: number, step: number]
  /** A text that stands for a value, such as auto. */
  word?: string
  /** What it comes to where something else decides it and the field is off. */
  decided?: number
  /** An option, which is left out of the recipe where it is empty: what it is then. */
  usual?: number
}

/** A number to type, with ↑ ↓, and a slider where `range` is given. */
export function numberField(context: Context, spec: NumberSpec): TemplateResult {
  const { state, act } = context
  const { path, label, integer = false, range, word, usual, decided } = spec
  const { id, disabled, invalid, description } = describe(state, spec)
  const value = decided ?? getPath(state.form?.recipe, path)
  const number = typeof value === 'number' ? value : NaN
  const width = range?.[2] ?? (usual !== undefined && !integer && Math.abs(usual) <= 1 ? 0.05 : 1)
  const step = (by: number): void => {
    act.nudge(path, (now) => parseNumber(path, String(Number(((typeof now === 'number' ? now : usual ?? 0) + by * width).toFixed(6))), integer))
  }
  const parse = (typed: string): unknown => {
    const text = typed.trim().toLowerCase()
    if (text === '' && usual !== undefined) return leftOut
    return word && (text === '' || text === word) ? word : parseNumber(path, typed, integer)
  }
  return field(context, spec, html`
    ${range ? slider({ label: t('{0} slider', label), value: Number.isNaN(number) ? range[0] : number, min: range[0], max: range[1], step: range[2], disabled, description, onInput: (next) => { act.edit(path, next) } }) : nothing}
    ${textField({
      id, label, disabled, invalid, description, className: !range && (word || usual !== undefined) ? 'wide' : 'number', value: decided !== undefined ? String(decided) : shownText(state, path, (now) => typeof now === 'number' || typeof now === 'string' ? String(now) : ''),
      ...(usual !== undefined ? { placeholder: usualText(usual) } : word ? { placeholder: word } : {}),
      onInput: (text) => { act.type(path, label, text, parse) }, onLeave: () => { act.leave(path) }, onStep: step,
    })}`)
}

/** 1/3 is 0.3333. */
const usualText = (usual: number): string => String(Number(usual.toPrecision(4)))

/** The number that a text is, if the schema allows it at this path. */
export function parseNumber(path: string, text: string, integer: boolean): number | undefined {
  const trimmed = text.trim().replace('−', '-')
  if (!(integer ? /^\d+$/ : /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i).test(trimmed)) return undefined
  const value = Number(trimmed)
  const node = schemaAt(path)
  const ranges = node?.anyOf?.find(({ type }) => type === 'number' || type === 'integer') ?? node
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = ranges ?? {}
  return value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum ? value : undefined
}
