import type { RunView, ViewState } from '../src/protocol/view'
import { isGoing } from '../src/protocol/view'
import type { FramePair, RowStates } from '../src/protocol/run'
import { isPlane } from '../src/render/pixels'
import { hasStates, keptNear } from './keptRows'
import { lookInto } from './look'
import { withFrame } from './pictures'
import { nothingOfARun, type Frame, type PageState } from './state'

/** A live run that is not on show yet: the run before is, until this one is over and its pixels are here, so that a picture changes into the next without a gap. */
export interface Coming { run: RunView; frames: ReadonlyMap<number, Frame>; states: ReadonlyMap<number, RowStates> }

/** The live run that a state of the host brings and that is not to be shown yet; null where there is none. */
export function comingOf({ view: before, coming }: PageState, { run }: ViewState): Coming | null {
  if (!run?.live || !before?.run?.document || before.run.runId === run.runId || !(isGoing(run) || run.status === 'finished')) return null
  return coming?.run.runId === run.runId ? { ...coming, run } : { run, frames: new Map(), states: new Map() }
}

/** Rows of which pixels are missing before the live run can take its place on show. */
export function missingRows({ player, tab }: PageState, { run, frames, states }: Coming): number[] {
  const last = run.rows.length - 1
  if (run.document && isPlane(run.document.shape)) return run.rows.map(({ row }) => row).filter((row) => hasStates(run, row) && !states.has(row))
  const row = player.following || tab === 'plan' ? last : keptNear(run, Math.min(player.row, last)) ?? last
  return frames.has(row) ? [] : [row]
}

/** The state with pixels of the live run, which is put on show once it has all that it needs; as it was where the pixels are of another run. */
export function withComing(state: PageState, runId: string, pair: (FramePair & { full: boolean }) | null, more: readonly RowStates[]): PageState {
  const { coming } = state
  if (coming?.run.runId !== runId) return state
  const frames = pair ? withFrame(coming.frames, pair, coming.run.document?.shape) : coming.frames
  const unreadable = pair === null && more.length === 0
  return settled({ ...state, coming: { ...coming, frames, states: new Map([...coming.states, ...more.map((one) => [one.row, one] as const)]) } }, unreadable)
}

/** Puts the live run on show where it is over and its pixels are here, or cannot be had; the place on the timeline stays. */
export function settled(state: PageState, unreadable = false): PageState {
  const { coming, view } = state
  if (!coming || !view || isGoing(coming.run) || (!unreadable && missingRows(state, coming).length > 0)) return state
  return { ...state, ...nothingOfARun(), view: { ...view, run: coming.run }, frames: coming.frames, states: coming.states, coming: null, ...(coming.run.document ? lookInto(coming.run.document.shape, state.look, state.pinned) : {}) }
}
