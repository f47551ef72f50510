import * as vscode from 'vscode'
import type { ErrorReport, Remedy } from '../sampler/errors'
import { t } from '../sampler/text'

/** Errors told outside the panel: one notification at a time, with what helps as buttons. What comes meanwhile is in the log. */
export class Notifications {
  private showing = false
  /** The last one shown; tests look at it. */
  last: ErrorReport | undefined

  constructor(private readonly apply: (remedy: Remedy) => void) {}

  async tell(error: ErrorReport, kind: 'error' | 'hint' = 'error'): Promise<void> {
    if (this.showing) return
    this.showing = true
    this.last = error
    const remedies: Remedy[] = [error.remedy ?? { title: t('Show Log'), command: 'showLog' }, ...error.otherRemedy ? [error.otherRemedy] : []]
    const show = kind === 'error' ? vscode.window.showErrorMessage : vscode.window.showInformationMessage
    try {
      const chosen = await show(`${error.message} ${error.advice}`, ...remedies.map(({ title }) => title))
      const remedy = remedies.find(({ title }) => title === chosen)
      if (remedy) this.apply(remedy)
    } finally {
      this.showing = false
    }
  }
}
