import * as vscode from 'vscode'
import { recordingViewType } from '../manifest'
import type { FromPage, ToPage } from '../protocol/view'
import { openRecording } from '../run/recording'
import { storedRunView } from '../run/runView'
import type { StoredRun } from '../run/store'
import { reportOf } from '../sampler/errors'
import { t } from '../sampler/text'
import { ReadOnlyPage, type ReadOnlyParts } from './readOnlyPage'

interface RecordingDocument extends vscode.CustomDocument { run: StoredRun }

/** Opens `*.dpmrun` files in the panel's page, to look at. */
export class RecordingEditor implements vscode.CustomReadonlyEditorProvider<RecordingDocument>, vscode.Disposable {
  /** What was posted to pages and came from them; tests look at it. */
  observe: (direction: 'out' | 'in', message: ToPage | FromPage) => void = () => {}
  /** Does what a message of the page opened last would do; for tests. */
  receive: (message: FromPage) => Promise<void> = () => Promise.resolve()
  private readonly registered: vscode.Disposable

  constructor(private readonly parts: ReadOnlyParts) {
    this.registered = vscode.window.registerCustomEditorProvider(recordingViewType, this, { supportsMultipleEditorsPerDocument: true })
  }

  /** What it throws VS Code shows in the editor's place. */
  async openCustomDocument(uri: vscode.Uri): Promise<RecordingDocument> {
    if (uri.scheme !== 'file') throw new Error(t('{0} is not a file on this machine. Save it to a folder here, then open it again.', uri.toString(true)))
    try { return { uri, run: await openRecording(uri.fsPath), dispose: () => {} } } catch (error) {
      const { message, advice } = reportOf(error)
      this.parts.log.error(message)
      throw new Error(`${message} ${advice}`)
    }
  }

  resolveCustomEditor({ uri, run }: RecordingDocument, panel: vscode.WebviewPanel): void {
    const looked = { view: storedRunView(run), statesPath: run.statesPath, stored: () => Promise.resolve(run) }
    const page = new ReadOnlyPage(panel, { path: uri.fsPath, look: () => Promise.resolve(looked) }, this.parts)
    page.observe = (direction, message) => { this.observe(direction, message) }
    this.receive = (message) => page.handle(message)
  }

  dispose(): void { this.registered.dispose() }
}
