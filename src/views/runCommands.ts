import * as vscode from 'vscode'
import type { CommandId } from '../manifest'
import { isCutShort, isGoing, shortId } from '../protocol/view'
import { nameOfRun } from '../run/givenName'
import { pinRun } from '../run/pins'
import { changing, deleteRun, renameRun, type ListedRun } from '../run/runList'
import type { Session } from '../run/session'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import type { PreviewPanel } from './previewPanel'
import type { RunPanels } from './runPanels'
import { asListed, type RunsView } from './runsView'

type RunCommand = Extract<CommandId, 'dpmSolver.revealRun' | 'dpmSolver.openRunPanel' | 'dpmSolver.rerun' | 'dpmSolver.rerunWithNewSeed' | 'dpmSolver.useRecipe' | 'dpmSolver.renameRun' | 'dpmSolver.pinRun' | 'dpmSolver.unpinRun' | 'dpmSolver.deleteRun' | 'dpmSolver.openRunFolder' | 'dpmSolver.resumeRun' | 'dpmSolver.discardRun'>

/** What the commands of a recorded run do; each is given the node of the Runs view, or takes the one selected. */
export function runCommands(session: Session, runs: RunsView, runPanels: RunPanels, preview: Pick<PreviewPanel, 'open' | 'openTab' | 'tabTitle'>): Record<RunCommand, (...given: unknown[]) => unknown> {
  const withRun = <T>(action: (listed: ListedRun, ...more: unknown[]) => Promise<T> | T) => (given: unknown, ...more: unknown[]): Promise<T | undefined> => session.attemptAsync(async () => {
    const listed = asListed(given) ?? asListed(runs.view.selection[0])
    try { return listed && await action(listed, ...more) } finally { runs.refresh() } // also where the run turned out to be gone
  })
  /** What comes of it when a run is deleted: the tabs that show it, and what is lost. */
  const consequences = async (runId: string, folder: string, states: number, previewed: boolean): Promise<string> =>
    [...shownWhere({ previewed, own: runPanels.has(runId), elsewhere: await session.usedElsewhere(folder) }), lossText(states)].join(' ')
  return {
    'dpmSolver.revealRun': withRun(async ({ folder }) => {
      await session.showRun(folder)
      preview.openTab('sample')
    }),
    // Of the run on show, unless it is called for from the view.
    'dpmSolver.openRunPanel': (given) => session.attemptAsync(async () => {
      const folder = asListed(given)?.folder ?? session.runner.seenFolder
      if (folder === undefined) throw new DpmError({ reason: 'runFolder', message: t('There is no run to show yet.'), advice: t('Generate a sample first.'), remedy: { title: t('Generate Sample'), command: 'runAgain' } })
      await runPanels.show(folder)
    }),
    'dpmSolver.rerun': withRun(({ recipe }) => { void session.generateAs(recipe, false) }),
    'dpmSolver.rerunWithNewSeed': withRun(({ recipe }) => { void session.generateAs(recipe, true) }),
    // Of the run on show, in the panel of its own that is in front or else in the preview, unless it is called for from the view.
    'dpmSolver.useRecipe': (given) => {
      const recipe = asListed(given)?.recipe ?? (runPanels.active ?? session.runner).view?.document?.recipe
      if (recipe === undefined) return
      session.attempt(() => { session.useRecipe(recipe) })
      preview.open()
    },
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
      if (!run || !isGoing(run) && !isCutShort(run)) return false
      if (sure !== true && !await confirmed(t('Discard run {0}?', shortId(run.runId)), await consequences(run.runId, session.runner.folder, run.rows.length, false), t('Discard'))) return false
      await session.discard(run.runId)
      runs.refresh()
      return true
    }),
    'dpmSolver.deleteRun': withRun(async (listed, sure) => {
      if (sure !== true && !await confirmed(deleteQuestion(listed), await consequences(listed.id, listed.folder, listed.rows, preview.tabTitle !== undefined && session.runner.seenFolder === listed.folder), t('Delete'))) return false
      await deleteRun(listed.folder)
      session.forgetRun(listed.id)
      return true
    }),
    'dpmSolver.openRunFolder': withRun(({ folder }) => vscode.commands.executeCommand('revealFileInOS', vscode.Uri.joinPath(vscode.Uri.file(folder), 'run.json'))),
  }
}

function deleteQuestion({ id, name, model, recipe }: ListedRun): string {
  return name === null ? t('Delete run {0} of {1}, seed {2}?', shortId(id), model, recipe.noise.seed) : t('Delete run {0}, “{1}”?', shortId(id), name)
}

/** Where a run is shown that is to be deleted, in one sentence for each place. */
function shownWhere({ previewed, own, elsewhere }: { previewed: boolean; own: boolean; elsewhere: boolean }): string[] {
  return [...previewed ? [t('The preview shows it.')] : [], ...own ? [t('It is open in its own panel.')] : [], ...elsewhere ? [t('Another window shows or uses it.')] : []]
}

/** The first state is that before the first step. */
function lossText(states: number): string {
  if (states < 2) return t('Its recording cannot be restored.')
  return states === 2 ? t('Its recording of 1 step cannot be restored.') : t('Its recording of {0} steps cannot be restored.', states - 1)
}

async function confirmed(question: string, detail: string, agreed: string): Promise<boolean> {
  return await vscode.window.showWarningMessage(question, { modal: true, detail }, agreed) === agreed
}
