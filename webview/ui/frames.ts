import { html, nothing, type TemplateResult } from 'lit-html'
import { classMap } from 'lit-html/directives/class-map.js'
import { isDerived, type Tensor } from '../../src/protocol/inspect'
import type { FramePair, RowEvent } from '../../src/protocol/run'
import type { Task } from '../../src/recipe/recipe'
import { sheetLayout } from '../../src/render/contactSheet'
import { isPlane, type StateShape } from '../../src/render/pixels'
import { t } from '../../src/sampler/text'
import { itemAlone, shapeOf, shownEvent, shownRow, shownTensors, type PageState } from '../state'
import { hasStates, notKept } from '../keptRows'
import { button } from './controls'
import type { Context } from './field'
import { frameRoom } from './frameRoom'
import { icons } from './icons'
import { draw, shownSize, type Picture } from './pixels'
import { fixed } from './text'

/** What a frame shows: the picture, of which row it is (undefined: of none), or why there is none. `scale`: what the ends of its colours stand for. */
export interface Content { picture: Picture; row: number | undefined; empty: string; description?: string; scale?: number; legend?: TemplateResult | typeof nothing }
/** What a frame of recorded values shows, all of its picture: the contact sheet, or the one item that was chosen. */
export interface Sheet { shape: StateShape; item: number | null; width: number; height: number; cssWidth: number; cssHeight: number }

export const symbols: Record<Tensor, TemplateResult> = { x: html`x<sub>t</sub>`, x0: html`x̂<sub>0</sub>`, eps: html`ε̂`, delta: html`Δ` }
export const names: Record<Tensor, string> = { x: 'x_t', x0: 'x̂₀', eps: 'ε̂', delta: 'Δ' }

/** The chosen ones of x_t, x̂₀, ε̂ and Δ in the shown row side by side; before the first run x_T of a fixed seed. */
export function frames(context: Context): TemplateResult {
  const { state } = context
  const sheet = paneOf(state)
  const { tensors } = sheet
  const plane = isPlane(sheet.shape)
  return html`<div class="looks"><div class="frames" data-columns=${sheet.columns}>${tensors.map((tensor) => frame(context, tensor, sheet, plane))}</div>
    <div class="view-tools">${typeof state.planner === 'string' ? nothing : state.planner.viewTools(context, sheet, tensors)}</div></div>`
}

/** The frames on show, what each shows of the state and how large; how many stand side by side, in what room, and whether there are lines of text under them. */
export interface Panes extends Sheet { tensors: readonly Tensor[]; columns: number; room: { width: number; height: number }; legends: boolean }

let last: { of: PageState; panes: Panes } | undefined

/** Worked out once a drawing: frames, tools, numbers and plots go by it. */
export function paneOf(state: PageState): Panes {
  if (last?.of !== state) last = { of: state, panes: panesOf(state) }
  return last.panes
}

function panesOf(state: PageState): Panes {
  const shape = shapeOf(state)
  const plane = isPlane(shape)
  const tensors = state.look.blink ? [state.look.blink] : shownTensors(state, plane)
  const layout = sheetLayout(shape)
  const item = itemAlone(state)
  const [width, height] = item === null ? [layout.columns * shape[3], layout.rows * shape[2]] : [shape[3], shape[2]]
  const legends = plane || tensors.some(isDerived) || typeof state.planner !== 'string' && state.planner.colourNote(state) !== null
  const { columns, room } = frameRoom(state.size, tensors.length, width / height, legends)
  const size = shownSize(width, height, room, window.devicePixelRatio || 1)
  return { shape, item, width, height, cssWidth: size.width, cssHeight: size.height, tensors, columns, room, legends }
}

function frame(context: Context, tensor: Tensor, sheet: Panes, plane: boolean): TemplateResult {
  const { state, act } = context
  const row = shownRow(state)
  const event = shownEvent(state)
  const kept = hasStates(state.view?.run, row)
  const planner = typeof state.planner === 'string' ? null : state.planner
  const drawing: Content | null = plane ? planner?.pointsDrawing(state, tensor === 'x' ? 'x' : 'x0', sheet.shape, sheet.room) ?? null : null
  const { picture, empty, row: drawn, scale, ...said } = planner?.offContent(state, sheet) ?? drawing ?? (tensor === 'x' || tensor === 'x0' ? recorded(state, tensor, sheet, plane) : planner?.derivedContent(state, tensor, sheet) ?? nothingOf(sheet))
  const stale = drawn !== undefined && event !== undefined && drawn !== row
  const lens = plane || !planner ? null : planner.lens(context, tensor, sheet)
  const name = names[tensor]
  return html`<figure class=${classMap({ stale, loading: state.view?.run?.status === 'loading' })}>
    <figcaption><b>${symbols[tensor]}</b> <span class="what">${whatOf(tensor, state)}</span>
      <span class="where">${event ? caption(event, tensor, scale) : nothing}</span>
      ${tensor === 'x' || tensor === 'x0' ? button({ label: t('Save image of {0}', name), icon: icons.save, appearance: 'icon', disabled: !event || !kept, description: !event ? t('Nothing is recorded yet') : kept ? t('Save {0} of step {1} as an image…', name, row) : notKept(row), onClick: () => { act.saveImage(tensor) } }) : nothing}
    </figcaption>
    <div class="picture ${lens?.className ?? ''}" data-view=${tensor} role=${lens ? 'group' : nothing} tabindex=${lens ? '0' : nothing} aria-label=${lens?.label ?? nothing} aria-description=${lens?.description ?? nothing} ${lens?.attach ?? nothing}>
      <canvas role="img" data-frame=${tensor} data-row=${drawn ?? nothing} aria-label=${said.description ?? description(name, tensor, event, empty, scale)} ${draw(lens ? { ...picture, transform: lens.transform } : picture)}></canvas>
      ${lens?.over ?? nothing}
      ${empty ? html`<p class="empty">${empty}</p>` : nothing}
    </div>
    ${said.legend ?? planner?.colourLine(state) ?? nothing}
  </figure>`
}

