import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { table } from '../../src/cli/words'
import type { EngineClient } from '../../src/run/engineClient'
import { engineFor, type Contestant } from './contestants'
import { difference, draw, patienceMs, recipeOf } from './draw'
import { memoryMB } from './machine'

/** A whole run, an engine that is killed in the middle of one, and what the next run gives. */
export interface Endured {
  name: string
  /** Of a run of 20 steps, in the image to the CPU's. */
  image: number
  /** Milliseconds from the kill to the end of the process. */
  killMs: number
  /** The difference again, of the run after the kill. */
  imageAfter: number
  /** Megabytes of the engine's process after a batch of 16; what the GPU holds is not in it. */
  memoryMB: number
  error?: string
}

const whole = { model: 'digits', batch: 1, steps: 20 }

/** @param reference the image that the CPU gives */
export async function endure(contestant: Contestant, reference: Float32Array): Promise<Endured> {
  const { name, provider, environment } = contestant
  const client = engineFor(environment)
  const scratch = mkdtempSync(join(tmpdir(), 'dpm-check-'))
  const figures: Endured = { name, image: NaN, killMs: NaN, imageAfter: NaN, memoryMB: NaN }
  try {
    figures.image = difference((await draw(client, provider, whole, scratch)).image, reference)
    figures.killMs = await killed(client, contestant, scratch)
    figures.imageAfter = difference((await draw(client, provider, whole, scratch)).image, reference)
    await draw(client, provider, { model: 'emoji', batch: 16, steps: 2 }, scratch)
    figures.memoryMB = memoryMB((await client.start()).pid)
  } catch (error) {
    figures.error = error instanceof Error ? error.message : String(error)
  } finally {
    await client.dispose()
    rmSync(scratch, { recursive: true, force: true })
  }
  return figures
}

export function wholeRun(client: EngineClient, scratch: string): Promise<Float32Array> {
  return draw(client, 'cpu', whole, scratch).then(({ image }) => image)
}

/** Ends the engine a few steps into a long run: milliseconds until its process is gone. */
async function killed(client: EngineClient, { provider }: Contestant, scratch: string): Promise<number> {
  const runId = randomUUID()
  const timer = setTimeout(() => { void client.kill() }, patienceMs)
  let ms = NaN
  let asked = false
  try {
    await client.run({ runId, recipe: recipeOf({ ...whole, steps: 1000 }), folder: join(scratch, runId), preview: null, engine: { provider, intraOpThreads: 0 } }, {
      rows: ({ rows }) => {
        if (asked || (rows.at(-1)?.row ?? 0) < 2) return
        asked = true
        const started = performance.now()
        void client.kill().then(() => { ms = performance.now() - started })
      },
    })
    await client.kill() // resolves when it is gone
  } finally {
    clearTimeout(timer)
  }
  if (!asked) throw new Error('the run was over before the engine could be killed')
  return ms
}

export function enduredInWords(endured: readonly Endured[]): string {
  const small = (value: number): string => value === 0 ? '0' : Number.isNaN(value) ? '–' : value.toExponential(1)
  const round = (value: number): string => Number.isNaN(value) ? '–' : value.toFixed(0)
  const lines = table(
    ['provider', 'image of 20 steps', 'killed in ms', 'image after that', 'engine MB'],
    endured.map(({ name, image, killMs, imageAfter, memoryMB: megabytes }) => [name, small(image), round(killMs), small(imageAfter), round(megabytes)]),
  )
  return lines + endured.filter(({ error }) => error !== undefined).map(({ name, error }) => `${name}: failed: ${error}\n`).join('')
}
