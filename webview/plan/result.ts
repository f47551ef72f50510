import { html, nothing, type TemplateResult } from 'lit-html'
import { sheetLayout } from '../../src/render/contactSheet'
import { isPlane } from '../../src/render/pixels'
import { t } from '../../src/sampler/text'
import { headRow, type PageState } from '../state'
import type { Context } from '../ui/field'
import { draw, shownSize } from '../ui/pixels'
import { pointsDrawing } from '../ui/points'

/** Width that the picture takes from the drawing beside it, in CSS pixels; where there is little room it is below. */
export const resultRoom = ({ live, view, size }: PageState): number => live && view?.run?.document && size.width >= 560 ? 152 : 0
const room = { width: 128, height: 128 }

/** While changes are sampled as they are made: what comes of them, at the last step, since a change may concern those after the one under the cursor. */
export function result({ state }: Context): TemplateResult | typeof nothing {
  const document = state.view?.run?.document
  if (!state.live || !document) return nothing
  const row = headRow(state)
  const { shape } = document
  if (isPlane(shape)) {
    const drawing = pointsDrawing({ ...state, player: { ...state.player, row, following: true } }, 'x', shape, room)
    return drawing ? html`<canvas class="result" role="img" aria-label=${drawing.description} ${draw(drawing.picture)}></canvas>` : nothing
  }
  const pair = state.frames.get(row) ?? [...state.frames.values()].at(-1)
  const { columns, rows } = sheetLayout(shape)
  const { width, height } = shownSize(columns * shape[3], rows * shape[2], room, window.devicePixelRatio || 1)
  return html`<canvas class="result" role="img" data-row=${pair?.row ?? nothing} aria-label=${t('x̂₀ of step {0}', pair?.row ?? row)}
    ${draw({ width: pair?.width ?? 1, height: pair?.height ?? 1, rgba: pair?.x0 ?? null, cssWidth: width, cssHeight: height })}></canvas>`
}
