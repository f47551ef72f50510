import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../../src/protocol/json'
import type { Provider } from '../../src/protocol/engine'
import type { RowEvent, RunDocument } from '../../src/protocol/run'
import { complete } from '../../src/recipe/defaults'
import type { EngineClient } from '../../src/run/engineClient'

export interface Task { model: string; batch: number; steps: number }

/** What a run of the engine gave. */
export interface Drawn {
  /** Milliseconds of the first evaluation, of all of them inside the network, and how many there were. */
  firstMs: number
  evaluationMs: number
  evaluations: number
  /** The network's first estimate of the noise, at an x that is the same everywhere; of unit variance. */
  noise: Float32Array
  image: Float32Array
}

/** A provider that has not answered by then does not answer. TensorRT compiles for minutes. */
export const patienceMs = 900_000

/** Carries a run out and removes its folder. Throws DpmError, or Error where the engine did not answer and was ended. */
export async function draw(client: EngineClient, provider: Provider, task: Task, scratch: string): Promise<Drawn> {
  const folder = join(scratch, randomUUID())
  const ended = setTimeout(() => { void client.kill() }, patienceMs)
  try {
    const end = await client.run({ runId: randomUUID(), recipe: recipeOf(task), folder, preview: null, engine: { provider, intraOpThreads: 0 } })
    if (end.outcome === 'stopped') throw new Error(`no answer within ${patienceMs / 60_000} minutes`)
    if (end.outcome === 'failed') throw new Error(end.error?.message ?? 'the run failed')
    return { ...read(folder), evaluationMs: end.evaluationMs ?? NaN, evaluations: end.evaluations }
  } finally {
    clearTimeout(ended)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The same x_T every time. */
export function recipeOf({ model, batch, steps }: Task): ReturnType<typeof complete> {
  return complete({ model: { path: model }, solver: { steps }, noise: { seed: 1, batch }, conditioning: { classLabel: 0 } })
}

function read(folder: string): Pick<Drawn, 'firstMs' | 'noise' | 'image'> {
  const { states, shape } = parseJson(readFileSync(join(folder, 'run.json'), 'utf8')) as RunDocument
  const [first, ...others] = readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n').map((line) => parseJson(line) as RowEvent).filter(({ event }) => event === 'row')
  const raw = readFileSync(join(folder, states.file))
  const size = shape.reduce((product, n) => product * n, 1)
  const tensor = (offset: number): Float32Array => new Float32Array(raw.buffer.slice(raw.byteOffset + offset, raw.byteOffset + offset + 4 * size))
  const { alpha, sigma } = first!.level
  const [x, x0] = [tensor(first!.offset), tensor(first!.offset + states.rowBytes / 2)]
  return { firstMs: first!.ms, noise: x.map((value, i) => (value - alpha * x0[i]!) / sigma), image: tensor(others.at(-1)!.offset) }
}

/** The largest difference of any value; NaN where one is not a number. */
export function difference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
}
