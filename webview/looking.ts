import { isDerived, samePlace, type PixelPlace, type Tensor } from '../src/protocol/inspect'
import { isGoing } from '../src/protocol/view'
import { isPlane } from '../src/render/pixels'
import { t } from '../src/sampler/text'
import type { Actions } from './actions'
import { isZoomed, nextZoom, panned, placeBeside, regionBetween, viewOf, viewWith, withView, zoomedTo, type Pane } from './lens'
import { wholeView } from './look'
import { shapeOf, shownTensors, type PageState } from './state'
import { paneOf } from './ui/frames'
import { reducedMotion } from './ui/motion'

/** The frame that buttons and keys act on: the active one, or where that is not on show the first. */
export function activeFrame(state: PageState): Tensor {
  const shown = shownTensors(state, isPlane(shapeOf(state)))
  return shown.includes(state.look.active) ? state.look.active : shown[0]!
}

/** Whether there is something to look into: points of the plane are drawn as large as they are shown. */
const looksInto = (state: PageState): boolean => !isPlane(shapeOf(state))

export function zoom(act: Actions, state: PageState, direction: 1 | -1): void {
  const pane = paneOf(state)
  const tensor = activeFrame(state)
  const view = viewOf(state.look, tensor)
  const next = nextZoom(view, pane, direction)
  if (looksInto(state) && next !== null) act.setLook((look) => withView(look, tensor, zoomedTo(view, pane, next)))
}

/** To so many CSS pixels for a pixel; null: all of the picture. */
export function zoomTo(act: Actions, state: PageState, scale: number | null): void {
  const tensor = activeFrame(state)
  if (looksInto(state)) act.setLook((look) => withView(look, tensor, scale === null ? wholeView : zoomedTo(viewOf(look, tensor), paneOf(state), scale)))
}

/** What is looked at goes an eighth of the frame this way. */
export function pan(act: Actions, state: PageState, dx: number, dy: number): void {
  const pane = paneOf(state)
  const tensor = activeFrame(state)
  if (isZoomed(viewOf(state.look, tensor), pane)) act.setLook((look) => withView(look, tensor, panned(viewOf(look, tensor), pane, { x: -dx * pane.cssWidth / 8, y: -dy * pane.cssHeight / 8 })))
}

/** The arrow keys move the probe from here on, or no more. */
export function probe(act: Actions, state: PageState): void {
  if (!looksInto(state)) return
  const probing = !state.look.probing
  act.setLook((look) => ({ ...look, probing, anchor: null, cursor: probing ? look.cursor ?? state.pinned ?? middleOf(paneOf(state)) : null }))
  if (probing) document.querySelector<HTMLElement>(`[data-view="${activeFrame(state)}"]`)?.focus()
}

const middleOf = ({ shape: [, , height, width], item }: Pane): PixelPlace => ({ item: item ?? 0, y: height >> 1, x: width >> 1 })

/** The probe goes a pixel on; `growing`: with a rectangle from where it was when that began. */
export function moveProbe(act: Actions, state: PageState, dx: number, dy: number, growing: boolean): void {
  const pane = paneOf(state)
  act.setLook((look) => {
    const from = look.cursor ?? state.pinned ?? middleOf(pane)
    const anchor = growing ? look.anchor ?? from : null
    const cursor = placeBeside(from, dx, dy, anchor ? { ...pane, item: from.item } : pane)
    const tensor = activeFrame(state)
    return { ...withView(look, tensor, viewWith(cursor, viewOf(look, tensor), pane)), cursor, anchor, ...(anchor ? { region: regionBetween(anchor, cursor) } : {}) }
  })
}

/** What a click or Enter does at a pixel: in the grid its image becomes large, else it stays under the probe, or does so no more. */
export function choose(act: Actions, state: PageState, place: PixelPlace): void {
  if (paneOf(state).item === null && shapeOf(state)[0] > 1) { enlarge(act, state, place.item); return }
  act.pin(samePlace(state.pinned, place) ? null : place)
}

/** One image in all frames, where what was pinned and measured is looked at too; null: all of them. */
export function enlarge(act: Actions, state: PageState, item: number | null): void {
  const before = paneOf(state).item
  if (item !== null && state.pinned) act.pin({ ...state.pinned, item })
  act.setLook((look) => {
    const there = <T extends { item: number }>(what: T | null): T | null => what && item !== null ? { ...what, item } : what
    return { ...look, item, ...(before === null || item === null ? { view: wholeView, own: {} } : {}), anchor: null, cursor: look.probing ? there(look.cursor) : null, region: there(look.region) }
  })
}

/** The image after or before the enlarged one; beyond the ends all of them. */
export function nextItem(act: Actions, state: PageState, by: 1 | -1): void {
  const [batch] = shapeOf(state)
  if (batch < 2 || !looksInto(state)) return
  const places = batch + 1 // the grid comes before the first image
  const next = ((paneOf(state).item ?? -1) + 1 + by + places) % places
  enlarge(act, state, next === 0 ? null : next - 1)
}

/** Undoes the last of what can be undone; false where there is nothing. While a run goes on Escape stops that, and nothing else. */
export function leave(act: Actions, state: PageState): boolean {
  const { look, pinned } = state
  if (isGoing(state.view?.run ?? null)) return false
  if (look.blink) act.setLook((now) => ({ ...now, blink: null }))
  else if (look.region) act.setLook((now) => ({ ...now, region: null, anchor: null }))
  else if (look.probing) act.setLook((now) => ({ ...now, probing: false, cursor: null }))
  else if (pinned) act.pin(null)
  else if (paneOf(state).item !== null) enlarge(act, state, null)
  else return false
  return true
}

/** x_t and x̂₀ take turns in one place, or no more. */
export function toggleBlink(act: Actions, state: PageState): void {
  if (state.look.blink) act.setLook((look) => ({ ...look, blink: null }))
  else if (reducedMotion()) act.announce(t('x_t and x̂₀ do not take turns: animations are turned off (reduce motion).'))
  else act.setLook((look) => ({ ...look, blink: 'x' }))
}

/** Δ joins the frames, or leaves them; any frame does by its own toggle. */
export function toggleFrame(act: Actions, state: PageState, tensor: Tensor): void {
  if (isDerived(tensor) && !looksInto(state)) act.announce(noPlanePictures())
  else act.toggleShown(tensor, !looksInto(state))
}

export function showAlone(act: Actions, state: PageState, tensor: Tensor): void {
  if (isDerived(tensor) && !looksInto(state)) act.announce(noPlanePictures())
  else act.show([tensor])
}

export const noPlanePictures = (): string => t('ε̂ and Δ are shown of pictures: the states of this model are points of the plane.')

/** Half a turn, in ms: fewer than three flashes a second. */
const halfTurn = 600
let turn: number | undefined

/** Goes on with what takes turns. */
export function blinkOn({ look }: PageState, act: Actions): void {
  if (!look.blink) { clearTimeout(turn); turn = undefined; return }
  turn ??= window.setTimeout(() => {
    turn = undefined
    act.setLook((now) => now.blink ? { ...now, blink: now.blink === 'x' ? 'x0' : 'x' } : now)
  }, halfTurn)
}

/** What Enter does on a frame: at the pixel under the probe, without one at the first image or the pixel in the middle. */
export function chooseHere(act: Actions, state: PageState): void {
  if (looksInto(state)) choose(act, state, state.look.cursor ?? state.pinned ?? middleOf(paneOf(state)))
}
