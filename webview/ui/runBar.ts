import { html, nothing, type TemplateResult } from 'lit-html'
import { isGoing } from '../../src/protocol/view'
import { fields } from '../../src/recipe/fields'
import { overdue } from '../announce'
import { isModified, runRefusal, wrongField } from '../form'
import { button } from './controls'
import type { Context } from './field'
import { icons } from './icons'
import { showField } from './showField'

/** Below the form, always in view: why Run is not possible, which may be said at a field out of sight; Run or Stop, Save as Defaults, Settings. */
export function runBar({ state, act }: Context): TemplateResult {
  const changed = fields.some(({ path, setting }) => setting !== null && isModified(state, path))
  const refusal = runRefusal(state)
  return html`<div class="run-bar">
    ${refusal !== null && state.view?.trusted === true && !isGoing(state.view.run)
      ? html`<button type="button" class="why" title=${refusal} aria-label=${`Run is not possible: ${refusal} Go to the field.`} @click=${() => { showField(act, wrongField(state)) }}>${icons.error}<span>${refusal}</span></button>` : nothing}
    ${runButton({ state, act })}
    ${button({
      label: 'Save as Defaults', disabled: !changed || (refusal !== null && state.view?.trusted !== false),
      description: changed ? 'Writes the changed fields to settings.json' : 'Nothing differs from the defaults', onClick: act.saveDefaults,
    })}
    ${button({ label: 'Settings', icon: icons.gear, appearance: 'icon', description: 'Open the settings of DPM-Solver', onClick: act.openSettings })}
    ${state.view && state.view.queued > 0 ? html`<span class="queued">${state.view.queued} waiting</span>` : nothing}
  </div>`
}

function runButton({ state, act }: Context): TemplateResult {
  const run = state.view?.run ?? null
  if (isGoing(run)) {
    if (run.status === 'stopping') {
      const late = overdue(run)
      return late
        ? button({ id: 'run', label: late.button, appearance: 'primary', className: 'run', description: 'Ends the engine process; the recorded steps are kept', onClick: act.forceStop })
        : button({ id: 'run', label: 'Stopping…', appearance: 'primary', className: 'run', disabled: true, description: 'Stopping after the current evaluation', onClick: act.stop })
    }
    return button({ id: 'run', label: 'Stop', appearance: 'primary', className: 'run', description: 'Stop before the next evaluation (Escape)', onClick: act.stop })
  }
  const refusal = runRefusal(state)
  return button({ id: 'run', label: 'Run', appearance: 'primary', className: 'run', disabled: refusal !== null, description: refusal ?? 'Generate a sample with this recipe (Ctrl+Enter)', onClick: act.run })
}
