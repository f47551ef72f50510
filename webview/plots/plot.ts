import type { PlotId } from '../plotChoice'
import { t } from '../../src/sampler/text'
import type { Axis } from './axis'
import { readable } from './numbers'

export type Colour = 'blue' | 'green' | 'yellow' | 'red' | 'purple' | 'orange' | 'dim'
/** `next` and `ghost` are what the plot compares with: dotted, and thin; `dots` is told from another broken curve. */
export type Mark = 'line' | 'points' | 'bars' | 'dashes' | 'dots' | 'next' | 'ghost'

/** Values over the plot's x, NaN where there is none; what is not finite is in tables only. */
export interface Series {
  /** In legends, headers of tables and of CSV files. */
  symbol: string
  colour: Colour
  mark: Mark
  axis: Axis
  values: readonly number[]
}

/** An entry of a legend. */
export type Key = Pick<Series, 'symbol' | 'colour' | 'mark'>

/** What a plot shows. Drawing, table, CSV and SVG file are made of this and of nothing else. */
export interface Plot {
  id: PlotId
  title: string
  /** The text alternative, in a few words. */
  description: string
  x: { symbol: string; along: 'steps' | 'frequencies'; axis: Axis; values: readonly number[] }
  /** The axes whose ticks are drawn at either side; a series may have another. */
  left: Axis
  right: Axis | null
  /** The most important first: it is drawn over the others. */
  series: readonly Series[]
  /** What its legend says where that is not a curve an entry: of many curves what each colour and each mark stands for. */
  keys?: readonly Key[]
  /** Said in the place of curves. */
  missing: string | null
}

/** Which series read on which axis of a plot that has two; `own`: on a scale of their own, whose ticks are not drawn. Null where all read on the left one. */
export function sidesOf({ left, right, series }: Plot): Readonly<Record<'left' | 'own' | 'right', readonly Series[]>> | null {
  const on = (axis: Axis | null): Series[] => series.filter((one) => one.axis === axis)
  return right && { left: on(left), right: on(right), own: series.filter(({ axis }) => axis !== left && axis !== right) }
}

/** The legend has a line over the curves to itself: there are two axes, or more curves than have room beside the plot's name. */
export const hasLegendLine = ({ right, series }: Plot): boolean => right !== null || series.length > 3

/** A series in the legend of the sides: one on a scale of its own with the ends of that. */
export function sideName({ symbol, axis }: Series, side: 'left' | 'own' | 'right'): string {
  return side === 'own' ? `${symbol} (${readable(axis.low)} … ${readable(axis.high)})` : symbol
}

/** The plot in words: its text alternative, and where there are two axes what reads on which. */
export function inWords(plot: Plot): string {
  const sides = sidesOf(plot)
  const said = `${plot.title}: ${plot.description}`
  if (!sides || plot.missing !== null) return said
  const names = (side: 'left' | 'own' | 'right'): string => sides[side].map((one) => sideName(one, side)).join(', ')
  return `${said}; ${t('left axis: {0}; right axis: {1}', names('left'), names('right'))}${sides.own.length > 0 ? `; ${t('on a scale of its own: {0}', names('own'))}` : ''}`
}

/** The entry of the plot's x that is nearest to a share of its width, −1 where there is none. */
export function nearestTo(plot: Plot, share: number): number {
  const { axis, values } = plot.x
  let best = -1
  let least = Infinity
  for (const [i, value] of values.entries()) {
    const distance = Math.abs(axis.share(value) - share) // NaN for what the axis does not have
    if (distance < least) { least = distance; best = i }
  }
  return best
}
