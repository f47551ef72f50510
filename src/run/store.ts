import { open, readdir, readFile, stat, truncate, appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson, stringifyJson } from '../protocol/json'
import type { EndEvent, RowEvent, RunDocument, RunOutcome } from '../protocol/run'
import { DpmError } from '../sampler/errors'

/** A run folder as it was read. docs/run-format.md describes its files. */
export interface StoredRun {
  folder: string
  document: RunDocument
  /** Rows 0 … n − 1 whose states are complete on disk. */
  rows: RowEvent[]
  /** null where the run was interrupted before it could say how it ended. */
  end: EndEvent | null
  outcome: RunOutcome | 'interrupted'
}

/**
 * Reads a run folder. A torn last line of events.jsonl is ignored, and rows are taken as far as they are consecutive and their states
 * are on disk, so that a run killed at any moment can be read. Throws DpmError (`runFolder`) where there is no readable run.json.
 */
export async function openRun(folder: string): Promise<StoredRun> {
  const document = await readDocument(folder)
  const lines = (await readFile(join(folder, 'events.jsonl'), 'utf8').catch(() => '')).split('\n').slice(0, -1) // what follows the last \n is torn
  const stored = await stat(join(folder, document.states.file)).then(({ size }) => size, () => 0)
  const rows: RowEvent[] = []
  let end: EndEvent | null = null
  for (const line of lines) {
    const event = parseLine(line)
    if (isRow(event) && event.row === rows.length && event.offset + document.states.rowBytes <= stored) rows.push(event)
    if (isEnd(event)) end = event
  }
  return { folder, document, rows, end, outcome: end?.outcome ?? 'interrupted' }
}

/** One state of a row: x at its level, or x̂₀ as estimated there. [B, C, H, W] row-major, data range [−1, 1]. Throws DpmError (`runFolder`) where the file ends before it. */
export async function readState(run: Pick<StoredRun, 'folder' | 'document'>, row: Pick<RowEvent, 'row' | 'offset'>, which: 'x' | 'x0'): Promise<Float32Array> {
  const values = new Float32Array(run.document.shape.reduce((product, n) => product * n, 1))
  const bytes = new Uint8Array(values.buffer)
  const file = join(run.folder, run.document.states.file)
  try {
    const handle = await open(file)
    try {
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, row.offset + (which === 'x' ? 0 : bytes.length) + filled)
        if (bytesRead === 0) throw new Error('it ends before this row')
        filled += bytesRead
      }
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw unreadable(`Row ${row.row} of the run cannot be read from ${file}`, error)
  }
  return values
}

/** The runs in the folders directly below `root`, newest first. Folders that are no run are left out; a missing root has none. */
export async function listRuns(root: string): Promise<{ folder: string; document: RunDocument }[]> {
  const names = await readdir(root).catch((): string[] => [])
  const runs = await Promise.all(names.map(async (name) => {
    const folder = join(root, name)
    return readDocument(folder).then((document) => ({ folder, document }), () => undefined)
  }))
  return runs.filter((run) => run !== undefined).sort((a, b) => a.document.created < b.document.created ? 1 : a.document.created > b.document.created ? -1 : a.folder < b.folder ? 1 : -1)
}

/**
 * Closes a run whose engine did not come to it: cuts a torn last line off events.jsonl and appends the end line. The error stays in the
 * folder with what was recorded. A run that has its end line already keeps it.
 */
export async function appendEnd(folder: string, end: EndEvent): Promise<void> {
  const file = join(folder, 'events.jsonl')
  try {
    const bytes = await readFile(file).catch(() => Buffer.alloc(0))
    const whole = bytes.lastIndexOf(0x0a) + 1
    const lastLine = bytes.subarray(bytes.lastIndexOf(0x0a, whole - 2) + 1, whole)
    if (whole > 0 && isEnd(parseLine(lastLine.toString()))) return
    if (whole < bytes.length) await truncate(file, whole)
    await appendFile(file, `${stringifyJson(end)}\n`)
  } catch (error) {
    throw unreadable(`The end of the run cannot be written to ${file}`, error)
  }
}

async function readDocument(folder: string): Promise<RunDocument> {
  const file = join(folder, 'run.json')
  let document: unknown
  try {
    document = parseJson(await readFile(file, 'utf8'))
  } catch (error) {
    throw unreadable(`There is no readable run in ${folder}`, error)
  }
  if (!isDocument(document)) throw unreadable(`${file} is not the description of a run that this version knows`)
  return document
}

function unreadable(what: string, cause?: unknown): DpmError {
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new DpmError({ reason: 'runFolder', message: `${what}${why}.`, advice: 'Choose another run, or generate a new sample.', remedy: { title: 'Run Again', command: 'runAgain' } }, { cause })
}

function parseLine(line: string): unknown {
  try { return parseJson(line) } catch { return undefined }
}

// Run folders are found on disk and may come from elsewhere: what readers rely on is looked at before it is believed.
function isDocument(value: unknown): value is RunDocument {
  const document = value as Partial<RunDocument> | null
  return typeof document === 'object' && document !== null && document.format === 'dpm-solver-run' && document.version === 1
    && typeof document.created === 'string' && Array.isArray(document.shape) && document.shape.length === 4 && document.shape.every((n) => Number.isSafeInteger(n) && n > 0)
    && document.states?.file === 'states.f32' && document.states.rowBytes === 8 * document.shape.reduce((product, n) => product * n, 1)
    && Array.isArray(document.plan?.levels) && Array.isArray(document.plan.steps) && typeof document.recipe === 'object'
}

function isRow(value: unknown): value is RowEvent {
  const row = value as Partial<RowEvent> | null | undefined
  return typeof row === 'object' && row !== null && row.event === 'row' && Number.isSafeInteger(row.row) && Number.isSafeInteger(row.offset) && row.offset! >= 0
    && typeof row.level?.lambda === 'number' && typeof row.x === 'object' && typeof row.x0 === 'object'
}

function isEnd(value: unknown): value is EndEvent {
  const end = value as Partial<EndEvent> | null | undefined
  return typeof end === 'object' && end !== null && end.event === 'end' && (end.outcome === 'finished' || end.outcome === 'stopped' || end.outcome === 'failed')
}
