import { join } from 'node:path'
import * as vscode from 'vscode'
import { shortId } from '../protocol/view'
import { isObject } from '../recipe/path'
import { exportsOfRuns } from '../run/exports/door'
import { exportChoices, exportKinds, exportQuestion, isExportKind, type ExportKindName, type Extent } from '../run/exports/kinds'
import type { HeldRuns } from '../run/heldRuns'
import { runName } from '../run/imageName'
import type { Log } from '../run/runner'
import { keptRows, type StoredRun } from '../run/store'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import type { Settings } from '../settingsSnapshot'
import type { PageVideo } from './pageVideo'
import { say } from './say'

/** What callers of the command may say beforehand; what they leave out the user is asked for. */
export interface ExportArguments { kind?: ExportKindName; target?: vscode.Uri; /** It is called from the preview's page, whichever editor is the active one. */ from?: 'preview' }

/** What callers said of an export, field by field; what means nothing is left out. */
export function exportArguments(given?: unknown): ExportArguments {
  if (!isObject(given)) return {}
  const { kind, target, from } = given
  return { ...isExportKind(kind) ? { kind } : {}, ...target instanceof vscode.Uri ? { target } : {}, ...from === 'preview' ? { from } : {} }
}

export interface ExportParts { settings: Pick<Settings, 'outputFolder' | 'fileName' | 'metadata' | 'preview'>; log: Log; held: HeldRuns; /** The page that encodes a run where it becomes a video. */ video: PageVideo }

/** Saves a run, as far as it is recorded, in a form that the user chooses. Resolves to the file or folder; undefined where the user gave up. Throws DpmError. */
export async function exportTrajectory(run: StoredRun | undefined, { settings, log, held, video }: ExportParts, given: ExportArguments): Promise<vscode.Uri | undefined> {
  if (!run) {
    throw new DpmError({ reason: 'runFolder', message: t('There is no run to export yet.'), advice: t('Generate a sample first.'), remedy: { title: t('Generate Sample'), command: 'runAgain' } })
  }
  const extent: Extent = { rows: run.rows.length, states: keptRows(await exportsOfRuns().settledRun(run)).length }
  const kind = given.kind ?? await pickKind(run.document.id, extent)
  if (!kind) return undefined
  const { title, extension } = exportKinds[kind]
  const defaultUri = vscode.Uri.file(join(settings.outputFolder, `${runName(run.document, settings.fileName)}${extension === 'png' ? `-${kind === 'apng' ? 'animated' : 'steps'}` : ''}${extension === null ? '' : `.${extension}`}`))
  const target = given.target ?? await vscode.window.showSaveDialog({
    title: t('Export Run {0}: {1}', shortId(run.document.id), title), saveLabel: t('Export'), defaultUri, ...extension === null ? {} : { filters: { [title]: [extension] } },
  })
  if (!target) return undefined
  const holding = held.hold(run.folder) // a run of a moving slider goes with the next one
  const done = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: t('Exporting {0}', title), cancellable: true }, (progress, token) => {
    const cancelled = new AbortController()
    token.onCancellationRequested(() => { cancelled.abort() })
    let told = 0
    const encoding = video.open(cancelled.signal)
    return exportsOfRuns().exportRun(run, kind, target.fsPath, {
      metadata: settings.metadata, method: settings.preview.method, signal: cancelled.signal, video: encoding,
      progress: (rows, of) => { progress.report({ message: t('state {0} of {1}', Math.floor(rows), of), increment: 100 * (rows - told) / of }); told = rows },
    }).finally(() => { encoding.close() })
  }).then((result) => { holding.dispose(); return result }, (error: unknown) => { holding.dispose(); throw error })
  if (!done) return undefined
  log.info(`run ${run.document.id} exported as ${kind} to ${target.fsPath}`)
  const file = vscode.workspace.asRelativePath(target)
  say(kind === 'csv' || extent.states === extent.rows ? t('Exported {0}', file) : t('Exported {0} of {1} states to {2}', extent.states, extent.rows, file))
  return target
}

async function pickKind(runId: string, extent: Extent): Promise<ExportKindName | undefined> {
  return (await vscode.window.showQuickPick(exportChoices(extent), { title: t('Export Run {0}', shortId(runId)), placeHolder: exportQuestion(extent), matchOnDetail: true }))?.name
}
