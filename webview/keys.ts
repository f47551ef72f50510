import { t } from '../src/sampler/text'
import type { Tensor } from '../src/protocol/inspect'
import type { Actions } from './actions'
import * as looking from './looking'
import type { PageState } from './state'

/** One row of the key table: what is pressed, what it does, in words and in deed. Without `run` the key is a keybinding of the extension, or what Escape and Enter do by what there is. */
export interface Key {
  /** As the setting dpmSolver.preview.keys names what it does. */
  action?: string
  /** As KeyboardEvent.key has it. */
  key?: string
  shift?: true
  alt?: true
  /** How it is written, where that is not the key itself. */
  shown?: string
  what: string
  run?: (act: Actions, state: PageState) => void
}

const alone = (action: string, key: string, tensor: Tensor, what: string): Key => ({ action, key, what, run: (act, state) => { looking.showAlone(act, state, tensor) } })
const arrows = [['ArrowLeft', -1, 0], ['ArrowRight', 1, 0], ['ArrowUp', 0, -1], ['ArrowDown', 0, 1]] as const

/** Along the timeline. */
const timelineKeys = (): Key[] => [
  { action: 'play', key: ' ', what: t('Play or pause'), run: (act) => { act.togglePlay() } },
  { action: 'back', key: 'ArrowLeft', what: t('One step back'), run: (act) => { act.step(-1) } },
  { action: 'forward', key: 'ArrowRight', what: t('One step on'), run: (act) => { act.step(1) } },
  { action: 'backFive', key: 'ArrowLeft', shift: true, what: t('Five steps back'), run: (act) => { act.step(-5) } },
  { action: 'forwardFive', key: 'ArrowRight', shift: true, what: t('Five steps on'), run: (act) => { act.step(5) } },
  { action: 'first', key: 'Home', what: t('First step'), run: (act) => { act.first() } },
  { action: 'last', key: 'End', what: t('Last step; while running, follow it'), run: (act) => { act.last() } },
]

const frameKeys = (): Key[] => [
  alone('showX', '1', 'x', t('Show x_t alone')), alone('showX0', '2', 'x0', t('Show x̂₀ alone')), alone('showEps', '3', 'eps', t('Show ε̂ alone')), alone('showDelta', '4', 'delta', t('Show Δ alone')),
  { action: 'showBoth', key: '0', what: t('Show x_t and x̂₀'), run: (act) => { act.show(['x', 'x0']) } },
  { action: 'blink', key: 'b', what: t('Let x_t and x̂₀ take turns in one place'), run: looking.toggleBlink },
  { action: 'difference', key: 'd', what: t('Show Δ, the difference to the step before, beside the others'), run: (act, state) => { looking.toggleFrame(act, state, 'delta') } },
  { action: 'zoomIn', key: '+', what: t('Zoom in (also Ctrl+wheel)'), run: (act, state) => { looking.zoom(act, state, 1) } },
  { action: 'zoomOut', key: '-', what: t('Zoom out'), run: (act, state) => { looking.zoom(act, state, -1) } },
  { action: 'fit', key: 'f', what: t('Fit: all of the picture'), run: (act, state) => { looking.zoomTo(act, state, null) } },
  { action: 'previousImage', key: '[', what: t('Enlarge the image before; before the first, all of them'), run: (act, state) => { looking.nextItem(act, state, -1) } },
  { action: 'nextImage', key: ']', what: t('Enlarge the next image'), run: (act, state) => { looking.nextItem(act, state, 1) } },
  { action: 'probe', key: 'p', what: t('Probe: the arrow keys move from pixel to pixel, or along the timeline again'), run: looking.probe },
]

/** By one arrow each; the table lists them together. */
const panKeys: readonly Key[] = arrows.map(([key, dx, dy]) => ({ key, shift: true, alt: true, what: '', run: (act, state) => { looking.pan(act, state, dx, dy) } }))
const probeKeys: readonly Key[] = [false, true].flatMap((growing) => arrows.map(([key, dx, dy]): Key => ({ key, ...(growing ? { shift: true } : {}), what: '', run: (act, state) => { looking.moveProbe(act, state, dx, dy, growing) } })))

const pageKeys = (): Key[] => [
  { action: 'keys', key: '?', what: t('This list'), run: (act) => { act.popup('keys') } },
  { shown: 'Alt+F1', what: t('How to use this panel without seeing it or without a pointer') },
]

/** What no row does: VS Code's own, and what goes by where the focus is and what is there. */
const listed = (): Key[] => [
  { shown: 'Ctrl+Enter (⌘ Enter)', what: t('Run') },
  { shown: 'Escape', what: t('Stop the run; or else close what is open, forget the rectangle, unpin, show all images again') },
]
const listedLater = (): Key[] => [
  { shown: t('Enter, on a frame'), what: t('Show the image under the probe alone; alone: pin the pixel') },
  { shown: t('Arrows, while probing'), what: t('The probe goes a pixel on') },
  { shown: t('Shift+arrows, while probing'), what: t('Measure a rectangle from here on (also Alt+drag)') },
  { shown: t('Shift+Alt+arrows'), what: t('Move what is zoomed') },
]

