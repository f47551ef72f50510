import { samePlace } from '../../src/protocol/inspect'
import { t } from '../../src/sampler/text'
import { isPlane } from '../../src/render/pixels'
import { checked, factsOf } from '../form'
import { itemAlone, type Course, type PageState } from '../state'
import { countAxis, linearAxis } from './axis'
import { readable } from './numbers'
import type { Colour, Key, Plot, Series } from './plot'

const lastOf = (course: Course): number => Math.max(0, course.levels.length - 1)
const steps = (last: number, pad = 0): Plot['x'] => ({ symbol: t('step'), along: 'steps', axis: countAxis(0, last, pad), values: Array.from({ length: last + 1 }, (_, row) => row) })
const nothingRecorded = (): string => t('Nothing is recorded yet.')

/** λ of the steps that the form makes, where they are others than those of the run on show, whose model it names too. */
function nextOf(state: PageState, lambda: readonly number[]): readonly number[] | null {
  const run = state.view?.run
  const form = run && checked(state)?.prepared?.plan
  // Of another model it would be no comparison.
  if (!form || form.adaptive || lambda.length === 0 || (run.document && factsOf(state)?.path !== run.document.model.path)) return null
  const next = form.levels.map((level) => level.lambda)
  return next.length !== lambda.length || next.some((value, row) => value !== lambda[row]) ? next : null
}

/** Values of N steps over the width of n: in each of the n + 1 places what is at i·N/n, between two steps linear; NaN beside what is not finite. */
function stretched(values: readonly number[], n: number): number[] {
  return Array.from({ length: n + 1 }, (_, i) => {
    const at = n > 0 ? i * (values.length - 1) / n : 0
    const [below, part] = [Math.floor(at), at % 1]
    const [low = NaN, high = NaN] = [values[below], values[below + 1]]
    const between = low + part * (high - low)
    return part === 0 ? low : Number.isFinite(between) ? between : NaN
  })
}

/** λ and log σ on one scale, α and t on theirs, over the run's own steps; where the form makes others with the same model, their λ dotted over the same width. */
export function schedulePlot(state: PageState, course: Course): Plot {
  const lambda = course.levels.map((level) => level.lambda)
  const last = lastOf(course)
  const next = nextOf(state, lambda)
  const nextLambda = next ? stretched(next, last) : []
  const nextSteps = (next?.length ?? 0) - 1
  const logSigma = course.levels.map(({ sigma }) => Math.log(sigma))
  const [alpha, time] = [course.levels.map((level) => level.alpha), course.levels.map((level) => level.t)]
  const left = linearAxis([...lambda, ...nextLambda, ...logSigma])
  const largest = alpha.reduce((most, value) => Math.max(most, value), 1)
  const right = linearAxis([0, largest], { count: 2 })
  const longest = time.reduce((most, value) => Math.max(most, value), 1)
  const own = t('λ from {0} to {1} over {2} steps', readable(lambda[0]), readable(lambda.at(-1)), last)
  return {
    id: 'schedule', title: 'λ, log σ, α, t', missing: null, left, right,
    description: lambda.length === 0 ? t('found while the run goes') : next ? t('{0}; that of the next run from {1} to {2} over {3} steps, drawn over the same width', own, readable(next[0]), readable(next.at(-1)), nextSteps) : own,
    x: steps(last),
    series: [
      { symbol: 'λ', colour: 'blue', mark: 'line', axis: left, values: lambda },
      { symbol: 'log σ', colour: 'yellow', mark: 'line', axis: left, values: logSigma },
      { symbol: 'α', colour: 'green', mark: 'line', axis: right, values: alpha },
      { symbol: 't', colour: 'purple', mark: 'dots', axis: longest > 1 ? linearAxis([0, longest]) : right, values: time },
      ...next ? [{ symbol: nextSteps === last ? t('λ next run') : t('λ next run ({0} steps)', nextSteps), colour: 'blue', mark: 'next', axis: left, values: nextLambda } as const] : [],
    ],
  }
}

