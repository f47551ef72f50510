import { samePlace, type Answer, type PixelPlace, type Question } from '../../src/protocol/inspect'
import { isGoing } from '../../src/protocol/view'
import { isPlane } from '../../src/render/pixels'
import { hasStates, rowsToAsk } from '../keptRows'
import { keyOf, withImage, type ImageStatistics } from '../imageStatistics'
import { keepNewest } from '../pictures'
import { itemAlone, shownRow, type PageState } from '../state'
import { shownPlots } from './shownPlots'

/** Power at each ring of spatial frequencies of one batch item at one row. */
export type Spectrum = Extract<Answer, { of: 'spectrum' }>

/** The values of one pixel in every row that was read, one array a channel. */
export interface PixelCourse { place: PixelPlace; x: readonly (readonly number[])[]; x0: readonly (readonly number[])[] }

/** What the host said so far of the run on show, for plots: it grows with the run, and nothing is asked for twice. */
export interface Plotted {
  changes: readonly number[]
  course: PixelCourse | null
  spectra: ReadonlyMap<string, Spectrum>
  /** The newest row of `spectra`. */
  spectrum: { item: number; row: number } | null
  /** Of images that were shown alone. */
  images: ImageStatistics
  /** Questions that brought nothing, with the number of rows there were to ask: asked again when there are more. */
  vain: ReadonlyMap<string, number>
}

export const nothingPlotted: Plotted = { changes: [], course: null, spectra: new Map(), spectrum: null, images: new Map(), vain: new Map() }
/** Spectra that are kept: those that came last. */
const mostSpectra = 400

/** The item whose spectrum is shown: that of the pinned pixel, else the one that is shown alone, else the first. */
export const spectrumItem = (state: PageState): number => state.pinned?.item ?? itemAlone(state) ?? 0

/** What plots, and the line of statistics, know after an answer. */
export function withPlotAnswer(state: PageState, question: Question, answer: Answer | null): Plotted {
  const plotted = state.plotted ?? nothingPlotted
  const images = withImage(state, plotted.images, question, answer)
  if (images) return { ...plotted, images }
  const next = grown(plotted, question, answer)
  return next ?? (question.of === 'changes' || question.of === 'course' || question.of === 'spectrum' ? { ...plotted, vain: new Map([...plotted.vain, [JSON.stringify(question), rowsToAsk(state.view?.run)]]) } : plotted)
}

function grown(plotted: Plotted, question: Question, answer: Answer | null): Plotted | null {
  if (answer?.of === 'changes' && answer.from <= plotted.changes.length && answer.from + answer.values.length > plotted.changes.length) {
    return { ...plotted, changes: [...plotted.changes.slice(0, answer.from), ...answer.values] }
  }
  if (answer?.of === 'course' && question.of === 'course') return withCourse(plotted, question.place, answer)
  if (answer?.of !== 'spectrum' || question.of !== 'spectrum') return null
  const { item, row } = question
  const spectra = new Map(plotted.spectra)
  spectra.delete(keyOf(item, row))
  spectra.set(keyOf(item, row), answer)
  keepNewest(spectra, mostSpectra)
  return { ...plotted, spectra, spectrum: { item, row } }
}

function withCourse(plotted: Plotted, place: PixelPlace, { from, channels, x, x0 }: Extract<Answer, { of: 'course' }>): Plotted | null {
  const known = plotted.course && samePlace(plotted.course.place, place) ? plotted.course : { place, x: [], x0: [] }
  const had = known.x[0]?.length ?? 0
  if (channels === 0 || from > had || from + x.length / channels <= had) return null
  const add = (before: readonly (readonly number[])[], values: Float32Array): number[][] => Array.from({ length: channels }, (_, channel) => [
    ...(before[channel] ?? []).slice(0, from), ...Array.from({ length: values.length / channels }, (__, row) => values[row * channels + channel]!),
  ])
  return { ...plotted, course: { place, x: add(known.x, x), x0: add(known.x0, x0) } }
}

/** What is to be asked for the plots on show, the most wanted first; at most one question of a kind is answered at a time. */
export function plotQuestions(state: PageState): Question[] {
  const { view, pinned } = state
  const plotted = state.plotted ?? nothingPlotted
  const rows = rowsToAsk(view?.run)
  const document = view?.run?.document
  if (state.tab !== 'sample' || !document || rows === 0) return []
  const shown = shownPlots(state)
  const questions: Question[] = []
  if (shown.includes('changes') && plotted.changes.length < rows) questions.push({ of: 'changes', from: plotted.changes.length })
  if (shown.includes('course') && pinned) {
    const from = plotted.course && samePlace(plotted.course.place, pinned) ? plotted.course.x[0]?.length ?? 0 : 0
    if (from < rows) questions.push({ of: 'course', from, place: pinned })
  }
  if (shown.includes('spectrum') && !isPlane(document.shape)) {
    const item = spectrumItem(state)
    // Beside the row on show stands the last one; of a run that goes on that is whichever was read last.
    const wanted = [Math.max(0, shownRow(state)), ...isGoing(view.run) ? [] : [rows - 1]]
    const row = wanted.find((one) => hasStates(view.run, one) && !plotted.spectra.has(keyOf(item, one)) && plotted.vain.get(JSON.stringify({ of: 'spectrum', row: one, item })) !== rows)
    if (row !== undefined) questions.push({ of: 'spectrum', row, item })
  }
  return questions.filter((question) => plotted.vain.get(JSON.stringify(question)) !== rows)
}
