import { isGoing, type RunView, type ToPage } from '../src/protocol/view'
import { sheetLayout } from '../src/render/contactSheet'
import { isPlane } from '../src/render/pixels'
import type { Question } from '../src/protocol/inspect'
import type { Actions } from './actions'
import { missingRows } from './coming'
import type { Door } from './door'
import { foldOf } from './folds'
import { hasStates, keptFrom } from './keptRows'
import type { LiveSampling } from './live'
import { refusedDraft, wrongField } from './form'
import { fits, isSmall, stripRows } from './pictures'
import { courseOf, headRow, itemAlone, previewsOff, shownRow, type PageState } from './state'
import type { Saved } from './saved'
import type { Store } from './store'
import { thumbnailRoom } from './ui/timeline'

/** An answer that did not come in this time is not waited for any longer, in ms. */
const answerTime = 5_000
const thumbnailsAtOnce = 16
const statesAtOnce = 256
/** A row that is looked at for so long, in ms, is fetched at full size. */
const restTime = 60
/** And while a run goes on, so long for each pixel of all images: thirty times what fetching it takes (104 ms for 512²), for nothing may slow the run. */
const restOfGoing = 30 * 104 / 512 ** 2
/** So many rows before and after the one on show are fetched in small, which the page has room for; few where the last three answers took longer than this, in ms, as over a network. */
const [ahead, aheadOfSlow, quick] = [120, 4, 150]
/** Rows a second at speed 1. */
const playRate = 8
const slowAfter = 10_000
/** While a run goes on, the recording is looked into so long after its beginning (of one that went on before the page began, at once) and no more often than this for each kind of question, in ms: nothing may slow the run. */
const pause = 2000
/** What is asked without anybody's doing. */
const lookedInto = ['thumbnails', 'changes', 'spectrum'] as const satisfies Asked[]

/** What may be under way once at a time. */
type Asked = 'frame' | 'thumbnails' | 'states' | 'coming' | Question['of']

type FrameMessage = Extract<ToPage, { type: 'frame' }>

/** What follows from a drawn state: fetching the planner, acknowledging frames, asking for missing pixels, telling of text that is no value, playing on, remembering where the user was. */
export interface Effects {
  /** To be acknowledged with the next drawing. */
  ack: (runId: string, row: number) => void
  /** Thumbnails, states or an answer came that had been asked for. */
  answered(what: Exclude<Asked, 'frame'>): void
  /** A frame came that may be what was asked for: to a page that begins while its run goes on one comes by itself. */
  frameCame(frame: Pick<FrameMessage, 'runId' | 'row' | 'small'>): void
  /** Asks for the pictures that are missing, before the next drawing does. */
  fetch(state: PageState): void
  afterDraw(state: PageState): void
}

