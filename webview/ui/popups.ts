import { html, nothing, type TemplateResult } from 'lit-html'
import { ref } from 'lit-html/directives/ref.js'
import { providerName } from '../../src/protocol/providerNames'
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
  if (!engine) return html`<p>Nothing has run yet.</p>`
  const { server } = engine
  if (server) {
    const rows = [['Model', server.url], ['Version', server.modelVersion], ['Server', `${server.name} ${server.version}`.trim()], ['Platform', server.platform]].filter(([, said]) => said !== '')
    return html`<table><tbody>${rows.map(([what, said]) => html`<tr><th scope="row">${what}</th><td>${said}</td></tr>`)}</tbody></table><p class="hint">The setting dpmSolver.engine.server chooses.</p>`
  }
  return html`<table><tbody>${engine.tried.map(({ provider, error }) => html`<tr><th scope="row">${providerName(provider)}</th><td>${error ?? (engine.adapter === 'software' ? 'runs, on a software adapter' : 'runs')}</td></tr>`)}</tbody></table>
    <p class="hint">ONNX Runtime ${engine.onnxruntime}${engine.intraOpThreads > 0 ? `, ${engine.intraOpThreads} ${engine.intraOpThreads === 1 ? 'thread' : 'threads'}` : ''}. The setting dpmSolver.engine.provider chooses.</p>`
}
