import * as vscode from 'vscode'
import type { CommandId } from '../manifest'
import { isGoing, shortId, type RunView } from '../protocol/view'
import { nameOfRun } from '../run/givenName'
import { pinRun } from '../run/pins'
import { changing, deleteRun, renameRun, type ListedRun } from '../run/runList'
import type { Session } from '../run/session'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import type { RunPanels } from './runPanels'
import { asListed, type RunsView } from './runsView'

type RunCommand = Extract<CommandId, 'dpmSolver.revealRun' | 'dpmSolver.openRunPanel' | 'dpmSolver.rerun' | 'dpmSolver.rerunWithNewSeed' | 'dpmSolver.renameRun' | 'dpmSolver.pinRun' | 'dpmSolver.unpinRun' | 'dpmSolver.deleteRun' | 'dpmSolver.openRunFolder' | 'dpmSolver.resumeRun' | 'dpmSolver.discardRun'>

/** What the commands of a recorded run do; each is given the node of the Runs view, or takes the one selected. `showPreview` brings the preview up. */
export function runCommands(session: Session, runs: RunsView, runPanels: RunPanels, showPreview: () => void): Record<RunCommand, (...given: unknown[]) => unknown> {
  const withRun = <T>(action: (listed: ListedRun, ...more: unknown[]) => Promise<T> | T) => (given: unknown, ...more: unknown[]): Promise<T | undefined> => session.attemptAsync(async () => {
    const listed = asListed(given) ?? asListed(runs.view.selection[0])
    const result = listed && await action(listed, ...more)
    runs.refresh()
    return result
  })
  return {
    'dpmSolver.revealRun': withRun(async ({ folder }) => {
      await session.showRun(folder)
      showPreview()
    }),
    // Of the run on show, unless it is called for from the view.
    'dpmSolver.openRunPanel': (given) => session.attemptAsync(async () => {
      const folder = asListed(given)?.folder ?? session.runner.seenFolder
      if (folder === undefined) throw new DpmError({ reason: 'runFolder', message: t('There is no run to show yet.'), advice: t('Generate a sample first.'), remedy: { title: t('Generate Sample'), command: 'runAgain' } })
      await runPanels.show(folder)
    }),
    'dpmSolver.rerun': withRun(({ recipe }) => { void session.generateAs(recipe, false) }),
    'dpmSolver.rerunWithNewSeed': withRun(({ recipe }) => { void session.generateAs(recipe, true) }),
    'dpmSolver.renameRun': withRun(async ({ id, folder, name }, given) => {
      const chosen = typeof given === 'string' ? given : await vscode.window.showInputBox({ title: t('Rename Run {0}', shortId(id)), prompt: t('Empty: the run is called by its model and solver again.'), value: name ?? '' })
      if (chosen === undefined) return
      await renameRun(folder, chosen)
      session.renamed(folder, await nameOfRun(folder))
      await runPanels.renamed(folder)
    }),
    'dpmSolver.pinRun': withRun(({ folder }) => changing(folder, t('could not be pinned'), () => pinRun(folder, true))),
    'dpmSolver.unpinRun': withRun(({ folder }) => changing(folder, t('could not be unpinned'), () => pinRun(folder, false))),
    // Of the run on show, unless it is called for from the view.
    'dpmSolver.resumeRun': (given) => session.attemptAsync(async () => {
      const folder = asListed(given)?.folder ?? session.runner.recordedFolder
      return folder === undefined ? undefined : session.resume(folder)
    }),
    'dpmSolver.discardRun': (sure) => session.attemptAsync(async () => {
      const run = session.runner.view
      if (!run || !isGoing(run) && run.status !== 'stopped') return false
      if (sure !== true && !await discardConfirmed(run)) return false
      await session.discard(run.runId)
      runs.refresh()
      return true
    }),
    'dpmSolver.deleteRun': withRun(async (listed, sure) => {
      if (sure !== true && !await confirmed(listed)) return false
      await deleteRun(listed.folder)
      session.forgetRun(listed.id)
      return true
    }),
    'dpmSolver.openRunFolder': withRun(({ folder }) => vscode.commands.executeCommand('revealFileInOS', vscode.Uri.joinPath(vscode.Uri.file(folder), 'run.json'))),
  }
}

async function discardConfirmed({ runId, rows }: RunView): Promise<boolean> {
  const detail = rows.length === 1 ? t('Its recording of one step cannot be restored.') : t('Its recording of {0} steps cannot be restored.', rows.length)
  return await vscode.window.showWarningMessage(t('Discard run {0}?', shortId(runId)), { modal: true, detail }, t('Discard')) === t('Discard')
}

async function confirmed({ id, name, model, recipe, rows }: ListedRun): Promise<boolean> {
  const question = name === null ? t('Delete run {0} of {1}, seed {2}?', shortId(id), model, recipe.noise.seed) : t('Delete run {0}, “{1}”?', shortId(id), name)
  const detail = rows === 1 ? t('Its recording of 1 step cannot be restored.') : t('Its recording of {0} steps cannot be restored.', rows)
  const agreed = t('Delete')
  return await vscode.window.showWarningMessage(question, { modal: true, detail }, agreed) === agreed
}
