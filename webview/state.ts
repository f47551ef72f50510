import type { PixelPlace, Tensor } from '../src/protocol/inspect'
import type { FramePair, RowEvent, RowStates } from '../src/protocol/run'
import { spaceShown } from '../src/protocol/latentSpace'
import { isGoing, usualPreview, type Tab, type ViewState } from '../src/protocol/view'
import { isPlane, type StateShape } from '../src/render/pixels'
import { isOfModel } from '../src/sampler/errors'
import type { LatentSpace, Level, Plan } from '../src/sampler/types'
import type { Answers } from './answers'
import type { Coming } from './coming'
import type { DerivedPictures } from './derived'
import { folds, type Fold } from './folds'
import { type Form, checked, factsOf } from './form'
import { firstLook, type Look } from './look'
import { keptNear } from './keptRows'
import type * as planner from './planner'
import type { Crosshair, PlotsView } from './plotChoice'
import type { Plotted } from './plots/plotted'
import type { Saved } from './saved'

export type Popup = 'keys' | 'help' | 'provider'
/** The mathematics, a file of its own. */
export type Planner = typeof planner
/** Pixels of a row. `full`: as large as the host has them, not shrunk to keep up with a run. */
export interface Frame extends FramePair { full: boolean }
export interface Thumbnail { size: number; rgba: Uint8Array }

/** Where the timeline stands. `row` counts only while not following. */
export interface Player { row: number; following: boolean; playing: boolean; speed: number; loop: boolean }

/** Recipe fields that custom steps are made of, by dotted path. */
export type CustomFields = Readonly<Record<string, unknown>>
/** The Plan tab. */
export interface PlanView {
  /** The first line of the table that is in view. */
  first: number
  /** The custom step that has the focus or had it last. */
  active: number
  /** What changes of custom steps were made to, the last change last. */
  undo: readonly CustomFields[]
  /** What there was before custom steps were made of it. */
  before: CustomFields | null
}

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
  /** What the host said last to each kind of question. */
  answers: Answers
  /** ε̂ and Δ of the rows for which they came last. */
  derived: ReadonlyMap<number, DerivedPictures>
  plan: PlanView
  /** Changes are sampled as they are made, where the model is quick enough. */
  live: boolean
  coming: Coming | null
  /** What of it plots are made of, all that came of this run; null where nothing did. */
  plotted: Plotted | null
  plots: PlotsView
  crosshair: Crosshair | null
  tab: Tab
  /** The frames that were chosen here, in this order; null: those that the settings name. */
  shown: readonly Tensor[] | null
  look: Look
  /** The pixel that stays under the probe. */
  pinned: PixelPlace | null
  /** Below 640 px: the recipe is unfolded. */
  drawer: boolean
  popup: Popup | null
  /** Which of the errors is shown, counted on and on. */
  errorShown: number
  /** Groups of the form that are unfolded. */
  folds: ReadonlySet<Fold>
  /** Inner width and height of the main area in CSS pixels. */
  size: { width: number; height: number }
  /** Height of frames and numbers together in CSS pixels; 0 until it is known. */
  stage: number
  /** The model has been loading for more than 10 s. */
  slow: boolean
  /** For the live region. */
  announcement: string
}

export const speeds = [0.25, 0.5, 1, 2, 4]

/** What the page holds of the run on show, before anything of it came. */
export function nothingOfARun(): Pick<PageState, 'frames' | 'thumbnails' | 'states' | 'unreadable' | 'answers' | 'derived' | 'plotted' | 'crosshair'> {
  return { frames: new Map(), thumbnails: new Map(), states: new Map(), unreadable: new Set(), answers: {}, derived: new Map(), plotted: null, crosshair: null }
}

/** The state before the host has answered; `saved` is what the page remembered, untrusted. */
export function initialState(saved: Partial<Saved>): PageState {
  return {
    view: null, form: null, planner: 'coming', ...nothingOfARun(),
    plan: { first: 0, active: 0, undo: [], before: saved.before ?? null }, live: saved.live === true, coming: null,
    plots: { chosen: saved.plots ?? null, tables: saved.tables === true },
    player: { row: 0, following: true, playing: false, speed: speeds.includes(saved.speed ?? 1) ? saved.speed ?? 1 : 1, loop: saved.loop === true },
    tab: saved.tab === 'plan' ? 'plan' : 'sample', shown: saved.shown?.length ? saved.shown : null,
    look: { ...firstLook, linked: saved.linked ?? true, view: saved.view ?? firstLook.view, own: saved.own ?? {}, item: saved.item ?? null }, pinned: saved.pinned ?? null,
    folds: new Set(folds.filter((fold) => saved.folds?.includes(fold))), drawer: false, popup: null, errorShown: 0, size: { width: 0, height: 0 }, stage: 0, slow: false, announcement: '',
  }
}

