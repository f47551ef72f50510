/** Plots there are, in the order in which they stand. */
export const plotIds = ['schedule', 'changes', 'spread', 'spectrum', 'course'] as const
export type PlotId = typeof plotIds[number]

/** Where a value is read: at a step, in all plots over the steps and the timeline; or at one of the spectrum's frequencies. */
export interface Crosshair { along: 'steps' | 'frequencies'; index: number }

/** How plots are shown. */
export interface PlotsView {
  /** Those that the user chose; null: the usual ones. */
  chosen: readonly PlotId[] | null
  /** As tables of their numbers. */
  tables: boolean
}

export const isPlotId = (value: unknown): value is PlotId => plotIds.some((id) => id === value)
