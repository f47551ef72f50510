import * as vscode from 'vscode'
import { isKept, lastKept } from '../protocol/keptRows'
import type { FramePair, PreviewMethod, RowEvent } from '../protocol/run'
import { isGoing, type Deleted, type FromPage, type RunStatus, type RunView, type ToPage } from '../protocol/view'
import { toWire } from '../protocol/wire'
import type { Log } from '../run/runner'
import type { Session } from '../run/session'
import type { StoredRun } from '../run/store'
import { throttle } from '../run/throttle'
import { reportOf, type ErrorReport } from '../sampler/errors'
import type { SettingsStore } from '../settings'
import { exportTrajectory, type ExportArguments } from './exportTrajectory'
import { LivePictures } from './livePictures'
import { PageAnswers } from './pageAnswers'
import { PageVideo } from './pageVideo'
import { openPage } from './previewPage'
import { readOnlyState } from './readOnlyState'
import { saveImage, type SaveImageArguments } from './saveImage'
import { takeText } from './takeText'

export interface ReadOnlyParts { extensionUri: vscode.Uri; session: Session; settings: SettingsStore; log: Log; /** Shows the preview. */ showPreview: () => void }

/** A run to look at, as far as it is recorded; its view may grow. */
export interface LookedAt { view: RunView; statesPath: string; stored: () => Promise<StoredRun> }

/** What a page shows. */
export interface Source {
  /** Absolute path of the file or folder, which names it to the user. */
  path: string
  /** The run as it is now; asked whenever the page starts. Throws DpmError, which is what the page shows then. */
  look(): Promise<LookedAt>
  /** Of a run that goes on: stops it before its next evaluation, or with the engine. */
  stop?(how: 'stop' | 'forceStop'): void
  /** Of a run that goes on: how its states become pictures, whatever is set meanwhile. Else the settings say. */
  method?(): PreviewMethod | undefined
}

/** Numbers of a going run need not change faster than they can be read. */
const rowsMs = 150

/**
 * The panel's page with a run to look at: nothing is run from it and no engine is started, so that it works in Restricted Mode too. What it shows comes
 * from its source; whoever knows of more of a going run tells it.
 */
export class ReadOnlyPage implements vscode.Disposable {
  /** What was posted to the page and came from it; tests look at it. */
  observe: (direction: 'out' | 'in', message: ToPage | FromPage) => void = () => {}
  private looked: LookedAt | undefined
  /** Why there is nothing to look at. */
  private gone: ErrorReport | undefined
  /** … where it was deleted, which is for good. */
  private deleted: Deleted | undefined
  private notice: ErrorReport | null = null
  /** How the run was when its state was sent last. */
  private told: RunStatus | undefined
  private closed = false
  private awake = false
  private pending: RowEvent[] = []
  private readonly rows = throttle(rowsMs, () => { this.sendRows() })
  private readonly pictures = new LivePictures((frames) => this.sendFrames(frames))
  private readonly answers: PageAnswers
  private readonly video: PageVideo

  constructor(private readonly panel: vscode.WebviewPanel, private readonly source: Source, private readonly parts: ReadOnlyParts) {
    this.answers = new PageAnswers({ recorded: (runId, row) => this.recorded(runId, row), post: (message) => { this.post(message) }, method: () => this.method, unreadable: (error) => { this.report(error) }, log: parts.log })
    this.video = new PageVideo({ show: () => { if (!this.closed) panel.reveal(undefined, true) }, ready: () => this.awake, post: (message) => this.post(message) })
    const follow = parts.settings.onChange(() => { this.sendState() })
    panel.onDidDispose(() => { this.closed = true; follow.dispose(); this.dispose() })
    panel.onDidChangeViewState(() => { if (!panel.visible) this.sleep() })
    openPage(panel, parts.extensionUri, parts.log, (message) => {
      this.observe('in', message)
      void this.handle(message)
    })
  }

  /** The run on show, once it is known and as long as it is there. */
  get view(): RunView | undefined { return this.looked?.view }

  /** Another state of the run. */
  show(looked: LookedAt): void {
    if (this.deleted) return
    this.looked = looked
    this.gone = undefined
    this.sendState()
  }

  /** Tells how the run is, where the page has it as another. */
  refresh(): void {
    if (this.looked && this.looked.view.status !== this.told) this.sendState()
  }

  /** A user gave the run a name, or took it away: null. */
  renamed(name: string | null): void {
    const { view } = this
    if (!view || view.name === name) return
    view.name = name
    this.sendState()
  }

  /** The run was deleted: `said` stands in its place from now on. */
  end(said: Deleted): void {
    this.looked = undefined
    this.deleted = said
    this.sendState()
  }

  /** More rows of the run, which its view has already. */
  addRows(rows: readonly RowEvent[]): void {
    this.pending.push(...rows)
    this.rows.ask()
  }

  /** Pictures of the going run. The page gets the newest as soon as it has drawn those before; nobody waits for it. */
  addFrames(frames: FramePair): void { this.pictures.offer(frames) }

  /** Saves every row of the run; what `given` leaves open the user is asked for. What goes wrong the page says. */
  exportTrajectory(given: ExportArguments): Promise<vscode.Uri | undefined> {
    const { session, settings, log } = this.parts
    return this.attempt(async () => {
      const { stored } = await this.source.look()
      return exportTrajectory(await stored(), { settings: settings.settings, log, held: session.held, video: this.video }, given)
    })
  }

