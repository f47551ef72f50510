import { join } from 'node:path'
import * as vscode from 'vscode'
import type { FromPage, TextKind } from '../protocol/view'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import type { Settings } from '../settingsSnapshot'
import { say } from './say'

const kindTitles = (): Record<TextKind, string> => ({ csv: t('CSV table'), svg: t('SVG picture'), json: t('JSON file') })

/** What the page hands over as text. */
export type PageText = Extract<FromPage, { type: 'copyText' | 'saveText' | 'openText' }>

/** Puts a text of the page where it is to go: into the clipboard, a file that the user chooses (`target`, where that is chosen already), or a new document beside the page. Throws DpmError. */
export async function takeText(message: PageText, { outputFolder }: Pick<Settings, 'outputFolder'>, target?: vscode.Uri): Promise<void> {
  switch (message.type) {
    case 'copyText':
      await vscode.env.clipboard.writeText(message.text)
      say(t('Copied: {0}', message.what))
      return
    case 'saveText': await saveText(message, outputFolder, target); return
    case 'openText': {
      const document = await vscode.workspace.openTextDocument({ content: message.text, language: message.language })
      await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside })
    }
  }
}

async function saveText({ text, name, kind }: Extract<PageText, { type: 'saveText' }>, outputFolder: string, target?: vscode.Uri): Promise<void> {
  const file = target ?? await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.file(join(outputFolder, `${asFileName(name)}.${kind}`)), filters: { [kindTitles()[kind]]: [kind] }, title: t('Save {0}', name) })
  if (!file) return
  try {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text))
  } catch (error) {
    throw new DpmError({
      reason: 'outputFile', message: t('The file could not be written to {0}: {1}', file.fsPath, error instanceof Error ? error.message : String(error)), advice: t('Choose another folder and save again.'),
    }, { cause: error })
  }
  say(t('Saved {0}', vscode.workspace.asRelativePath(file)))
}

/** The name without what file systems have no place for; never empty, and no folder. */
function asFileName(name: string): string {
  return name.replace(/[^\p{L}\p{M}\p{N}+.()-]+/gu, '_').replace(/^[._]+|[._]+$/g, '') || 'text'
}
