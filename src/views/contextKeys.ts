import * as vscode from 'vscode'
import { contextKeys } from '../manifest'
import { isCutShort, isGoing, type ViewState } from '../protocol/view'

/** What when-clauses see of a state. */
export function contextValues(state: ViewState, engineState: string): Record<keyof typeof contextKeys, unknown> {
  return {
    running: isGoing(state.run), hasModel: state.model.status === 'ready', stopped: state.run !== null && isCutShort(state.run), resumable: state.trusted && state.run?.resume?.why === null, hasRun: (state.run?.rows.length ?? 0) > 0,
    engineState, queueLength: state.queued,
  }
}

/** Sets the context keys, those that changed only: each one set makes VS Code look at every when-clause again. */
export class ContextKeys {
  private readonly current = new Map<string, unknown>()

  update(values: Record<keyof typeof contextKeys, unknown>): void {
    for (const [name, value] of Object.entries(values) as [keyof typeof contextKeys, unknown][]) {
      const key = contextKeys[name]
      if (this.current.get(key) === value) continue
      this.current.set(key, value)
      void vscode.commands.executeCommand('setContext', key, value)
    }
  }

  get(name: keyof typeof contextKeys): unknown { return this.current.get(contextKeys[name]) }
}