/** @param last what the page saved in its last life: kept until a run is shown */
export function createEffects(store: Store, door: Door, act: Actions, last: Partial<Saved>, live: LiveSampling): Effects {
  const acks: { runId: string; row: number }[] = []
  const asked: Partial<Record<Asked, number>> = {}
  /** The frame that was asked for last. */
  let askedFrame = { runId: '', row: -1, small: false }
  /** The run that the questions are of, and the one that takes its place. */
  let askedOf = ''
  /** How many small pictures in a row were slow. */
  let slowOnes = 0
  const lastAsked: Partial<Record<Asked, number>> = {}
  let player: number | undefined
  let slow: { runId: string; timer: number } | undefined
  let savedText = ''
  let refused: string | null = null
  let wrong: string | undefined
  let fetched = false
  let waking: number | undefined
  let rest = { row: -1, time: 0, at: 0, timer: 0 }

  /** After the first drawing. Where it cannot be had (an update took the files of this version away) the host goes on judging recipes. */
  function fetchPlanner(): void {
    if (fetched) return
    fetched = true
    import('./planner').then((planner) => { planner.addLaterStyle(); store.set({ planner }) }, (error: unknown) => {
      store.set({ planner: 'failed' })
      door.post({ type: 'problem', text: `the planner could not be loaded: ${String(error)}` })
    })
  }

  /** The next picture comes as soon as drawings may follow each other. */
  function acknowledge({ runId, row }: { runId: string; row: number }): void {
    window.setTimeout(() => { door.post({ type: 'frameAck', runId, row }) }, store.pace)
  }

  /** At most one question of a kind is open. */
  function mayAsk(what: Asked): boolean {
    const now = performance.now()
    const before = asked[what]
    if (before !== undefined && now - before < answerTime) return false
    asked[what] = now
    window.setTimeout(() => { if (asked[what] === now) store.set({}) }, answerTime)
    return true
  }

  /** Of a run that is not on show at the host nothing is answered: with another one, what was asked is not waited for. */
  function forget({ view, coming }: PageState): void {
    const now = `${view?.run?.runId} ${coming?.run.runId}`
    if (!view || now === askedOf) return
    const wasGoing = askedOf === '' && (view.run?.rows.length ?? 0) > 0
    askedOf = now
    for (const what of Object.keys(asked) as Asked[]) delete asked[what]
    if (isGoing(view.run) && !wasGoing) for (const what of lookedInto) lastAsked[what] = performance.now()
  }

  /** The host runs on a key or command too: by the time a field is red it knows that its recipe is not what stands there. */
  function tellDraft(state: PageState): void {
    const now = refusedDraft(state)
    if (now === refused) return
    refused = now
    door.post({ type: 'draft', refused })
  }

  /** A group unfolds when something in it becomes wrong; it may be folded again. */
  function unfoldWrong(state: PageState): void {
    const field = wrongField(state)
    if (field === wrong) return
    wrong = field
    const fold = field === undefined ? null : foldOf(field)
    if (fold && !state.folds.has(fold)) store.set({ folds: new Set([...state.folds, fold]) })
  }

  /** Of a live run that is over, what it takes to put it on show. */
  function askForComing(state: PageState): void {
    const { coming } = state
    if (!coming || isGoing(coming.run)) return
    const { runId, document } = coming.run
    const rows = missingRows(state, coming)
    if (rows.length === 0 || !mayAsk('coming')) return
    if (document && isPlane(document.shape)) door.post({ type: 'statesRequest', runId, rows: rows.slice(0, statesAtOnce) })
    else door.post({ type: 'frameRequest', runId, row: rows[0]! })
  }

  function askForPixels(state: PageState): void {
    const run = state.view?.run
    const row = state.tab === 'plan' ? headRow(state) : shownRow(state)
    if (!run?.document || row < 0 || previewsOff(state)) return
    if (isPlane(run.document.shape)) { askForStates(state, run.runId); return }
    if (isGoing(run) && state.player.following) askForWhole(state, run, row)
    else askForFrame(state, run.runId, row)
    const missing = rowsOfStrip(state).filter((r) => r <= headRow(state) && hasStates(run, r) && !state.thumbnails.has(r) && !state.unreadable.has(r) && !(isGoing(run) && r === headRow(state)))
    if (missing.length > 0 && rested('thumbnails', isGoing(run)) && mayAsk('thumbnails')) door.post({ type: 'thumbnailRequest', runId: run.runId, rows: missing.slice(0, thumbnailsAtOnce) })
  }

  const rowsOfStrip = (state: PageState): readonly number[] => stripRows(courseOf(state)?.levels.length ?? 0, thumbnailRoom(state.size.width), state.view?.run ?? null)

  /** At most one question of a kind is open, and the next one is the newest. */
  function inspect(state: PageState): void {
    const { planner, view } = state
    if (typeof planner === 'string' || !view?.run) return
    for (const question of [...planner.questions(state), ...planner.plotQuestions(state)]) {
      if (rested(question.of, isGoing(view.run)) && mayAsk(question.of)) door.post({ type: 'inspect', runId: view.run.runId, question })
    }
  }

  /** False where this was asked just now; then it is drawn again, and asked again, when it may be. */
  function rested(what: Asked, going: boolean): boolean {
    const now = performance.now()
    const rest = (lastAsked[what] ?? -Infinity) + pause - now
    if (asked[what] !== undefined) return true // which mayAsk() judges
    if (!going || rest <= 0) { lastAsked[what] = now; return true }
    waking ??= window.setTimeout(() => { waking = undefined; store.set({}) }, rest)
    return false
  }

  /** A small picture of the row at once, all of it when the hand rests, and then, while nothing is sampled, small ones: of an image that is shown alone those that its thumbnails are cut from, where they are drawn, and those of the rows around. */
  function askForFrame(state: PageState, runId: string, row: number): void {
    const kept = state.frames.get(row)
    const whole = fits(state)
    const remote = state.view?.remote !== undefined
    const resting = rests(row, restTime) && !(remote && state.player.playing)
    const ask = (of: number, small: boolean): void => { requestFrame(runId, of, small) }
    if (!hasStates(state.view?.run, row)) return
    const wanted = (of: number): boolean => hasStates(state.view?.run, of) && of >= 0 && of <= headRow(state) && !state.frames.has(of) && !state.unreadable.has(of)
    if (wanted(row)) ask(row, !whole)
    else if (kept && !kept.full) { if (resting || whole) ask(row, false) }
    else if (resting && !isGoing(state.view?.run ?? null)) {
      const slowly = slowOnes >= 3
      const near = (of: number): number => Math.abs(of - row)
      const strip = itemAlone(state) === null || state.tab === 'plan' ? [] : [...rowsOfStrip(state)].sort((a, b) => near(a) - near(b)).slice(0, slowly ? 1 + 2 * aheadOfSlow : undefined)
      for (const of of strip) if (wanted(of)) { ask(of, !whole); return }
      if (whole) return
      for (let away = 1; away <= (slowly ? aheadOfSlow : ahead - strip.length / 2); away++) for (const of of [row + away, row - away]) if (wanted(of)) { ask(of, true); return }
    }
  }

  /** Of a run that is followed the pictures come by themselves, as small as keeps up with it: all of the row at which it stands long enough, where one image is looked at or the picture is a small one, as a page begins with, and no network lies between. */
  function askForWhole(state: PageState, { runId, document }: RunView, row: number): void {
    const kept = state.frames.get(row)
    if (!document || state.view?.remote !== undefined || !kept || kept.full || (itemAlone(state) === null && !isSmall(kept)) || state.unreadable.has(row) || !hasStates(state.view?.run, row)) return
    const { columns, rows, cellWidth, cellHeight } = sheetLayout(document.shape)
    if (rests(row, Math.max(pause, restOfGoing * columns * cellWidth * rows * cellHeight))) requestFrame(runId, row, false)
  }

  function requestFrame(runId: string, row: number, small: boolean): void {
    if (!mayAsk('frame')) return
    askedFrame = { runId, row, small }
    door.post({ type: 'frameRequest', runId, row, ...small ? { small } : {} })
  }

  /** Whether the row has been looked at for so long, in ms; once it has, it is asked again. */
  function rests(row: number, time: number): boolean {
    if (rest.row !== row || rest.time !== time) {
      clearTimeout(rest.timer)
      rest = { row, time, at: performance.now() + time, timer: window.setTimeout(() => { store.set({}) }, time) }
    }
    return performance.now() >= rest.at
  }

  /** Of a run in the plane every row is needed, for the points' ways, and nothing else. */
  function askForStates(state: PageState, runId: string): void {
    const missing = Array.from({ length: headRow(state) + 1 }, (_, row) => row).filter((row) => hasStates(state.view?.run, row) && !state.states.has(row) && !state.unreadable.has(row))
    if (missing.length > 0 && mayAsk('states')) door.post({ type: 'statesRequest', runId, rows: missing.slice(0, statesAtOnce) })
  }

  function playOn({ player: { playing, speed } }: PageState): void {
    if (!playing) { clearTimeout(player); player = undefined; return }
    player ??= window.setTimeout(() => {
      player = undefined
      const { state } = store
      const [row, head] = [shownRow(state), headRow(state)]
      if (!state.player.playing) return
      const next = keptFrom(state.view?.run, row + 1, 1)
      if (next !== undefined) store.set({ player: { ...state.player, row: next } })
      else if (isGoing(state.view?.run ?? null)) store.set({ player: { ...state.player, playing: false, following: true } })
      else store.set({ player: { ...state.player, playing: state.player.loop, row: state.player.loop ? 0 : head } })
    }, 1000 / (playRate * speed))
  }

  function watchLoading({ view }: PageState): void {
    const loading = view?.run?.status === 'loading' ? view.run.runId : undefined
    if (slow && slow.runId !== loading) { clearTimeout(slow.timer); slow = undefined }
    if (loading !== undefined) slow ??= { runId: loading, timer: window.setTimeout(() => { store.set({ slow: true }) }, slowAfter) }
  }

  function remember({ view, player: { row, following, speed, loop }, tab, shown, folds, live: sampling, plan: { before }, look: { linked, view: lookedAt, own, item }, pinned, plots: { chosen, tables } }: PageState): void {
    if (!view) return
    const place = view.run ? { runId: view.run.runId, row, following } : { runId: last.runId ?? null, row: last.row ?? 0, following: last.following ?? true }
    const saved: Saved = { ...place, tab, shown, speed, loop, folds: [...folds], live: sampling, before, linked, view: lookedAt, own, item, pinned, plots: chosen, tables }
    const text = JSON.stringify(saved)
    if (text === savedText) return
    savedText = text
    door.save(saved)
  }

  return {
    ack: (runId, row) => { acks.push({ runId, row }) },
    answered: (what) => { delete asked[what] },
    frameCame({ runId, row, small = false }) {
      if (asked.frame === undefined || runId !== askedFrame.runId || row !== askedFrame.row || small !== askedFrame.small) return
      if (small || fits(store.state)) slowOnes = performance.now() - asked.frame > quick ? slowOnes + 1 : 0
      delete asked.frame
    },
    fetch: askForPixels,
    afterDraw(state) {
      fetchPlanner()
      for (const of of acks.splice(0)) acknowledge(of)
      forget(state)
      tellDraft(state)
      unfoldWrong(state)
      askForPixels(state)
      askForComing(state)
      live.afterDraw(state)
      inspect(state)
      if (typeof state.planner !== 'string') { state.planner.blinkOn(state, act); state.planner.watchStage(act) }
      playOn(state)
      watchLoading(state)
      remember(state)
    },
  }
}
