import { html, nothing, svg, type TemplateResult } from 'lit-html'
import { classMap } from 'lit-html/directives/class-map.js'
import { live } from 'lit-html/directives/live.js'
import { settingTitle } from '../../src/recipe/settingTitle'
import { isGoing } from '../../src/protocol/view'
import { isPlane } from '../../src/render/pixels'
import { t } from '../../src/sampler/text'
import { hasStates, keptFrom } from '../keptRows'
import { stripRows } from '../pictures'
import { courseOf, headRow, itemAlone, shownEvent, shownRow, speeds, type Course, type PageState } from '../state'
import { button, checkbox, dropdown } from './controls'
import type { Context } from './field'
import { icons } from './icons'
import { reducedMotion } from './motion'
import { draw } from './pixels'
import { capital, fixed } from './text'

/** Least width of a thumbnail with its gap, and the width of what names the digits below, in CSS pixels. */
const [thumbnailWidth, nameWidth] = [36, 36]

/** How many thumbnails fit into the main area. */
export function thumbnailRoom(width: number): number {
  return Math.max(4, Math.floor(((width || 640) - nameWidth) / thumbnailWidth))
}

/** Slider over all rows, of which the recorded ones can be reached, with transport buttons and a strip of thumbnails. */
export function timeline(context: Context): TemplateResult {
  const { state, act } = context
  const course = courseOf(state)
  const last = Math.max(0, (course?.levels.length ?? 0) - 1)
  const head = headRow(state)
  const row = Math.max(0, shownRow(state))
  const run = state.view?.run
  const [atFirst, atLast] = [keptFrom(run, row - 1, -1) === undefined, keptFrom(run, row + 1, 1) === undefined]
  const empty = head < 0
  const { playing, speed, loop, following } = state.player
  const still = reducedMotion()
  const icon = (label: string, picture: TemplateResult, onClick: () => void, off = empty, more: { description?: string; className?: string } = {}): TemplateResult => button({ label, icon: picture, appearance: 'icon', disabled: off, onClick, ...more })
  // Where there are steps, but none to go to.
  const unkept = (label: string, rows: boolean): { description?: string } => rows ? { description: t('{0}: the states of other steps were not kept, as the setting “{1}” says', label, settingTitle('record.keep')) } : {}
  return html`<section class="timeline" aria-label=${t('Timeline')}>
    <div class="transport">
      ${icon(t('First step'), icons.first, act.first, atFirst, unkept(t('First step'), atFirst && row > 0))}
      ${icon(t('One step back'), icons.back, () => { act.step(-1) }, atFirst, unkept(t('One step back'), atFirst && row > 0))}
      ${icon(playing ? t('Pause') : t('Play'), playing ? icons.pause : icons.play, act.togglePlay, (atFirst && atLast) || still, { className: 'play', ...unkept(t('Play'), atFirst && atLast && head > 0), ...(still ? { description: t('Play: animations are turned off (reduce motion)') } : {}) })}
      ${icon(t('One step on'), icons.on, () => { act.step(1) }, atLast, unkept(t('One step on'), atLast && row < head))}
      ${icon(t('Last step'), icons.last, act.last, empty || (row === head && following))}
      <div class="scrubber">
        ${track(row, head, last, state.crosshair?.along === 'steps' ? state.crosshair.index : -1)}
        <input type="range" data-timeline id="timeline" aria-label=${t('Step')} min="0" max=${Math.max(1, last)} step="1" .value=${live(String(row))} ?disabled=${empty}
          aria-valuetext=${valueText(state, row, course?.steps ?? null)} @input=${({ target }: Event) => { act.go((target as HTMLInputElement).valueAsNumber) }}>
      </div>
      ${isGoing(run ?? null) && !following ? button({ label: t('Follow'), className: 'follow', description: t('Go along with the run again (End)'), onClick: act.last }) : nothing}
      <span class="row-number" aria-hidden="true">${empty ? '–' : row}</span>
      ${dropdown({ id: 'speed', label: t('Playback speed'), className: 'speed', value: String(speed), options: speeds.map((value) => ({ value: String(value), label: `${speedText(value)}×` })), onChange: (value) => { act.speed(Number(value)) } })}
      ${checkbox({ label: t('loop'), checked: loop, onChange: act.loop })}
    </div>
    ${strip(context, course, head, row)}
  </section>`
}