  /** Saves one picture: of the last row, where no other is named. What goes wrong the page says. */
  saveImage({ row, what, target }: SaveImageArguments): Promise<vscode.Uri | undefined> {
    return this.attempt(async () => {
      const { view } = this.looked ?? await this.source.look()
      return saveImage(this.recorded(view.runId, row ?? (view.document ? lastKept(view.document, view.rows.length, isGoing(view)) : -1)), this.parts.settings.settings, what ?? (view.status === 'finished' ? 'x' : 'x0'), target)
    })
  }

  /** Does what a message asks for. What goes wrong the page says. */
  async handle(message: FromPage): Promise<void> {
    await this.attempt(() => this.take(message))
  }

  dispose(): void {
    this.sleep()
    this.rows.cancel()
  }

  private async take(message: FromPage): Promise<void> {
    const { session, settings, log, showPreview } = this.parts
    switch (message.type) {
      case 'ready': return this.wake()
      case 'video': this.video.answered(message.job, message.answer); return
      case 'frameAck': this.pictures.over(); return
      case 'frameRequest': return this.answers.frames(message.runId, message.row, message.small)
      case 'thumbnailRequest': return this.answers.thumbnails(message.runId, message.rows)
      case 'statesRequest': return this.answers.states(message.runId, message.rows)
      case 'inspect': return this.answers.inspect(message.runId, message.question)
      case 'saveImage': await this.saveImage(message); return
      case 'command': if (message.command === 'dpmSolver.exportTrajectory') await this.exportTrajectory({}); return
      case 'copyText': case 'saveText': case 'openText': await takeText(message, settings.settings); return
      case 'useRecipe': {
        const recipe = this.view?.document?.recipe
        if (!recipe) return
        session.useRecipe(recipe)
        showPreview()
        return
      }
      case 'stop': case 'forceStop': this.source.stop?.(message.type); return
      case 'dismissNotice': this.notice = null; this.sendState(); return
      case 'showLog': await vscode.commands.executeCommand('dpmSolver.showLog'); return
      case 'problem': log.warn(`page: ${message.text}`); return
      // There is no form and no engine here; the page has no control that sends these.
      case 'recipe': case 'draft': case 'run': case 'runLive': case 'resume': case 'discard': case 'browseModel': case 'browseFile': case 'saveDefaults': case 'openSettings': case 'remedy': case 'manageTrust': case 'dismissHint': return
    }
  }

  private async wake(): Promise<void> {
    this.sleep()
    this.awake = true
    this.video.arrived()
    if (this.deleted) { this.sendState(); return }
    try {
      this.show(await this.source.look())
      await this.answers.newest(this.view)
    } catch (error) {
      if (this.deleted) return // meanwhile, which is said
      const why = this.gone = reportOf(error)
      this.parts.log.error(`${why.message} ${why.advice}`)
      this.looked = undefined
      this.sendState()
    }
  }

  /** The page is gone or will start again: whatever was under way to it did not arrive. */
  private sleep(): void {
    this.awake = false
    this.pictures.forget()
    this.video.left()
  }

  private get method(): PreviewMethod { return this.source.method?.() ?? this.parts.settings.settings.preview.method }

  private recorded(runId: string, row: number): { run: Pick<StoredRun, 'statesPath' | 'document'>; row: RowEvent; rows: RowEvent[]; kept: boolean } | undefined {
    const { looked } = this
    const { document, rows = [] } = looked?.view.runId === runId ? looked.view : {}
    const event = rows[row]
    return looked && document && event ? { run: { statesPath: looked.statesPath, document }, row: event, rows, kept: isKept(document, row, isGoing(looked.view) ? -1 : rows.length - 1) } : undefined
  }

  private async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    try { return await action() } catch (error) { this.report(reportOf(error)); return undefined }
  }

  private report(error: ErrorReport): void {
    this.notice = error
    this.parts.log.error(`${error.message} ${error.advice}`)
    this.sendState()
  }

  private sendRows(): void {
    const rows = this.pending.splice(0)
    if (rows.length > 0 && this.looked) this.post({ type: 'rows', runId: this.looked.view.runId, rows })
  }

  private sendFrames(frames: FramePair): boolean {
    const runId = this.view?.runId
    if (runId === undefined) return false
    this.sendRows() // a picture comes with its numbers
    this.rows.happened()
    return this.post({ type: 'frame', runId, live: true, row: frames.row, frames })
  }

  private sendState(): void {
    const shown = this.deleted ?? this.looked?.view ?? this.gone
    if (!shown) return // it is being read
    this.pending = [] // the state has them
    this.told = this.looked?.view.status
    const { session, settings } = this.parts
    this.post({ type: 'state', state: readOnlyState(this.source.path, shown, this.notice, session.state, { ...settings.settings.preview, method: this.method }) })
  }

  /** Sends a message; false where the page cannot be reached. */
  private post(message: ToPage): boolean {
    if (this.closed || !this.awake) return false
    this.observe('out', message)
    this.panel.webview.postMessage(toWire(message)).then((delivered) => { if (!delivered) this.pictures.over() }, () => { this.pictures.over() })
    return true
  }
}
