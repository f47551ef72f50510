import * as vscode from 'vscode'

/** Says in the status bar what was done, for five seconds; `text` is in the user's language. */
export function say(text: string): void {
  vscode.window.setStatusBarMessage(text, 5000)
}
