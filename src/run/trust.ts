import { DpmError } from '../sampler/errors'

/** Why nothing runs in Restricted Mode. */
export function untrusted(): DpmError {
  return new DpmError({
    reason: 'untrusted', message: 'Running models needs a trusted workspace.', advice: 'Trust this workspace to run models in it.',
    remedy: { title: 'Manage Trust', command: 'manageTrust' },
  })
}
