import { html, svg, type TemplateResult } from 'lit-html'

const icon = (content: TemplateResult): TemplateResult => html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="currentColor">${content}</svg>`
const outline = (path: string): TemplateResult => icon(svg`<path d=${path} fill="none" stroke="currentColor" stroke-width="1.2" stroke-linecap="round" stroke-linejoin="round"/>`)
const solid = (path: string): TemplateResult => icon(svg`<path d=${path}/>`)

export const icons = {
  first: solid('M3 3h1.5v10H3zM13 3v10L5.5 8z'),
  back: solid('M11.5 3v10L4 8z'),
  play: solid('M4 2.5v11L13 8z'),
  pause: solid('M4 3h3v10H4zM9 3h3v10H9z'),
  on: solid('M4.5 3v10L12 8z'),
  last: solid('M11.5 3H13v10h-1.5zM3 3v10l7.5-5z'),
  loop: outline('M4 5h7.5a2.5 2.5 0 0 1 0 5h-1M4 5l2-2M4 5l2 2M12 11H4.5a2.5 2.5 0 0 1-1.6-4.4'),
  dice: icon(svg`<rect x="2.5" y="2.5" width="11" height="11" rx="2" fill="none" stroke="currentColor" stroke-width="1.2"/>${[[5.5, 5.5], [10.5, 5.5], [8, 8], [5.5, 10.5], [10.5, 10.5]].map(([x, y]) => svg`<circle cx=${x} cy=${y} r="1"/>`)}`),
  reuse: outline('M3.2 6.2A5.2 5.2 0 1 1 3 9.2M3 3v3.4h3.4'),
  undo: outline('M3 6.5h6.5a3.25 3.25 0 0 1 0 6.5H6M3 6.5L5.8 3.7M3 6.5l2.8 2.8'),
  folder: outline('M2 12.5v-9h4l1.5 2H14v7z'),
  gear: icon(svg`<circle cx="8" cy="8" r="2.2" fill="none" stroke="currentColor" stroke-width="1.2"/><circle cx="8" cy="8" r="4.6" fill="none" stroke="currentColor" stroke-width="1.2"/><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.8" stroke-dasharray="2.2 2.51"/>`),
  save: outline('M8 2.5v7M5 7l3 3 3-3M2.5 11.5v2h11v-2'),
  error: icon(svg`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.2"/><path d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6" stroke="currentColor" stroke-width="1.2" stroke-linecap="round"/>`),
  info: icon(svg`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.2"/><path d="M8 7.2v4" stroke="currentColor" stroke-width="1.4" stroke-linecap="round"/><circle cx="8" cy="5" r=".9"/>`),
  done: outline('M3 8.5l3.2 3.2L13 4.8'),
  minus: outline('M3 8h10'),
  plus: outline('M3 8h10M8 3v10'),
  pin: outline('M6 2.5h4M7 2.5v4L4.5 9.5h7L9 6.5v-4M8 9.5V14'),
  close: outline('M4 4l8 8M12 4l-8 8'),
  dots: icon(svg`<circle cx="3" cy="8" r="1.2"/><circle cx="8" cy="8" r="1.2"/><circle cx="13" cy="8" r="1.2"/>`),
  chevron: outline('M4 6l4 4 4-4'),
} as const
