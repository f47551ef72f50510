import { join } from 'node:path'
import * as vscode from 'vscode'
import { exportsOfRuns } from '../run/exportDoor'
import { imageName } from '../run/imageName'
import type { Session } from '../run/session'
import { DpmError } from '../sampler/errors'
import type { Settings } from '../settingsSnapshot'

/** Which picture, and where to; without `target` the user is asked. */
export interface SaveImageArguments { runId?: string; row?: number; what?: 'x' | 'x0'; target?: vscode.Uri }

/** Saves a row of the run on show (its last row unless another is named; the state, or of an unfinished run the estimate) as PNG. Resolves to the file, or undefined where the user gave up. Throws DpmError. */
export async function saveImage(session: Session, { outputFolder, metadata }: Pick<Settings, 'outputFolder' | 'metadata'>, { runId, row, what, target }: SaveImageArguments = {}): Promise<vscode.Uri | undefined> {
  const view = session.runner.view
  const recorded = view && session.runner.recorded(runId ?? view.runId, row ?? view.rows.length - 1)
  if (!recorded) {
    throw new DpmError({ reason: 'runFolder', message: 'There is no picture to save yet.', advice: 'Generate a sample first.', remedy: { title: 'Generate Sample', command: 'runAgain' } })
  }
  // Of a run that was stopped on the way the estimate is what its result would look like.
  const which = what ?? (view.status === 'finished' || row !== undefined ? 'x' : 'x0')
  const name = imageName(recorded.run.document, recorded.row, which)
  const file = target ?? await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.file(join(outputFolder, name)), filters: { 'PNG image': ['png'] }, title: 'Save Image' })
  if (!file) return undefined
  const bytes = await exportsOfRuns().readImage(recorded.run, recorded.row, which, view.rows, metadata)
  try {
    await vscode.workspace.fs.writeFile(file, bytes)
  } catch (error) {
    throw new DpmError({
      reason: 'outputFile', message: `The image could not be written to ${file.fsPath}: ${error instanceof Error ? error.message : String(error)}`,
      advice: 'Choose another folder and save again.',
    }, { cause: error })
  }
  return file
}
