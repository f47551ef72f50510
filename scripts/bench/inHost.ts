// The part of the bench that runs inside a real extension host, loaded as its extensionTestsPath.
import { writeFileSync } from 'node:fs'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import type { HostFigures } from '../bench'

const limitMs = 120_000

/** Measures once, in a window that has just opened, and writes HostFigures as JSON to the file that TEST_RESULTS_FILE names. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension<Api>('dpm-solver.dpm-solver')
  if (!extension) throw new Error('the extension is not there')
  await quiet()
  const api = await extension.activate()
  // What activate() takes. To load its code and to ask the window for it takes VS Code some ten milliseconds more.
  const figures: HostFigures = { activationMs: api.activationMs, cold: await firstPreview(api), warm: await firstPreview(api) }
  writeFileSync(process.env['TEST_RESULTS_FILE'] ?? 'bench-host.json', JSON.stringify(figures))
}

/** Waits until the window has started: until nothing has kept this process busy for two seconds. */
async function quiet(): Promise<void> {
  const end = performance.now() + limitMs
  for (let calm = 0; calm < 40 && performance.now() < end;) {
    const before = performance.now()
    await new Promise((resolve) => { setTimeout(resolve, 50) })
    calm = performance.now() - before < 65 ? calm + 1 : 0
  }
}

/**
 * Milliseconds from the command to the run's first pictures on the page: to its word that it has drawn them, or, where the run was over
 * before the page was there, to their sending. Waits for the run's end.
 */
async function firstPreview(api: Api): Promise<number> {
  const before = new Set(api.state.run ? [api.state.run.runId] : [])
  const started = performance.now()
  const drawn = new Promise<number>((resolve, reject) => {
    setTimeout(() => { reject(new Error(`no preview after ${limitMs} ms`)) }, limitMs).unref()
    api.observe((direction, message) => {
      const shown = message.type === 'frameAck' || (direction === 'out' && message.type === 'frame' && !message.live)
      if (shown && !before.has(message.runId)) resolve(performance.now() - started)
    })
  })
  await vscode.commands.executeCommand('dpmSolver.generateSample')
  const ms = await drawn
  while (api.contextKeys.running === true) await new Promise((resolve) => { setTimeout(resolve, 50) })
  return ms
}
