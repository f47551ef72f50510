import * as vscode from 'vscode'
import { messagesVariable } from '../protocol/messages'
import { setMessages } from '../sampler/text'

// Imported first by extension.ts: texts that are made while modules load are in the user's language too.
setMessages(vscode.l10n.bundle)

/** The language of the texts: VS Code's, where there are messages in it. */
export const language = (): string => vscode.l10n.bundle ? vscode.env.language : 'en'

/** What the environment of an engine says of the language. */
export function engineMessages(): NodeJS.ProcessEnv {
  const { uri } = vscode.l10n
  return uri?.scheme === 'file' ? { [messagesVariable]: uri.fsPath } : {}
}
