import { html, nothing, type TemplateResult } from 'lit-html'
import type { ErrorReport } from '../../src/sampler/errors'
import { t } from '../../src/sampler/text'
import { button } from './controls'
import type { Context } from './field'
import { icons } from './icons'

/** What could be better: no error, and nothing that takes the reader's attention from the pictures. */
export function hintBox({ act }: Context, { message, advice, remedy, otherRemedy }: ErrorReport): TemplateResult {
  return html`<div class="banner info" role="note">${icons.info}<p><strong>${message}</strong> ${advice}</p>
    <div class="buttons">${[remedy, otherRemedy].map((one) => one ? button({ label: one.title, onClick: () => { act.remedy(one) } }) : nothing)}
    ${button({ label: t('Dismiss'), icon: icons.close, appearance: 'icon', onClick: act.dismissHint })}</div></div>`
}
