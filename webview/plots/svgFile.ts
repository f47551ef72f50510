import { html, render, svg, type SVGTemplateResult } from 'lit-html'
import { boxOf, drawing } from './drawing'
import { inWords, sideName, sidesOf, type Plot, type Series } from './plot'

const [width, height] = [640, 400]
/** What the page's style sheet says of an element that draws, as attributes: a file has no style sheet. */
const properties = { text: ['fill', 'font-family', 'font-size'], shape: ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'opacity'] } as const

/** A plot as an SVG file that stands for itself, in the colours of the theme as they are now. `page` is where the style sheet holds. */
export function plotFile(plot: Plot, page: Element): string {
  const holder = document.createElement('div')
  holder.className = 'plots unseen'
  page.append(holder)
  try {
    render(html`<svg xmlns="http://www.w3.org/2000/svg" class="plot" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
      ${svg`<title>${plot.title}</title><desc>${inWords(plot)}</desc><rect class="background" width=${width} height=${height}/>
      <text class="title" x="38" y="22">${plot.title}</text>
      ${legend(plot)}
      ${drawing(plot, boxOf(plot, width, height, plot.right ? 60 : 40))}`}</svg>`, holder)
    const drawn = holder.querySelector('svg')!
    for (const element of drawn.querySelectorAll('*')) dress(element)
    strip(drawn)
    return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(drawn)}\n`
  } finally {
    holder.remove()
  }
}

/** The symbols in the colours of their curves; where there are two axes, over the one that they read on. */
function legend(plot: Plot): SVGTemplateResult {
  const names = (series: readonly Series[], side: 'left' | 'own' | 'right'): SVGTemplateResult[] => series.map((one) => svg`<tspan class=${one.colour} dx="10">${sideName(one, side)}</tspan>`)
  const all = sidesOf(plot)
  if (!all) return svg`<text class="title" x=${width - 8} y="22" text-anchor="end">${names(plot.series, 'left')}</text>`
  return svg`<text class="title" x="8" y="44"><tspan>←</tspan>${names(all.left, 'left')}</text><text class="title" x=${width / 2} y="44" text-anchor="middle">${names(all.own, 'own')}</text>
    <text class="title" x=${width - 8} y="44" text-anchor="end">${names(all.right, 'right')}<tspan dx="10">→</tspan></text>`
}

function dress(element: Element): void {
  const style = getComputedStyle(element)
  const text = element.matches('text, tspan')
  if (!text && !element.matches('path, polyline, line, rect, circle')) return
  for (const name of properties[text ? 'text' : 'shape']) {
    const value = style.getPropertyValue(name)
    const colour = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/.exec(value)
    element.setAttribute(name, colour ? `#${colour.slice(1, 4).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}` : value)
    // Programs that draw SVG 1.1 know no colour with transparency.
    if (colour?.[4] !== undefined) element.setAttribute(`${name}-opacity`, colour[4])
  }
}

/** Takes away what only the page needs: classes and the marks of templates. */
function strip(root: Element): void {
  root.removeAttribute('class')
  const comments: Node[] = []
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT)
  while (walker.nextNode()) comments.push(walker.currentNode)
  for (const comment of comments) comment.parentNode?.removeChild(comment)
  for (const element of root.querySelectorAll('[class]')) element.removeAttribute('class')
}
