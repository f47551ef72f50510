import * as vscode from 'vscode'
import type { CommandId } from '../manifest'
import type { Session } from '../run/session'
import { assertNever, type Remedy } from '../sampler/errors'
import type { SettingsStore } from '../settings'

const run = (command: CommandId): Thenable<unknown> => vscode.commands.executeCommand(command)

/** Does what the button of an error says, and goes on with what the error interrupted. */
export async function applyRemedy(remedy: Remedy, session: Session, settings: SettingsStore): Promise<void> {
  session.dismissNotice()
  if ('set' in remedy) {
    await session.again(remedy.set)
    return
  }
  switch (remedy.command) {
    case 'selectModel': await run('dpmSolver.selectModel'); return
    case 'useCpu':
      await session.attemptAsync(() => settings.write('engine.provider', 'cpu'))
      await runAgainIfFailed(session)
      return
    case 'restartEngine': await run('dpmSolver.restartEngine'); return
    case 'showLog': await run('dpmSolver.showLog'); return
    case 'openSettings': await run('dpmSolver.openSettings'); return
    case 'manageTrust': await vscode.commands.executeCommand('workbench.trust.manage'); return
    case 'runAgain': await session.again(); return
    case 'estimateVariance': await run('dpmSolver.estimateVariance'); return
    case 'setServerToken':
      if (await run('dpmSolver.setServerToken') !== undefined) await runAgainIfFailed(session)
      return
    case 'installCudaRuntime': await run('dpmSolver.installCudaRuntime'); return
    default: assertNever(remedy.command)
  }
}

async function runAgainIfFailed(session: Session): Promise<void> {
  if (session.runner.view?.status === 'failed') await session.again()
  else session.inspect()
}
