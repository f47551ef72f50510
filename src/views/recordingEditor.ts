import * as vscode from 'vscode'
import { recordingViewType } from '../manifest'
import type { FromPage, PreviewChoice, ToPage, ViewState } from '../protocol/view'
import { toWire } from '../protocol/wire'
import { storedRunView } from '../run/runView'
import type { Log } from '../run/runner'
import type { Session } from '../run/session'
import { openRecording } from '../run/recording'
import type { StoredRun } from '../run/store'
import { reportOf, type ErrorReport } from '../sampler/errors'
import { t } from '../sampler/text'
import type { SettingsStore } from '../settings'
import { exportTrajectory } from './exportTrajectory'
import { PageAnswers } from './pageAnswers'
import { PageVideo } from './pageVideo'
import { openPage } from './previewPage'
import { saveImage } from './saveImage'
import { takeText } from './takeText'

interface RecordingDocument extends vscode.CustomDocument { run: StoredRun }

export interface RecordingParts { extensionUri: vscode.Uri; session: Session; settings: SettingsStore; log: Log; /** Shows the preview. */ showPreview: () => void }

/** Opens `*.dpmrun` files in the panel's page, to look at: nothing in them is run, and no engine is started, so that it works in Restricted Mode too. */
export class RecordingEditor implements vscode.CustomReadonlyEditorProvider<RecordingDocument>, vscode.Disposable {
  /** What was posted to pages and came from them; tests look at it. */
  observe: (direction: 'out' | 'in', message: ToPage | FromPage) => void = () => {}
  /** Does what a message of the page opened last would do; for tests. */
  receive: (message: FromPage) => Promise<void> = () => Promise.resolve()
  private readonly registered: vscode.Disposable

  constructor(private readonly parts: RecordingParts) {
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
    const { extensionUri, log } = this.parts
    const { id } = run.document
    let notice: ErrorReport | null = null
    let closed = false
    let awake = false
    const sleep = (): void => { awake = false; video.left() }
    const follow = this.parts.settings.onChange(() => { sendState() })
    panel.onDidDispose(() => { closed = true; follow.dispose(); sleep() })
    panel.onDidChangeViewState(() => { if (!panel.visible) sleep() })
    const post = (message: ToPage): boolean => {
      if (closed || !awake) return false
      this.observe('out', message)
      void panel.webview.postMessage(toWire(message))
      return true
    }
    const video = new PageVideo({ show: () => { if (!closed) panel.reveal(undefined, true) }, ready: () => awake, post })
    const sendState = (): void => { post({ type: 'state', state: recordingState(uri.fsPath, run, notice, this.parts.settings.settings.preview) }) }
    const report = (error: ErrorReport): void => {
      notice = error
      log.error(`${error.message} ${error.advice}`)
      sendState()
    }
    const answers = new PageAnswers({ recorded: (runId, row) => runId === id && run.rows[row] ? { run, row: run.rows[row] } : undefined, post, method: () => this.parts.settings.settings.preview.method, unreadable: report, log })
    const handle = async (message: FromPage): Promise<void> => {
      switch (message.type) {
        case 'ready': sleep(); awake = true; sendState(); video.arrived(); return
        case 'video': video.answered(message.job, message.answer); return
        case 'frameRequest': return answers.frames(message.runId, message.row, message.small)
        case 'thumbnailRequest': return answers.thumbnails(message.runId, message.rows)
        case 'statesRequest': return answers.states(message.runId, message.rows)
        case 'inspect': return answers.inspect(message.runId, message.question)
        case 'saveImage': await saveImage({ run, row: run.rows[message.row], rows: run.rows }, this.parts.settings.settings, message.what); return
        case 'command': if (message.command === 'dpmSolver.exportTrajectory') await exportTrajectory(run, this.parts.settings.settings, log, video, {}); return
        case 'copyText': case 'saveText': case 'openText': await takeText(message, this.parts.settings.settings); return
        case 'useRecipe': this.parts.session.useRecipe(run.document.recipe); this.parts.showPreview(); return
        case 'dismissNotice': notice = null; sendState(); return
        case 'showLog': await vscode.commands.executeCommand('dpmSolver.showLog'); return
        case 'problem': log.warn(`page: ${message.text}`); return
        // A recording has no form and no engine; the page has no control that sends these.
        case 'recipe': case 'draft': case 'run': case 'runLive': case 'stop': case 'forceStop': case 'resume': case 'discard': case 'frameAck': case 'browseModel': case 'browseFile': case 'saveDefaults': case 'openSettings': case 'remedy': case 'manageTrust': case 'dismissHint': return
      }
    }
    this.receive = handle
    openPage(panel, extensionUri, log, (message) => {
      this.observe('in', message)
      handle(message).catch((error: unknown) => { report(reportOf(error)) })
    })
  }

  dispose(): void { this.registered.dispose() }
}

/** What the page draws of a recording. */
function recordingState(path: string, run: StoredRun, notice: ErrorReport | null, { show, keys, method }: PreviewChoice): ViewState {
  const { recipe, engine } = run.document
  return {
    recording: path, recipe, defaults: recipe, models: [], model: { status: 'loading', path: recipe.model.path }, run: storedRunView(run), queued: 0, provider: engine.provider, preview: { show, keys, method }, trusted: true, notice, hint: null,
  }
}
