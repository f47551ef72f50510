import type { StoredRun } from '../run/store'
import { t } from '../sampler/text'

/** How a run that was not finished came to its end, and where. @param progress as progressText() says it */
export function outcomeAt(outcome: Exclude<StoredRun['outcome'], 'finished'>, progress: string): string {
  switch (outcome) {
    case 'stopped': return t('stopped at {0}', progress)
    case 'interrupted': return t('interrupted at {0}', progress)
    case 'failed': return t('failed at {0}', progress)
  }
}
