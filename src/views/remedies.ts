import * as vscode from 'vscode'
import { extensionId, type CommandId } from '../manifest'
import type { Recipe } from '../recipe/recipe'
import type { Session } from '../run/session'
import { assertNever, type Remedy } from '../sampler/errors'
import type { SettingsStore } from '../settings'

const run = (command: CommandId): Thenable<unknown> => vscode.commands.executeCommand(command)

/** Does what the button of an error says, and goes on with what the error interrupted. */
export async function applyRemedy(remedy: Remedy, session: Session, settings: SettingsStore): Promise<void> {
  const failed = session.failedRecipe // the notice tells of which run
  session.dismissNotice()
  if ('set' in remedy) {
    await session.again(remedy.set)
    return
  }
  switch (remedy.command) {
    case 'selectModel': await run('dpmSolver.selectModel'); return
    case 'useCpu':
      await session.attemptAsync(() => settings.write('engine.provider', 'cpu'))
      await runAgainIfFailed(session, failed)
      return
    case 'restartEngine': await run('dpmSolver.restartEngine'); return
    case 'showLog': await run('dpmSolver.showLog'); return
    case 'openSettings': await run('dpmSolver.openSettings'); return
    case 'manageTrust': await vscode.commands.executeCommand('workbench.trust.manage'); return
    case 'runAgain': await session.repeat(failed); return
    case 'estimateVariance': await run('dpmSolver.estimateVariance'); return
    case 'setServerToken':
      if (await run('dpmSolver.setServerToken') !== undefined) await runAgainIfFailed(session, failed)
      return
    case 'howToInstall': await showHelp('graphics-processors'); return
    case 'howModelsLook': await showHelp('models-that-work'); return
    case 'hideHints': session.hideHints(); return
    case 'installCudaRuntime': await run('dpmSolver.installCudaRuntime'); return
    default: assertNever(remedy.command)
  }
}

/** A part of the README. In a packed extension the file's name is in small letters. */
async function showHelp(fragment: 'graphics-processors' | 'models-that-work'): Promise<void> {
  const folder = vscode.extensions.getExtension(extensionId)!.extensionUri
  const [file] = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name).filter((name) => /^readme\.md$/i.test(name))
  if (file !== undefined) await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(folder, file).with({ fragment }))
}

async function runAgainIfFailed(session: Session, failed: Recipe | undefined): Promise<void> {
  if (session.runner.view?.status === 'failed') await session.repeat(failed)
  else session.inspect()
}
