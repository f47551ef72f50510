import { html, nothing, type TemplateResult } from 'lit-html'

const entryHeight = 24

/** An entry; `checked` makes it a choice that is kept open. */
export interface MenuItem { label: string; checked?: boolean; onClick: () => void }
export interface MenuSpec { id: string; label: string; face: TemplateResult | string; items: readonly MenuItem[]; className?: string }

/** A button that opens a list of commands or choices over the page. The browser closes it (Escape, a click beside it) and gives the focus back. */
export function menu({ id, label, face, items, className = '' }: MenuSpec): TemplateResult {
  return html`<button type="button" class="tool ${className}" id=${`${id}-button`} popovertarget=${id} aria-haspopup="menu" aria-label=${label} title=${label}>${face}</button>
    <div popover id=${id} class="menu" role="menu" aria-label=${label} @beforetoggle=${place} @keydown=${move}>
      ${items.map(({ label: name, checked, onClick }, i) => html`<button type="button" tabindex="-1" ?autofocus=${i === 0} role=${checked === undefined ? 'menuitem' : 'menuitemcheckbox'} aria-checked=${checked ?? nothing}
        @click=${({ currentTarget }: Event) => { if (checked === undefined) (currentTarget as HTMLElement).closest<HTMLElement>('[popover]')?.hidePopover(); onClick() }}>${name}</button>`)}
    </div>`
}

/** Opens a menu where the pointer is, for the context menu of what it belongs to. */
export function openMenuAt(id: string, event: MouseEvent): void {
  const list = document.getElementById(id)
  if (!list) return
  event.preventDefault()
  list.showPopover()
  const { width, height } = list.getBoundingClientRect()
  put(list, `${Math.max(0, Math.min(event.clientX, window.innerWidth - width))}px`, `${Math.max(0, Math.min(event.clientY, window.innerHeight - height))}px`)
}

function put(list: HTMLElement, left: string, top: string, right = 'auto', bottom = 'auto'): void {
  Object.assign(list.style, { left, top, right, bottom })
}

/** Under its button, or over it where there is no room below; its right edge at the button's. */
function place({ currentTarget, newState }: Event & { newState?: string }): void {
  const list = currentTarget as HTMLElement
  const button = document.getElementById(`${list.id}-button`)?.getBoundingClientRect()
  if (newState !== 'open' || !button) return
  const height = entryHeight * list.children.length + 10 // its own is known only once it is open
  const below = button.bottom + height <= window.innerHeight
  put(list, 'auto', below ? `${button.bottom}px` : 'auto', `${Math.max(0, document.documentElement.clientWidth - button.right)}px`, below ? 'auto' : `${window.innerHeight - button.top}px`)
}

function move(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement
  // The page and VS Code have other uses for these keys.
  event.stopPropagation()
  const items = [...list.querySelectorAll('button')]
  const at = items.indexOf(document.activeElement as HTMLButtonElement)
  const next = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 }[event.key]
  if (event.key === 'Tab') list.hidePopover()
  if (next === undefined) return
  event.preventDefault()
  items[next]?.focus()
}
