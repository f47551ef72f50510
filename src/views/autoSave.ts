import * as vscode from 'vscode'
import { exportsOfRuns } from '../run/exports/door'
import type { Log, RunSummary } from '../run/runner'
import { openRun } from '../run/store'
import { t } from '../sampler/text'
import type { Settings } from '../settingsSnapshot'
import { say } from './say'

/** Saves the images of a run that has finished, where the settings ask for it. Throws DpmError. */
export async function autoSave({ runId, folder, outcome }: RunSummary, { autoSave: wanted, outputFolder, fileName, metadata, preview }: Pick<Settings, 'autoSave' | 'outputFolder' | 'fileName' | 'metadata' | 'preview'>, log: Log): Promise<void> {
  if (!wanted || outcome !== 'finished') return
  const files = await exportsOfRuns().saveImages(await openRun(folder), { folder: outputFolder, fileName, metadata, method: preview.method })
  for (const file of files) log.info(`run ${runId} saved as ${file}`)
  const [first, ...others] = files
  if (first === undefined) return
  say(others.length === 0 ? t('Saved {0}', vscode.workspace.asRelativePath(first)) : t('Saved {0} images in {1}', files.length, vscode.workspace.asRelativePath(outputFolder)))
}
