// First: the language is set before any other module of this extension is loaded.
import { engineMessages } from './views/messages'
import { hostname } from 'node:os'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { FromPage, ToPage, ViewState } from './protocol/view'
import { EngineClient } from './run/engineClient'
import { engineLaunch } from './run/engineLaunch'
import { engineLogger } from './run/engineLog'
import { LogTail } from './run/logTail'
import { Session } from './run/session'
import { throttle } from './run/throttle'
import { t } from './sampler/text'
import { SettingsStore } from './settings'
import { autoSave } from './views/autoSave'
import { onPageMessage, registerCommands, type CommandParts } from './views/commands'
import { contextValues, ContextKeys } from './views/contextKeys'
import { createLog } from './views/log'
import { findModels } from './views/modelPicker'
import { ModelsView, type ModelNode } from './views/modelsView'
import { Notifications } from './views/notifications'
import { PreviewPanel } from './views/previewPanel'
import { RecordingEditor } from './views/recordingEditor'
import { applyRemedy } from './views/remedies'
import { ServerTokens } from './views/serverToken'
import { settingsNotice } from './views/settingsNotice'
import { RunPanels } from './views/runPanels'
import { RunsView, type RunNode } from './views/runsView'
import { StatusBar } from './views/statusBar'
import { TextDocuments } from './views/textDocuments'

/** What activate() returns where tests run the extension, and only there: enough to see what a user sees. */
export interface Api {
  /** Milliseconds that activate() took. */
  readonly activationMs: number
  readonly state: ViewState
  readonly enginePid: number | undefined
  readonly runsFolder: string
  readonly panel: { visible: boolean; title: string | undefined }
  readonly statusText: string
  readonly contextKeys: ReturnType<typeof contextValues>
  /** The last error told outside the panel. */
  readonly notification: string | undefined
  /** The Runs view: each entry after its group, `Today: digits · ++2M · 20 (4f2a · seed 1 · 0.49 s)`, and what a screen reader says of it. */
  runs(): Promise<{ text: string; spoken: string | undefined; node: RunNode }[]>
  /** The Models view, and what it says of a model. */
  models(): Promise<{ text: string; node: ModelNode }[]>
  modelFacts(node: ModelNode): Promise<string[]>
  /** What a user reads over an entry of the Runs view. */
  tooltip(node: RunNode): Promise<string>
  /** The last lines of the log, each after its level. */
  readonly logLines: readonly string[]
  /** Hears every message to and from the pages from now on. */
  observe(listener: (direction: 'out' | 'in', message: ToPage | FromPage) => void): void
  /** Does what a message of the page would do. */
  receive(message: FromPage): Promise<void>
  /** The same of the page of a recording, the one opened last. */
  receiveOfRecording(message: FromPage): Promise<void>
  /** Panels of one run each. */
  readonly runPanels: RunPanels
}

/** The count in the status bar changes no faster than this: every change costs the window a layout. */
const progressMs = 200
/** Where the workspace state keeps the run that was on show. */
const lastRunKey = 'lastRun'
/** … those that have panels of their own, … */
const runPanelsKey = 'runPanels'
/** … and what the form was left at. */
const formKey = 'form'

/** Where the global state keeps that no hints are wanted. */
const hintsKey = 'hideHints'

let engine: EngineClient | undefined

