import type * as vscode from 'vscode'
import { settingsSection } from './manifest'
import type { Recipe } from './recipe/recipe'
import { DpmError, type ErrorReport } from './sampler/errors'
import { t } from './sampler/text'
import { changedSettings, openSettingsRemedy, readSettings, type Settings, type SettingsSnapshot } from './settingsSnapshot'

/** The settings as they are now, and word of every change. The only caller of getConfiguration. */
export class SettingsStore implements vscode.Disposable {
  /** Undefined until somebody asks: to read them takes the checks of recipes, which activate() does without. */
  private known: SettingsSnapshot | undefined
  private readonly listeners = new Set<(snapshot: SettingsSnapshot) => void>()
  private readonly subscriptions: vscode.Disposable[]

  constructor(private readonly workspace: typeof vscode.workspace) {
    const reload = (): void => {
      if (!this.known) return
      const next = this.read()
      if (JSON.stringify(next) === JSON.stringify(this.known)) return
      this.known = next
      for (const listener of this.listeners) listener(next)
    }
    this.subscriptions = [
      workspace.onDidChangeConfiguration((event) => { if (event.affectsConfiguration(settingsSection)) reload() }),
      workspace.onDidChangeWorkspaceFolders(reload),
      workspace.onDidGrantWorkspaceTrust(reload), // settings that were ignored count now
    ]
  }

  get settings(): Readonly<Settings> { return this.current.settings }
  get problems(): ErrorReport[] { return this.current.problems }
  /** Absolute path of the folder that relative paths refer to: the first one of the workspace. */
  get folder(): string | undefined { return this.workspace.workspaceFolders?.[0]?.uri.fsPath }

  onChange(listener: (snapshot: SettingsSnapshot) => void): vscode.Disposable {
    this.listeners.add(listener)
    return { dispose: () => { this.listeners.delete(listener) } }
  }

  /**
   * Makes `recipe` the default: writes the keys that differ to the workspace if a folder is open, else to the user's settings.
   * Resolves to the keys written. Throws DpmError where settings.json cannot be written.
   */
  async saveDefaults(recipe: Recipe): Promise<string[]> {
    const changes = changedSettings(recipe, this.settings, this.folder)
    const configuration = this.configuration()
    const several = (this.workspace.workspaceFolders?.length ?? 0) > 1
    try {
      for (const { key, value } of changes) {
        // In a workspace of several folders, a folder's own value would hide the workspace's.
        const inFolder = several && configuration.inspect(key)?.workspaceFolderValue !== undefined
        await configuration.update(key, value, inFolder ? (3 satisfies vscode.ConfigurationTarget.WorkspaceFolder) : this.folder === undefined)
      }
    } catch (error) { throw notWritten(error) }
    return changes.map(({ key }) => `${settingsSection}.${key}`)
  }

  /** Sets one key where it is set now, else for the user. Throws DpmError where settings.json cannot be written. */
  async write(key: string, value: unknown): Promise<void> {
    const configuration = this.configuration()
    const set = configuration.inspect(key)
    try {
      await configuration.update(key, value, set?.workspaceFolderValue === undefined && set?.workspaceValue === undefined)
    } catch (error) { throw notWritten(error) }
  }

  /** Adds to a list where it is set now, else for the user; what it has by default stays in it. Throws DpmError as write does. */
  add(key: string, value: unknown): Promise<void> {
    const now = this.configuration().get<unknown[]>(key)
    return this.write(key, [...Array.isArray(now) ? now : [], value])
  }

  dispose(): void { for (const subscription of this.subscriptions) subscription.dispose() }

  private get current(): SettingsSnapshot { return this.known ??= this.read() }

  private read(): SettingsSnapshot {
    const configuration = this.configuration()
    // VS Code hands out objects as proxies, which cannot be cloned to other processes.
    const plain = (value: unknown): unknown => typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value
    return readSettings((key) => plain(configuration.get(key)), this.folder)
  }

  private configuration(): vscode.WorkspaceConfiguration {
    return this.workspace.getConfiguration(settingsSection, this.workspace.workspaceFolders?.[0])
  }
}

function notWritten(error: unknown): DpmError {
  return new DpmError({
    reason: 'outputFile', message: t('The settings could not be written: {0}', error instanceof Error ? error.message : String(error)),
    advice: t('Correct settings.json and try again.'), remedy: openSettingsRemedy,
  }, { cause: error })
}
