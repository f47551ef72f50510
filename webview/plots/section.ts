import { html, nothing, type TemplateResult } from 'lit-html'
import { t } from '../../src/sampler/text'
import { plotIds, type PlotId } from '../plotChoice'
import { courseOf, itemAlone, type Course, type PageState } from '../state'
import type { Context } from '../ui/field'
import { narrowBelow, plotRoom } from '../ui/frameRoom'
import { paneOf } from '../ui/frames'
import { icons } from '../ui/icons'
import { menu } from '../ui/menu'
import { memo } from './memo'
import type { Plot } from './plot'
import { plotBox, readingLines } from './plotBox'
import { spectrumItem } from './plotted'
import { possiblePlots, shownPlots } from './shownPlots'
import { spectrumPlot } from './spectrumPlot'
import { changesPlot, coursePlot, schedulePlot, spreadPlot } from './stepPlots'

const gap = 12
const leastWidth = 230

/** Four are this narrow before one of them goes below: there it would not be seen. */
const leastOfFour = 200
/** What stands above and below the curves of a plot with one line of values, the gap to the next row among it; of a next row that is not seen wholly its name. */
const [aroundCurves, nameHeight] = [48, 32]
const lineHeight = 16
/** A row of plots does not have lower curves than this. */
const leastHeight = 84

/** Three beside each other, or all four, or as many as there is room for. */
function columnsOf(room: number, count: number): number {
  if (count === 4 && room >= 4 * leastOfFour + 3 * gap) return 4
  return Math.max(1, Math.min(3, count, Math.floor((room + gap) / (leastWidth + gap))))
}

/** The curves' height: what the frames and the lines of values leave of the panel's. Two rows are seen both, or of the second where it begins. */
function heightOf(state: PageState, rows: number, lines: number): number {
  const { tensors, columns, cssHeight, legends } = paneOf(state)
  const more = (lines - 1) * lineHeight
  const one = plotRoom(state.size, Math.ceil(tensors.length / columns), cssHeight, legends, state.stage, more)
  if (rows < 2 || state.size.width < narrowBelow) return one
  const both = Math.floor((one - (rows - 1) * (aroundCurves + more)) / rows)
  return both >= leastHeight ? both : Math.max(leastHeight, one - nameHeight)
}

const names: Readonly<Record<PlotId, () => string>> = {
  schedule: () => t('Schedule: λ, log σ, α, t'), changes: () => t('Change of x̂₀ and time per step'), spread: () => t('Standard deviation'), spectrum: () => t('Power spectrum'), course: () => t('One pixel’s way'),
}

/** The plots that are chosen, and the choice. */
export function plotSection(context: Context): TemplateResult | typeof nothing {
  const { state, act } = context
  const course = courseOf(state)
  if (!course) return nothing
  const shown = shownPlots(state)
  const room = state.size.width
  const columns = columnsOf(room, Math.max(2, shown.length))
  const width = Math.max(160, Math.min(420, Math.floor((room - (columns - 1) * gap) / columns)))
  const plots = shown.map((id) => plotOf(state, course, id))
  const lines = state.plots.tables ? 1 : plots.reduce((most, plot) => Math.max(most, readingLines(plot, width)), 1)
  const size = { width, height: heightOf(state, Math.ceil(shown.length / columns), lines), lines }
  const choice = possiblePlots(state).map((id) => ({
    label: names[id](), checked: shown.includes(id), onClick: () => { act.choosePlots(plotIds.filter((other) => other === id ? !shown.includes(id) : shown.includes(other))) },
  }))
  return html`<section class="plots" aria-label=${t('Plots')}>
    <div class="plots-head"><h2>${t('Plots')}</h2><span class="grow"></span>
      <button type="button" class="tool" aria-pressed=${state.plots.tables ? 'true' : 'false'} @click=${() => { act.tables(!state.plots.tables) }}>${t('View as table')}</button>
      ${menu({ id: 'plot-choice', label: t('Show plots'), face: html`<span>${t('Show plots')}</span>${icons.chevron}`, items: choice })}</div>
    <div class="plot-grid">${plots.map((plot) => plotBox(context, plot, size))}</div>
  </section>`
}

/** A plot of the state; the same object as long as nothing that it is made of changed. */
export function plotOf(state: PageState, course: Course, id: PlotId): Plot {
  const { view, plotted, form, pinned, planner, player } = state
  const run = view?.run
  switch (id) {
    case 'schedule': return memo(id, [course.levels, run?.rows, run?.status, form?.recipe, view?.model, planner], () => schedulePlot(state, course))
    case 'changes': return memo(id, [course.levels, run?.rows, plotted?.changes, itemAlone(state) === null], () => changesPlot(state, course))
    case 'spread': return memo(id, [course.levels, run?.rows, itemAlone(state) === null], () => spreadPlot(state, course))
    case 'spectrum': return memo(id, [plotted?.spectra, spectrumItem(state), run?.rows, run?.status, player, state.frames], () => spectrumPlot(state))
    case 'course': return memo(id, [course.levels, run?.rows, plotted?.course, pinned, run?.document], () => coursePlot(state, course))
  }
}
