import { html, nothing, type TemplateResult } from 'lit-html'
import { t } from '../../src/sampler/text'
import { inFold, type Fold } from '../folds'
import { isModified } from '../form'
import type { Context } from './field'
import { icons } from './icons'

/** Fields that always show. */
export function group(title: string, content: TemplateResult): TemplateResult {
  return html`<fieldset><legend>${title}</legend>${content}</fieldset>`
}

/** Fields that are folded away until they are wanted; a dot says that something in there is changed. */
export function folded({ state, act }: Context, fold: Fold, title: string, content: () => TemplateResult): TemplateResult {
  const open = state.folds.has(fold)
  const changed = inFold[fold].some((path) => isModified(state, path))
  return html`<details class="group" data-fold=${fold} .open=${open} @toggle=${({ target }: Event) => { act.fold(fold, (target as HTMLDetailsElement).open) }}>
    <summary>${icons.chevron}${title}${changed ? html`<span class="dot" title=${t('Changed from the defaults')}></span><span class="unseen"> ${t('(has changed fields)')}</span>` : nothing}</summary>
    ${open ? content() : nothing}
  </details>`
}
