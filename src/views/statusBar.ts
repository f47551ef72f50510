import * as vscode from 'vscode'
import { statusMenuCommand } from '../manifest'
import { progressText } from '../protocol/progress'
import { isGoing, type ViewState } from '../protocol/view'
import { recipes } from '../recipe/door'

/** What the status bar item says: the solver and its steps, or how far the run is. */
export function statusText({ run, recipe }: ViewState): string {
  if (!isGoing(run)) {
    const { shortSolverName, findsSteps } = recipes()
    return `$(symbol-misc) ${shortSolverName(recipe.solver)}${findsSteps(recipe.solver) ? '' : ` ${recipe.solver.steps}`}`
  }
  return run.status === 'loading' ? '$(loading~spin) loading' : `$(loading~spin) ${progressText(run)}`
}

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
    const queued = state.queued > 0 ? `, ${state.queued} waiting` : ''
    this.item.tooltip = down ? 'DPM-Solver: the engine exited; the next run starts a new one' : `DPM-Solver: ${isGoing(state.run) ? state.run.status : `${state.recipe.model.path}, ${state.recipe.solver.algorithm}`}${queued}`
    this.item.accessibilityInformation = { label: `DPM-Solver, ${this.item.text.replace(/\$\([^)]*\) ?/, '')}${queued}` }
    this.item.backgroundColor = down ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined
  }

  show(): void { this.item.show() }
  dispose(): void { this.item.dispose() }
}