const speedText = (speed: number): string => speed === 0.25 ? '¼' : speed === 0.5 ? '½' : String(speed)

function valueText(state: PageState, row: number, steps: number | null): string {
  const level = shownEvent(state)?.level
  return level ? `${steps === null ? t('step {0}', row) : t('step {0} of {1}', row, steps)}, λ ${fixed(level.lambda, 2, true)}, σ ${fixed(level.sigma, 3)}` : t('nothing recorded')
}

/** Done up to the cursor, recorded up to the head, dashed to come; `read`: the step whose values are read in the plots, −1 for none. */
function track(row: number, head: number, last: number, read: number): TemplateResult {
  const at = (position: number): string => `${last > 0 ? 100 * Math.max(0, position) / last : 0}%`
  return html`<svg class="track" aria-hidden="true" width="100%" height="14">
    ${svg`<line class="to-come" x1=${at(head)} x2="100%" y1="7" y2="7"/><line class="recorded" x1=${at(row)} x2=${at(head)} y1="7" y2="7"/><line class="done" x1="0" x2=${at(row)} y1="7" y2="7"/>`}
    ${head >= 0 && head < last ? svg`<line class="head" x1=${at(head)} x2=${at(head)} y1="2" y2="12"/>` : nothing}
    ${read >= 0 && read <= last ? svg`<line class="read" x1=${at(read)} x2=${at(read)} y1="0" y2="14"/>` : nothing}
  </svg>`
}

/** A thumbnail a row, as many as there is room for, with the order of the step that starts there below, which is named beside; rows to come are outlines. Of a batch it is of the image that is shown alone, else of the first. */
function strip({ state, act }: Context, course: Course | null, head: number, row: number): TemplateResult {
  const run = state.view?.run
  const rows = stripRows(course?.levels.length ?? 0, thumbnailRoom(state.size.width), run)
  const shape = run?.document?.shape
  const plane = shape !== undefined && isPlane(shape)
  const planner = typeof state.planner === 'string' ? null : state.planner
  const alone = itemAlone(state)
  const image = shape && shape[0] > 1 && !plane ? (alone ?? 0) + 1 : null
  const recorded = rows.filter((r) => r <= head)
  const nearest = recorded.reduce((best, candidate) => Math.abs(candidate - row) < Math.abs(best - row) ? candidate : best, recorded[0] ?? 0)
  const orders = course?.orders.some((order) => order !== undefined) === true
  return html`<div class="strip" role="group" aria-label=${orders ? t('Steps, and the order of each') : t('Steps')}>${orders ? html`<span class="orders" title=${t('Under each picture: the order of the step that starts there')}>${t('order')}</span>` : nothing}<div class="thumbnails">${rows.map((r) => {
    const gone = r <= head && !hasStates(run, r)
    const thumbnail = r > head || gone ? undefined : plane ? planner?.pointsThumbnail(state, r) : alone === null ? state.thumbnails.get(r) : planner?.imageThumbnail(state, r, alone)
    const order = course?.orders[r]
    const name = thumbnailName(r, order, image)
    return html`<button type="button" tabindex="-1" class=${classMap({ thumbnail: true, selected: r === nearest && head >= 0, coming: r > head, gone })} ?disabled=${r > head || gone}
      aria-label=${capital(name)} title=${gone ? t('step {0}: its states were not kept', r) : name} @click=${() => { act.go(r) }}>
      <canvas aria-hidden="true" ${draw({ width: thumbnail?.size ?? 1, height: thumbnail?.size ?? 1, rgba: thumbnail?.rgba ?? null })}></canvas><span>${order ?? '\u00a0'}</span>
    </button>`
  })}</div></div>`
}

/** `image`: which of a batch it is of, from 1; null where there is one only. */
function thumbnailName(row: number, order: number | undefined, image: number | null): string {
  if (image === null) return order ? t('step {0}, order {1}', row, order) : t('step {0}', row)
  return order ? t('step {0}, order {1}, image {2}', row, order, image) : t('step {0}, image {1}', row, image)
}