/** How much each step changed x̂₀, over bars of the time that it took. */
export function changesPlot(state: PageState, course: Course): Plot {
  const rows = state.view?.run?.rows ?? []
  const changes = state.plotted?.changes ?? []
  const ms = rows.map((row) => row.ms)
  const [left, right] = [linearAxis(changes, { count: 3 }), linearAxis(ms, { count: 3 })]
  const most = changes.reduce((largest, value) => value > largest ? value : largest, 0)
  return {
    id: 'changes', title: itemAlone(state) === null ? t('change of x̂₀ per step, rms') : t('change of x̂₀ per step, rms of all images'), missing: rows.length === 0 ? nothingRecorded() : null, left, right,
    description: rows.length === 0 ? t('nothing recorded') : t('at most {0}, in at most {1} ms', readable(most), readable(ms.reduce((largest, value) => Math.max(largest, value), 0))),
    x: steps(lastOf(course), 0.5),
    series: [{ symbol: '‖Δx̂₀‖', colour: 'blue', mark: 'points', axis: left, values: changes }, { symbol: 'ms', colour: 'dim', mark: 'bars', axis: right, values: ms }],
  }
}

/** Standard deviation of all values of state and estimate. */
export function spreadPlot(state: PageState, course: Course): Plot {
  const rows = state.view?.run?.rows ?? []
  const [x, x0] = [rows.map((row) => row.x.std), rows.map((row) => row.x0.std)]
  const left = linearAxis([...x, ...x0], { within: [0, 1] })
  return {
    id: 'spread', title: itemAlone(state) === null ? t('standard deviation') : t('standard deviation of all images'), missing: rows.length === 0 ? nothingRecorded() : null, left, right: null,
    description: rows.length === 0 ? t('nothing recorded') : t('of x̂₀ {0} at the last step', readable(x0.at(-1))), x: steps(lastOf(course)),
    series: [{ symbol: 'x̂₀', colour: 'blue', mark: 'line', axis: left, values: x0 }, { symbol: 'xₜ', colour: 'yellow', mark: 'line', axis: left, values: x }],
  }
}

const channelColours: readonly Colour[] = ['blue', 'yellow', 'green', 'purple', 'orange', 'red']

/** The channels of a shape in its symbols: none where there is one, R, G, B of three, x and y of a point of the plane. */
function channelNames(shape: readonly [number, number, number, number] | undefined, count: number): readonly string[] {
  if (shape && isPlane(shape)) return ['x', 'y']
  return count === 1 ? [''] : count === 3 ? ['R', 'G', 'B'] : Array.from({ length: count }, (_, channel) => String(channel + 1))
}

/** Every channel of the pinned pixel, xₜ dashed and x̂₀ solid. */
export function coursePlot(state: PageState, course: Course): Plot {
  const { pinned, view } = state
  const shape = view?.run?.document?.shape
  const plane = shape !== undefined && isPlane(shape)
  const read = state.plotted?.course ?? null
  const known = pinned && read && samePlace(read.place, pinned) ? read : null
  const names = channelNames(shape, known?.x0.length ?? 1)
  const left = linearAxis(known ? [...known.x, ...known.x0].flat() : [-1, 1])
  const colour = (channel: number): Colour => names.length === 3 ? (['red', 'green', 'blue'] as const)[channel]! : channelColours[channel % channelColours.length]!
  const series = (symbol: string, mark: Series['mark'], values: readonly (readonly number[])[]): Series[] => values.map((one, channel) => ({
    symbol: [symbol, names[channel]].filter(Boolean).join(' '), mark, axis: left, values: one, colour: names.length === 1 && mark === 'dashes' ? 'yellow' : colour(channel),
  }))
  const title = !pinned ? t('one pixel’s way') : plane ? t('point {0}', pinned.item + 1) : t('pixel ({0}, {1}) of image {2}', pinned.y, pinned.x, pinned.item + 1)
  return {
    id: 'course', title, left, right: null, x: steps(lastOf(course)),
    missing: !pinned ? t('Click a pixel of a picture to see how it came to its value.') : known ? null : t('Nothing of it is read yet.'),
    description: known ? t('x̂₀ {0} at the last step', known.x0.map((values) => readable(values.at(-1))).join(', ')) : t('no pixel chosen'),
    series: known ? [...series('x̂₀', 'line', known.x0), ...series('xₜ', 'dashes', known.x)] : [],
    ...names.length > 1 ? { keys: [{ symbol: 'x̂₀', colour: 'dim', mark: 'line' }, { symbol: 'xₜ', colour: 'dim', mark: 'dashes' }, ...names.map((symbol, channel): Key => ({ symbol, colour: colour(channel), mark: 'line' }))] } : {},
  }
}

