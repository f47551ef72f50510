import * as vscode from 'vscode'
import { previewViewType } from '../manifest'
import type { FramePair, RowEvent } from '../protocol/run'
import { isGoing, type FromPage, type Tab, type ToPage } from '../protocol/view'
import { toWire } from '../protocol/wire'
import type { Log } from '../run/runner'
import { previewTitle } from '../run/runView'
import type { Session } from '../run/session'
import { throttle } from '../run/throttle'
import { assertNever } from '../sampler/errors'
import { PageAnswers } from './pageAnswers'
import { PageVideo } from './pageVideo'
import { openPage } from './previewPage'

/** A form being typed in is answered when it rests: its own echo is of use to nobody sooner. */
const echoMs = 100
/** Numbers and the title of a going run need not change faster than they can be read: every change costs the whole window a layout. */
const rowsMs = 150
const titleMs = 500
/** A page that takes longer to start than this is not waited for. */
const patienceMs = 2000

/**
 * The preview: at most one a window. The page keeps nothing that is not told to it again: it says `ready` whenever it (re)starts, which VS Code
 * makes it do whenever its tab is shown again. While it is hidden nothing is sent, and pictures of the going run are acknowledged for it.
 */
export class PreviewPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  /** Messages of the page that mean something to others than the panel. */
  onMessage: (message: FromPage) => Promise<void> = () => Promise.resolve()
  /** A panel was opened, by us or after a reload. */
  onOpen: () => void = () => {}
  /** What was posted to the page and came from it; tests look at it. */
  observe: (direction: 'out' | 'in', message: ToPage | FromPage) => void = () => {}

  /** Why the text that stands in a field of the page is no value, or null: the recipe of the session is not what the user sees. */
  draft: string | null = null

  /** Videos that the page encodes. */
  readonly video = new PageVideo({ show: () => { this.open() }, ready: () => this.ready && this.visible, post: (message) => this.post(message) })

  private panel: vscode.WebviewPanel | undefined
  private ready = false
  private whenReady: (() => void)[] = []
  /** The page is to show this tab as soon as it can. */
  private tabWanted: Tab | undefined
  private unacknowledged: { runId: string; row: number } | undefined
  private stateTimer: NodeJS.Timeout | undefined
  private pending: { runId: string; rows: RowEvent[] } | undefined
  private readonly rows = throttle(rowsMs, () => { this.sendRows() })
  private readonly title = throttle(titleMs, () => { this.updateTitle() })
  private readonly answers: PageAnswers
  private readonly subscriptions: { dispose(): void }[]

  constructor(private readonly extensionUri: vscode.Uri, private readonly session: Session, private readonly log: Log) {
    this.answers = new PageAnswers({ recorded: (runId, row) => session.runner.recorded(runId, row), post: (message) => { this.post(message) }, method: () => session.runner.previewMethod, unreadable: (error) => { session.report(error) }, log })
    this.subscriptions = [
      session.changed.on((what) => { this.scheduleState(what === 'form' ? echoMs : 0) }),
      session.runner.rows.on(({ runId, rows }) => { this.takeRows(runId, rows) }),
      session.runner.frames.on(({ runId, frames }) => { this.sendLiveFrames(runId, frames) }),
      vscode.window.registerWebviewPanelSerializer(previewViewType, this),
    ]
  }

  get visible(): boolean { return this.panel?.visible ?? false }
  get tabTitle(): string | undefined { return this.panel?.title }

  /** Shows the preview and leaves the focus where it is. */
  open(where: 'beside' | 'active' = 'beside'): void {
    if (this.panel) {
      if (!this.panel.visible) this.panel.reveal(undefined, true)
      return
    }
    const column = where === 'beside' ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active
    this.adopt(vscode.window.createWebviewPanel(previewViewType, previewTitle(this.session.state.run), { viewColumn: column, preserveFocus: true }))
  }

  /** Shows the preview on one of its tabs, and leaves the focus where it is. */
  openTab(tab: Tab): void {
    this.open()
    this.tabWanted = tab
    this.showTab()
  }

  private showTab(): void {
    if (this.tabWanted && this.post({ type: 'showTab', tab: this.tabWanted })) this.tabWanted = undefined
  }

  /** Resolves when the page can draw: at once where it does or where none is on show, and after a while in any case. */
  shown(): Promise<void> {
    if (this.ready || !this.panel?.visible) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs)
      this.whenReady.push(() => { clearTimeout(timer); resolve() })
    })
  }

  /** VS Code opened the tab again after a reload. What the page remembers it says itself, in `ready`. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    if (this.panel) panel.dispose() // one preview a window
    else this.adopt(panel)
    return Promise.resolve()
  }

  dispose(): void {
    clearTimeout(this.stateTimer)
    this.rows.cancel()
    this.title.cancel()
    for (const subscription of this.subscriptions) subscription.dispose()
    this.panel?.dispose()
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel
    panel.onDidChangeViewState(() => { if (!panel.visible) this.sleep() })
    panel.onDidDispose(() => {
      this.panel = undefined
      this.tabWanted = undefined
      this.sleep()
    })
    openPage(panel, this.extensionUri, this.log, (message) => {
      this.observe('in', message)
      void this.handle(message)
    })
    this.updateTitle()
    this.onOpen()
  }

  /** The page is gone or will start again: whatever was under way to it did not arrive. */
  private sleep(): void {
    this.ready = false
    this.draft = null
    this.acknowledge()
    this.video.left()
  }

  /** Does what a message asks for. */
  async handle(message: FromPage): Promise<void> {
    switch (message.type) {
      case 'ready': await this.wake(message.runId); return
      case 'draft': this.draft = message.refused; return
      case 'frameAck': this.acknowledge(message); return
      case 'frameRequest': await this.answers.frames(message.runId, message.row, message.small); return
      case 'thumbnailRequest': await this.answers.thumbnails(message.runId, message.rows); return
      case 'statesRequest': await this.answers.states(message.runId, message.rows); return
      case 'inspect': await this.answers.inspect(message.runId, message.question); return
      case 'video': this.video.answered(message.job, message.answer); return
      case 'problem': this.log.warn(`page: ${message.text}`); return
      case 'recipe': case 'run': case 'runLive': case 'stop': case 'forceStop': case 'resume': case 'discard': case 'browseModel': case 'browseFile': case 'command': case 'saveDefaults': case 'openSettings': case 'saveImage':
      case 'remedy': case 'dismissNotice': case 'dismissHint': case 'manageTrust': case 'showLog': case 'useRecipe':
      case 'copyText': case 'saveText': case 'openText': await this.onMessage(message); return
      default: assertNever(message)
    }
  }

  private async wake(runId: string | null): Promise<void> {
    this.sleep()
    this.ready = true
    this.sendState()
    this.showTab()
    for (const resolve of this.whenReady.splice(0)) resolve()
    this.video.arrived()
    await this.session.restore(runId)
    this.session.refresh()
    await this.answers.newest(this.session.state.run)
  }

  private scheduleState(ms: number): void {
    this.updateTitle()
    if (!this.ready || (this.stateTimer && ms > 0)) return
    clearTimeout(this.stateTimer)
    this.stateTimer = setTimeout(() => { this.sendState() }, ms)
  }

  private sendState(): void {
    clearTimeout(this.stateTimer)
    this.stateTimer = undefined
    this.pending = undefined // the state has them
    this.post({ type: 'state', state: this.session.state })
  }

  private takeRows(runId: string, rows: RowEvent[]): void {
    this.title.ask()
    if (this.pending?.runId === runId) this.pending.rows.push(...rows)
    else this.pending = { runId, rows: [...rows] }
    this.rows.ask()
  }

  private sendRows(): void {
    const { pending } = this
    this.pending = undefined
    if (!pending) return
    if (this.stateTimer) this.sendState() // which has these rows; they must not come before the run they are of
    else this.post({ type: 'rows', ...pending })
  }

  private sendLiveFrames(runId: string, frames: FramePair): void {
    this.acknowledge()
    this.sendRows() // a picture comes with its numbers
    this.rows.happened()
    this.unacknowledged = { runId, row: frames.row }
    if (!this.post({ type: 'frame', runId, live: true, row: frames.row, frames })) this.acknowledge()
  }

  /** The engine may send the next pictures. Called for the page where it cannot: sampling never waits for it. */
  private acknowledge(of = this.unacknowledged): void {
    const waiting = this.unacknowledged
    if (!waiting || waiting.runId !== of?.runId || waiting.row !== of.row) return
    this.unacknowledged = undefined
    this.session.ackFrames(waiting.runId, waiting.row)
  }

  /** Sends a message; false where the page cannot be reached. Nothing else may post. */
  private post(message: ToPage): boolean {
    const { panel } = this
    if (!panel?.visible || !this.ready) return false
    this.observe('out', message)
    panel.webview.postMessage(toWire(message)).then((delivered) => { if (!delivered) this.acknowledge() }, () => { this.acknowledge() })
    return true
  }

  private updateTitle(): void {
    if (!this.panel) return
    const { run } = this.session.state
    if (run?.live && isGoing(run)) return // several a second come and go
    const title = previewTitle(run)
    if (this.panel.title !== title) this.panel.title = title
  }
}
