import { html, nothing, svg, type TemplateResult } from 'lit-html'
import type { RowStates } from '../../src/protocol/run'
import { drawPoints, type PointsColours, type PointsScene } from '../../src/render/points'
import { meanDistance } from '../../src/render/pointsScene'
import type { RgbaPixels, StateShape } from '../../src/render/pixels'
import { needsOf } from '../../src/sampler/buffers'
import { t } from '../../src/sampler/text'
import { rowScene, shownScene, type Shown } from '../plane'
import type { PageState, Thumbnail } from '../state'
import { themeColours } from './colours'
import type { Picture } from './pixels'

/** Room that the legend takes below a drawing, in CSS pixels. */
const legendHeight = 40
const largest = 640
const usualSide = 340
const thumbnailSize = 48

/** A frame of a run in the plane: what is drawn, of which row, what it is in words, and what its signs mean. */
export interface PointsDrawing { picture: Picture; row: number | undefined; empty: string; description: string; legend: TemplateResult | typeof nothing }

/** Points of x_t or x̂₀ over the density, with the exact flow; null while there is nothing of the run to draw. */
export function pointsDrawing(state: PageState, what: 'x' | 'x0', shape: StateShape, room: { width: number; height: number }): PointsDrawing | null {
  const shown = shownScene(state, what, shape)
  if (!shown) return null
  const plan = state.view?.run?.document?.plan
  const renews = plan !== undefined && needsOf(plan.steps).noises > 0
  const ratio = window.devicePixelRatio || 1
  const css = Math.floor(Math.min(largest, room.width, Math.max(120, room.height - legendHeight)))
  // Smaller drawings have smaller signs, or these would hide one another.
  const { rgba, width, height } = drawn(what, shown, Math.max(1, Math.round(css * ratio)), ratio * Math.min(1, Math.max(0.5, css / usualSide)))
  return { picture: { rgba, width, height, cssWidth: css, cssHeight: css }, row: shown.row, empty: '', description: describe(shown.scene, what, shown.row, renews), legend: legend(shown.scene, what, renews) }
}

const colourKey = ({ background, density, points, exact, frame }: PointsColours): string => [background, density, points, exact, frame].join()

/** What each frame was drawn from last: a page is drawn anew for much that leaves its frames alone. */
const last = new Map<string, { key: string; parts: readonly unknown[]; pixels: RgbaPixels }>()

function drawn(what: string, { scene, from }: Shown, size: number, scale: number): RgbaPixels {
  const colours = themeColours()
  const { alpha, sigma } = scene.density?.level ?? { alpha: 0, sigma: 0 }
  const key = [size, scale, scene.half, alpha, sigma, colourKey(colours)].join()
  const parts = [from, scene.density?.distribution, scene.exact === null, scene.trails.length === 0 ? 0 : scene.trails.reduce((sum, { length }) => sum + length, 0)]
  const before = last.get(what)
  if (before?.key === key && before.parts.every((part, i) => part === parts[i])) return before.pixels
  const pixels = drawPoints(scene, size, colours, scale)
  last.set(what, { key, parts, pixels })
  return pixels
}

function describe(scene: PointsScene, what: 'x' | 'x0', row: number | undefined, renews: boolean): string {
  const count = scene.points.length / 2
  const alone = count === 1 ? t('1 point') : t('{0} points', count)
  const points = scene.density === null ? alone : what === 'x' ? t('{0} over the density of noisy data', alone) : t('{0} over the density of the data', alone)
  if (row === undefined) return count > 0 ? t('x_t: the noise sampling starts from, {0}', points) : what === 'x' ? t('x_t: the density of the noise sampling starts from') : t('x̂₀: the density of the data')
  const distance = meanDistance(scene)
  const symbol = what === 'x' ? 'x_t' : 'x̂₀'
  return distance === null ? t('{0}, step {1}, {2}', symbol, row, points) : t('{0}, step {1}, {2}, mean distance to {3} {4}', symbol, row, points, exactly(what, renews), distanceText(distance))
}

/** A sampler that renews noise solves another equation: that it leaves the flow of the ODE is no error of its. */
const exactly = (what: 'x' | 'x0', renews: boolean): string => renews
  ? what === 'x' ? t('the exact flow of the ODE, which a sampler that renews noise does not follow:') : t('where the exact flow ends of the ODE, which a sampler that renews noise does not follow:')
  : what === 'x' ? t('the exact flow') : t('where the exact flow ends')
const distanceText = (distance: number): string => distance < 1e-9 ? '0' : distance < 1e-4 ? distance.toExponential(1) : distance.toFixed(4)

function exactSign(what: 'x' | 'x0', renews: boolean): string {
  if (what === 'x') return renews ? t('exact flow of the ODE') : t('exact flow')
  return renews ? t('the ODE’s exact end') : t('its exact end')
}

function legend(scene: PointsScene, what: 'x' | 'x0', renews: boolean): TemplateResult {
  const distance = meanDistance(scene)
  const sign = (drawing: TemplateResult, text: string, width = 12): TemplateResult => html`<span><svg class="sign" width=${width} height="12" aria-hidden="true">${drawing}</svg>${text}</span>`
  return html`<p class="legend">
    ${scene.points.length > 0 ? sign(svg`<line class="way" x1="1" x2="16" y1="6" y2="6"/><circle class="point" cx="16" cy="6" r="3"/>`, what === 'x' ? t('solver') : t('estimate'), 22) : nothing}
    ${scene.exact ? sign(svg`${what === 'x' ? svg`<line class="exact dashed" x1="1" x2="12" y1="6" y2="6"/>` : nothing}<circle class="exact" cx=${what === 'x' ? 16 : 6} cy="6" r="4"/>`, exactSign(what, renews), what === 'x' ? 22 : 12) : nothing}
    ${sign(svg`<rect class="range" x="1" y="1" width="10" height="10"/>`, '−1 … 1')}
    ${distance === null ? nothing : html`<span title=${t('Mean distance to {0}', exactly(what, renews))}>${t('distance {0}', distanceText(distance))}</span>`}
    ${renews && scene.exact ? html`<span>${t('this sampler renews noise')}</span>` : nothing}
  </p>`
}

const thumbnails = new WeakMap<RowStates, { key: string; thumbnail: Thumbnail }>()

/** x̂₀ of a row over the density of the data, small; undefined where its states are not here. */
export function pointsThumbnail(state: PageState, row: number): Thumbnail | undefined {
  const states = state.states.get(row)
  const document = state.view?.run?.document
  if (!states || !document) return undefined
  const colours = themeColours()
  const key = colourKey(colours)
  const made = thumbnails.get(states)
  if (made?.key === key) return made.thumbnail
  const scene = rowScene(state, document, row)
  if (!scene) return undefined
  const thumbnail = { size: thumbnailSize, rgba: drawPoints(scene, thumbnailSize, colours, 0.5).rgba }
  thumbnails.set(states, { key, thumbnail })
  return thumbnail
}
