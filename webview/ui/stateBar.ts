import { html, nothing, type TemplateResult } from 'lit-html'
import type { ErrorReport } from '../../src/sampler/errors'
import { doing, finishedText, overdue, stepText, stoppedText } from '../announce'
import { t } from '../../src/sampler/text'
import { progressOf } from '../../src/protocol/progress'
import { providerName } from '../../src/protocol/providerNames'
import { isGoing, type RunView, type ViewState } from '../../src/protocol/view'
import { button, progressRing, shareRing } from './controls'
import type { Context } from './field'
import { icons } from './icons'
import { capital, fileName, megabytes } from './text'

/** On top of the main area: what is going on, in one sentence with the one button that helps; errors as banners. */
export function stateBar(context: Context): TemplateResult {
  const { state, act } = context
  const { view } = state
  if (!view) return html`<p class="state">${progressRing(t('Starting'))} ${t('Starting…')}</p>`
  const { run, model, trusted } = view
  const errors = errorsOf(view)
  const saysEnough = view.deleted ? true : run ? run.status === 'failed' && run.error !== null : model.status === 'failed'
  return html`
    ${trusted ? nothing : html`<div class="banner info">${icons.info}<p>${t('Running models needs a trusted workspace. Recorded runs can be viewed.')}</p>${button({ label: t('Manage Trust'), onClick: act.manageTrust })}</div>`}
    ${view.deleted ? html`<div class="banner info">${icons.info}<p><strong>${view.deleted.message}</strong> ${view.deleted.advice}</p></div>` : nothing}
    ${errors.length > 0 ? banner(context, errors[state.errorShown % errors.length]!, errors.length - 1) : nothing}
    ${view.hint && typeof state.planner !== 'string' ? state.planner.hintBox(context, view.hint) : nothing}
    ${saysEnough ? nothing : html`<div class="state">${sentence(context, run)}
      ${run && !isGoing(run) && model.status === 'loading' && view.recording === undefined ? says(progressRing(t('Reading the model')), t('Reading {0}…', fileName(model.path))) : nothing}</div>`}
    ${run && isGoing(run) ? progress(run) : nothing}`
}

/** What is wrong, the most telling first: what was just asked for and could not be done, then how the run ended, then the model. */
export function errorsOf({ notice, run, model }: ViewState): ErrorReport[] {
  const all = [notice, run?.status === 'failed' ? run.error : null, model.status === 'failed' ? model.error : null].filter((error) => error !== null)
  return all.filter(({ message }, i) => all.findIndex((other) => other.message === message) === i)
}

/** One at a time; `more` stand behind it. */
function banner({ state, act }: Context, error: ErrorReport, more: number): TemplateResult {
  // Where a recording is shown nothing can be run or set.
  const { remedy, otherRemedy } = state.view?.recording === undefined ? error : {}
  const log = [remedy, otherRemedy].some((one) => one && 'command' in one && one.command === 'showLog')
  return html`<div class="banner error" role="alert">${icons.error}<p><strong>${error.message}</strong> ${error.advice}</p>
    <div class="buttons">${remedy ? button({ label: remedy.title, appearance: 'primary', onClick: () => { act.remedy(remedy) } }) : nothing}
    ${error === state.view?.run?.error && typeof state.planner !== 'string' ? state.planner.resumeOffer({ state, act }) : nothing}
    ${otherRemedy ? button({ label: otherRemedy.title, onClick: () => { act.remedy(otherRemedy) } }) : nothing}
    ${log ? nothing : button({ label: t('Show Log'), onClick: act.showLog })}
    ${more > 0 ? button({ label: t('{0} more', more), description: t('Show what else is wrong'), onClick: act.nextError }) : nothing}
    ${error.message === state.view?.notice?.message ? button({ label: t('Dismiss'), icon: icons.close, appearance: 'icon', onClick: act.dismissNotice }) : nothing}</div></div>`
}

function sentence(context: Context, run: RunView | null): TemplateResult {
  const { state } = context
  const { model } = state.view!
  if (!run) {
    return model.status === 'loading' ? says(progressRing(t('Reading the model')), t('Reading {0}…', fileName(model.path)))
      : html`<span>${state.view!.trusted ? t('Ready. Run draws the first sample.') : t('Nothing has run yet.')}</span>`
  }
  const { mark, text } = newsOf(run)
  return html`${says(mark, text)}${helping(context, run)}`
}

/** What a run does, or how it ended, as it is said wherever it is said. */
export function newsOf(run: RunView): { mark: TemplateResult; text: string } {
  switch (run.status) {
    case 'loading': return { mark: progressRing(t('Loading')), text: loadingText(run) }
    case 'running': return { mark: shareRing(doing(run), progressOf(run).share), text: t('{0}: {1}', doing(run), stepText(run)) }
    case 'stopping': return { mark: progressRing(t('Stopping')), text: overdue(run)?.text ?? t('Stopping after the current evaluation…') }
    case 'stopped': return { mark: icons.info, text: run.rows.length > 0 ? t('{0} What was sampled is kept.', stoppedText(run)) : stoppedText(run) }
    case 'finished': return { mark: html`<span class="good">${icons.done}</span>`, text: finishedText(run) }
    case 'failed': return { mark: icons.error, text: t('{0} was the last.', capital(stepText(run))) }
  }
}

/** The buttons beside the sentence. */
function helping({ state, act }: Context, run: RunView): TemplateResult | typeof nothing {
  switch (run.status) {
    case 'loading': return html`${button({ label: t('Cancel'), description: t('Do not begin this run'), onClick: act.stop })}
      ${state.slow ? html`<span class="hint">${t('Still loading.')}</span>${button({ label: t('Show Log'), onClick: act.showLog })}` : nothing}`
    case 'stopping': {
      const late = overdue(run)
      return late ? button({ label: late.button, onClick: act.forceStop }) : nothing
    }
    case 'running': case 'stopped': case 'finished': return typeof state.planner === 'string' ? nothing : state.planner.runButtons({ state, act })
    case 'failed': return nothing
  }
}

const says = (mark: TemplateResult, text: string): TemplateResult => html`<div class="sentence">${mark}<span>${text}</span></div>`

/** What is being loaded, how large, on what. */
function loadingText({ loading }: RunView): string {
  if (!loading) return t('Starting the engine…')
  const { file, bytes, provider } = loading
  return bytes > 0 ? t('Loading {0} ({1}) on {2}…', fileName(file), megabytes(bytes), providerName(provider)) : t('Loading {0} on {1}…', fileName(file), providerName(provider))
}

function progress(run: RunView): TemplateResult {
  const { document, rows } = run
  if (!document) return html`<progress class="progress" aria-label=${t('Loading')}></progress>`
  const { evaluations, adaptive } = document.plan
  return adaptive || evaluations === 0 ? html`<progress class="progress" aria-label=${t('Share of the way')} max="1" value=${progressOf(run).share}></progress>`
    : html`<progress class="progress" aria-label=${t('Evaluations')} max=${evaluations} value=${rows.at(-1)?.evaluations ?? 0}></progress>`
}
