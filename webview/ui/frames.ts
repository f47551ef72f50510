import { html, nothing, type TemplateResult } from 'lit-html'
import { classMap } from 'lit-html/directives/class-map.js'
import type { FramePair, RowEvent } from '../../src/protocol/run'
import type { Task } from '../../src/recipe/recipe'
import { sheetLayout } from '../../src/render/contactSheet'
import { isPlane, type StateShape } from '../../src/render/pixels'
import { factsOf } from '../form'
import { shownEvent, shownRow, type PageState } from '../state'
import { button } from './controls'
import type { Context } from './field'
import { icons } from './icons'
import { draw, shownSize, type Picture } from './pixels'
import { fixed } from './text'

/** Room that the other parts of the Sample panel take, in CSS pixels. */
const probeWidth = 156
const gap = 16
const captionHeight = 26
/** Below this width of the main area the numbers go under the frames. */
export const narrowBelow = 700
/** Below this one frame goes under the other. */
const stackedBelow = 330

/** x_t and x̂₀ of the shown row side by side; before the first run x_T of a fixed seed. */
export function frames(context: Context): TemplateResult {
  const { state } = context
  const shape = shapeOf(state)
  const both = state.shown === 'both'
  return html`<div class="frames">
    ${both || state.shown === 'x' ? frame(context, 'x', shape) : nothing}
    ${both || state.shown === 'x0' ? frame(context, 'x0', shape) : nothing}
  </div>`
}

function frame({ state, act }: Context, what: 'x' | 'x0', shape: StateShape): TemplateResult {
  const row = shownRow(state)
  const event = shownEvent(state)
  const pair = pairFor(state, row)
  const plane = isPlane(shape)
  const drawing = plane && typeof state.planner !== 'string' ? state.planner.pointsDrawing(state, what, shape, room(state)) : null
  const { picture, empty } = drawing ?? content(state, what, shape, plane ? undefined : pair)
  const drawn = plane ? drawing?.row : pair?.row
  const stale = drawn !== undefined && event !== undefined && drawn !== row
  const symbol = what === 'x' ? html`x<sub>t</sub>` : html`x̂<sub>0</sub>`
  const name = what === 'x' ? 'x_t' : 'x̂₀'
  return html`<figure class=${classMap({ stale, loading: state.view?.run?.status === 'loading' })}>
    <figcaption><b>${symbol}</b> <span class="what">${what === 'x' ? 'noisy state' : taskOf(state) === 'noise' ? 'the image itself' : 'model’s estimate'}</span>
      <span class="where">${event ? caption(event, what) : nothing}</span>
      ${button({ label: `Save image of ${name}`, icon: icons.save, appearance: 'icon', disabled: !event, description: event ? `Save ${name} of step ${row} as an image…` : 'Nothing is recorded yet', onClick: () => { act.saveImage(what) } })}
    </figcaption>
    <div class="picture">
      <canvas role="img" data-frame=${what} data-row=${drawn ?? nothing} aria-label=${drawing?.description ?? description(name, what, event, empty)} ${draw(picture)}></canvas>
      ${empty ? html`<p class="empty">${empty}</p>` : nothing}
    </div>
    ${drawing?.legend ?? nothing}
  </figure>`
}

/** What the run shown does, or the next one. */
function taskOf({ view, form }: PageState): Task | undefined {
  return (view?.run ? view.run.document?.recipe : form?.recipe)?.input.task
}

/** The picture of the row, or while it is fetched the one nearest to it. */
function pairFor({ frames: kept, unreadable }: PageState, row: number): FramePair | undefined {
  const exact = kept.get(row)
  if (exact || row < 0 || unreadable.has(row)) return exact
  let nearest: FramePair | undefined
  for (const pair of kept.values()) if (!nearest || Math.abs(pair.row - row) < Math.abs(nearest.row - row)) nearest = pair
  return nearest
}

function content(state: PageState, what: 'x' | 'x0', shape: StateShape, pair: FramePair | undefined): { picture: Picture; empty: string } {
  const { columns, rows } = sheetLayout(shape)
  const size = shownSize(columns * shape[3], rows * shape[2], room(state), window.devicePixelRatio || 1)
  const css = { cssWidth: size.width, cssHeight: size.height }
  if (pair) return { picture: { width: pair.width, height: pair.height, rgba: pair[what], ...css }, empty: '' }
  const noise = what === 'x' && !state.view?.run && state.form && state.form.recipe.input.image === '' && typeof state.planner !== 'string' ? state.planner.initialNoise(state.form.recipe.noise, shape) : null
  if (noise) return { picture: { width: noise.width, height: noise.height, rgba: noise.rgba, ...css }, empty: '' }
  return { picture: { width: columns * shape[3], height: rows * shape[2], rgba: null, ...css }, empty: isPlane(shape) && state.planner === 'failed' ? 'The points could not be drawn. Close the preview and open it again.' : emptyText(state, what) }
}

function emptyText(state: PageState, what: 'x' | 'x0'): string {
  const { view, form } = state
  if (state.unreadable.has(shownRow(state))) return 'The pictures of this step could not be read.'
  if (view?.run) return view.run.status === 'failed' || view.run.status === 'stopped' ? 'No step was recorded.' : 'Waiting for the first step'
  if (what === 'x0') return 'The estimate appears with the first step'
  if (form && form.recipe.input.image !== '') return 'The run begins with the image'
  return form?.recipe.noise.seed === 'random' ? 'Each run starts from new noise' : 'x_T, the noise of the seed'
}

function room({ size: { width, height }, shown }: PageState): { width: number; height: number } {
  const narrow = width < narrowBelow
  const across = shown === 'both' && width >= stackedBelow ? 2 : 1
  return { width: Math.max(48, (width - (narrow ? 0 : probeWidth + gap) - (across - 1) * gap) / across), height: Math.max(160, height - 250 - captionHeight) }
}

/** B, C, H, W of what is shown: the run's, else what the form would make. */
function shapeOf(state: PageState): StateShape {
  const run = state.view?.run?.document?.shape
  if (run) return run
  const [channels, height, width] = factsOf(state)?.shape ?? [1, 32, 32]
  return [Math.min(64, state.form?.recipe.noise.batch ?? 1), channels, height, width]
}

function caption(event: RowEvent, what: 'x' | 'x0'): string {
  if (what === 'x') return `step ${event.row}`
  return event.estimateFrom === event.row ? `σ ${fixed(event.level.sigma, 3)}` : `of step ${event.estimateFrom}`
}

function description(name: string, what: 'x' | 'x0', event: RowEvent | undefined, empty: string): string {
  if (!event) return empty ? `${name}: ${empty}` : `${name}: the noise sampling starts from`
  const { mean, std, nonFinite } = event[what]
  return `${name}, step ${event.row}, mean ${fixed(mean, 2)}, standard deviation ${fixed(std, 2)}${nonFinite > 0 ? `, ${nonFinite} values not finite` : ''}`
}
