// Controls the toolkit lacks, of plain HTML in the theme's colours.
import { html, nothing, type TemplateResult } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import type { Common } from './controls'

export interface SliderSpec extends Common { value: number; min: number; max: number; step: number; onInput: (value: number) => void; valueText?: string }

export function slider({ id, label, value, min, max, step, onInput, valueText, disabled = false, description, className = '' }: SliderSpec): TemplateResult {
  return html`<input type="range" id=${id ?? nothing} class="slider ${className}" min=${min} max=${max} step=${step} .value=${live(String(Math.min(max, Math.max(min, value))))} ?disabled=${disabled}
    aria-label=${label} aria-valuetext=${valueText ?? nothing} aria-description=${description ?? nothing} @input=${({ target }: Event) => { onInput((target as HTMLInputElement).valueAsNumber) }}>`
}

export interface SegmentsSpec extends Common { value: string; options: readonly { value: string; label: string; title?: string }[]; onChange: (value: string) => void; invalid?: boolean }

/** A choice of few, side by side: radio buttons, one of which always stands. */
export function segments({ id, label, value, options, onChange, disabled = false, description, invalid = false, className = '' }: SegmentsSpec): TemplateResult {
  return html`<div role="radiogroup" id=${id ?? nothing} class="segments ${className}" aria-label=${label} aria-description=${description ?? nothing} aria-invalid=${invalid ? 'true' : nothing}>
    ${options.map((option) => html`<label title=${option.title ?? nothing}>
      <input type="radio" name=${id ?? label} .value=${option.value} .checked=${live(option.value === value)} ?disabled=${disabled} @change=${() => { onChange(option.value) }}><span>${option.label}</span>
    </label>`)}
  </div>`
}
