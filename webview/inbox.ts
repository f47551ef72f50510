import type { Answer, Question } from '../src/protocol/inspect'
import type { FramePair, RowEvent, RowStates } from '../src/protocol/run'
import type { RunView, ToPage, ViewState } from '../src/protocol/view'
import { sheetLayout } from '../src/render/contactSheet'
import { assertNever } from '../src/sampler/errors'
import { announcement } from './announce'
import { withDerived } from './derived'
import { heardRecipe } from './form'
import { lookInto } from './look'
import { thumbnailOf, withFrame, withThumbnails } from './pictures'
import { withAnswer } from './answers'
import { comingOf, settled, withComing } from './coming'
import type { Saved } from './saved'
import { headRow, nothingOfARun, type Frame, type PageState } from './state'

/** The state after a message. Pure but for `ack`: live frames are told there at once, to be answered when they were drawn. */
export function receive(state: PageState, message: Exclude<ToPage, { type: 'video' }>, saved: Partial<Saved>, ack: (runId: string, row: number) => void): PageState {
  switch (message.type) {
    case 'state': return withView(state, message.state, saved)
    case 'rows': return withRows(state, message.runId, message.rows)
    case 'frame':
      if (message.live) ack(message.runId, message.row)
      if (message.runId !== state.view?.run?.runId) return withComing(state, message.runId, message.frames && { ...message.frames, full: !message.live || isWhole(state.coming?.run, message.frames) }, message.frames?.states ? [message.frames.states] : [])
      if (!message.frames) return withUnreadable(state, [message.row])
      return withStates(withPair(state, { ...message.frames, full: !message.live && !message.small || isWhole(state.view.run, message.frames) }), message.frames.states ? [message.frames.states] : [])
    case 'thumbnails': return message.runId !== state.view?.run?.runId ? state : {
      ...withUnreadable(state, message.failed), thumbnails: withThumbnails(state.thumbnails, message.thumbnails.map(({ row, rgba }) => ({ row, thumbnail: { size: message.size, rgba } }))),
    }
    case 'states': return message.runId !== state.view?.run?.runId ? withComing(state, message.runId, null, message.states) : withStates(withUnreadable(state, message.failed), message.states)
    case 'inspected': return message.runId !== state.view?.run?.runId ? state : withAnswered(state, message.question, message.answer)
    case 'showTab': return { ...state, tab: message.tab }
    default: return assertNever(message)
  }
}

function withView(state: PageState, view: ViewState, saved: Partial<Saved>): PageState {
  const form = heardRecipe(state.form, view.recipe)
  const coming = comingOf(state, view)
  if (coming) return settled({ ...state, view: { ...view, run: state.view?.run ?? null }, form, coming })
  const shape = view.run?.document?.shape
  const into = shape && (state.view?.run?.runId !== view.run?.runId || !state.view?.run?.document) ? lookInto(shape, state.look, state.pinned) : {}
  const next: PageState = { ...state, ...into, view, form, coming: null, slow: state.slow && view.run?.status === 'loading' }
  const before = state.view?.run?.runId
  const now = view.run?.runId
  // Pictures that were made another way are of no use; of a recording `off` makes those of `auto`.
  const remade = state.view && (state.view.preview.method === 'latentToRgb') !== (view.preview.method === 'latentToRgb') ? { frames: new Map(), thumbnails: new Map() } : {}
  const again = state.view?.run?.status === view.run?.status ? {} : withoutVain(state)
  if (before === now) return { ...next, ...again, ...remade, announcement: announcement(state, next) }
  // The run of the page's last life is shown where it was left, if it comes first; any other from its start, followed.
  const returned = before === undefined && saved.runId === now
  const player = { ...state.player, playing: false, row: returned ? saved.row ?? 0 : 0, following: returned ? saved.following ?? true : true }
  const begun: PageState = { ...next, player, ...nothingOfARun() }
  return { ...begun, announcement: announcement(state, begun) }
}

/** What could not be read is asked for once more: as a run goes on, or ends, other states are there. */
function withoutVain({ answers, derived, plotted }: PageState): Partial<PageState> {
  return {
    unreadable: new Set(), answers: Object.fromEntries(Object.entries(answers).filter(([, { answer }]) => answer !== null)), derived: new Map([...derived].filter(([, { failed }]) => !failed)),
    plotted: plotted && { ...plotted, vain: new Map(), images: new Map() },
  }
}

function withRows(state: PageState, runId: string, more: readonly RowEvent[]): PageState {
  const { view } = state
  if (!view?.run || view.run.runId !== runId) return state
  const rows = [...view.run.rows]
  for (const row of more) if (row.row <= rows.length) rows[row.row] = row
  const run: RunView = { ...view.run, rows }
  const next = { ...state, view: { ...view, run } }
  return { ...next, announcement: announcement(state, next) }
}

function withAnswered(state: PageState, question: Question, answer: Answer | null): PageState {
  const answers = typeof state.planner !== 'string' && state.planner.isOfImage(state, question) ? state.answers : withAnswer(state.answers, question, answer)
  const plotted = typeof state.planner === 'string' ? null : state.planner.withPlotAnswer(state, question, answer)
  if (question.of !== 'pictures') return { ...state, plotted, answers }
  return { ...state, plotted, answers, derived: withDerived(state.derived, question, answer?.of === 'pictures' ? answer : null) }
}

function withUnreadable(state: PageState, rows: readonly number[]): PageState {
  return { ...state, unreadable: new Set([...state.unreadable, ...rows]) }
}

function withStates(state: PageState, more: readonly RowStates[]): PageState {
  return more.length === 0 ? state : { ...state, states: new Map([...state.states, ...more.map((states) => [states.row, states] as const)]) }
}

/** True for pictures that show each value of the run's states in a pixel of its own. */
function isWhole(run: RunView | null | undefined, { width }: FramePair): boolean {
  const shape = run?.document?.shape
  if (!shape) return false
  const { columns, cellWidth } = sheetLayout(shape)
  return width >= columns * cellWidth
}

function withPair(state: PageState, pair: Frame): PageState {
  const shape = state.view?.run?.document?.shape
  const frames = withFrame(state.frames, pair, shape)
  if (!shape || state.thumbnails.has(pair.row) || pair.row > headRow(state)) return { ...state, frames }
  const { columns, rows } = sheetLayout(shape)
  // Of an image that is noised x̂₀ is the same all along.
  const shown = state.view?.run?.document?.recipe.input.task === 'noise' ? 'x' : 'x0'
  return { ...state, frames, thumbnails: withThumbnails(state.thumbnails, [{ row: pair.row, thumbnail: thumbnailOf(pair, columns, rows, shown) }]) }
}
