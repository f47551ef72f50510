import { html, nothing, type TemplateResult } from 'lit-html'
import { getPath } from '../../src/recipe/path'
import type { FileField } from '../../src/protocol/view'
import { t } from '../../src/sampler/text'
import { button } from './controls'
import { describe, field, type Context, type FieldSpec } from './field'
import { icons } from './icons'
import { fileName } from './text'

/** The name of a file that the host lets the user choose, and how to do without one. */
export function fileField(context: Context, spec: FieldSpec & { path: FileField }): TemplateResult {
  const { state, act } = context
  const { path, label } = spec
  const { id, disabled, description } = describe(state, spec)
  const file = getPath(state.form?.recipe, path)
  const given = typeof file === 'string' && file !== '' ? file : undefined
  return field(context, spec, html`<span class=${given ? 'file' : 'file hint'} title=${given ?? nothing}>${given ? fileName(given) : t('none')}</span>
    ${given ? button({ label: t('Clear {0}', label), icon: icons.close, appearance: 'icon', description: t('Do without {0}', fileName(given)), onClick: () => { act.edit(path, '') } }) : nothing}
    ${button({ id, label: t('Browse for {0}…', label), icon: icons.folder, appearance: 'icon', disabled, description: disabled ? description : t('Browse… {0}', given ?? description), onClick: () => { act.browseFile(path) } })}`)
}
