import { join } from 'node:path'
import * as vscode from 'vscode'
import { runsViewId, type CommandId } from '../manifest'
import { progressText } from '../protocol/progress'
import { isGoing, shortId, type RunView } from '../protocol/view'
import { recipes } from '../recipe/door'
import type { Recipe } from '../recipe/recipe'
import { exportsOfRuns } from '../run/exports/door'
import { RunList, type ListedRun } from '../run/runList'
import type { Job } from '../run/runner'
import type { Session } from '../run/session'
import { openRun } from '../run/store'
import { throttle } from '../run/throttle'
import { reportOf } from '../sampler/errors'
import { t } from '../sampler/text'
import { outcomeAt } from './runOutcome'
import { runTooltip } from './runTooltip'

/** A group of the view, or what is in one: a recorded run, or one that goes or waits and has no folder yet. */
export type RunNode =
  | { kind: 'group'; title: string; nodes: RunNode[] }
  | { kind: 'run'; listed: ListedRun }
  | { kind: 'going'; run: RunView }
  | { kind: 'queued'; job: Job; place: number }

const refreshMs = 300
const pictureSize = 96
const icons = { finished: ['pass', 'testing.iconPassed'], stopped: ['debug-pause', 'testing.iconQueued'], interrupted: ['circle-slash', 'testing.iconQueued'], failed: ['error', 'testing.iconFailed'] } as const

/** The Runs view: what goes, what waits, what is recorded. Reads the run folders, and again when the session changed. */
export class RunsView implements vscode.TreeDataProvider<RunNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  readonly onDidChangeTreeData = this.changed.event
  readonly view: vscode.TreeView<RunNode>
  private readonly list = new RunList()
  private readonly refreshing = throttle(refreshMs, () => { this.changed.fire() })
  private readonly subscriptions: { dispose(): void }[]

  constructor(private readonly session: Session, private readonly runsFolder: () => string) {
    this.view = vscode.window.createTreeView(runsViewId, { treeDataProvider: this, showCollapseAll: false })
    this.subscriptions = [
      this.view, this.changed,
      session.changed.on((what) => { if (what === 'state' && this.view.visible) this.refreshing.ask() }),
      session.runner.rows.on(() => { if (this.view.visible) this.refreshing.ask() }),
      this.view.onDidChangeVisibility(({ visible }) => { if (visible) this.refresh() }),
      // What other windows recorded or deleted meanwhile.
      vscode.window.onDidChangeWindowState(({ focused }) => { if (focused && this.view.visible) this.refresh() }),
      this.view.onDidChangeSelection(({ selection: [node] }) => { if (node?.kind === 'run') void vscode.commands.executeCommand('dpmSolver.revealRun' satisfies CommandId, node) }),
    ]
  }

  refresh(): void { this.changed.fire() }

  async getChildren(node?: RunNode): Promise<RunNode[]> {
    if (node) return node.kind === 'group' ? node.nodes : []
    const run = this.session.runner.view
    const going = isGoing(run) ? run : null
    const listed = (await this.list.read(this.runsFolder())).filter(({ id }) => id !== going?.runId)
    const recorded = (title: string, of: (one: ListedRun) => boolean): RunNode => ({ kind: 'group', title, nodes: listed.filter(of).map((one): RunNode => ({ kind: 'run', listed: one })) })
    const today = (one: ListedRun): boolean => new Date(one.created).toDateString() === new Date().toDateString()
    const groups: RunNode[] = [
      { kind: 'group', title: t('Running'), nodes: going && !going.live ? [{ kind: 'going', run: going }] : [] },
      { kind: 'group', title: t('Queued'), nodes: this.session.waiting.map((job, i): RunNode => ({ kind: 'queued', job, place: i + 1 })) },
      recorded(t('Pinned'), ({ pinned }) => pinned), recorded(t('Today'), (one) => !one.pinned && today(one)), recorded(t('Earlier'), (one) => !one.pinned && !today(one)),
    ]
    return groups.filter((group) => group.kind === 'group' && group.nodes.length > 0)
  }

  getTreeItem(node: RunNode): vscode.TreeItem {
    switch (node.kind) {
      case 'group': {
        const item = new vscode.TreeItem(node.title, vscode.TreeItemCollapsibleState.Expanded)
        item.id = `group ${node.title}`
        return item
      }
      case 'going': {
        const { runId, name, document } = node.run
        const how = document ? progressText(node.run) : t('loading the model')
        return Object.assign(rowItem({ runId, ...document ? { model: document.model.name, recipe: document.recipe } : {}, name, how }), { id: `going ${runId}`, iconPath: new vscode.ThemeIcon('loading~spin'), contextValue: 'going' })
      }
      case 'queued': {
        const { runId, recipe, resume } = node.job
        return Object.assign(rowItem({ runId, model: modelName(recipe), recipe, name: resume?.name ?? null }), { id: `queued ${node.place}`, iconPath: new vscode.ThemeIcon('watch'), contextValue: 'queued' })
      }
      case 'run': return recordedItem(node.listed)
    }
  }

  async resolveTreeItem(item: vscode.TreeItem, node: RunNode): Promise<vscode.TreeItem> {
    if (node.kind !== 'run') return item
    try { item.tooltip = new vscode.MarkdownString(await this.tooltip(node)) } catch (error) { item.tooltip = reportOf(error).message }
    return item
  }

  /** A picture of the result and what made it, as Markdown. */
  async tooltip(node: RunNode): Promise<string> {
    if (node.kind !== 'run') return ''
    const run = await openRun(node.listed.folder)
    const last = run.rows.at(-1)
    const png = last && await exportsOfRuns().thumbnailPng(run, last, this.session.runner.previewMethod, pictureSize).catch(() => undefined)
    return runTooltip(run, png, vscode.Uri.file(join(run.folder, 'run.json')).toString(), vscode.env.language)
  }

  /** What a user reads in the view, and a screen reader says; tests look at it. */
  async entries(): Promise<{ text: string; spoken: string | undefined; node: RunNode }[]> {
    return (await this.getChildren()).flatMap((group) => group.kind !== 'group' ? [] : group.nodes.map((node) => {
      const { label, description, accessibilityInformation } = this.getTreeItem(node)
      return { text: `${group.title}: ${typeof label === 'string' ? label : ''} (${String(description)})`, spoken: accessibilityInformation?.label, node }
    }))
  }

  dispose(): void {
    this.refreshing.cancel()
    for (const subscription of this.subscriptions) subscription.dispose()
  }
}

