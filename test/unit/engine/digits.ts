import '../../../src/engine/environment'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Models, type LoadedModel } from '../../../src/engine/models'
import { Network } from '../../../src/engine/network'
import { loadRuntime } from '../../../src/engine/runtime'
import { encodePng } from '../../../src/formats/png'
import type { EngineOptions } from '../../../src/protocol/engine'
import type { EndEvent, RowEvent, RunDocument } from '../../../src/protocol/run'
import type { EngineClient } from '../../../src/run/engineClient'
import type { Recipe } from '../../../src/recipe/recipe'
import type { Evaluate } from '../../../src/sampler/sample'
import { newFolder } from './testModels'
import { cpu, readFolder, start } from './withClient'

export interface Recorded { document: RunDocument; rows: RowEvent[]; end: EndEvent; x: (row: number) => Float32Array; x0: (row: number) => Float32Array; last: Float32Array; states: Float32Array; folder: string }

/** Carries a recipe out in the engine, on one CPU thread unless something else is asked, and reads what it recorded. */
export async function carryOut(client: EngineClient, made: Recipe, engine: EngineOptions = cpu): Promise<Recorded> {
  const run = start(made, { engine })
  const end = await client.run(run)
  const { document, events, states } = readFolder(run.folder)
  const size = document.shape.reduce((product, n) => product * n, 1)
  const x = (row: number): Float32Array => states.subarray(2 * row * size, (2 * row + 1) * size)
  const x0 = (row: number): Float32Array => states.subarray((2 * row + 1) * size, (2 * row + 2) * size)
  const rows = events.filter((event): event is RowEvent => event.event === 'row')
  return { document, rows, end, x, x0, last: x(rows.length - 1), states, folder: run.folder }
}

/** Calls `use` with the bundled digits in this process, and its network asked plainly: one batch, one time, nothing done to what it returns. */
export function withDigits<T>(batch: number, labels: readonly number[], use: (model: LoadedModel, evaluate: Evaluate) => Promise<T>): Promise<T> {
  return new Models('media/models').with('digits', cpu, () => {}, (model) => {
    const network = new Network(loadRuntime(), model.session!, model.facts, batch, labels)
    return use(model, async (x, { label }) => {
      network.sample.set(x)
      return network.evaluate(label)
    })
  })
}

/** A ring of grey levels, 32×32, from black to white: no digit, but an image. */
export const ring = Uint8Array.from({ length: 32 * 32 }, (_, i) => {
  const r = Math.hypot(i % 32 - 15.5, Math.floor(i / 32) - 15.5)
  return Math.round(255 * Math.exp(-(((r - 9) / 2.5) ** 2)))
})

/** Writes a grey PNG file and gives its path. */
export function greyPng(levels: Uint8Array, width = 32, height = 32): string {
  const file = join(newFolder(), 'image.png')
  writeFileSync(file, encodePng({ width, height, channels: 1, data: levels }))
  return file
}

export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.sqrt(Array.from(a, (value, i) => (value - b[i]!) ** 2).reduce((sum, square) => sum + square, 0) / a.length)
export const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce((most, gap) => Math.max(most, gap), 0)
