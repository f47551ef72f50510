import { html, nothing, type TemplateResult } from 'lit-html'
import { isGoing } from '../../src/protocol/view'
import { t } from '../../src/sampler/text'
import { overdue } from '../announce'
import { runRefusal, wrongField } from '../form'
import { button } from './controls'
import type { Context } from './field'
import { icons } from './icons'
import { showField } from './showField'

/** Below the form, always in view: why Run is not possible, which may be said at a field out of sight; Run or Stop, Save as Defaults, Settings. */
export function runBar({ state, act }: Context): TemplateResult {
  const changed = typeof state.planner !== 'string' && state.planner.isSavable(state)
  const refusal = runRefusal(state)
  const refused = refusal !== null && state.view?.trusted === true && !isGoing(state.view.run)
  return html`<div class="run-bar">
    ${refused
      ? html`<button type="button" class="why" title=${refusal} aria-label=${t('Run is not possible: {0} Go to the field.', refusal)} @click=${() => { showField(act, wrongField(state)) }}>${icons.error}<span>${refusal}</span></button>` : nothing}
    ${runButton({ state, act })}
    ${refused || typeof state.planner === 'string' ? nothing : state.planner.runNews({ state, act })}
    ${button({
      label: t('Save as Defaults'), disabled: !changed || (refusal !== null && state.view?.trusted !== false),
      description: changed ? t('Writes the changed fields to settings.json') : t('Nothing differs from the defaults'), onClick: act.saveDefaults,
    })}
    ${button({ label: t('Settings'), icon: icons.gear, appearance: 'icon', description: t('Open the settings of DPM-Solver'), onClick: act.openSettings })}
    ${state.view && state.view.queued > 0 ? html`<span class="queued">${t('{0} waiting', state.view.queued)}</span>` : nothing}
  </div>`
}

function runButton({ state, act }: Context): TemplateResult {
  const run = state.view?.run ?? null
  if (isGoing(run)) {
    if (run.status === 'stopping') {
      const late = overdue(run)
      return late
        ? button({ id: 'run', label: late.button, appearance: 'primary', className: 'run', description: t('Ends the engine process; the recorded steps are kept'), onClick: act.forceStop })
        : button({ id: 'run', label: t('Stopping…'), appearance: 'primary', className: 'run', disabled: true, description: t('Stopping after the current evaluation'), onClick: act.stop })
    }
    return button({ id: 'run', label: t('Stop'), appearance: 'primary', className: 'run', description: t('Stop before the next evaluation (Escape)'), onClick: act.stop })
  }
  const refusal = runRefusal(state)
  return button({ id: 'run', label: t('Run'), appearance: 'primary', className: 'run', disabled: refusal !== null, description: refusal ?? t('Generate a sample with this recipe (Ctrl+Enter)'), onClick: act.run })
}
