import * as vscode from 'vscode'
import type { CommandId } from '../manifest'
import { providerName } from '../protocol/providerNames'
import { isGoing, type ViewState } from '../protocol/view'
import { recipes } from '../recipe/door'

type Item = vscode.QuickPickItem & { command: CommandId }

/** What a click on the status bar item offers. */
export function statusMenuItems({ run, queued, recipe, trusted, provider }: ViewState): Item[] {
  const going = isGoing(run)
  const items: (Item | false)[] = [
    going && { label: '$(debug-stop) Stop Sampling', command: 'dpmSolver.stop' },
    queued > 0 && { label: '$(clear-all) Cancel Pending Runs', description: `${queued} waiting`, command: 'dpmSolver.cancelPending' },
    trusted && { label: '$(play) Generate Sample', description: `${recipes().solverName(recipe.solver)}, ${recipe.solver.steps} steps${going ? ', behind the run that is going' : ''}`, command: 'dpmSolver.generateSample' },
    { label: '$(open-preview) Open Preview', command: 'dpmSolver.openPreview' },
    { label: '$(symbol-misc) Select Model…', description: recipe.model.path, command: 'dpmSolver.selectModel' },
    { label: '$(chip) Select Execution Provider…', description: providerName(provider), command: 'dpmSolver.selectProvider' },
    { label: '$(info) Show Engine Info', command: 'dpmSolver.showEngineInfo' },
    { label: '$(settings-gear) Open Settings', command: 'dpmSolver.openSettings' },
    { label: '$(output) Show Log', command: 'dpmSolver.showLog' },
  ]
  return items.filter((item) => item !== false)
}

export async function showStatusMenu(state: ViewState): Promise<void> {
  const picked = await vscode.window.showQuickPick(statusMenuItems(state), { title: 'DPM-Solver' })
  if (picked) await vscode.commands.executeCommand(picked.command)
}