/** How a key is written. */
export function keyText({ shown, key = '', shift, alt }: Key): string {
  if (shown !== undefined) return shown
  const words: Readonly<Record<string, string>> = { ' ': t('Space'), ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' }
  return `${shift ? 'Shift+' : ''}${alt ? 'Alt+' : ''}${words[key] ?? (key.length === 1 ? key.toUpperCase() : key)}`
}

/** How the user's key for an action is written. */
export function keyFor({ view }: PageState, action: string): string {
  const row = keysOf(view?.preview.keys ?? {}).rows.find((one) => one.action === action)
  return row ? keyText(row) : ''
}

/** The table as the user has it, and what of dpmSolver.preview.keys could not be followed. */
export interface Keys { rows: readonly Key[]; refused: readonly string[] }

/** Keys that mean something everywhere. */
const reserved = ['Escape', 'Enter', 'Tab']
const spelled = (key: string): string => key === 'Space' ? ' ' : key.length === 1 ? key.toLowerCase() : key
const stroke = ({ key = '', shift }: Key): string => `${shift ? 'shift+' : ''}${key}`

/** @param changed single keys by the name of the action, as the setting has them */
export function keysOf(changed: Readonly<Record<string, string>>): Keys {
  const usual = [...timelineKeys(), ...frameKeys(), ...pageKeys()]
  const refused: string[] = []
  const wanted = new Map<string, string>()
  for (const [action, key] of Object.entries(changed)) {
    const name = spelled(key)
    if (!usual.some((row) => row.action === action)) refused.push(t('“{0}” is the name of no action.', action))
    else if (reserved.includes(name) || !(name.length === 1 || /^[A-Z][A-Za-z0-9]+$/.test(name))) refused.push(t('“{0}” cannot be the key of “{1}”: it must be a single key.', key, action))
    else wanted.set(action, name)
  }
  const apply = (row: Key): Key => {
    const { action, what, run } = row
    const key = action === undefined ? undefined : wanted.get(action)
    return action === undefined || key === undefined || !run ? row : { action, key, what, run }
  }
  // A key that two rows would have stays with the one that usually has it, or with the first; which may free or take another.
  for (;;) {
    const rows = usual.map(apply)
    const clash = rows.find((row) => row.action !== undefined && wanted.has(row.action) && rows.some((other) => other !== row && !other.alt && stroke(other) === stroke(row)))
    if (!clash) return { rows: [...listed(), ...rows.slice(0, -pageKeys().length), ...listedLater(), ...rows.slice(-pageKeys().length)], refused }
    refused.push(t('“{0}” cannot be the key of “{1}”: it has another meaning.', wanted.get(clash.action!)!, clash.action!))
    wanted.delete(clash.action!)
  }
}

/** Letters whatever the case lock says, but not with Shift; other signs however they are typed. */
function isPressed({ key, shift, alt }: Key, event: KeyboardEvent): boolean {
  if (key === undefined || (event.altKey && !event.getModifierState('AltGraph')) !== (alt === true)) return false
  if (key.length > 1) return event.key === key && event.shiftKey === (shift === true)
  return event.key.toLowerCase() === key && (!event.shiftKey || !/\p{L}/u.test(key))
}

/** Does what a key means, unless the focused control has a use for it; then that control gets it. */
export function onKey(event: KeyboardEvent, state: PageState, act: Actions): void {
  if (event.key === 'Escape' && state.popup) { act.popup(null); return }
  if (event.defaultPrevented) return
  if (event.altKey && event.key === 'F1') { event.preventDefault(); act.popup('help'); return }
  const typed = event.getModifierState('AltGraph') // on many keyboards a bracket takes it, and it may come as Ctrl and Alt
  if (((event.ctrlKey || event.metaKey) && !typed) || state.tab !== 'sample') return
  if (event.key === 'Escape' && looking.leave(act, state)) return
  if (isTaken(event)) return
  const page = ['PageDown', 'PageUp'].indexOf(event.key)
  if (page >= 0 && event.composedPath()[0] instanceof Element && (event.composedPath()[0] as Element).matches('[data-timeline]')) {
    event.preventDefault() // the slider would go to a step whose states may not be kept
    act.step(page === 0 ? -5 : 5)
    return
  }
  const rows = [...(state.look.probing ? probeKeys : []), ...panKeys, ...keysOf(state.view?.preview.keys ?? {}).rows]
  const run = event.key === 'Enter' && isOnFrame(event) ? (): void => { looking.chooseHere(act, state) } : rows.find((row) => row.run && isPressed(row, event))?.run
  if (!run) return
  event.preventDefault()
  run(act, state)
}

const isOnFrame = (event: KeyboardEvent): boolean => event.composedPath()[0] instanceof Element && (event.composedPath()[0] as Element).matches('[data-view]')

/** True where the focus is in something that types or moves by itself. The timeline's own slider is ours: it moves by the table above. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0]
  if (!(target instanceof Element)) return false
  if (target.matches('[data-timeline]')) return false
  if (target.closest('input, textarea, select, [contenteditable], [role=combobox], [role=option], [role=listbox]')) return true
  if (event.key === ' ' || event.key === 'Enter') return target.closest('button, a, summary, [role=button], [role=checkbox], [role=tab]') !== null
  return target.closest('[role=tab], [role=radio]') !== null
}
