// The only importer of the toolkit (archived in 2025, still sound): the day it must go, this file is rewritten.
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeDropdown, vsCodeOption, vsCodeTextField } from '@vscode/webview-ui-toolkit'
import { html, nothing, type TemplateResult } from 'lit-html'
import type { DirectiveResult } from 'lit-html/directive.js'
import { ref } from 'lit-html/directives/ref.js'

/** Registers the elements of this file's templates. Once, before the first drawing. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeTextField())
}

/** What the controls have in common. `description` is read out after the label and is the tooltip; a disabled control says there why. */
export interface Common { id?: string; label: string; disabled?: boolean; description?: string; className?: string }

export interface ButtonSpec extends Common {
  onClick: () => void
  appearance?: 'primary' | 'secondary' | 'icon'
  /** Shown instead of the label, which stays as the name. */
  icon?: TemplateResult
  pressed?: boolean
}

export function button({ id, label, icon, appearance = 'secondary', onClick, disabled = false, description, pressed, className = '' }: ButtonSpec): TemplateResult {
  return html`<vscode-button id=${id ?? nothing} class=${className} .appearance=${appearance} .disabled=${disabled} title=${description ?? (icon ? label : nothing)} @click=${onClick}
    ${inner('button', { 'aria-label': icon ? label : null, 'aria-description': description ?? null, 'aria-pressed': pressed === undefined ? null : String(pressed) })}>${icon ?? label}</vscode-button>`
}

export interface DropdownSpec extends Common { value: string; options: readonly { value: string; label: string; title?: string }[]; onChange: (value: string) => void; invalid?: boolean }

export function dropdown({ id, label, value, options, onChange, disabled = false, description, invalid = false, className = '' }: DropdownSpec): TemplateResult {
  const { label: text, title } = options.find((option) => option.value === value) ?? {}
  return html`<vscode-dropdown id=${id ?? nothing} class=${className} .disabled=${disabled} title=${disabled ? nothing : title ?? text ?? nothing} aria-label=${label} aria-description=${description ?? nothing} aria-invalid=${invalid ? 'true' : nothing}
    @change=${({ target }: Event) => { onChange((target as HTMLElement & { value: string }).value) }} ${chosen(value, text)}>
    ${options.map((option) => html`<vscode-option .value=${option.value} title=${option.title ?? nothing}>${option.label}</vscode-option>`)}
  </vscode-dropdown>`
}

export interface TextSpec extends Common {
  value: string
  onInput: (text: string) => void
  /** The field was left or Enter pressed. */
  onLeave?: () => void
  /** ↑ and ↓, with Shift ten at once; only fields of numbers have it. */
  onStep?: (by: number) => void
  placeholder?: string
  invalid?: boolean
}

export function textField({ id, label, value, onInput, onLeave, onStep, placeholder = '', disabled = false, description, invalid = false, className = '' }: TextSpec): TemplateResult {
  const step = (event: KeyboardEvent): void => {
    if (!onStep || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    onStep((event.key === 'ArrowUp' ? 1 : -1) * (event.shiftKey ? 10 : 1))
  }
  return html`<vscode-text-field id=${id ?? nothing} class=${className} .value=${value} .placeholder=${placeholder} .disabled=${disabled}
    @input=${({ target }: Event) => { onInput((target as HTMLElement & { value: string }).value) }} @change=${() => { onLeave?.() }} @keydown=${step}
    ${inner('input', { 'aria-label': label, 'aria-description': description ?? null, 'aria-invalid': invalid ? 'true' : null })}></vscode-text-field>`
}

export interface CheckboxSpec extends Common { /** The label stands elsewhere. */ unlabelled?: boolean; checked: boolean; onChange: (checked: boolean) => void }

export function checkbox({ id, label, unlabelled = false, checked, onChange, disabled = false, description, className = '' }: CheckboxSpec): TemplateResult {
  // The element tells of a change that comes from here too: the newest listener must be there first, which knows of it.
  return html`<vscode-checkbox id=${id ?? nothing} class=${className} @change=${({ target }: Event) => { const now = (target as HTMLElement & { checked: boolean }).checked; if (now !== checked) onChange(now) }}
    .checked=${checked} .disabled=${disabled} aria-description=${description ?? nothing} ${afterDrawing((box) => { if (unlabelled) box.setAttribute('aria-label', label) })}>${unlabelled ? nothing : label}</vscode-checkbox>`
}

/** Something is going on, nobody knows for how long. It moves a few times a second: each time the whole window is drawn, by the processor that has work to do. */
export function progressRing(label: string): TemplateResult {
  return ring(label, 0.25, 'turns')
}

/** The part of something that is done, from 0 to 1. It does not move between two drawings. */
export function shareRing(label: string, share: number): TemplateResult {
  return ring(label, share, '')
}

const ring = (label: string, share: number, className: string): TemplateResult => html`<svg class=${`ring ${className}`} viewBox="0 0 16 16" role="img" aria-label=${label}>
  <circle cx="8" cy="8" r="6" pathLength="1"/><circle class="done" cx="8" cy="8" r="6" pathLength="1" stroke-dasharray="${share} 1"/></svg>`

/**
 * The toolkit's button and text field wrap a native one that has the focus. What assistive technology must know is set on that one:
 * the elements pass on a part of it only, and overwrite labels when they are connected.
 */
function inner(selector: string, attributes: Readonly<Record<string, string | null>>): DirectiveResult {
  return afterDrawing((host) => {
    const target = host.shadowRoot?.querySelector(selector)
    for (const [name, value] of Object.entries(attributes)) {
      if (name === 'aria-label' && value !== null) host.setAttribute(name, value)
      if (!target || target.getAttribute(name) === value) continue
      if (value !== null) target.setAttribute(name, value)
      else if (name !== 'aria-label') target.removeAttribute(name)
    }
  })
}

type Dropdown = Element & { value: string; open: boolean }
const wanted = new WeakMap<Element, { value: string; text: string | undefined }>()

/**
 * Keeps a dropdown at a value: the toolkit forgets it whenever the options change, and does not see an option get another text.
 * Not while it is open and the user is choosing.
 */
function chosen(value: string, text: string | undefined): DirectiveResult {
  return afterDrawing((element) => {
    const dropdown = element as Dropdown
    const apply = (): void => { if (!dropdown.open && dropdown.value !== wanted.get(dropdown)?.value) dropdown.value = wanted.get(dropdown)?.value ?? '' }
    const before = wanted.get(dropdown)
    wanted.set(dropdown, { value, text })
    apply()
    if (before && before.text !== text) dropdown.dispatchEvent(new Event('contentchange'))
    if (!before) dropdown.shadowRoot?.addEventListener('slotchange', () => { queueMicrotask(apply) })
  })
}

/** A new element has no shadow root before it is connected, which is when the drawing is over. */
function afterDrawing(apply: (element: Element) => void): DirectiveResult {
  return ref((element) => { if (element) queueMicrotask(() => { apply(element) }) })
}
