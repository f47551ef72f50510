import { html, nothing, type TemplateResult } from 'lit-html'
import type { DerivedTensor } from '../../src/protocol/inspect'
import type { RowEvent } from '../../src/protocol/run'
import type { RunView } from '../../src/protocol/view'
import { shownChannels } from '../../src/render/pixels'
import { signedSheet } from '../../src/render/signedSheet'
import { t } from '../../src/sampler/text'
import { hasStates, notKept } from '../keptRows'
import { shownEvent, shownRow, type PageState } from '../state'
import { nothingOf, scaleText, sheetPicture, type Content, type Sheet } from './frames'
import { draw } from './pixels'

/** ε̂ or Δ of the shown row, while it is fetched of the nearest row; where it is not defined, why. */
export function derivedContent(state: PageState, tensor: DerivedTensor, sheet: Sheet): Content {
  // The legend's place is kept, or all below would jump.
  return { legend: html`<div class="colours"></div>`, ...contentOf(state, tensor, sheet) }
}

function contentOf(state: PageState, tensor: DerivedTensor, sheet: Sheet): Content {
  const row = shownRow(state)
  const event = shownEvent(state)
  const none = event ? whyNone(state.view?.run, event, tensor) : state.view?.run ? t('Waiting for the first step') : t('It appears with the first step')
  if (none !== null) return nothingOf(sheet, none)
  const kept = state.derived.get(row)
  if (kept?.failed) return nothingOf(sheet, t('The pictures of this step could not be read.'))
  const own = kept?.asked.includes(tensor) ? row : nearest(state, tensor, row)
  const from = own === undefined ? undefined : state.derived.get(own)
  const picture = from?.pictures.find((one) => one.tensor === tensor)
  if (!from || !picture) return nothingOf(sheet, kept?.asked.includes(tensor) ? t('It is not defined at this step.') : '')
  return { picture: sheetPicture({ width: from.width, height: from.height, rgba: picture.rgba }, sheet), row: own, empty: '', scale: picture.scale, legend: legend(picture.scale, sheet.shape[1]) }
}

/** Why there is none at a row; null where there should be one. */
export function whyNone(run: RunView | null | undefined, { row, level, estimateFrom, lanes }: RowEvent, tensor: DerivedTensor): string | null {
  const gone = [row, ...tensor === 'delta' && !lanes ? [row - 1] : []].find((one) => one >= 0 && !hasStates(run, one))
  if (gone !== undefined) return notKept(gone)
  if (tensor === 'delta') return row === 0 ? t('Δ begins with the first step: there is no x̂₀ before.') : null
  if (estimateFrom !== row) return t('x̂₀ is of step {0}: the network did not see this state.', estimateFrom)
  return level.sigma === 0 && !lanes ? t('σ is 0: there is no noise in this state.') : null
}

function nearest({ derived }: PageState, tensor: DerivedTensor, row: number): number | undefined {
  let best: number | undefined
  for (const [other, { pictures }] of derived) if (pictures.some((one) => one.tensor === tensor) && (best === undefined || Math.abs(other - row) < Math.abs(best - row))) best = other
  return best
}

const rampWidth = 96
const ramps = new Map<1 | 3, Uint8Array>()

/** The colours from −1 to 1, as pictures have them. */
function ramp(channels: 1 | 3): Uint8Array {
  const known = ramps.get(channels)
  if (known) return known
  const sheet = signedSheet(Float32Array.from({ length: channels * rampWidth }, (_, i) => i % rampWidth / (rampWidth - 1) * 2 - 1), [1, channels, 1, rampWidth], 1, rampWidth)
  let next = sheet.next()
  while (!next.done) next = sheet.next()
  ramps.set(channels, next.value.rgba)
  return next.value.rgba
}

/** The colours with the values that they stand for; of colour pictures those of each channel, and of states with more or fewer channels which are shown. */
function legend(scale: number, channels: number): TemplateResult {
  const shown = shownChannels(channels)
  const which = channels === 2 ? t('the first channel') : channels > 3 ? t('channels 1–3 as RGB') : shown === 3 ? t('each channel') : null
  const inFull = channels === 3 ? t('each of red, green, blue') : which
  return html`<div class="colours"><span>−${scaleText(scale)}</span><canvas aria-hidden="true" ${draw({ width: rampWidth, height: 1, rgba: ramp(shown) })}></canvas><span>${scaleText(scale)}</span>${which === null ? nothing : html`<span title=${inFull}>${which}</span>`}</div>`
}