/** The frames on show, in their order. Points of the plane have no pictures of what is derived. */
export function shownTensors({ view, shown }: PageState, plane: boolean): readonly Tensor[] {
  const chosen = (shown ?? (view?.preview ?? usualPreview).show).filter((tensor) => !plane || tensor === 'x' || tensor === 'x0')
  return chosen.length > 0 ? chosen : usualPreview.show
}

/** B, C, H, W of what is shown: the run's, else what the form would make. */
export function shapeOf(state: PageState): StateShape {
  const run = state.view?.run?.document?.shape
  if (run) return run
  const [channels, height, width] = factsOf(state)?.shape ?? [1, 32, 32]
  return [Math.min(64, state.form?.recipe.noise.batch ?? 1), channels, height, width]
}

/** The batch item that is shown alone; null where all are. */
export function itemAlone(state: PageState): number | null {
  const shape = shapeOf(state)
  const { item } = state.look
  return item !== null && item < shape[0] && shape[0] > 1 && !isPlane(shape) ? item : null
}

/** As which latents the states on show are drawn; null: as pixels. */
export function spaceOf(state: PageState): LatentSpace | null {
  const { view } = state
  return spaceShown((view?.run?.document?.model ?? factsOf(state))?.latents, shapeOf(state)[1], view?.preview.method ?? 'auto')
}

/** No run is shown, and the model that is named cannot be sampled: another has to be chosen. */
export function lacksModel({ view }: PageState): boolean {
  return view !== null && view.run === null && view.recording === undefined && view.model.status === 'failed'
    && isOfModel(view.model.error.reason)
}

/** Of the run on show no pictures are made, because it goes on. */
export const previewsOff = ({ view }: PageState): boolean => view?.preview.method === 'off' && isGoing(view.run)

/** The last recorded row, −1 where there is none. */
export function headRow(state: PageState): number {
  return (state.view?.run?.rows.length ?? 0) - 1
}

/**
 * The row under the cursor, one whose states are kept; −1 where nothing is recorded. While a run is followed it is the newest row whose pixels are here, so that
 * picture and numbers are of one row.
 */
export function shownRow(state: PageState): number {
  const head = headRow(state)
  const kept = state.player.following ? undefined : keptNear(state.view?.run, Math.min(state.player.row, head))
  if (kept !== undefined) return kept
  if (!isGoing(state.view?.run ?? null) || previewsOff(state)) return head
  const newest = Math.max(-1, ...state.frames.keys())
  return newest >= 0 ? Math.min(newest, head) : head
}

export function shownEvent(state: PageState): RowEvent | undefined {
  return state.view?.run?.rows[shownRow(state)]
}

/** The plan that timeline and plots show: the run's, until that is known the form's; null where neither is there. */
export function shownPlan(state: PageState): Plan | null {
  const run = state.view?.run
  if (run?.document) return run.document.plan
  return run && run.status !== 'loading' ? null : checked(state)?.prepared?.plan ?? null
}

/** What timeline and plots go along, row by row. */
export interface Course {
  levels: readonly Level[]
  /** Of the step that starts at a row; undefined at the last, and where nothing is solved. */
  orders: readonly (number | undefined)[]
  /** How many steps there will be; null while a run finds them by itself. */
  steps: number | null
  /** Model evaluations in all; null while nobody knows. */
  evaluations: number | null
}

/** The rows of the plan; of a run that finds its steps by itself those that came so far, as the first image goes. Null where there is no plan. */
export function courseOf(state: PageState): Course | null {
  const plan = shownPlan(state)
  if (!plan) return null
  if (!plan.adaptive) return { levels: plan.levels, orders: plan.steps.map(({ order }) => order || undefined), steps: plan.steps.length, evaluations: plan.evaluations }
  const run = state.view?.run
  const rows = run?.rows ?? []
  const over = run?.status === 'finished'
  return {
    levels: rows.map(({ level, lanes }) => lanes?.[0]?.level ?? level), orders: rows.map(({ order }) => order || undefined), steps: over ? rows.length - 1 : null, evaluations: over ? rows.at(-1)?.evaluations ?? 0 : null,
  }
}

/** h = λ(to) − λ(from) of the step that starts at a row, of the image that is new there; undefined at the last. */
export function stepSize(state: PageState, row: number): number | undefined {
  const rows = state.view?.run?.rows ?? []
  const item = rows[row]?.lanes?.find((lane) => lane.row === row)?.item
  if (item === undefined) {
    const { levels } = courseOf(state) ?? { levels: [] }
    const [from, to] = [levels[row], levels[row + 1]]
    return from && to && to.lambda - from.lambda
  }
  const next = rows.slice(row + 1).find(({ row: later, lanes }) => !lanes || lanes[item]?.row === later)
  return next && (next.lanes?.[item]?.level ?? next.level).lambda - rows[row]!.lanes![item]!.level.lambda
}

/** Model evaluations made before and at each row of a plan, as a finished run counts them. */
export function evaluationsAt(plan: Plan): number[] {
  let made = 0
  return plan.levels.map((_: Level, row) => (made += plan.steps[row]?.stages.length ?? 0))
}
