import type { TemplateResult } from 'lit-html'
import type { Recipe } from '../../src/recipe/recipe'
import { t } from '../../src/sampler/text'
import type { Context } from './field'
import { numberField } from './numberField'

/** Where sampling starts; in the group of the image where there is one. */
export function startField(context: Context, task: Recipe['input']['task']): TemplateResult {
  return numberField(context, { path: 'schedule.tStart', label: t('t start'), word: 'auto', off: task === 'noise' ? t('Noising goes all the way.') : null })
}
