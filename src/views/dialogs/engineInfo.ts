import * as vscode from 'vscode'
import { engineInfoText } from '../../run/engineInfoText'
import type { Session } from '../../run/session'
import { t } from '../../sampler/text'
import type { TextDocuments } from '../textDocuments'

/** Shows Engine Info, as things are now. Resolves to its text. Rejects with DpmError. */
export async function showEngineInfo(session: Session, documents: TextDocuments): Promise<string> {
  const asked = session.engineInfo()
  const text = engineInfoText(await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: t('Looking at the engine') }, () => asked))
  await documents.show('Engine Info.md', text)
  return text
}
