import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parseJson, stringifyJson } from '../protocol/json'
import { isKept, placeOf } from '../protocol/keptRows'
import type { ResumedRun, RunDocument } from '../protocol/run'
import { DpmError } from '../sampler/errors'
import type { LoopMemory } from '../sampler/memory'
import { rebuildable, rebuilt } from '../sampler/rebuild'
import { t } from '../sampler/text'
import { readMemory } from './memoryFile'
import { rowEnds } from './recorder'

/** Where a stopped run goes on: how many rows it has, what its loop remembers (nothing where no network is asked), and the milliseconds that its next row has had already. */
export interface Resumption { rows: number; memory?: LoopMemory; ms: number; rowMs: number; /** That the rows took. */ evaluations: number; /** x̂₀ of the last row, where not all states are kept. */ x0?: Float32Array }

/**
 * Finds out where a stopped run goes on. A memory that is rebuilt from rows may make the last of them again, which is recorded already.
 * @param now the run as it would be begun today; where it would not give the same states, going on is refused
 * @throws DpmError runFolder
 */
export async function resumption(folder: string, { document, last, rowsMs, ms }: ResumedRun, now: RunDocument): Promise<Resumption> {
  const changed = difference(document, now)
  if (changed !== undefined) throw refused(changed)
  if (document.engine.server === undefined && wasWritten(document.model.graph, document.created)) throw refused(t('its model has changed'))
  const { rowBytes, file } = document.states
  const rows = last.row + 1
  // Another window may have gone on with the run.
  if (rowEnds(readFileSync(join(folder, 'events.jsonl'))).length !== rows) throw refused(t('it has gone on since'))
  const read = (row: number, which: 'x' | 'x0'): Float32Array => valuesAt(join(folder, file), placeOf(document, row) * rowBytes + (which === 'x' ? 0 : rowBytes / 2), rowBytes / 2)
  const open = { rows, ms, rowMs: Math.max(0, ms - rowsMs), evaluations: last.evaluations, ...document.version === 1 ? {} : { x0: read(last.row, 'x0') } }
  if (document.recipe.input.task === 'noise') return open
  const memory = await readMemory(folder)
  if (memory?.rows === rows) return { ...open, memory }
  const place = rebuildable(document.plan, rows, (row) => isKept(document, row, last.row))
  if (!place) throw refused(t('it was interrupted before it could write down what it remembers'))
  return { ...open, ms: rowsMs, rowMs: 0, memory: rebuilt(place, read) }
}

/** What differs between a run and what its recipe would be today, as the end of a sentence; undefined where the states will be the same. */
function difference(then: RunDocument, today: RunDocument): string | undefined {
  const plain = (value: unknown): unknown => parseJson(stringifyJson(value ?? null))
  const same = (of: (document: RunDocument) => unknown): boolean => isDeepStrictEqual(plain(of(then)), plain(of(today)))
  if (!same(({ model: { graph, bytes } }) => [graph, bytes])) return t('its model has changed')
  if (!same(({ input }) => [input?.image?.sha256, input?.mask?.sha256, input?.classifier?.bytes])) return t('a file that it is made from has changed')
  if (!same(({ engine: { version, onnxruntime } }) => [version, onnxruntime])) return t('another version of the extension began it')
  if (!same(({ plan: { form, levels, steps, adaptive }, shape, seeds, labels, schedule, model }) => [form, levels, steps, adaptive, shape, seeds, labels, schedule, model.predictionType, model.schedule])) return t('the model is described otherwise now')
  if (!same(({ engine: { provider, intraOpThreads, adapter, server } }) => [provider, intraOpThreads, adapter, server?.url])) {
    const where = ({ engine: { provider, intraOpThreads, server } }: RunDocument): string => server?.url ?? t('{0} with {1} threads', provider, intraOpThreads)
    return t('it was sampled on {0}, and would go on on {1}', where(then), where(today))
  }
  return undefined
}

/** True where a graph, or a file beside it that may hold its weights, was written after that time: another network may have the same size. */
function wasWritten(graph: string, since: string): boolean {
  if (graph === '') return false
  const folder = dirname(graph)
  try {
    return readdirSync(folder).filter((name) => /\.(onnx\w*|data|bin)$/.test(name)).some((name) => statSync(join(folder, name)).mtimeMs > Date.parse(since))
  } catch {
    return false // which the model's own reading tells of
  }
}

function valuesAt(path: string, offset: number, bytes: number): Float32Array {
  const values = new Float32Array(bytes / Float32Array.BYTES_PER_ELEMENT)
  const file = openSync(path, 'r')
  try {
    if (readSync(file, new Uint8Array(values.buffer), 0, bytes, offset) < bytes) throw refused(t('its recording was cut short'))
  } finally {
    closeSync(file)
  }
  return values
}

function refused(why: string): DpmError {
  return new DpmError({ reason: 'runFolder', message: t('The run cannot be resumed exactly: {0}.', why), advice: t('Run its recipe again.'), remedy: { title: t('Run Again'), command: 'runAgain' } })
}
