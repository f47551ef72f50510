import { html, nothing, type TemplateResult } from 'lit-html'
import type { ErrorReport } from '../../src/sampler/errors'
import { doing, drawsNoise, finishedText, overdue, stepText, stoppedText } from '../announce'
import { progressOf } from '../../src/protocol/progress'
import { providerName } from '../../src/protocol/providerNames'
import { isGoing, type RunView } from '../../src/protocol/view'
import { t } from '../../src/sampler/text'
import { button, progressRing } from './controls'
import type { Context } from './field'
import { icons } from './icons'
import { capital, fileName, megabytes } from './text'

/** On top of the main area: what is going on, in one sentence with the one button that helps; errors as banners. */
export function stateBar(context: Context): TemplateResult {
  const { state, act } = context
  const { view } = state
  if (!view) return html`<p class="state">${progressRing(t('Starting'))} ${t('Starting…')}</p>`
  const { run, model, notice, trusted } = view
  const runError = run?.status === 'failed' ? run.error : null
  const modelError = model.status === 'failed' && model.error.message !== runError?.message ? model.error : null
  const told = notice && notice.message !== runError?.message && notice.message !== modelError?.message ? notice : null
  return html`
    ${trusted ? nothing : html`<div class="banner info">${icons.info}<p>${t('Running models needs a trusted workspace. Recorded runs can be viewed.')}</p>${button({ label: t('Manage Trust'), onClick: act.manageTrust })}</div>`}
    ${told ? banner(context, told, true) : nothing}
    ${view.hint ? hint(context, view.hint) : nothing}
    ${modelError ? banner(context, modelError) : nothing}
    ${runError ? banner(context, runError) : nothing}
    ${runError || (modelError && !run) ? nothing : html`<div class="state">${sentence(context, run)}
      ${run && !isGoing(run) && model.status === 'loading' && view.recording === undefined ? says(progressRing(t('Reading the model')), t('Reading {0}…', fileName(model.path))) : nothing}</div>`}
    ${run && isGoing(run) ? progress(run) : nothing}`
}

function banner({ state, act }: Context, error: ErrorReport, dismissable = false): TemplateResult {
  // Where a recording is shown nothing can be run or set.
  const { remedy, otherRemedy } = state.view?.recording === undefined ? error : {}
  const log = [remedy, otherRemedy].some((one) => one && 'command' in one && one.command === 'showLog')
  return html`<div class="banner error" role="alert">${icons.error}<p><strong>${error.message}</strong> ${error.advice}</p>
    <div class="buttons">${remedy ? button({ label: remedy.title, appearance: 'primary', onClick: () => { act.remedy(remedy) } }) : nothing}
    ${otherRemedy ? button({ label: otherRemedy.title, onClick: () => { act.remedy(otherRemedy) } }) : nothing}
    ${log ? nothing : button({ label: t('Show Log'), onClick: act.showLog })}
    ${dismissable ? button({ label: t('Dismiss'), icon: icons.close, appearance: 'icon', onClick: act.dismissNotice }) : nothing}</div></div>`
}

/** What could be better: no error, and nothing that takes the reader's attention from the pictures. */
function hint({ act }: Context, { message, advice, remedy, otherRemedy }: ErrorReport): TemplateResult {
  return html`<div class="banner info" role="note">${icons.info}<p><strong>${message}</strong> ${advice}</p>
    <div class="buttons">${[remedy, otherRemedy].map((one) => one ? button({ label: one.title, onClick: () => { act.remedy(one) } }) : nothing)}
    ${button({ label: t('Dismiss'), icon: icons.close, appearance: 'icon', onClick: act.dismissHint })}</div></div>`
}

function sentence({ state, act }: Context, run: RunView | null): TemplateResult {
  const { model } = state.view!
  if (!run) {
    return model.status === 'loading' ? says(progressRing(t('Reading the model')), t('Reading {0}…', fileName(model.path)))
      : html`<span>${state.view!.trusted ? t('Ready. Run draws the first sample.') : t('Nothing has run yet.')}</span>`
  }
  switch (run.status) {
    case 'loading': return html`${says(progressRing(t('Loading')), loadingText(run))}
      ${state.slow ? html`<span class="hint">${t('Still loading.')}</span>${button({ label: t('Show Log'), onClick: act.showLog })}` : nothing}`
    case 'running': return says(progressRing(doing(run)), t('{0}: {1}', doing(run), stepText(run)))
    case 'stopping': {
      const late = overdue(run)
      return html`${says(progressRing(t('Stopping')), t('Stopping after the current evaluation…'))}
      ${late ? html`<span class="hint">${late.text}</span>${button({ label: late.button, onClick: act.forceStop })}` : nothing}`
    }
    case 'stopped': return html`${says(icons.info, run.rows.length > 0 ? t('{0} What was sampled is kept.', stoppedText(run)) : stoppedText(run))}${results({ state, act })}`
    case 'finished': return html`${says(html`<span class="good">${icons.done}</span>`, finishedText(run))}${results({ state, act })}`
    case 'failed': return says(icons.error, t('{0} was the last.', capital(stepText(run))))
  }
}

const says = (mark: TemplateResult, text: string): TemplateResult => html`<div class="sentence">${mark}<span>${text}</span></div>`

function results({ state, act }: Context): TemplateResult | typeof nothing {
  const run = state.view?.run
  if (!run || run.rows.length === 0) return nothing
  const seed = run.document?.recipe.noise.seed
  const inForm = String(seed) === String(state.form?.recipe.noise.seed)
  return html`<div class="buttons">${button({ label: t('Save Image…'), description: t('Save x̂₀ of the step shown'), onClick: () => { act.saveImage('x0') } })}
    ${button({ label: t('Export…'), description: t('Save the whole trajectory: as pictures, as an animation, as numbers'), onClick: () => { act.command('dpmSolver.exportTrajectory') } })}
    ${drawsNoise(run) && state.view?.recording === undefined ? button({ label: t('Reuse Seed'), disabled: inForm, description: inForm ? t('The form has this seed already') : t('Put seed {0} into the form', String(seed)), onClick: act.reuseSeed }) : nothing}</div>`
}

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
