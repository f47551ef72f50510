import { render } from 'lit-html'
import { createActions } from './actions'
import { openDoor } from './door'
import { createEffects } from './effects'
import { runRefusal } from './form'
import { receive } from './inbox'
import { createLive } from './live'
import { readSaved } from './saved'
import { initialState, lacksModel, shownRow, type PageState } from './state'
import { createStore, type When } from './store'
import { createVideos } from './videos'
import { registerControls } from './ui/controls'
import { page } from './ui/page'
import { showField } from './ui/showField'

registerControls()
const root = document.createElement('div')
root.id = 'page'
document.body.append(root)

const door = openDoor((message) => {
  if (message.type === 'video') { void videos(message); return }
  const before = store.state
  const next = receive(before, message, saved, effects.ack)
  if (message.type === 'frame' && !message.live) effects.frameCame(message)
  if ('runId' in message && message.runId === before.coming?.run.runId) effects.answered('coming')
  if (message.type === 'inspected') effects.answered(message.question.of)
  if (message.type === 'thumbnails' || message.type === 'states') effects.answered(message.type)
  if (message.type === 'frame' && message.live) lastPicture = performance.now()
  store.set(next, whenDrawn(message, next))
  if (message.type === 'frame' && !message.live) effects.fetch(next)
  if (message.type === 'state') focusRefused(before.view?.run?.error?.field ?? before.view?.notice?.field, next.view?.run?.error?.field ?? next.view?.notice?.field)
})
const saved = readSaved(door.saved)
const store = createStore(initialState(saved), (state) => {
  render(page(state, act, watchSize), root)
  effects.afterDraw(state)
  comeToRun(state)
})
const live = createLive(store, door)
const act = createActions(store, door, live)
const effects = createEffects(store, door, act, saved, live)
const videos = createVideos((message) => { door.post(message) })

/** Of a run whose last picture came no longer ago than this, in ms, another is to come. */
const pictureTime = 1000
let lastPicture = -Infinity

/** Numbers, thumbnails and plots of a going run are drawn with its pictures; a picture that is fetched beforehand shows nothing new. */
function whenDrawn(message: Parameters<typeof receive>[1], next: PageState): When {
  if (message.type === 'frame') return message.live || message.row === shownRow(next) || message.runId !== next.view?.run?.runId ? 'soon' : 'withNext'
  return performance.now() - lastPicture < pictureTime && (message.type === 'rows' || message.type === 'thumbnails' || message.type === 'inspected') ? 'withNext' : 'soon'
}

let main: Element | undefined
const sizes = new ResizeObserver(([entry]) => { if (entry) act.size(Math.floor(entry.contentRect.width), Math.floor(Math.min(entry.contentRect.height, window.innerHeight))) })
function watchSize(element: Element | undefined): void {
  if (element === main) return
  sizes.disconnect()
  main = element
  if (element) sizes.observe(element)
}

/** A run refused for a field of the recipe puts the focus there. */
function focusRefused(before: string | undefined, now: string | undefined): void {
  if (now !== undefined && now !== before) showField(act, now)
}

/** Whoever comes to an empty panel finds Run under their hand. */
function focusRun(): void {
  if (mayBegin(store.state) && document.activeElement === document.body) document.getElementById('run')?.focus()
}

const mayBegin = (state: PageState): boolean => state.view?.run === null && runRefusal(state) === null && !lacksModel(state)

let mightBegin = false
/** Who came before Run could be chosen finds it when it can be, for the first time; the button takes the focus a frame later. */
function comeToRun(state: PageState): void {
  if (mightBegin || !mayBegin(state)) return
  mightBegin = true
  requestAnimationFrame(() => { if (document.hasFocus()) focusRun() })
}

// Colours of drawings are read from the theme, which may change.
new MutationObserver(() => { store.set({}) }).observe(document.documentElement, { attributeFilter: ['style'] })
window.addEventListener('focus', focusRun)
document.addEventListener('keydown', (event) => { if (typeof store.state.planner !== 'string') store.state.planner.onKey(event, store.state, act) })
store.set({})
door.post({ type: 'ready', runId: saved.runId ?? null })
