import type { PlotId } from '../plotChoice'
import type { Axis } from './axis'

export type Colour = 'blue' | 'green' | 'yellow' | 'red' | 'purple' | 'orange' | 'dim'
/** `next` and `ghost` are what the plot compares with: dotted, and thin. */
export type Mark = 'line' | 'points' | 'bars' | 'dashes' | 'next' | 'ghost'

/** Values over the plot's x, NaN where there is none; what is not finite is in tables only. */
export interface Series {
  /** In legends, headers of tables and of CSV files. */
  symbol: string
  colour: Colour
  mark: Mark
  axis: Axis
  values: readonly number[]
}

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
  /** Said in the place of curves. */
  missing: string | null
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
