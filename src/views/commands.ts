import * as vscode from 'vscode'
import { commandIds, extensionId, statusMenuCommand, type CommandId } from '../manifest'
import { providers } from '../protocol/engine'
import { lastKept } from '../protocol/keptRows'
import { isGoing, type FromPage } from '../protocol/view'
import { isObject } from '../recipe/path'
import type { Log, RunSummary } from '../run/runner'
import type { Session } from '../run/session'
import { openRun } from '../run/store'
import { assertNever } from '../sampler/errors'
import { t } from '../sampler/text'
import type { SettingsStore } from '../settings'
import type { CudaParts } from './dialogs/cudaRuntime'
import { dialogs } from './dialogs/door'
import { exportArguments, exportTrajectory, type ExportArguments } from './exportTrajectory'
import { pickFile } from './filePicker'
import { browse, pickModel } from './modelPicker'
import { addModelFolder, inspectModel, modelPathOf } from './modelsView'
import type { PreviewPanel } from './previewPanel'
import { applyRemedy } from './remedies'
import { runCommands } from './runCommands'
import type { RunPanels } from './runPanels'
import { asListed, type RunsView } from './runsView'
import { saveImage, type SaveImageArguments } from './saveImage'
import { say } from './say'
import { setServerToken, type ServerTokens } from './serverToken'
import { showStatusMenu } from './statusMenu'
import { takeText } from './takeText'
import type { TextDocuments } from './textDocuments'

export interface CommandParts { session: Session; settings: SettingsStore; tokens: ServerTokens; panel: PreviewPanel; runPanels: RunPanels; cuda: CudaParts; runs: RunsView; log: Log; channel: vscode.LogOutputChannel; documents: TextDocuments }

