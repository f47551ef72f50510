import { tensors, type PixelPlace, type Tensor } from '../src/protocol/inspect'
import type { View } from './look'
import { isPlotId, type PlotId } from './plotChoice'

type Fields = Readonly<Record<string, unknown>>

/** What the page keeps over its own lives (VS Code destroys a hidden page); everything else is asked of the host again. */
export interface Saved {
  runId: string | null; row: number; following: boolean; tab: string; speed: number; loop: boolean; folds: string[]
  /** null: those that the settings name. */
  shown: readonly Tensor[] | null
  live: boolean
  before: Fields | null
  linked: boolean
  view: View
  own: Readonly<Partial<Record<Tensor, View>>>
  item: number | null
  pinned: PixelPlace | null
  plots: readonly PlotId[] | null
  tables: boolean
}

/** Field by field, since what VS Code gives back is JSON from an earlier version at worst. */
export function readSaved(raw: unknown): Partial<Saved> {
  if (!isFields(raw)) return {}
  const { runId, row, following, tab, shown, speed, loop, folds, live, before, linked, view, own, item, pinned, plots, tables } = raw
  return {
    runId: typeof runId === 'string' ? runId : null,
    ...(isCount(row) ? { row } : {}), following: following !== false,
    ...(typeof tab === 'string' ? { tab } : {}), ...(typeof speed === 'number' ? { speed } : {}), loop: loop === true,
    ...(Array.isArray(folds) ? { folds: folds.filter((fold) => typeof fold === 'string') } : {}),
    ...(Array.isArray(shown) ? { shown: tensors.filter((tensor) => shown.includes(tensor)).sort((a, b) => shown.indexOf(a) - shown.indexOf(b)) } : {}),
    live: live === true, ...(isFields(before) ? { before } : {}), linked: linked !== false, ...(isView(view) ? { view } : {}),
    ...(isFields(own) ? { own: Object.fromEntries(tensors.flatMap((tensor) => isView(own[tensor]) ? [[tensor, own[tensor]]] : [])) } : {}),
    item: isCount(item) ? item : null, pinned: isFields(pinned) && isCount(pinned['item']) && isCount(pinned['y']) && isCount(pinned['x']) ? { item: pinned['item'], y: pinned['y'], x: pinned['x'] } : null,
    ...(Array.isArray(plots) ? { plots: plots.filter(isPlotId) } : {}), tables: tables === true,
  }
}

const isFields = (raw: unknown): raw is Fields => typeof raw === 'object' && raw !== null
const isCount = (raw: unknown): raw is number => Number.isSafeInteger(raw) && (raw as number) >= 0
const isShare = (raw: unknown): boolean => typeof raw === 'number' && raw >= 0 && raw <= 1
const isView = (raw: unknown): raw is View => isFields(raw) && (raw['zoom'] === null || (typeof raw['zoom'] === 'number' && raw['zoom'] > 0 && raw['zoom'] <= 1024)) && isShare(raw['x']) && isShare(raw['y'])
