import { html, nothing, type TemplateResult } from 'lit-html'
import { ref } from 'lit-html/directives/ref.js'
import { providerName } from '../../src/protocol/providerNames'
import { t } from '../../src/sampler/text'
import { keys } from '../keys'
import { button } from './controls'
import type { Context } from './field'
import { icons } from './icons'

/** What is open above the page: the key list, or what was said of each provider. */
export function popup(context: Context): TemplateResult | typeof nothing {
  switch (context.state.popup) {
    case 'keys': return box(context, 'Keyboard', html`<table class="keys"><tbody>${keys.map(({ keys: pressed, what }) => html`<tr><th scope="row"><kbd>${pressed}</kbd></th><td>${what}</td></tr>`)}</tbody></table>
      <p class="hint">The keys act on the Sample tab while no text field or list has the focus.</p>`)
    case 'provider': return box(context, 'Execution provider', providers(context))
    case null: return nothing
  }
}

function box({ act }: Context, title: string, content: TemplateResult): TemplateResult {
  return html`<div class="popup" role="dialog" aria-label=${title} tabindex="-1" ${ref(holdFocus)}>
    <div class="popup-title"><h2>${title}</h2>${button({ label: 'Close', icon: icons.close, appearance: 'icon', onClick: () => { act.popup(null) } })}</div>
    ${content}</div>`
}

let opener: Element | null = null

/** A new popup takes the focus, so that it is read out and Escape reaches it; one that goes with the focus in it gives it back to what opened it. */
function holdFocus(popup: Element | undefined): void {
  if (popup) {
    opener = document.activeElement
    queueMicrotask(() => { (popup as HTMLElement).focus() })
  } else {
    queueMicrotask(() => { if (document.activeElement === document.body) (opener as HTMLElement | null)?.focus() })
  }
}

function providers({ state }: Context): TemplateResult {
  const engine = state.view?.run?.document?.engine
  if (!engine) return html`<p>${t('Nothing has run yet.')}</p>`
  const { server } = engine
  if (server) {
    const rows = [[t('Model'), server.url], [t('Version'), server.modelVersion], [t('Server'), `${server.name} ${server.version}`.trim()], [t('Platform'), server.platform]].filter(([, said]) => said !== '')
    return html`<table><tbody>${rows.map(([what, said]) => html`<tr><th scope="row">${what}</th><td>${said}</td></tr>`)}</tbody></table><p class="hint">${t('The setting dpmSolver.engine.server chooses.')}</p>`
  }
  return html`<table><tbody>${engine.tried.map(({ provider, error }) => html`<tr><th scope="row">${providerName(provider)}</th><td>${error ?? (engine.adapter === 'software' ? t('runs, on a software adapter') : t('runs'))}</td></tr>`)}</tbody></table>
    <p class="hint">${threadsInWords(engine.onnxruntime, engine.intraOpThreads)} ${t('The setting dpmSolver.engine.provider chooses.')}</p>`
}

function threadsInWords(version: string, threads: number): string {
  if (threads === 0) return t('ONNX Runtime {0}.', version)
  return threads === 1 ? t('ONNX Runtime {0}, 1 thread.', version) : t('ONNX Runtime {0}, {1} threads.', version, threads)
}
