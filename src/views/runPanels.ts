import { basename, join } from 'node:path'
import * as vscode from 'vscode'
import { runPanelViewType } from '../manifest'
import type { PreviewMethod } from '../protocol/run'
import { isGoing, shortId, type Deleted, type FromPage, type ToPage } from '../protocol/view'
import { isObject } from '../recipe/path'
import { OpenRuns, type RunMemory } from '../run/openRuns'
import { nameOfRun } from '../run/givenName'
import { isRunId, sampleTitle, storedRunView } from '../run/runView'
import { openRun } from '../run/store'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import { ReadOnlyPage, type LookedAt, type ReadOnlyParts } from './readOnlyPage'

interface RunPanel { panel: vscode.WebviewPanel; page: ReadOnlyPage; folder: string; name: string | null; deleted: boolean }

/**
 * Panels of one run each, which stay with it while the preview goes on to others: opened beside it, one for a run. Of a run that goes on they show what
 * the session knows of it, of any other what is on the disk. A run is held while its panel is open.
 */
export class RunPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  /** What was posted to pages and came from them; tests look at it. */
  observe: (direction: 'out' | 'in', message: ToPage | FromPage) => void = () => {}
  /** By the ids of their runs, which are the names of their folders. */
  private readonly panels = new Map<string, RunPanel>()
  private readonly open: OpenRuns
  private readonly subscriptions: { dispose(): void }[]
  /** The window goes, and its panels with it, which are opened again with the next one. */
  private ending = false

  constructor(private readonly parts: ReadOnlyParts, private readonly runsFolder: () => string, memory: RunMemory) {
    const { runner, removed, held } = parts.session
    this.open = new OpenRuns(held, memory, (runId) => join(runsFolder(), runId))
    this.subscriptions = [
      runner.changed.on(() => {
        if (runner.going) this.countTabs() // by then all are known, and its end may take runs away
        for (const [runId, one] of this.panels) this.follow(runId, one)
      }),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => { if (closed.length > 0) this.countTabs() }),
      runner.rows.on(({ runId, rows }) => { this.panels.get(runId)?.page.addRows(rows) }),
      runner.frames.on(({ runId, frames }) => { this.panels.get(runId)?.page.addFrames(frames) }),
      removed.on((runId) => {
        const one = this.panels.get(runId)
        if (!one) return
        one.deleted = true
        one.page.end(whyGone(runId))
        this.entitle(runId, one)
      }),
      vscode.window.registerWebviewPanelSerializer(runPanelViewType, this),
    ]
  }

  /** The page of the panel that is the active editor. */
  get active(): ReadOnlyPage | undefined { return this.all.find(({ panel }) => panel.active)?.page }
  /** Of each panel the title of its tab, and what a message of its page would do; for tests. */
  get shown(): { title: string; receive: (message: FromPage) => Promise<void> }[] {
    return this.all.map(({ panel, page }) => ({ title: panel.title, receive: (message) => page.handle(message) }))
  }

  /** True where a panel shows this run. */
  has(runId: string): boolean { return this.panels.has(runId) }

  /** Opens a panel for the run in this folder and leaves the focus where it is, or reveals the one there is. Throws DpmError where the run cannot be read. */
  async show(folder: string): Promise<void> {
    const runId = basename(folder)
    if (this.reveal(runId)) return
    await this.look(runId, folder)
    const name = await nameOfRun(folder)
    if (this.reveal(runId)) return // asked for twice at a time
    this.adopt(vscode.window.createWebviewPanel(runPanelViewType, '', { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }), runId, folder, name)
  }

  /** The name of a run has changed, or not. */
  async renamed(folder: string): Promise<void> {
    const one = this.panels.get(basename(folder))
    if (!one) return
    one.name = await nameOfRun(folder)
    one.page.renamed(one.name)
    this.entitle(basename(folder), one)
  }

  /** VS Code opened the tab again after a reload; what the page remembers names its run. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const runId = isObject(state) && isRunId(state['runId']) ? state['runId'] : undefined
    if (runId === undefined || this.panels.has(runId)) { panel.dispose(); return }
    const folder = join(this.runsFolder(), runId)
    this.adopt(panel, runId, folder, null)
    await this.renamed(folder)
  }

  dispose(): void {
    this.ending = true
    for (const subscription of this.subscriptions) subscription.dispose()
    for (const { panel } of this.all) panel.dispose()
  }

  private get all(): RunPanel[] { return [...this.panels.values()] }

  private reveal(runId: string): boolean {
    const one = this.panels.get(runId)
    one?.panel.reveal()
    return one !== undefined
  }

  private adopt(panel: vscode.WebviewPanel, runId: string, folder: string, name: string | null): void {
    const { session } = this.parts
    const { runner } = session
    const own = (): boolean => runner.view?.runId === runId
    const stop = (how: 'stop' | 'forceStop'): void => { if (own()) runner[how]() }
    const method = (): PreviewMethod | undefined => runner.going && own() ? runner.previewMethod : undefined
    const page = new ReadOnlyPage(panel, { path: folder, look: () => {
      if (one.deleted) throw new DpmError({ reason: 'runFolder', ...whyGone(runId) })
      return this.look(runId, folder)
    }, stop, method }, this.parts)
    const one: RunPanel = { panel, page, folder, name, deleted: false }
    const holding = this.open.add(runId, folder)
    page.observe = (direction, message) => {
      if (direction === 'out' && message.type === 'state') this.entitle(runId, one)
      this.observe(direction, message)
    }
    this.panels.set(runId, one)
    panel.onDidDispose(() => {
      if (this.ending) return
      holding.dispose()
      this.panels.delete(runId)
    })
    this.entitle(runId, one)
  }

  private countTabs(): void {
    const isOurs = ({ input }: vscode.Tab): boolean => input instanceof vscode.TabInputWebview && input.viewType.endsWith(runPanelViewType)
    if (this.panels.size === 0 && !vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(isOurs))) this.open.awaitNone()
  }

  /** The run as the session has it, else as it is on the disk. */
  private async look(runId: string, folder: string): Promise<LookedAt> {
    const known = this.inSession(runId)
    if (known) return known
    const run = await openRun(folder)
    // Meanwhile it may have been resumed. A folder that was renamed is known by its name, as in the Runs view.
    return this.inSession(runId) ?? { view: { ...storedRunView(run), runId }, statesPath: run.statesPath, stored: () => openRun(folder) }
  }

  private inSession(runId: string): LookedAt | undefined {
    const { runner } = this.parts.session
    const { view, folder } = runner
    return view?.runId === runId && view.document ? { view, statesPath: join(folder, view.document.states.file), stored: () => openRun(folder) } : undefined
  }

  /** The session's run changed. One that was overtaken is not its any more, and has ended. */
  private follow(runId: string, one: RunPanel): void {
    if (one.deleted) return
    const known = this.inSession(runId)
    if (known) one.page.show(known)
    else one.page.refresh()
    this.entitle(runId, one)
  }

  private entitle(runId: string, { panel, page, name }: RunPanel): void {
    const title = sampleTitle(runId, name)
    const shown = isGoing(page.view ?? null) ? `● ${title}` : title
    if (panel.title !== shown) panel.title = shown
  }
}

function whyGone(runId: string): Deleted {
  return { message: t('Run {0} was deleted.', shortId(runId)), advice: t('Close this tab, or open another run from the Runs view.') }
}
