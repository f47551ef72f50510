import { html, nothing, type TemplateResult } from 'lit-html'
import { settingTitle } from '../../src/recipe/settingTitle'
import { isPlane } from '../../src/render/pixels'
import { t } from '../../src/sampler/text'
import { previewsOff, shapeOf, spaceOf, type PageState } from '../state'
import { nothingOf, type Content, type Sheet } from './frames'

/** What the colours of x_t and x̂₀ are where they are not those of the result; null where they are. */
export function colourNote(state: PageState): string | null {
  const shape = shapeOf(state)
  if (isPlane(shape) || shape[1] === 1 || shape[1] === 3) return null
  if (spaceOf(state)) return t('approximate colours')
  return shape[1] === 2 ? t('the first channel') : t('channels 1–3 as RGB')
}

/** The same below a frame; only its place while there is no picture. */
export function colourLine(state: PageState): TemplateResult | typeof nothing {
  const note = colourNote(state)
  return note === null ? nothing : html`<div class="colours">${previewsOff(state) ? nothing : html`<span title=${note}>${note}</span>`}</div>`
}

/** What a frame shows while a run goes on of which no pictures are made; null otherwise. */
export function offContent(state: PageState, sheet: Sheet): Content | null {
  return previewsOff(state) ? nothingOf(sheet, t('Previews are off, as the setting “{0}” says', settingTitle('preview.method'))) : null
}
