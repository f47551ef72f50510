import type { Actions } from './actions'
import type { PageState } from './state'

/** One row of the key table: what is pressed, what it does, in words and in deed. Without `run` the key is a keybinding of the extension. */
export interface Key { keys: string; what: string; match?: (event: KeyboardEvent) => boolean; run?: (act: Actions) => void }

const plain = (...names: string[]) => (event: KeyboardEvent): boolean => !event.shiftKey && names.includes(event.key)
const shifted = (name: string) => (event: KeyboardEvent): boolean => event.shiftKey && event.key === name

/** The page's keys: handled here, listed in the “?” popup. */
export const keys: readonly Key[] = [
  { keys: 'Ctrl+Enter (⌘ Enter)', what: 'Run' },
  { keys: 'Escape', what: 'Stop the run, or close what is open' },
  { keys: 'Space', what: 'Play or pause', match: plain(' '), run: (act) => { act.togglePlay() } },
  { keys: '←', what: 'One step back', match: plain('ArrowLeft'), run: (act) => { act.step(-1) } },
  { keys: '→', what: 'One step on', match: plain('ArrowRight'), run: (act) => { act.step(1) } },
  { keys: 'Shift+←', what: 'Five steps back', match: shifted('ArrowLeft'), run: (act) => { act.step(-5) } },
  { keys: 'Shift+→', what: 'Five steps on', match: shifted('ArrowRight'), run: (act) => { act.step(5) } },
  { keys: 'Home', what: 'First step', match: plain('Home'), run: (act) => { act.first() } },
  { keys: 'End', what: 'Last step; while running, follow it', match: plain('End'), run: (act) => { act.last() } },
  { keys: '1', what: 'Show x_t alone', match: plain('1'), run: (act) => { act.show('x') } },
  { keys: '2', what: 'Show x̂₀ alone', match: plain('2'), run: (act) => { act.show('x0') } },
  { keys: '0', what: 'Show both', match: plain('0'), run: (act) => { act.show('both') } },
  { keys: '?', what: 'This list', match: (event) => event.key === '?', run: (act) => { act.popup('keys') } },
]

/** Does what a key means, unless the focused control has a use for it; then that control gets it. */
export function onKey(event: KeyboardEvent, state: PageState, act: Actions): void {
  if (event.key === 'Escape' && state.popup) { act.popup(null); return }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || state.tab !== 'sample') return
  const key = keys.find(({ match }) => match?.(event))
  if (!key?.run || isTaken(event)) return
  event.preventDefault()
  key.run(act)
}

/** True where the focus is in something that types or moves by itself. The timeline's own slider is ours: it moves by the table above. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0]
  if (!(target instanceof Element)) return false
  if (target.matches('[data-timeline]')) return false
  if (target.closest('input, textarea, select, [contenteditable], [role=combobox], [role=option], [role=listbox]')) return true
  if (event.key === ' ' || event.key === 'Enter') return target.closest('button, a, summary, [role=button], [role=checkbox], [role=tab]') !== null
  return target.closest('[role=tab], [role=radio]') !== null
}
