import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as vscode from 'vscode'
import type { ModelChoice } from '../protocol/view'
import { analyticModel } from '../recipe/analyticModels'
import { bundledModels } from '../run/session'
import { t } from '../sampler/text'

const mostCandidates = 200

/** Models in the workspace: folders in the diffusers layout, and other .onnx files. Empty where nothing can be searched. */
export async function findModels(): Promise<ModelChoice[]> {
  // Searching needs a tool that not every server has; without it the models are still found by Browse….
  const files = await Promise.resolve(vscode.workspace.findFiles('**/*.onnx', '**/{node_modules,.git}/**', mostCandidates)).catch(() => [])
  const paths = files.map(({ fsPath }) => /[\\/]unet[\\/]model\.onnx$/.test(fsPath) ? dirname(dirname(fsPath)) : fsPath)
  return [...new Set(paths)].sort().map((path) => ({ path, label: vscode.workspace.asRelativePath(path) }))
}

/** Models in a folder anywhere: itself, its folders and its .onnx files. Empty where it cannot be read. */
export async function modelsIn(folder: string): Promise<ModelChoice[]> {
  const graph = 'unet/model.onnx'
  const isModel = (path: string): Promise<boolean> => stat(join(path, graph)).then((file) => file.isFile(), () => false)
  if (await isModel(folder)) return [{ path: folder, label: basename(folder) }]
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(entries.slice(0, mostCandidates).map(async (entry) => {
    const path = join(folder, entry.name)
    return entry.name.endsWith('.onnx') || await isModel(path) ? [{ path, label: entry.name }] : []
  }))
  return found.flat().sort((a, b) => a.label < b.label ? -1 : 1)
}

type Item = vscode.QuickPickItem & ({ path: string } | { browse: 'file' | 'folder' } | { kind: vscode.QuickPickItemKind.Separator })

/** Lets the user choose a model: bundled, in the workspace, or anywhere. Resolves to what goes into `model.path`, or undefined. */
export async function pickModel(current: string): Promise<string | undefined> {
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator })
  const item = (choice: ModelChoice, ...about: string[]): Item => ({ ...choice, description: [...about, ...choice.path === current ? [t('in use')] : []].join(' · ') })
  const items = findModels().then((found): Item[] => [
    ...bundledModels.map((choice) => item(choice, analyticModel(choice.path) ? t('a formula') : t('bundled'))),
    ...found.length > 0 ? [separator(t('workspace')), ...found.map((choice) => item(choice, basename(choice.path).endsWith('.onnx') ? t('ONNX file') : t('diffusers folder')))] : [],
    separator(t('elsewhere')),
    { label: `$(file) ${t('Browse for an ONNX File…')}`, browse: 'file' }, { label: `$(folder) ${t('Browse for a Model Folder…')}`, browse: 'folder' },
  ])
  const picked = await vscode.window.showQuickPick(items, { title: t('Select Model'), placeHolder: t('A pixel-space model with inputs sample, timestep and optionally class_labels'), matchOnDescription: true })
  if (!picked || !('path' in picked || 'browse' in picked)) return undefined
  return 'path' in picked ? picked.path : browse(picked.browse)
}

/** Lets the user choose a file or folder. Resolves to its path, or undefined. */
export async function browse(what: 'file' | 'folder'): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: what === 'file' ? t('Select an ONNX File') : t('Select a Folder with unet/model.onnx'), openLabel: t('Select Model'),
    canSelectFiles: what === 'file', canSelectFolders: what === 'folder', ...what === 'file' ? { filters: { [t('ONNX models')]: ['onnx'] } } : {},
    ...vscode.workspace.workspaceFolders?.[0] ? { defaultUri: vscode.workspace.workspaceFolders[0].uri } : {},
  })
  return chosen?.[0]?.fsPath
}
