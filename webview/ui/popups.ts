import { html, nothing, type TemplateResult } from 'lit-html'
import { ref } from 'lit-html/directives/ref.js'
import { providerName } from '../../src/protocol/providerNames'
import { settingTitle } from '../../src/recipe/settingTitle'
import { t } from '../../src/sampler/text'
import { keysOf, keyText } from '../keys'
import { button } from './controls'
import type { Context } from './field'
import { icons } from './icons'

/** What is open above the page: the key list, or what was said of each provider. */
export function popup(context: Context): TemplateResult | typeof nothing {
  switch (context.state.popup) {
    case 'keys': return box(context, t('Keyboard'), keyTable(context))
    case 'help': return box(context, t('Accessibility help'), help())
    case 'provider': return box(context, t('Execution provider'), providers(context))
    case null: return nothing
  }
}

function keyTable({ state }: Context): TemplateResult {
  const { rows, refused } = keysOf(state.view?.preview.keys ?? {})
  return html`${refused.length > 0 ? html`<ul class="refused">${refused.map((text) => html`<li>${text}</li>`)}</ul>` : nothing}
    <table class="keys"><tbody>${rows.map((row) => html`<tr title=${row.action ?? nothing}><th scope="row"><kbd>${keyText(row)}</kbd></th><td>${row.what}</td></tr>`)}</tbody></table>
    <p class="hint">${t('The keys act on the Sample tab while no field has the focus. The setting “{0}” changes them, by the names that are the tooltips of the rows.', settingTitle('preview.keys'))}</p>`
}

/** What the panel is and how to get about in it. */
function help(): TemplateResult {
  const paragraphs = [
    t('The form has the recipe of the next run; beside it the tab Sample shows the run step by step, Plan the table of its steps.'),
    t('Start, quarters and end of a run are announced. Left and right arrow go from step to step, Home and End to the first and the last.'),
    t('Each frame says which values it shows, of which step, and their mean and standard deviation. 1 to 4 show one of x_t, x̂₀, ε̂ and Δ alone, 0 the first two.'),
    t('P starts the probe: the arrow keys move from pixel to pixel, and the values of all shown frames are read out. Enter shows one image of a batch alone, there it pins the pixel. Shift with the arrows measures a rectangle. P ends it.'),
    t('Plus and minus zoom, F fits the picture into the frame, Shift+Alt with the arrows moves it.'),
  ]
  return html`<div class="help">${paragraphs.map((text) => html`<p>${text}</p>`)}</div>`
}

function box({ act }: Context, title: string, content: TemplateResult): TemplateResult {
  return html`<div class="popup" role="dialog" aria-label=${title} tabindex="-1" ${ref(holdFocus)}>
    <div class="popup-title"><h2>${title}</h2>${button({ label: t('Close'), icon: icons.close, appearance: 'icon', onClick: () => { act.popup(null) } })}</div>
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
    return html`<table><tbody>${rows.map(([what, said]) => html`<tr><th scope="row">${what}</th><td>${said}</td></tr>`)}</tbody></table><p class="hint">${t('The setting “{0}” chooses.', settingTitle('engine.server'))}</p>`
  }
  return html`<table><tbody>${engine.tried.map(({ provider, error }) => html`<tr><th scope="row">${providerName(provider)}</th><td>${error ?? (engine.adapter === 'software' ? t('runs, on a software adapter') : t('runs'))}</td></tr>`)}</tbody></table>
    <p class="hint">${threadsInWords(engine.onnxruntime, engine.intraOpThreads)} ${t('The setting “{0}” chooses.', settingTitle('engine.provider'))}</p>`
}

function threadsInWords(version: string, threads: number): string {
  if (threads === 0) return t('ONNX Runtime {0}.', version)
  return threads === 1 ? t('ONNX Runtime {0}, 1 thread.', version) : t('ONNX Runtime {0}, {1} threads.', version, threads)
}
