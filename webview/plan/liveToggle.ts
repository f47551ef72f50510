import { html, nothing, type TemplateResult } from 'lit-html'
import { t } from '../../src/sampler/text'
import { liveOff } from '../liveOff'
import { checkbox, progressRing } from '../ui/controls'
import type { Context } from '../ui/field'

/** Whether a sample is made while the hand moves, with how long an evaluation takes here, or why it cannot be. */
export function liveToggle({ state, act }: Context): TemplateResult {
  const { reason, evaluation } = liveOff(state)
  return html`${state.coming ? progressRing(t('Sampling')) : nothing}
    ${checkbox({
      id: 'live', label: t('Sample while dragging'), className: 'live', checked: state.live && reason === null, disabled: reason !== null,
      description: reason ?? t('A change of the form is sampled at once, on the same noise: an evaluation takes {0} here', evaluation), onChange: act.live,
    })}<span class="hint live-why">${reason ?? evaluation}</span>`
}