function recordedItem({ id, name, pinned, model, recipe, outcome, ms, progress, resumable }: ListedRun): vscode.TreeItem {
  const [icon, colour] = icons[outcome]
  const seconds = (ms / 1000).toFixed(2)
  const item = outcome === 'finished' ? rowItem({ runId: id, name, model, recipe, how: `${seconds} s`, spoken: t('finished in {0} s', seconds) }) : rowItem({ runId: id, name, model, recipe, how: outcomeAt(outcome, progress) })
  return Object.assign(item, {
    id, iconPath: new vscode.ThemeIcon(icon, new vscode.ThemeColor(colour)), contextValue: `run ${outcome} ${resumable ? 'resumable ' : ''}${pinned ? 'pinned' : 'loose'}`, tooltip: undefined,
  })
}

interface Row { runId: string; name: string | null; /** Once the model is known. */ model?: string; recipe?: Recipe; /** How far it is, or came. */ how?: string; /** The same in words. */ spoken?: string }

/** A row says first what the tab of its run is called by, then what tells apart runs of one recipe: what comes last is cut off first. What is spoken begins with what is seen, which voice control goes by. */
function rowItem({ runId, name, model, recipe, how, spoken = how }: Row): vscode.TreeItem {
  const short = shortId(runId)
  const title = model !== undefined && recipe ? runTitle(model, recipe) : null
  const seed = recipe && t('seed {0}', recipe.noise.seed)
  const present = (texts: readonly (string | null | undefined)[]): string[] => texts.filter((text) => text !== null && text !== undefined)
  const label = name ?? title ?? t('Starting')
  return Object.assign(new vscode.TreeItem(label), {
    description: present([short, name === null ? null : title, seed, how]).join(' · '),
    accessibilityInformation: { label: present([label, t('run {0}', short), name === null ? null : model, recipe && recipes().recipeInWords(recipe), seed, spoken]).join(', ') },
  })
}

const taskNames: Record<Recipe['input']['task'], string> = { sample: t('sample'), noise: t('noise'), encode: t('encode'), reconstruct: t('reconstruct') }

function runTitle(model: string, recipe: Recipe): string {
  const { input: { task }, solver } = recipe
  return [model, ...task === 'sample' ? [] : [taskNames[task]], ...task === 'noise' ? [] : [recipes().shortSolverName(solver)], ...recipes().findsSteps(solver) ? [] : [String(solver.steps)]].join(' · ')
}

const modelName = ({ model }: Recipe): string => model.path.split(/[\\/]/).filter(Boolean).at(-1) ?? model.path

/** The recorded run that a command was called for from the view; undefined for anything else. */
export function asListed(given: unknown): ListedRun | undefined {
  const node = typeof given === 'object' && given !== null && 'kind' in given ? given as RunNode : undefined
  return node?.kind === 'run' ? node.listed : undefined
}
