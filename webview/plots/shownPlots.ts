import { isPlane } from '../../src/render/pixels'
import { plotIds, type PlotId } from '../plotChoice'
import type { PageState } from '../state'

/** Plots that say something of the run on show: points of the plane have no spatial frequencies, and no pixels. */
export function possiblePlots({ view }: PageState): readonly PlotId[] {
  const shape = view?.run?.document?.shape
  return shape && isPlane(shape) ? plotIds.filter((id) => id !== 'spectrum' && id !== 'course') : plotIds
}

/** The plots on show, in their order: those that the user chose, else the usual ones, and the pixel's course once there is a pixel. */
export function shownPlots(state: PageState): readonly PlotId[] {
  const possible = possiblePlots(state)
  const { chosen } = state.plots
  if (chosen) return possible.filter((id) => chosen.includes(id))
  const usual: readonly PlotId[] = ['schedule', 'changes', possible.includes('spectrum') ? 'spectrum' : 'spread', ...state.pinned ? ['course' as const] : []]
  return possible.filter((id) => usual.includes(id))
}
