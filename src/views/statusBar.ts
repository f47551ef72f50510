import * as vscode from 'vscode'
import { statusMenuCommand } from '../manifest'
import type { ViewState } from '../protocol/view'
import { statusText, statusTooltip, waiting } from './statusText'

/** The one item in the status bar, from the first use of the extension in a window. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('dpmSolver.status', vscode.StatusBarAlignment.Right, 100)

  constructor() {
    this.item.name = 'DPM-Solver'
    this.item.command = statusMenuCommand
  }

  get text(): string { return this.item.text }

  /** `down`: the engine went by itself and no new one was started yet. */
  update(state: ViewState, down: boolean): void {
    this.item.text = statusText(state)
    this.item.tooltip = statusTooltip(state, down)
    this.item.accessibilityInformation = { label: waiting(`DPM-Solver, ${this.item.text.replace(/\$\([^)]*\) ?/, '')}`, state.queued) }
    this.item.backgroundColor = down ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined
  }

  show(): void { this.item.show() }
  dispose(): void { this.item.dispose() }
}
