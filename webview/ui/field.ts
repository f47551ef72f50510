import { html, nothing, type TemplateResult } from 'lit-html'
import { classMap } from 'lit-html/directives/class-map.js'
import { getPath } from '../../src/recipe/path'
import { schemaAt } from '../../src/recipe/schema'
import type { Actions } from '../actions'
import { checked, isModified } from '../form'
import type { PageState } from '../state'
import { button, textField } from './controls'
import { slider } from './native'

/** What templates of the form are given. */
export interface Context { state: PageState; act: Actions }

/** Id of the control of a recipe field; the focus goes there when its value is refused. */
export const controlId = (path: string): string => `field-${path.replaceAll('.', '-')}`

/** What is wrong at a field: typed text that is no value, else what `prepare` refuses. */
export function errorAt(state: PageState, path: string): { message: string; advice: string; remedy: { title: string; set: Record<string, unknown> } | null } | null {
  const typed = state.form?.drafts[path]?.error
  if (typed) return { message: typed, advice: '', remedy: null }
  const error = checked(state)?.error
  if (error?.field !== path) return null
  return { message: error.message, advice: error.advice, remedy: error.remedy && 'set' in error.remedy ? error.remedy : null }
}

/** One line of the form: modified mark, label, control, and below it what is wrong with the remedy as a button. `off`: why the control cannot be used. */
export function field({ state, act }: Context, path: string, label: string, control: TemplateResult, off: string | null = null): TemplateResult {
  const error = errorAt(state, path)
  const modified = isModified(state, path)
  return html`<div class=${classMap({ field: true, off: off !== null, invalid: error !== null })} data-field=${path} title=${off ?? nothing}>
    <label for=${controlId(path)} class=${classMap({ modified })} title=${off ?? schemaAt(path)?.description ?? nothing}>${label}${modified ? html`<span class="unseen"> (changed from the default)</span>` : nothing}</label>
    <div class="control">${control}</div>
    ${error ? html`<p class="field-error" role="alert">${error.message}${error.advice && !error.remedy ? html` ${error.advice}` : nothing}
      ${error.remedy ? button({ label: error.remedy.title, description: error.advice, onClick: () => { act.apply(error.remedy!.set) } }) : nothing}</p>` : nothing}
  </div>`
}

/** Description of a control: why it is off, else what is wrong, else what the field means. */
export function describe(state: PageState, path: string, off: string | null): { id: string; disabled: boolean; invalid: boolean; description: string } {
  const error = errorAt(state, path)
  return { id: controlId(path), disabled: off !== null, invalid: error !== null, description: off ?? (error ? `${error.message} ${error.advice}` : schemaAt(path)?.description ?? '') }
}

/** The text a field shows: what is being typed, else the value. */
export function shownText({ form }: PageState, path: string, format: (value: unknown) => string = String): string {
  return form?.drafts[path]?.text ?? format(getPath(form?.recipe, path))
}

export interface NumberSpec { path: string; label: string; integer: boolean; off?: string | null; /** Ends of the slider; none: no slider. */ range?: [min: number, max: number, step: number]; word?: string }

/** A number to type, with ↑ ↓, and a slider where `range` is given. `word`: a text that stands for a value, such as auto. */
export function numberField(context: Context, { path, label, integer, off = null, range, word }: NumberSpec): TemplateResult {
  const { state, act } = context
  const { id, disabled, invalid, description } = describe(state, path, off)
  const value = getPath(state.form?.recipe, path)
  const number = typeof value === 'number' ? value : NaN
  const step = (by: number): void => {
    act.nudge(path, (now) => parseNumber(path, String(Number(((typeof now === 'number' ? now : 0) + by * (range?.[2] ?? 1)).toFixed(6))), integer))
  }
  return field(context, path, label, html`
    ${range ? slider({ label: `${label} slider`, value: Number.isNaN(number) ? range[0] : number, min: range[0], max: range[1], step: range[2], disabled, description, onInput: (next) => { act.edit(path, next) } }) : nothing}
    ${textField({
      id, label, disabled, invalid, description, className: range ? 'number' : word ? 'wide' : 'number', value: shownText(state, path), ...(word ? { placeholder: word } : {}),
      onInput: (text) => { act.type(path, label, text, (typed) => word && (typed.trim() === '' || typed.trim().toLowerCase() === word) ? word : parseNumber(path, typed, integer)) },
      onLeave: () => { act.leave(path) }, onStep: step,
    })}`, off)
}

/** The number that a text is, if the schema allows it at this path. */
export function parseNumber(path: string, text: string, integer: boolean): number | undefined {
  const trimmed = text.trim().replace('−', '-')
  if (!(integer ? /^\d+$/ : /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i).test(trimmed)) return undefined
  const value = Number(trimmed)
  const node = schemaAt(path)
  const ranges = node?.anyOf?.find(({ type }) => type === 'number') ?? node
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = ranges ?? {}
  return value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum ? value : undefined
}
