import { html, svg, type TemplateResult } from 'lit-html'
import { t } from '../../src/sampler/text'
import { button } from './controls'
import type { Context } from './field'

/** In place of the pictures, where the model that is named cannot be sampled and no run is shown. */
export function noModel({ act }: Context): TemplateResult {
  return html`<section class="no-model" aria-labelledby="no-model">
    ${picture()}
    <h2 id="no-model">${t('Choose a model to start')}</h2>
    <div class="buttons">${button({ label: t('Use Demo Model'), appearance: 'primary', description: t('digits, which comes with the extension'), onClick: () => { act.apply({ 'model.path': 'digits' }) } })}
      ${button({ label: t('Choose ONNX File…'), onClick: () => { act.browse('file') } })}</div>
    <button type="button" class="link" @click=${() => { act.remedy({ title: t('How models must look'), command: 'howModelsLook' }) }}>${t('How models must look')}</button>
  </section>`
}

/** Noise that becomes a ring, through an empty frame. */
function picture(): TemplateResult {
  const dots = Array.from({ length: 49 }, (_, i) => [i % 7, Math.floor(i / 7)] as const)
  const noise = dots.map(([x, y]) => svg`<rect x=${12 + 8 * x} y=${22 + 8 * y} width="7" height="7" opacity=${0.15 + 0.7 * ((37 * x + 53 * y + x * y * 11) % 17) / 17}/>`)
  const ring = dots.map(([x, y]) => svg`<rect x=${172 + 8 * x} y=${22 + 8 * y} width="7" height="7" opacity=${Math.abs(Math.hypot(x - 3, y - 3) - 2.4) < 0.75 ? 0.9 : 0.08}/>`)
  return html`<svg class="illustration" viewBox="0 0 240 100" aria-hidden="true">${svg`<g fill="currentColor">${noise}${ring}</g>
    <g fill="none" stroke="currentColor"><rect x="92" y="22" width="56" height="56" rx="4" stroke-width="1.5" stroke-dasharray="5 4"/><path d="M112 50h16M120 42v16" stroke-width="2"/>
    <path d="M72 50h14M82 46l4 4-4 4M152 50h14M162 46l4 4-4 4" stroke-width="1.5"/></g>`}</svg>`
}