function whatOf(tensor: Tensor, state: PageState): string {
  switch (tensor) {
    case 'x': return t('noisy state')
    case 'x0': return taskOf(state) === 'noise' ? t('the image itself') : t('model’s estimate')
    case 'eps': return t('noise in it')
    case 'delta': return t('change of x̂₀')
  }
}

/** What the run shown does, or the next one. */
function taskOf({ view, form }: PageState): Task | undefined {
  return (view?.run ? view.run.document?.recipe : form?.recipe)?.input.task
}

/** A frame without a picture. */
export function nothingOf({ width, height, cssWidth, cssHeight }: Sheet, empty = ''): Content {
  return { picture: { width, height, rgba: null, cssWidth, cssHeight }, row: undefined, empty }
}

/** A contact sheet, or of it the one item. */
export function sheetPicture({ width, height, rgba }: { width: number; height: number; rgba: Uint8Array }, { shape, item, cssWidth, cssHeight }: Sheet): Picture {
  if (item === null) return { width, height, rgba, cssWidth, cssHeight }
  const { columns, rows } = sheetLayout(shape)
  const [cellWidth, cellHeight] = [width / columns, height / rows]
  return { width: cellWidth, height: cellHeight, rgba, cssWidth, cssHeight, from: { width, height, left: item % columns * cellWidth, top: Math.floor(item / columns) * cellHeight } }
}

/** The picture of the row, or while it is fetched the one nearest to it. */
function pairFor({ frames: kept, unreadable }: PageState, row: number): FramePair | undefined {
  const exact = kept.get(row)
  if (exact || row < 0 || unreadable.has(row)) return exact
  let nearest: FramePair | undefined
  for (const pair of kept.values()) if (!nearest || Math.abs(pair.row - row) < Math.abs(nearest.row - row)) nearest = pair
  return nearest
}

function recorded(state: PageState, what: 'x' | 'x0', sheet: Sheet, plane: boolean): Content {
  const pair = plane ? undefined : pairFor(state, shownRow(state))
  if (pair) return { picture: sheetPicture({ ...pair, rgba: pair[what] }, sheet), row: pair.row, empty: '' }
  const noise = what === 'x' && !state.view?.run && state.form && state.form.recipe.input.image === '' && typeof state.planner !== 'string' ? state.planner.initialNoise(state, state.form.recipe.noise, sheet.shape) : null
  if (noise) return { picture: sheetPicture(noise, sheet), row: undefined, empty: '' }
  return nothingOf(sheet, plane && state.planner === 'failed' ? t('The points could not be drawn. Close the preview and open it again.') : emptyText(state, what))
}

function emptyText(state: PageState, what: 'x' | 'x0'): string {
  const { view, form } = state
  if (state.unreadable.has(shownRow(state))) return t('The pictures of this step could not be read.')
  if (view?.run) return view.run.status === 'failed' || view.run.status === 'stopped' ? t('No step was recorded.') : t('Waiting for the first step')
  if (what === 'x0') return t('The estimate appears with the first step')
  if (form && form.recipe.input.image !== '') return t('The run begins with the image')
  return form?.recipe.noise.seed === 'random' ? t('Each run starts from new noise') : t('x_T, the noise of the seed')
}

function caption(event: RowEvent, tensor: Tensor, scale: number | undefined): string {
  if (tensor === 'x') return t('step {0}', event.row)
  if (tensor === 'x0') return event.estimateFrom === event.row ? `σ ${fixed(event.level.sigma, 3)}` : t('of step {0}', event.estimateFrom)
  return scale === undefined ? '' : `±${scaleText(scale)}`
}

/** A scale to two digits that count. */
export const scaleText = (scale: number): string => scale >= 0.001 && scale < 1000 ? String(Number(scale.toPrecision(2))) : scale.toExponential(1)

function description(name: string, tensor: Tensor, event: RowEvent | undefined, empty: string, scale: number | undefined): string {
  if (!event) return empty ? `${name}: ${empty}` : t('{0}: the noise sampling starts from', name)
  if (isDerived(tensor)) return empty ? `${name}: ${empty}` : scale === undefined ? name : t('{0}, step {1}, colours from {2} to {3}', name, event.row, `−${scaleText(scale)}`, scaleText(scale))
  const { mean, std, nonFinite } = event[tensor]
  return nonFinite > 0 ? t('{0}, step {1}, mean {2}, standard deviation {3}, {4} values not finite', name, event.row, fixed(mean, 2), fixed(std, 2), nonFinite)
    : t('{0}, step {1}, mean {2}, standard deviation {3}', name, event.row, fixed(mean, 2), fixed(std, 2))
}