/** What each command does. The values they resolve to are for callers of executeCommand. */
function handlers({ session, settings, tokens, panel, runPanels, cuda, runs, log, channel, documents }: CommandParts): Record<CommandId, (...given: unknown[]) => unknown> {
  const generate = (newSeed: boolean): Promise<RunSummary | undefined> => {
    if (panel.draft === null) return session.generate({ newSeed })
    session.report({ reason: 'recipeInvalid', message: panel.draft, advice: t('Correct the field in the preview, then run again.') })
    return Promise.resolve(undefined)
  }
  return {
    ...runCommands(session, runs, runPanels, panel),
    'dpmSolver.generateSample': (resource) => {
      // Called from the title of an editor, the resource is that editor's, whatever it is.
      if (!(resource instanceof vscode.Uri) || resource.scheme !== 'file' || !resource.path.endsWith('.onnx')) return generate(false)
      // The page takes the recipe with this model in place of what is typed.
      return session.attempt(() => { session.edit({ 'model.path': resource.fsPath }); return true }) && session.generate()
    },
    'dpmSolver.generateWithNewSeed': () => generate(true),
    'dpmSolver.openPreview': () => { panel.open() },
    'dpmSolver.previewPlan': () => { panel.openTab('plan') },
    'dpmSolver.stop': () => { session.stop() },
    'dpmSolver.stopAfterRun': () => session.cancelPending(), // the run that goes is the last one then
    'dpmSolver.cancelPending': () => session.cancelPending(),
    'dpmSolver.selectModel': async (given) => {
      const path = typeof given === 'string' ? given : await pickModel(session.state.recipe.model.path)
      if (path === undefined) return undefined
      session.attempt(() => { session.edit({ 'model.path': path }) })
      panel.open()
      session.inspect()
      return path
    },
    'dpmSolver.useModel': (given) => {
      const path = modelPathOf(given)
      if (path === undefined) return undefined
      session.attempt(() => { session.edit({ 'model.path': path }) })
      session.inspect()
      return path
    },
    'dpmSolver.inspectModel': (given) => session.attemptAsync(() => inspectModel(session, documents, modelPathOf(given) ?? session.state.recipe.model.path)),
    'dpmSolver.addModelFolder': (given) => session.attemptAsync(() => addModelFolder(settings, given)),
    'dpmSolver.noiseImage': (given) => dialogs().noiseImage(session, dialogs().imageRunArguments(given)),
    'dpmSolver.encodeImage': (given) => dialogs().encodeImage(session, dialogs().imageRunArguments(given)),
    'dpmSolver.estimateVariance': (given) => session.attemptAsync(() => dialogs().estimateVariance(session, () => { panel.open() }, dialogs().askedFor(given))),
    'dpmSolver.saveImage': (given) => session.attemptAsync(async () => {
      const { runId, row, what, target } = asArguments(given)
      if (runPanels.active && runId === undefined) return runPanels.active.saveImage(asArguments(given))
      const { view } = session.runner
      const recorded = view?.document && session.runner.recorded(runId ?? view.runId, row ?? lastKept(view.document, view.rows.length, isGoing(view)))
      // Of a run that was stopped on the way the estimate is what its result would look like.
      const file = await saveImage(recorded ? { ...recorded, rows: view.rows } : undefined, settings.settings, what ?? (view?.status === 'finished' || row !== undefined ? 'x' : 'x0'), target)
      if (file) log.info(`image saved to ${file.fsPath}`)
      return file
    }),
    'dpmSolver.exportTrajectory': (given, ...more) => session.attemptAsync(async () => {
      const listed = asListed(given)
      const asked = exportArguments(...listed ? more : [given])
      if (runPanels.active && !listed && asked.from === undefined) return runPanels.active.exportTrajectory(asked)
      const folder = listed?.folder ?? session.runner.seenFolder
      return exportTrajectory(folder === undefined ? undefined : await openRun(folder), { settings: settings.settings, log, held: session.held, video: panel.video }, asked)
    }),
    'dpmSolver.saveDefaults': () => saveDefaults(session, settings),
    'dpmSolver.showLog': () => { channel.show() },
    'dpmSolver.restartEngine': () => session.restartEngine(),
    'dpmSolver.showEngineInfo': () => session.attemptAsync(() => dialogs().showEngineInfo(session, documents)),
    'dpmSolver.selectProvider': (given) => session.attemptAsync(async () => {
      const { provider: set } = settings.settings.engine
      const provider = providers.find((name) => name === given) ?? await dialogs().pickProvider(set, session.engineInfo({ model: false }))
      if (provider !== undefined) await settings.write('engine.provider', provider)
      return provider
    }),
    'dpmSolver.openSettings': () => vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${extensionId}`),
    'dpmSolver.setServerToken': (given) => session.attemptAsync(() => setServerToken(tokens, settings.settings.engine.server ?? '', given)),
    'dpmSolver.installCudaRuntime': (given) => session.attemptAsync(async () => {
      const version = await dialogs().installCudaRuntime(cuda, given)
      if (version !== undefined) {
        log.info(`the CUDA Runtime for ONNX Runtime ${version} was installed into ${cuda.folder}`)
        say(t('Installed the CUDA Runtime for ONNX Runtime {0}', version))
      }
      return version
    }),
    'dpmSolver.removeCudaRuntime': () => session.attemptAsync(async () => {
      if (!await dialogs().removeCudaRuntime(cuda)) {
        say(t('No CUDA Runtime is installed'))
        return
      }
      log.info(`the CUDA Runtime was removed from ${cuda.folder}`)
      say(t('Removed the CUDA Runtime'))
    }),
  }
}

/** Menus call with the resource they belong to; what means something here is taken only. */
function asArguments(given: unknown): SaveImageArguments {
  if (!isObject(given) || given instanceof vscode.Uri) return {}
  const { runId, row, what, target } = given
  return {
    ...typeof runId === 'string' ? { runId } : {}, ...typeof row === 'number' ? { row } : {}, ...what === 'x' || what === 'x0' ? { what } : {},
    ...target instanceof vscode.Uri ? { target } : {},
  }
}

async function saveDefaults(session: Session, settings: SettingsStore): Promise<string[] | undefined> {
  const written = await session.attemptAsync(() => settings.saveDefaults(session.state.recipe))
  if (written) {
    say(savedInWords(written.length, settings.folder === undefined))
  }
  return written
}

function savedInWords(count: number, forUser: boolean): string {
  if (count === 0) return t('The settings say the same already')
  if (forUser) return count === 1 ? t('Saved 1 default to your settings') : t('Saved {0} defaults to your settings', count)
  return count === 1 ? t('Saved 1 default to the workspace settings') : t('Saved {0} defaults to the workspace settings', count)
}

/** Registers every command of manifest.ts. `used` is called by each: from then on the status bar item is there. */
export function registerCommands(parts: CommandParts, used: () => void): vscode.Disposable[] {
  const table = handlers(parts)
  const register = (id: string, handler: (...given: unknown[]) => unknown): vscode.Disposable => vscode.commands.registerCommand(id, (...given: unknown[]) => {
    used()
    return handler(...given)
  })
  return [...commandIds.map((id) => register(id, table[id])), register(statusMenuCommand, () => showStatusMenu(parts.session.state))]
}

/** What the page asks of the window; what concerns its own pixels the panel answers itself. */
export async function onPageMessage(message: FromPage, { session, settings }: CommandParts): Promise<void> {
  const run = (command: CommandId, ...given: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...given)
  switch (message.type) {
    case 'recipe': session.editForm(message.recipe); return
    case 'run': session.editForm(message.recipe); await run('dpmSolver.generateSample'); return
    case 'runLive': session.generateLive(message.recipe); return
    case 'stop': await run('dpmSolver.stop'); return
    case 'forceStop': session.runner.forceStop(); return
    case 'resume': await run('dpmSolver.resumeRun'); return
    case 'discard': await run('dpmSolver.discardRun'); return
    case 'browseModel': {
      const file = message.what === undefined ? undefined : await browse(message.what)
      if (message.what === undefined || file !== undefined) await run('dpmSolver.selectModel', file)
      return
    }
    case 'browseFile': {
      const file = await pickFile(message.field, session.state.recipe)
      if (file !== undefined) session.attempt(() => { session.edit({ [message.field]: file }) })
      return
    }
    case 'command': await session.attemptAsync(async () => { await vscode.commands.executeCommand(message.command, ...message.command === 'dpmSolver.exportTrajectory' ? [{ from: 'preview' } satisfies ExportArguments] : []) }); return
    case 'saveDefaults': session.editForm(message.recipe); await run('dpmSolver.saveDefaults'); return
    case 'openSettings': await run('dpmSolver.openSettings'); return
    case 'saveImage': await run('dpmSolver.saveImage', { runId: message.runId, row: message.row, what: message.what } satisfies SaveImageArguments); return
    case 'remedy': await applyRemedy(message.remedy, session, settings); return
    case 'dismissNotice': session.dismissNotice(); return
    case 'dismissHint': session.dismissHint(); return
    case 'manageTrust': await vscode.commands.executeCommand('workbench.trust.manage'); return
    case 'showLog': await run('dpmSolver.showLog'); return
    case 'copyText': case 'saveText': case 'openText': await session.attemptAsync(() => takeText(message, settings.settings)); return
    case 'useRecipe': { const recipe = session.runner.view?.document?.recipe; if (recipe) session.useRecipe(recipe); return }
    case 'ready': case 'draft': case 'frameAck': case 'frameRequest': case 'inspect': case 'video': case 'thumbnailRequest': case 'statesRequest': case 'problem': return // the panel's own
    default: assertNever(message)
  }
}
