import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'

/** Why nothing runs in Restricted Mode. */
export function untrusted(): DpmError {
  return new DpmError({
    reason: 'untrusted', message: t('Running models needs a trusted workspace.'), advice: t('Trust this workspace to run models in it.'),
    remedy: { title: t('Manage Trust'), command: 'manageTrust' },
  })
}
