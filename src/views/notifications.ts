import * as vscode from 'vscode'
import type { ErrorReport, Remedy } from '../sampler/errors'

/** Errors told outside the panel: one notification at a time, with the one action that helps. What comes meanwhile is in the log. */
export class Notifications {
  private showing = false
  /** The last one shown; tests look at it. */
  last: ErrorReport | undefined

  constructor(private readonly apply: (remedy: Remedy) => void) {}

  async tell(error: ErrorReport): Promise<void> {
    if (this.showing) return
    this.showing = true
    this.last = error
    const remedy: Remedy = error.remedy ?? { title: 'Show Log', command: 'showLog' }
    try {
      const chosen = await vscode.window.showErrorMessage(`${error.message} ${error.advice}`, remedy.title)
      if (chosen !== undefined) this.apply(remedy)
    } finally {
      this.showing = false
    }
  }
}
