import { randomBytes } from 'node:crypto'
import * as vscode from 'vscode'

/** Folders the page may load from. */
export function pageRoots(extensionUri: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extensionUri, 'dist'), vscode.Uri.joinPath(extensionUri, 'media')]
}

/**
 * The page's document: nothing but its script and style, under a policy that lets nothing else in; what a script with the nonce imports has it
 * too. The csp-nonce element is what the
 * webview toolkit takes the nonce of its own style from.
 */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64url')
  const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', name)).toString()
  const policy = [
    `default-src 'none'`, `img-src ${webview.cspSource} blob: data:`, `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`, `script-src 'nonce-${nonce}'`, `base-uri 'none'`, `form-action 'none'`,
  ].join('; ')
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<link rel="modulepreload" nonce="${nonce}" href="${file('webview-chunk.js')}">
<link rel="stylesheet" href="${file('webview.css')}">
<title>DPM-Solver Preview</title>
</head>
<body>
<script type="module" nonce="${nonce}" src="${file('webview.js')}"></script>
</body>
</html>`
}
