import { html, nothing, type TemplateResult } from 'lit-html'
import { t } from '../../src/sampler/text'
import type { Context } from './field'
import { icons } from './icons'
import { errorsOf, newsOf } from './stateBar'

/** Where the unfolded recipe stands over all else: what came of Run, in one line that leads there. */
export function runNews({ state, act }: Context): TemplateResult | typeof nothing {
  const { view, drawer } = state
  const news = drawer && view ? errorsOf(view).map(({ message }) => ({ mark: icons.error, text: message }))[0] ?? (view.run ? newsOf(view.run) : null) : null
  if (!news) return nothing
  const show = (): void => {
    act.drawer(false)
    document.querySelector<HTMLElement>('.drawer')?.focus() // which is just above it, and this line goes
  }
  return html`<button type="button" class="news" title=${news.text} aria-label=${news.text} aria-description=${t('Fold the recipe to see it.')} @click=${show}>${news.mark}<span>${news.text}</span></button>`
}
