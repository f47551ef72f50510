import { basename } from 'node:path'
import * as vscode from 'vscode'
import { modelsViewId } from '../manifest'
import type { ModelChoice } from '../protocol/view'
import { analyticModel } from '../recipe/analyticModels'
import { isBundled } from '../recipe/bundled'
import type { ModelFacts, TensorFacts } from '../recipe/model'
import { bundledModels, type Session } from '../run/session'
import { reportOf } from '../sampler/errors'
import { t } from '../sampler/text'
import type { SettingsStore } from '../settings'
import { findModels, modelsIn } from './modelPicker'
import type { TextDocuments } from './textDocuments'

/** A group, a model, or one thing that is known of a model. */
export type ModelNode =
  | { kind: 'group'; title: string; models: ModelChoice[] }
  | { kind: 'model'; choice: ModelChoice }
  | { kind: 'fact'; name: string; value: string }

const predictions: Record<ModelFacts['predictionType'], string> = { epsilon: t('the noise ε'), sample: t('the data x₀'), v_prediction: t('the velocity v'), score: t('the score'), flow: t('the velocity of the flow') }

/** The Models view: those that come along, those of the workspace, and those of the folders that the settings name. Unfolding one reads it. */
export class ModelsView implements vscode.TreeDataProvider<ModelNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  readonly onDidChangeTreeData = this.changed.event
  readonly view: vscode.TreeView<ModelNode>
  private readonly subscriptions: vscode.Disposable[]
  private chosen: string | undefined
  /** What was read of models, as long as the view is open: reading one loads it. */
  private readonly facts = new Map<string, Promise<ModelNode[]>>()
  private folders = ''

  constructor(private readonly session: Session, private readonly settings: SettingsStore) {
    this.view = vscode.window.createTreeView(modelsViewId, { treeDataProvider: this })
    this.subscriptions = [
      this.view, this.changed, settings.onChange(({ settings: { searchFolders } }) => { if (searchFolders.join('\n') !== this.folders) this.refresh() }),
      this.view.onDidChangeVisibility(({ visible }) => { if (!visible) this.facts.clear() }),
      session.changed.on(() => {
        if (!this.view.visible || session.state.recipe.model.path === this.chosen) return
        this.refresh()
      }),
    ]
  }

  refresh(): void { this.changed.fire() }

  async getChildren(node?: ModelNode): Promise<ModelNode[]> {
    if (node?.kind === 'group') return node.models.map((choice): ModelNode => ({ kind: 'model', choice }))
    if (node?.kind === 'model') return this.factsOf(node.choice.path)
    if (node) return []
    this.chosen = this.session.state.recipe.model.path
    const searchFolders = [...new Set(this.settings.settings.searchFolders)]
    this.folders = this.settings.settings.searchFolders.join('\n')
    const [found, ...folders] = await Promise.all([findModels(), ...searchFolders.map((folder) => modelsIn(folder))])
    // A model is listed once: its path is what the tree knows it by.
    const seen = new Set<string>()
    const fresh = (models: readonly ModelChoice[]): ModelChoice[] => models.filter(({ path }) => !seen.has(path) && seen.add(path))
    const groups: ModelNode[] = [
      { kind: 'group', title: t('Bundled'), models: fresh(bundledModels) }, { kind: 'group', title: t('Workspace'), models: fresh(found) },
      ...searchFolders.map((folder, i): ModelNode => ({ kind: 'group', title: vscode.workspace.asRelativePath(folder), models: fresh(folders[i]!) })),
    ]
    return groups.filter((group) => group.kind === 'group' && group.models.length > 0)
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    if (node.kind === 'group') return Object.assign(new vscode.TreeItem(node.title, vscode.TreeItemCollapsibleState.Expanded), { id: `group ${node.title}` })
    if (node.kind === 'fact') return Object.assign(new vscode.TreeItem(node.name), { description: node.value, tooltip: `${node.name}: ${node.value}` })
    const { path, label } = node.choice
    const used = path === this.session.state.recipe.model.path
    const formula = analyticModel(path) !== undefined
    const kind = formula ? t('formula') : isBundled(path) ? t('bundled') : path.endsWith('.onnx') ? t('ONNX file') : t('folder')
    return Object.assign(new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed), {
      id: path, description: used ? `${kind} · ${t('in use')}` : kind, tooltip: path, iconPath: new vscode.ThemeIcon(used ? 'check' : formula ? 'symbol-operator' : 'symbol-misc'), contextValue: used ? 'model used' : 'model',
    })
  }

  /** What a model says of itself, or why it cannot be used, line by line. */
  factsOf(path: string): Promise<ModelNode[]> {
    const known = this.facts.get(path) ?? this.readFacts(path)
    this.facts.set(path, known)
    return known
  }

  private async readFacts(path: string): Promise<ModelNode[]> {
    const line = (name: string, value: string): ModelNode => ({ kind: 'fact', name, value })
    try {
      return modelLines(await this.session.look(path)).map(([name, value]) => line(name, value))
    } catch (error) {
      this.facts.delete(path)
      const { message, advice } = reportOf(error)
      return [line(t('cannot be used'), `${message} ${advice}`)]
    }
  }

  /** What a user reads in the view; tests look at it. */
  async entries(): Promise<{ text: string; node: ModelNode }[]> {
    return (await this.getChildren()).flatMap((group) => group.kind !== 'group' ? [] : group.models.map((choice) => {
      const node: ModelNode = { kind: 'model', choice }
      return { text: `${group.title}: ${choice.label} (${String(this.getTreeItem(node).description)})`, node }
    }))
  }

  dispose(): void { for (const subscription of this.subscriptions) subscription.dispose() }
}

