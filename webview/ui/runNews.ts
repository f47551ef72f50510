import { html, nothing, type TemplateResult } from 'lit-html'
import { progressOf } from '../../src/protocol/progress'
import type { RunView } from '../../src/protocol/view'
import { assertNever } from '../../src/sampler/errors'
import { t } from '../../src/sampler/text'
import { doing, finishedText, stepText, stoppedText } from '../announce'
import { progressRing, shareRing } from './controls'
import type { Context } from './field'
import { icons } from './icons'
import { errorsOf, loadingText } from './stateBar'

/** Where the unfolded recipe stands over all else: what came of Run, in one line that leads there. */
export function runNews({ state, act }: Context): TemplateResult | typeof nothing {
  const { view, drawer } = state
  const news = drawer && view ? errorsOf(view).map(({ message }) => ({ mark: icons.error, text: message }))[0] ?? (view.run ? newsOf(view.run) : null) : null
  if (!news) return nothing
  const show = (): void => {
    act.drawer(false)
    document.querySelector<HTMLElement>('.drawer')?.focus() // which is just above it, and this line goes
  }
  return html`<button type="button" class="news" title=${news.text} aria-label=${t('{0} Fold the recipe to see it.', news.text)} @click=${show}>${news.mark}<span>${news.text}</span></button>`
}

function newsOf(run: RunView): { mark: TemplateResult; text: string } | null {
  switch (run.status) {
    case 'loading': return { mark: progressRing(t('Loading')), text: loadingText(run) }
    case 'running': return { mark: shareRing(doing(run), progressOf(run).share), text: t('{0}: {1}', doing(run), stepText(run)) }
    case 'stopping': return { mark: progressRing(t('Stopping')), text: t('Stopping after the current evaluation…') }
    case 'stopped': return { mark: icons.info, text: stoppedText(run) }
    case 'finished': return { mark: icons.done, text: finishedText(run) }
    case 'failed': return null // whose error was told
    default: return assertNever(run.status)
  }
}
