import * as vscode from 'vscode'
import type { Session } from '../run/session'
import { engineInfoText } from '../run/engineInfoText'

const scheme = 'dpm-solver'
const uri = vscode.Uri.from({ scheme, path: '/Engine Info.md' })

/** Engine Info as a document that cannot be edited: asked for again, it says how things are then. */
export class EngineInfoDocument implements vscode.Disposable {
  private text = ''
  private readonly changed = new vscode.EventEmitter<vscode.Uri>()
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, { onDidChange: this.changed.event, provideTextDocumentContent: () => this.text })

  /** Resolves to the text, once the document shows it. */
  async show(session: Session): Promise<string> {
    const asked = session.engineInfo()
    this.text = engineInfoText(await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Looking at the engine' }, () => asked))
    this.changed.fire(uri)
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true })
    return this.text
  }

  dispose(): void {
    this.registration.dispose()
    this.changed.dispose()
  }
}