/** The facts of a model as names and values, for the view and for Inspect Model. */
export function modelLines(facts: ModelFacts): [name: string, value: string][] {
  const tensors = (what: string, all: readonly TensorFacts[]): [string, string][] => all.map(({ name, type, shape }) => [what, `${name}: ${type} [${shape.join(', ')}]`])
  const { shape, predictionType, predictionTypeAssumed, schedule, scheduleAssumed, classes, fixedBatch } = facts
  const assumed = (what: string, is: boolean): string => is ? t('{0} (assumed: the model does not say)', what) : what
  return [
    [t('predicts'), assumed(predictions[predictionType], predictionTypeAssumed)], [t('sample'), shape.join('×')],
    [t('schedule'), assumed(schedule.kind === 'discrete' && typeof schedule.betas === 'string' ? `${schedule.kind}, ${schedule.betas}` : schedule.kind, scheduleAssumed)],
    ...classes ? [[t('classes'), `${classes.count}: ${classes.names.slice(0, 12).join(', ')}${classes.count > 12 ? ', …' : ''}`] as [string, string]] : [],
    ...fixedBatch === null ? [] : [[t('batch'), t('{0} only', fixedBatch)] as [string, string]],
    ...tensors(t('input'), facts.inputs), ...tensors(t('output'), facts.outputs),
    ...facts.bytes > 0 ? [[t('size'), `${(facts.bytes / 1e6).toFixed(1)} MB`] as [string, string]] : [],
    ...facts.graph ? [[t('graph'), facts.graph] as [string, string]] : [],
    ...facts.notes.map((note): [string, string] => [t('note'), note]),
  ]
}

/** The model that a command was called for from the view or the explorer. */
export function modelPathOf(given: unknown): string | undefined {
  if (given instanceof vscode.Uri) return given.scheme === 'file' ? given.fsPath : undefined
  if (typeof given === 'string') return given
  const node = typeof given === 'object' && given !== null && 'kind' in given ? given as ModelNode : undefined
  return node?.kind === 'model' ? node.choice.path : undefined
}

/** Opens what is known of a model as a document to read. Resolves to its text. Throws DpmError where the model cannot be read. */
export async function inspectModel(session: Session, documents: TextDocuments, path: string): Promise<string> {
  const facts = await session.look(path)
  const text = `# ${facts.name}\n\n${modelLines(facts).map(([name, value]) => `- **${name}** ${value}`).join('\n')}\n\n${t('Path: {0}', basename(path) === path ? path : `\`${path}\``)}\n`
  await documents.show(`${facts.name}.md`, text)
  return text
}

/** Adds a folder to those whose models are listed; the user chooses it unless it is given. Resolves to it, or undefined. Throws DpmError. */
export async function addModelFolder(settings: SettingsStore, given: unknown): Promise<string | undefined> {
  const folder = typeof given === 'string' ? given : (await vscode.window.showOpenDialog({ title: t('Add a Folder of Models'), openLabel: t('Add'), canSelectFiles: false, canSelectFolders: true }))?.[0]?.fsPath
  if (folder === undefined) return undefined
  const { searchFolders } = settings.settings
  if (!searchFolders.includes(folder)) await settings.add('model.searchFolders', folder)
  if ((await modelsIn(folder)).length === 0) void vscode.window.showInformationMessage(t('There is no model in {0} yet: a model is an .onnx file, or a folder with unet/model.onnx.', folder))
  return folder
}
