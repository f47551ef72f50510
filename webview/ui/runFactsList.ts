import { html, nothing, type TemplateResult } from 'lit-html'
import { itemAlone, type PageState } from '../state'
import { narrowBelow } from './frameRoom'
import type { Panes } from './frames'
import { runFacts } from './runFacts'

/** Width of frames in CSS pixels under which the facts have room beside the tools. */
const leastWidth = 640

/** Where four frames stand in a row the probe beside them is higher than they are, and there is room under them: for the pixel's values too. */
export const hasFactsBelow = ({ size }: PageState, { columns, cssWidth }: Panes): boolean => size.width >= narrowBelow && columns > 3 && columns * cssWidth >= leastWidth

/** What the run on show was made with: the seed of the image that is shown alone, or those of all that are. */
export function runFactsList({ view, ...state }: PageState): TemplateResult | typeof nothing {
  if (!view?.run?.document) return nothing
  const { seed, class: label, guidance } = runFacts(view.run, itemAlone({ view, ...state }) ?? undefined)
  return html`<dl class="long">${[seed, label, guidance].map((fact) => fact ? html`<div><dt>${fact[0]}</dt><dd class=${fact === label ? 'text' : ''}>${fact[2]}</dd></div>` : nothing)}</dl>`
}
