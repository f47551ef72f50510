import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringifyJson } from '../../../src/protocol/json'
import type { RowEvent, RunDocument, TensorStatistics } from '../../../src/protocol/run'
import { Recorder } from '../../../src/engine/recorder'
import { prepare } from '../../../src/recipe/prepare'
import { facts, recipe } from '../recipe/facts'

export const temporary = (): string => mkdtempSync(join(tmpdir(), 'dpm-solver-run-'))

/** Removes a folder, also one that is still written to a little. */
export function removeFolder(folder: string): void { rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) }

/** run.json of a run of `steps` evaluations of a 2×1×2×2 batch. */
export function document(id = 'run-1', created = '2026-01-02T03:04:05.678Z', steps = 3): RunDocument {
  const model = facts({ shape: [1, 2, 2] })
  const asked = recipe({ 'noise.batch': 2, 'solver.steps': steps })
  const { plan, schedule, labels, seeds } = prepare(asked, model)
  const { path, name, graph, bytes, predictionType, classes } = model
  return {
    format: 'dpm-solver-run', version: 1, id, created, recipe: { ...asked, noise: { ...asked.noise, seed: '7' } },
    model: { path, name, graph, bytes, predictionType, schedule: model.schedule, classes }, schedule, plan, shape: [2, 1, 2, 2],
    states: { file: 'states.f32', dtype: 'float32', byteOrder: 'little', tensors: ['x', 'x0'], rowBytes: 64 }, labels, seeds,
    engine: { version: '0.1.0', onnxruntime: '1.30.0', provider: 'cpu', tried: [{ provider: 'cpu' }], intraOpThreads: 0 },
  }
}

const statistics: TensorStatistics = { min: -1, max: 1, mean: 0, std: 0.5, clipped: 0, nonFinite: 0 }

export function row(at: RunDocument, index: number): RowEvent {
  const step = at.plan.steps[index]
  return {
    event: 'row', row: index, level: at.plan.levels[index]!, order: step?.order ?? 0, evaluations: Math.min(index + 1, at.plan.evaluations), ms: 1.5,
    estimateFrom: index, offset: index * at.states.rowBytes, x: statistics, x0: { ...statistics, min: NaN, max: -Infinity },
  }
}

/** Value v of tensor `which` in row `index`: all differ. */
export const value = (index: number, which: 'x' | 'x0', v: number): number => index * 100 + (which === 'x' ? 0 : 50) + v

/** run.json of a run of so many evaluations that keeps some of its states; of null all. */
export function keeping(keep: Pick<RunDocument['states'], 'keep' | 'every'> | null, steps: number): RunDocument {
  const at = document('run-1', undefined, steps)
  return keep ? { ...at, version: 2, states: { ...at.states, ...keep } } : at
}

/** The values of tensor `which` in row `index`. */
export const valuesOf = (index: number, which: 'x' | 'x0'): number[] => Array.from({ length: 8 }, (_, v) => value(index, which, v))

/** Records rows from `from` to before `to` as the engine does; goes on with what the folder has where `from` is not 0. */
export function record(folder: string, at: RunDocument, from: number, to: number): Recorder {
  const recorder = from === 0 ? new Recorder(folder, at) : new Recorder(folder, at, from)
  for (let index = from; index < to; index++) {
    const { level, order, evaluations, ms, estimateFrom, x, x0 } = row(at, index)
    recorder.row({ row: index, level, order, evaluations, ms, estimateFrom, x, x0 }, Float32Array.from(valuesOf(index, 'x')), Float32Array.from(valuesOf(index, 'x0')))
  }
  return recorder
}

/** A run folder below `root` with `rows` rows and the lines of `tail` after them. */
export function writeRun(root: string, at: RunDocument, rows: number, tail: string[] = []): string {
  const folder = join(root, at.id)
  mkdirSync(folder)
  writeFileSync(join(folder, 'run.json'), stringifyJson(at, 2))
  writeFileSync(join(folder, 'states.f32'), '')
  writeFileSync(join(folder, 'events.jsonl'), '')
  for (let i = 0; i < rows; i++) {
    appendFileSync(join(folder, 'states.f32'), new Uint8Array(Float32Array.from({ length: 16 }, (_, v) => value(i, v < 8 ? 'x' : 'x0', v % 8)).buffer))
    appendFileSync(join(folder, 'events.jsonl'), `${stringifyJson(row(at, i))}\n`)
  }
  appendFileSync(join(folder, 'events.jsonl'), tail.join('\n'))
  return folder
}
