import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { parseJson } from '../../../src/protocol/json'
import type { StartRun } from '../../../src/protocol/engine'
import type { RunDocument, RunEvent } from '../../../src/protocol/run'
import { defaultRecipe } from '../../../src/recipe/defaults'
import type { Recipe } from '../../../src/recipe/recipe'
import { EngineClient, type EngineClientOptions } from '../../../src/run/engineClient'
import { newFolder } from './testModels'

/** The bundle that `npm run build` makes; tests run from the repository's root. */
export const enginePath = resolve('dist/engine.js')
export const cpu = { provider: 'cpu', intraOpThreads: 1 } as const

/** A client whose engine ends with the test. */
export function clientFor(t: TestContext, options: Partial<EngineClientOptions> = {}): EngineClient {
  const client = new EngineClient({ enginePath, ...options })
  t.after(() => client.dispose())
  return client
}

/** The default recipe with seed 7 and some fields changed. */
export function recipe(change: (recipe: Recipe) => void = () => {}): Recipe {
  const made = defaultRecipe()
  made.noise.seed = 7
  change(made)
  return made
}

let runs = 0
export function start(made: Recipe, more: Partial<StartRun> = {}): StartRun {
  return { runId: `run-${++runs}`, recipe: made, folder: join(newFolder(), 'run'), preview: null, engine: cpu, ...more }
}

/** A run folder as its files say, without any reader of ours but JSON. */
export function readFolder(folder: string): { document: RunDocument; events: RunEvent[]; states: Float32Array } {
  const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n')
  if (lines.pop() !== '') throw new Error('events.jsonl ends in a torn line')
  const bytes = readFileSync(join(folder, 'states.f32'))
  return {
    document: parseJson(readFileSync(join(folder, 'run.json'), 'utf8')) as RunDocument, events: lines.map((line) => parseJson(line) as RunEvent),
    states: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
  }
}

/** Resolves when `condition` holds; rejects after a time that no machine needs. */
export async function until(condition: () => boolean, what: string, ms = 300_000): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > ms) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Whether a process is there. One that has ended and waits for its parent to take notice is not: where that parent was killed, nobody may. */
export function alive(pid: number): boolean {
  try { process.kill(pid, 0) } catch { return false }
  if (process.platform !== 'linux') return true
  try { return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) } catch { return false }
}
