import { isLastRow } from '../src/protocol/progress'
import type { FramePair, RowEvent, RowStates } from '../src/protocol/run'
import { isGoing, type ViewState } from '../src/protocol/view'
import type { Level, Plan, Step } from '../src/sampler/types'
import type { Saved } from './door'
import { type Form, checked } from './form'
import type * as planner from './planner'

export type Tab = 'sample' | 'plan'
/** Which of the two frames are shown. */
export type Shown = 'both' | 'x' | 'x0'
export type Popup = 'keys' | 'provider'
/** The mathematics, a file of its own. */
export type Planner = typeof planner
/** Pixels of a row. `full`: as large as the host has them, not shrunk to keep up with a run. */
export interface Frame extends FramePair { full: boolean }
export interface Thumbnail { size: number; rgba: Uint8Array }

/** Where the timeline stands. `row` counts only while not following. */
export interface Player { row: number; following: boolean; playing: boolean; speed: number; loop: boolean }

/** Everything the page is drawn from. Replaced, never changed in place. */
export interface PageState {
  /** The host's side; null until it answered. */
  view: ViewState | null
  form: Form | null
  player: Player
  planner: Planner | 'coming' | 'failed'
  /** Pixels of the rows seen last, oldest use first. */
  frames: ReadonlyMap<number, Frame>
  /** One small picture (x̂₀ of the first item) a row. */
  thumbnails: ReadonlyMap<number, Thumbnail>
  /** Of a run in the plane the states themselves, all that came: they are few bytes. */
  states: ReadonlyMap<number, RowStates>
  /** Rows whose pixels the host could not read: not asked for again. */
  unreadable: ReadonlySet<number>
  tab: Tab
  shown: Shown
  /** Below 640 px: the recipe is unfolded. */
  drawer: boolean
  popup: Popup | null
  /** Inner width and height of the main area in CSS pixels. */
  size: { width: number; height: number }
  /** The model has been loading for more than 10 s. */
  slow: boolean
  /** For the live region. */
  announcement: string
}

export const speeds = [0.25, 0.5, 1, 2, 4]

/** The state before the host has answered; `saved` is what the page remembered, untrusted. */
export function initialState(saved: Partial<Saved>): PageState {
  return {
    view: null, form: null, planner: 'coming', frames: new Map(), thumbnails: new Map(), states: new Map(), unreadable: new Set(),
    player: { row: 0, following: true, playing: false, speed: speeds.includes(saved.speed ?? 1) ? saved.speed ?? 1 : 1, loop: saved.loop === true },
    tab: saved.tab === 'plan' ? 'plan' : 'sample', shown: saved.shown === 'x' || saved.shown === 'x0' ? saved.shown : 'both',
    drawer: false, popup: null, size: { width: 0, height: 0 }, slow: false, announcement: '',
  }
}

/** Field by field, since what VS Code gives back is JSON from an earlier version at worst. */
export function readSaved(raw: unknown): Partial<Saved> {
  if (typeof raw !== 'object' || raw === null) return {}
  const { runId, row, following, tab, shown, speed, loop } = raw as Record<string, unknown>
  return {
    runId: typeof runId === 'string' ? runId : null,
    ...(Number.isSafeInteger(row) && (row as number) >= 0 ? { row: row as number } : {}), following: following !== false,
    ...(typeof tab === 'string' ? { tab } : {}), ...(typeof shown === 'string' ? { shown } : {}),
    ...(typeof speed === 'number' ? { speed } : {}), loop: loop === true,
  }
}

/** The last recorded row, −1 where there is none. */
export function headRow(state: PageState): number {
  return (state.view?.run?.rows.length ?? 0) - 1
}

/**
 * The row under the cursor, −1 where nothing is recorded. While a run is followed it is the newest row whose pixels are here, so that
 * picture and numbers are of one row.
 */
export function shownRow(state: PageState): number {
  const head = headRow(state)
  if (!state.player.following) return Math.min(state.player.row, head)
  if (!isGoing(state.view?.run ?? null)) return head
  const newest = Math.max(-1, ...state.frames.keys())
  return newest >= 0 ? Math.min(newest, head) : head
}

export function shownEvent(state: PageState): RowEvent | undefined {
  return state.view?.run?.rows[shownRow(state)]
}

/** The plan that timeline and plots show: the run's (as far as it has come, where it finds its steps by itself), until that is known the form's; null where neither is there. */
export function shownPlan(state: PageState): Plan | null {
  const run = state.view?.run
  if (run?.document) return run.document.plan.adaptive ? planSoFar(run.document.plan, run.rows) : run.document.plan
  return run && run.status !== 'loading' ? null : checked(state)?.prepared?.plan ?? null
}

/** What a run with steps of its own choice has done, as a plan: the levels of its first item, a step between each two rows; those it ends at while it has not come there. */
export function planSoFar(plan: Plan, rows: readonly RowEvent[]): Plan {
  const done = rows.map(({ lanes, level }) => lanes?.[0]?.level ?? level)
  const last = rows.at(-1)
  const levels = last && isLastRow(last, plan) ? done : [...done, ...plan.levels.slice(last && !last.lanes ? -1 : 1)]
  const steps = levels.slice(1).map((to, i): Step => {
    const made = Math.max(0, (rows[i]?.evaluations ?? 0) - (rows[i - 1]?.evaluations ?? 0))
    return { from: levels[i]!, to, order: rows[i]?.order ?? 0, stages: Array.from({ length: made }, () => ({ level: levels[i]!, input: [] })), update: [], remember: [], estimate: 0 }
  })
  return { ...plan, levels, steps, evaluations: last?.evaluations ?? 0 }
}

/** h = λ(to) − λ(from) of the step that starts at a row, or undefined at the last. */
export function stepSize(plan: Plan | null, row: number): number | undefined {
  const step = plan?.steps[row]
  return step && step.to.lambda - step.from.lambda
}

/** Model evaluations made before and at each row of a plan, as a finished run counts them. */
export function evaluationsAt(plan: Plan): number[] {
  let made = 0
  return plan.levels.map((_: Level, row) => (made += plan.steps[row]?.stages.length ?? 0))
}
