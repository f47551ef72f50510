import { html, nothing, type TemplateResult } from 'lit-html'
import { classMap } from 'lit-html/directives/class-map.js'
import { getPath } from '../../src/recipe/path'
import type { Actions } from '../actions'
import type { Remedy } from '../../src/sampler/errors'
import { schemaText, t } from '../../src/sampler/text'
import { checked, isModified } from '../form'
import type { PageState } from '../state'
import { button } from './controls'
import { icons } from './icons'

/** What templates of the form are given. */
export interface Context { state: PageState; act: Actions }

/** What the controls of all kinds of fields are made from. */
export interface FieldSpec {
  path: string
  label: string
  /** Why the field cannot be used, in one sentence; null where it can. */
  off?: string | null
  /** What it means, where the schema's description is not the one. */
  about?: string
}

/** Id of the control of a recipe field; the focus goes there when its value is refused. */
export const controlId = (path: string): string => `field-${path.replaceAll('.', '-')}`

/** What is wrong at a field: typed text that is no value, else what `prepare` refuses. */
export function errorAt(state: PageState, path: string): { message: string; advice: string; remedy: Remedy | null } | null {
  const typed = state.form?.drafts[path]?.error
  if (typed) return { message: typed, advice: '', remedy: null }
  const error = checked(state)?.error
  if (error?.field !== path) return null
  return { message: error.message, advice: error.advice, remedy: error.remedy ?? null }
}

/** One line of the form: modified mark, label, control, and below it what is wrong with the remedy as a button. */
export function field(context: Context, spec: FieldSpec, control: TemplateResult): TemplateResult {
  const { state, act } = context
  const { path, label, off = null } = spec
  const error = errorAt(state, path)
  const modified = isModified(state, path)
  return html`<div class=${classMap({ field: true, off: off !== null, invalid: error !== null })} data-field=${path} title=${off ?? nothing}>
    ${modified ? resetButton(context, spec) : nothing}
    <label for=${controlId(path)} class=${classMap({ modified })} title=${off ?? meaning(state, spec)}>${label}${modified ? html`<span class="unseen"> ${t('(changed from the default)')}</span>` : nothing}</label>
    <div class="control">${control}</div>
    ${error ? html`<p class="field-error" role="alert">${error.message}${error.advice && !error.remedy ? html` ${error.advice}` : nothing}
      ${error.remedy ? button({ label: error.remedy.title, description: error.advice, onClick: () => { act.help(error.remedy!) } }) : nothing}</p>` : nothing}
  </div>`
}

/** The modified mark, which takes the change back. */
function resetButton({ state, act }: Context, { path, label }: FieldSpec): TemplateResult {
  const words = t('Reset {0} to {1}', label, inWords(getPath(state.view?.defaults, path)))
  return html`<button type="button" class="reset" title=${words} aria-label=${words} @click=${() => { act.reset(path) }}>${icons.undo}</button>`
}

function inWords(value: unknown): string {
  if (value === undefined) return t('its usual value')
  if (typeof value === 'boolean') return value ? t('on') : t('off')
  const text = Array.isArray(value) ? value.join(', ') : typeof value === 'string' || typeof value === 'number' ? String(value) : t('the default')
  return text === '' ? t('none') : text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/** What the schema says of it comes with the mathematics. */
const meaning = ({ planner }: PageState, { path, about }: FieldSpec): string => about ?? (typeof planner === 'string' ? '' : schemaText(planner.descriptionOf(path)))

/** Description of a control: why it is off, else what is wrong, else what the field means. */
export function describe(state: PageState, spec: FieldSpec): { id: string; label: string; disabled: boolean; invalid: boolean; description: string } {
  const { path, label, off = null } = spec
  const error = errorAt(state, path)
  return { id: controlId(path), label, disabled: off !== null, invalid: error !== null, description: off ?? (error ? `${error.message} ${error.advice}` : meaning(state, spec)) }
}

/** The text a field shows: what is being typed, else the value. */
export function shownText({ form }: PageState, path: string, format: (value: unknown) => string = String): string {
  return form?.drafts[path]?.text ?? format(getPath(form?.recipe, path))
}
