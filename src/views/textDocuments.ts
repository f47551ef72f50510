import * as vscode from 'vscode'

const scheme = 'dpm-solver'

/** Markdown to read: shown as its preview, from documents that cannot be edited and ask nothing when they are closed: one a name, which says the newest text. */
export class TextDocuments implements vscode.Disposable {
  private readonly texts = new Map<string, string>()
  private readonly changed = new vscode.EventEmitter<vscode.Uri>()
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, { onDidChange: this.changed.event, provideTextDocumentContent: ({ path }) => this.texts.get(path) ?? '' })

  /** Resolves once the preview is open. `name` ends in .md. */
  async show(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${name}` })
    this.texts.set(uri.path, text)
    this.changed.fire(uri)
    await vscode.workspace.openTextDocument(uri)
    await vscode.commands.executeCommand('markdown.showPreview', uri)
  }

  dispose(): void {
    this.registration.dispose()
    this.changed.dispose()
  }
}
