import { join } from 'node:path'
import * as vscode from 'vscode'
import type { RowEvent } from '../protocol/run'
import { exportsOfRuns } from '../run/exports/door'
import { imageName } from '../run/imageName'
import type { Recorded } from '../run/store'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import type { Settings } from '../settingsSnapshot'
import { say } from './say'

/** Which picture, and where to. */
export interface SaveImageArguments { runId?: string; row?: number; what?: 'x' | 'x0'; target?: vscode.Uri }

/** A row of a run, with those recorded so far. */
export interface RecordedRow { run: Recorded; row: RowEvent | undefined; rows: readonly RowEvent[] }

/** Saves a row as PNG, the state or the estimate; without `target` the user is asked where. Resolves to the file, or undefined where the user gave up. Throws DpmError. */
export async function saveImage(recorded: RecordedRow | undefined, { outputFolder, fileName, metadata, preview }: Pick<Settings, 'outputFolder' | 'fileName' | 'metadata' | 'preview'>, what: 'x' | 'x0', target?: vscode.Uri): Promise<vscode.Uri | undefined> {
  if (!recorded?.row) {
    throw new DpmError({ reason: 'runFolder', message: t('There is no picture to save yet.'), advice: t('Generate a sample first.'), remedy: { title: t('Generate Sample'), command: 'runAgain' } })
  }
  const { run, row, rows } = recorded
  const name = imageName(run.document, row, what, fileName)
  const file = target ?? await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.file(join(outputFolder, name)), filters: { [t('PNG image')]: ['png'] }, title: t('Save Image') })
  if (!file) return undefined
  const bytes = await exportsOfRuns().readImage(run, row, what, rows, metadata, preview.method)
  try {
    await vscode.workspace.fs.writeFile(file, bytes)
  } catch (error) {
    throw new DpmError({
      reason: 'outputFile', message: t('The image could not be written to {0}: {1}', file.fsPath, error instanceof Error ? error.message : String(error)),
      advice: t('Choose another folder and save again.'),
    }, { cause: error })
  }
  say(t('Saved {0}', vscode.workspace.asRelativePath(file)))
  return file
}
