// What the suites in the extension host share.
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { extensionId, type CommandId } from '../../src/manifest'
import type { FromPage, ToPage } from '../../src/protocol/view'
import type { RunSummary } from '../../src/run/runner'

export type Seen = { direction: 'out' | 'in'; message: ToPage | FromPage }

let changed: string[] = []
let folders: string[] = []

export async function activated(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>(extensionId)
  assert.ok(extension, 'the extension is there')
  return extension.activate()
}

export function extensionPath(...parts: string[]): string {
  return join(vscode.extensions.getExtension(extensionId)!.extensionPath, ...parts)
}

export function run<T = unknown>(command: CommandId, ...given: unknown[]): Thenable<T> {
  return vscode.commands.executeCommand<T>(command, ...given)
}

/** Names of the run folders in a folder of recordings, oldest first. */
export const recordings = (folder: string): string[] => readdirSync(folder).filter((name) => /^\d/.test(name)).sort()

/** Generates a sample and waits for its end. */
export async function generate(): Promise<RunSummary> {
  const summary = await run<RunSummary | undefined>('dpmSolver.generateSample')
  assert.ok(summary, 'the run was carried out')
  return summary
}

export async function until(what: () => boolean, name: string, ms = 60_000): Promise<void> {
  for (const end = Date.now() + ms; !what(); await new Promise((resolve) => { setTimeout(resolve, 20) })) if (Date.now() > end) assert.fail(`no ${name} within ${ms} ms`)
}

/** Settings below `dpmSolver.` for one test; tidy() takes them back. */
export async function configure(values: Record<string, unknown>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('dpmSolver')
  for (const [key, value] of Object.entries(values)) {
    changed.push(key)
    await configuration.update(key, value, vscode.ConfigurationTarget.Workspace)
  }
}

/** Every message to and from the page from now on. */
export function watch(api: Api): Seen[] {
  const seen: Seen[] = []
  api.observe((direction, message) => { seen.push({ direction, message }) })
  return seen
}

export const isFrom = <T extends FromPage['type']>(type: T) => ({ direction, message }: Seen): boolean => direction === 'in' && message.type === type
export const isTo = <T extends ToPage['type']>(type: T) => ({ direction, message }: Seen): boolean => direction === 'out' && message.type === type

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dpm-host-'))
  folders.push(folder)
  return folder
}

/** A copy of the bundled digits network, changed. */
export function changedModel(change: (bytes: Buffer) => Buffer): string {
  const file = join(temporaryFolder(), 'model.onnx')
  writeFileSync(file, change(readFileSync(extensionPath('media/models/digits/unet/model.onnx'))))
  return file
}

/** The bundled digits network as a file of its own, with what it says of its classes. */
export function copiedModel(): string {
  const folder = temporaryFolder()
  const file = join(folder, 'copy.onnx')
  copyFileSync(extensionPath('media/models/digits/unet/model.onnx'), file)
  copyFileSync(extensionPath('media/models/digits/unet/config.json'), join(folder, 'config.json'))
  return file
}

/** Back to how the suite began: no run, no own settings, the form at its defaults, no panel. */
export async function tidy(api: Api): Promise<void> {
  await run('dpmSolver.cancelPending')
  await api.receive({ type: 'forceStop' })
  await until(() => !api.contextKeys.running, 'end of the run')
  const configuration = vscode.workspace.getConfiguration('dpmSolver')
  for (const key of new Set(changed)) await configuration.update(key, undefined, vscode.ConfigurationTarget.Workspace)
  changed = []
  await api.receive({ type: 'recipe', recipe: api.state.defaults })
  await api.receive({ type: 'dismissNotice' })
  await vscode.commands.executeCommand('notifications.clearAll')
  await vscode.commands.executeCommand('workbench.action.closeAllEditors')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) // something may still be written into one
  folders = []
  api.observe(() => {})
  api.runPanels.observe = () => {}
}
