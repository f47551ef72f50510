import { randomBytes } from 'node:crypto'
import * as vscode from 'vscode'
import { messagesScript } from '../protocol/messages'
import type { FromPage } from '../protocol/view'
import type { Log } from '../run/runner'
import { t } from '../sampler/text'
import { language } from './messages'
import { parseFromPage } from './previewMessages'

/** Gives a panel its icon and its page. `receive` hears what the page sends, looked at field by field; what is no message is in the log. */
export function openPage(panel: vscode.WebviewPanel, extensionUri: vscode.Uri, log: Log, receive: (message: FromPage) => void): void {
  const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'media', `preview-${theme}.svg`)
  panel.iconPath = { light: icon('light'), dark: icon('dark') }
  panel.webview.options = { enableScripts: true, localResourceRoots: pageRoots(extensionUri) }
  panel.webview.onDidReceiveMessage((raw: unknown) => {
    const message = parseFromPage(raw)
    if (message) receive(message)
    else log.warn(`the page sent what is no message: ${describe(raw)}`)
  })
  panel.webview.html = pageHtml(panel.webview, extensionUri)
}

function describe(raw: unknown): string {
  try { return JSON.stringify(raw)?.slice(0, 200) ?? String(raw) } catch { return String(raw) }
}

/** Folders the page may load from. */
function pageRoots(extensionUri: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extensionUri, 'dist'), vscode.Uri.joinPath(extensionUri, 'media')]
}

/**
 * The page's document: nothing but its script and style, under a policy that lets nothing else in; what a script with the nonce imports has it
 * too. The csp-nonce element is what the
 * webview toolkit takes the nonce of its own style from.
 */
function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64url')
  const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', name)).toString()
  const policy = [
    `default-src 'none'`, `img-src ${webview.cspSource} blob: data:`, `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`, `script-src 'nonce-${nonce}'`, `base-uri 'none'`, `form-action 'none'`,
  ].join('; ')
  return `<!DOCTYPE html>
<html lang="${language()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<link rel="modulepreload" nonce="${nonce}" href="${file('webview-chunk.js')}">
<link rel="stylesheet" href="${file('webview.css')}">
<title>${t('DPM-Solver Preview')}</title>
</head>
<body>
${messagesScript(nonce, vscode.l10n.bundle)}<script type="module" nonce="${nonce}" src="${file('webview.js')}"></script>
</body>
</html>`
}
