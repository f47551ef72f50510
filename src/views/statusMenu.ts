import * as vscode from 'vscode'
import { commandTitles, type CommandId } from '../manifest'
import { providerName } from '../protocol/providerNames'
import { isCutShort, isGoing, type ViewState } from '../protocol/view'
import { recipes } from '../recipe/door'
import { t } from '../sampler/text'

type Item = vscode.QuickPickItem & { command: CommandId }

/** What a click on the status bar item offers. */
export function statusMenuItems({ run, queued, recipe, trusted, provider }: ViewState): Item[] {
  const going = isGoing(run)
  const what = recipes().recipeInWords(recipe)
  const items: (Item | false)[] = [
    going && { label: `$(debug-stop) ${commandTitles['dpmSolver.stop']}`, command: 'dpmSolver.stop' },
    going && queued > 1 && { label: `$(debug-step-over) ${commandTitles['dpmSolver.stopAfterRun']}`, description: t('{0} waiting', queued), command: 'dpmSolver.stopAfterRun' },
    queued > 0 && { label: `$(clear-all) ${commandTitles['dpmSolver.cancelPending']}`, description: t('{0} waiting', queued), command: 'dpmSolver.cancelPending' },
    trusted && run?.resume?.why === null && { label: `$(debug-continue) ${commandTitles['dpmSolver.resumeRun']}`, command: 'dpmSolver.resumeRun' },
    (going || run !== null && isCutShort(run)) && { label: `$(discard) ${commandTitles['dpmSolver.discardRun']}`, command: 'dpmSolver.discardRun' },
    trusted && { label: `$(play) ${commandTitles['dpmSolver.generateSample']}`, description: going ? t('{0}, behind the run that is going', what) : what, command: 'dpmSolver.generateSample' },
    { label: `$(open-preview) ${commandTitles['dpmSolver.openPreview']}`, command: 'dpmSolver.openPreview' },
    { label: `$(symbol-misc) ${commandTitles['dpmSolver.selectModel']}`, description: recipe.model.path, command: 'dpmSolver.selectModel' },
    { label: `$(chip) ${commandTitles['dpmSolver.selectProvider']}`, description: providerName(provider), command: 'dpmSolver.selectProvider' },
    { label: `$(info) ${commandTitles['dpmSolver.showEngineInfo']}`, command: 'dpmSolver.showEngineInfo' },
    { label: `$(settings-gear) ${commandTitles['dpmSolver.openSettings']}`, command: 'dpmSolver.openSettings' },
    { label: `$(output) ${commandTitles['dpmSolver.showLog']}`, command: 'dpmSolver.showLog' },
  ]
  return items.filter((item) => item !== false)
}

export async function showStatusMenu(state: ViewState): Promise<void> {
  const picked = await vscode.window.showQuickPick(statusMenuItems(state), { title: 'DPM-Solver' })
  if (picked) await vscode.commands.executeCommand(picked.command)
}