/** Builds the parts and registers them. Nothing native is loaded: the engine starts with the first model that is looked at, and settings are read when they are first used. */
export function activate(context: vscode.ExtensionContext): Api | undefined {
  const started = performance.now()
  const channel = createLog()
  const tail = context.extensionMode === vscode.ExtensionMode.Test ? new LogTail(channel) : undefined
  const log = tail ?? channel
  const settings = new SettingsStore(vscode.workspace)
  const enginePath = context.asAbsolutePath(join('dist', 'engine.js'))
  const cudaFolder = vscode.Uri.joinPath(context.globalStorageUri, 'cuda').fsPath
  /** The settings that the last engine was started by; empty where none was. */
  let launched = ''
  const client = engine = new EngineClient({
    memoryFolder: context.globalStorageUri.fsPath,
    enginePath, launch: () => {
      const { launch, engine } = settings.settings
      launched = JSON.stringify(launch)
      return engineLaunch(enginePath, cudaFolder, { ...launch, provider: engine.provider }, (line) => { log.warn(line) })
    },
    env: { DPM_SCRATCH: vscode.Uri.joinPath(context.globalStorageUri, 'models').fsPath, ...engineMessages() },
    onLog: engineLogger(log, () => settings.settings.trace), trace: true,
    serverTokens: () => tokens.all(),
    onExit: ({ expected }) => { session.engineExited(expected) },
  })
  const tokens = new ServerTokens(context.secrets, async () => {
    await client.tokensChanged()
    session.inspectAgain()
  })
  const runsFolder = (): string => settings.settings.recordFolder || vscode.Uri.joinPath(context.storageUri ?? context.globalStorageUri, 'runs').fsPath
  const session: Session = new Session({
    engine: client, settings: () => settings.settings, runsFolder, folder: () => settings.folder, trusted: () => vscode.workspace.isTrusted,
    remote: remoteMachine(), shown: () => panel.shown(), log, ended: (summary) => autoSave(summary, settings.settings, log),
    hints: { hidden: () => context.globalState.get(hintsKey) === true, hide: () => { void context.globalState.update(hintsKey, true) } },
    form: { get: () => context.workspaceState.get(formKey), set: (form) => { void context.workspaceState.update(formKey, form) } },
    lastRun: { get: () => context.workspaceState.get<string>(lastRunKey), set: (runId) => { void context.workspaceState.update(lastRunKey, runId) } },
  })
  const panel: PreviewPanel = new PreviewPanel(context.extensionUri, session, log)
  const readOnly = { extensionUri: context.extensionUri, session, settings, log, showPreview: () => { panel.open() } }
  const recordings = new RecordingEditor(readOnly)
  const runPanels = new RunPanels(readOnly, runsFolder, { get: () => context.workspaceState.get(runPanelsKey), set: (runIds) => { void context.workspaceState.update(runPanelsKey, runIds) } })
  const runs = new RunsView(session, runsFolder)
  const models = new ModelsView(session, settings)
  const statusBar = new StatusBar()
  const keys = new ContextKeys()
  const documents = new TextDocuments()
  /** The next engine is started another way. */
  const renewEngine = async (): Promise<void> => {
    client.forgetProviders() // a library that was missing may be there now
    await client.renew()
    session.inspectAgain()
  }
  const cuda = { enginePath, folder: cudaFolder, changed: renewEngine, get testFeed() { return context.extensionMode === vscode.ExtensionMode.Production ? undefined : process.env['DPM_TEST_FEED'] } }
  const parts: CommandParts = { session, settings, tokens, panel, runPanels, cuda, runs, log, channel, documents }
  const notifications = new Notifications((remedy) => { void applyRemedy(remedy, session, settings) })
  const update = (): void => {
    const { state } = session
    statusBar.update(state, session.engineState === 'down')
    keys.update(contextValues(state, session.engineState))
  }
  const progress = throttle(progressMs, update)
  const tellProblems = settingsNotice(session)
  const use = once(() => {
    update()
    statusBar.show()
    tellProblems(settings.problems)
    void findModels().then((models) => { session.offerModels(models) })
  })
  panel.onMessage = (message) => onPageMessage(message, parts)
  panel.onOpen = use
  context.subscriptions.push(
    channel, settings, tokens, session, panel, recordings, runPanels, runs, models, statusBar, documents, ...registerCommands(parts, use),
    session.changed.on(update), session.runner.rows.on(() => { progress.ask() }), { dispose: () => { progress.cancel() } },
    session.starting.on(() => {
      const where = settings.settings.preview.openOnRun
      if (where !== 'never') panel.open(where)
    }),
    session.failed.on((error) => { if (!panel.visible) void notifications.tell(error) }),
    session.hinted.on((hint) => { if (!panel.visible) void notifications.tell(hint, 'hint') }),
    settings.onChange(({ settings: { launch } }) => {
      session.followSettings()
      tellProblems(settings.problems)
      if (launched === '' || JSON.stringify(launch) === launched) return
      launched = JSON.stringify(launch)
      void renewEngine()
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => { session.inspectAgain() }),
  )
  const activationMs = performance.now() - started
  return tail && {
    activationMs,
    get state() { return session.state },
    get enginePid() { return session.enginePid },
    get runsFolder() { return runsFolder() },
    get panel() { return { visible: panel.visible, title: panel.tabTitle } },
    get statusText() { return statusBar.text },
    get contextKeys() { return contextValues(session.state, session.engineState) },
    get notification() { return notifications.last?.message },
    get logLines() { return tail.lines },
    runs: () => runs.entries(),
    models: () => models.entries(),
    modelFacts: async (node) => (await models.getChildren(node)).map((fact) => fact.kind === 'fact' ? `${fact.name}: ${fact.value}` : ''),
    tooltip: (node) => runs.tooltip(node),
    observe(listener) { panel.observe = recordings.observe = listener },
    receive(message) { return panel.handle(message) },
    runPanels,
    receiveOfRecording(message) { return recordings.receive(message) },
  }
}

/** VS Code waits for this: no engine outlives the window. */
export function deactivate(): Promise<void> | undefined {
  return engine?.dispose()
}

/** What VS Code calls kinds of remote machines, in a word. */
const remoteKinds: Readonly<Record<string, string>> = { 'ssh-remote': 'SSH', wsl: 'WSL', 'dev-container': t('container'), 'attached-container': t('container'), tunnel: t('tunnel'), codespaces: 'Codespaces' }

/** The machine that this runs on, where that is not the user's own; else null. */
function remoteMachine(): string | null {
  const { remoteName } = vscode.env
  if (remoteName === undefined) return null
  const kind = remoteKinds[remoteName]
  return kind === undefined ? hostname() : `${kind}: ${hostname()}`
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}
