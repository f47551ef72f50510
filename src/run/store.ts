import { open, readdir, readFile, stat, truncate, appendFile, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { whyNotWritten } from '../protocol/files'
import { parseJson, stringifyJson } from '../protocol/json'
import { isKept, stays } from '../protocol/keptRows'
import type { EndEvent, RowEvent, RowStates, RunDocument, RunOutcome } from '../protocol/run'
import { isObject } from '../recipe/path'
import { DpmError, type Remedy } from '../sampler/errors'
import { t } from '../sampler/text'
import { nameOfRun } from './givenName'
import { mostRows, readDocument, readEnd, readRow } from './runFormat'

/** A run as it was read, from its folder or from a file that holds it whole. docs/run-format.md describes both. */
export interface StoredRun {
  folder: string
  /** Given by the user; null where it has none. */
  name: string | null
  document: RunDocument
  /** Absolute path of the file that holds the states, at the rows' offsets. */
  statesPath: string
  /** Rows 0 … n − 1; the states of those that are kept are complete on disk. */
  rows: RowEvent[]
  /** null where the run was interrupted before it could say how it ended. */
  end: EndEvent | null
  outcome: RunOutcome | 'interrupted'
}

/** The rows of a run whose states are there: all, unless it keeps fewer. */
export function keptRows({ document, rows }: Pick<StoredRun, 'document' | 'rows'>): RowEvent[] {
  return rows.filter(({ row }) => isKept(document, row, rows.length - 1))
}

/**
 * Reads a run folder. A torn last line of events.jsonl is ignored, and rows are taken as far as they are consecutive and their states
 * are on disk, so that a run killed at any moment can be read. Throws DpmError (`runFolder`) where there is no readable run.json.
 */
export async function openRun(folder: string): Promise<StoredRun> {
  const document = await documentOf(folder)
  const events = await readFile(join(folder, 'events.jsonl'), 'utf8').catch(() => '')
  const statesPath = join(folder, document.states.file)
  const stored = await stat(statesPath).then(({ size }) => size, () => 0)
  return { folder, name: await nameOfRun(folder), document, statesPath, ...readEvents(document, events, stored) }
}

/**
 * The text of events.jsonl, with `stored` bytes of states behind it: rows as far as they are consecutive and complete, and how the run ended.
 * What follows the last line break is torn, and ignored.
 */
export function readEvents(document: RunDocument, events: string, stored: number): Pick<StoredRun, 'rows' | 'end' | 'outcome'> {
  const lines = events.split('\n').slice(0, -1)
  const { plan: { adaptive, levels }, shape: [batch], states } = document
  const most = adaptive ? mostRows : levels.length
  const isThere = ({ offset }: RowEvent): boolean => offset + states.rowBytes <= stored
  const fits = (event: RowEvent): boolean => {
    const { row, estimateFrom, lanes } = event
    return row < most && estimateFrom <= row && (!stays(document, row) || isThere(event)) && (lanes === undefined || lanes.length === batch && lanes.every((lane, k) => lane.item === k && lane.row <= row))
  }
  const rows: RowEvent[] = []
  let end: EndEvent | null = null
  let whole = true
  for (const line of lines) {
    const event = parseLine(line)
    const [row, ended] = [readRow(event), readEnd(event)]
    if (row?.row === rows.length && fits(row)) rows.push(row)
    // What else there is may be of a later version; it takes no row's place.
    else if (!isObject(event) || event['event'] === 'row') whole = false
    end = ended ?? end
  }
  // Where the newest row is gone, the places of those before it may hold others.
  if (!whole || rows.length > 0 && !isThere(rows.at(-1)!)) while (rows.length > 0 && !stays(document, rows.length - 1)) rows.pop()
  return { rows, end, outcome: end?.outcome ?? 'interrupted' }
}

/** One state of a row: x at its level, or x̂₀ as estimated there. [B, C, H, W] row-major, data range [−1, 1]. Throws DpmError (`runFolder`) where the file ends before it. */
export async function readState(run: Recorded, row: Place, which: 'x' | 'x0'): Promise<Float32Array> {
  return withStates(run, row, (read) => read(row, which, 0, valuesOf(run)))
}

/** Both states of several rows, one after the other through one handle; in the place of a row that cannot be read, a DpmError (`runFolder`). */
export async function readStates(run: Recorded, rows: readonly Place[]): Promise<(RowStates | DpmError)[]> {
  const [first] = rows
  if (!first) return []
  const states = async (read: ReadValues): Promise<(RowStates | DpmError)[]> => {
    const all: (RowStates | DpmError)[] = []
    for (const row of rows) {
      try {
        all.push({ row: row.row, x: await read(row, 'x', 0, valuesOf(run)), x0: await read(row, 'x0', 0, valuesOf(run)) })
      } catch (error) {
        all.push(unreadableRow(row, run.statesPath, error))
      }
    }
    return all
  }
  return withStates(run, first, states).catch((error: unknown) => rows.map((row) => unreadableRow(row, run.statesPath, error)))
}

/** Reads `count` values of a row's state from value number `first` of [B, C, H, W] on. Throws DpmError (`runFolder`) where the file ends before them. */
export type ReadValues = (row: Place, which: 'x' | 'x0', first: number, count: number) => Promise<Float32Array>

/** Lets `use` read what it needs through one handle. Throws DpmError (`runFolder`), which names `row`, where the file cannot be opened; and what `use` throws. */
export async function withStates<T>(run: Recorded, row: Place, use: (read: ReadValues) => Promise<T>): Promise<T> {
  const file = run.statesPath
  let handle: FileHandle
  try { handle = await open(file) } catch (error) { throw unreadableRow(row, file, error) }
  try {
    return await use(async (at, which, first, count) => {
      try {
        const values = await valuesAt(handle, at.offset + 4 * ((which === 'x' ? 0 : valuesOf(run)) + first), count)
        if (!stays(run.document, at.row) && await isWrittenOver(run, at.row)) throw notKept(at, file)
        return values
      } catch (error) { throw unreadableRow(at, file, error) }
    })
  } finally {
    await handle.close()
  }
}

/** Bytes of events.jsonl that its last lines are looked for in, and more where a line is longer. */
const tailBytes = 2 ** 16

/**
 * True where a row whose states do not stay is not the newest of its run: they may have been written over, also just now, by an engine that goes on with it. Their place is taken
 * by the row after the next one, when the next one has its line: looked at after reading, no line means that what was read is whole.
 */
async function isWrittenOver({ statesPath, document }: Recorded, row: number): Promise<boolean> {
  if (basename(statesPath) !== document.states.file) return false // all in one file, which nobody goes on with
  const file = await open(join(dirname(statesPath), 'events.jsonl'))
  try {
    const { size } = await file.stat()
    for (let length = tailBytes; ; length *= 2) {
      const from = Math.max(0, size - length)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
      const newest = buffer.toString('utf8', 0, bytesRead).split('\n').slice(from === 0 ? 0 : 1, -1).reduce<number | undefined>((last, line) => readRow(parseLine(line))?.row ?? last, undefined)
      if (newest !== undefined || from === 0) return newest !== row
    }
  } finally {
    await file.close()
  }
}

/** What is needed of a run to read its states. */
export type Recorded = Pick<StoredRun, 'statesPath' | 'document'>
type Place = Pick<RowEvent, 'row' | 'offset'>

/** How many values one state of the run has. */
export const valuesOf = ({ document }: Recorded): number => document.shape.reduce((product, n) => product * n, 1)

async function valuesAt(handle: FileHandle, offset: number, count: number): Promise<Float32Array> {
  const values = new Float32Array(count)
  const bytes = new Uint8Array(values.buffer)
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, offset + filled)
    if (bytesRead === 0) throw new Error(t('it ends before this row'))
    filled += bytesRead
  }
  return values
}

/** Folders directly below `root` that are named as runs are, newest first; a missing root has none. */
export async function runFolders(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory() && /^\d{8}-\d{6}-/.test(entry.name)).map(({ name }) => name).sort().reverse().map((name) => join(root, name))
}

/** The newest run below `root` that can be read, or undefined. */
export async function newestRun(root: string): Promise<StoredRun | undefined> {
  for (const folder of await runFolders(root)) {
    const run = await openRun(folder).catch(() => undefined)
    if (run) return run
  }
  return undefined
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
    if (whole > 0 && readEnd(parseLine(lastLine.toString()))) return
    if (whole < bytes.length) await truncate(file, whole)
    await appendFile(file, `${stringifyJson(end)}\n`)
  } catch (error) {
    throw unreadable(t('The end of the run cannot be written to {0}', file), error)
  }
}

async function documentOf(folder: string): Promise<RunDocument> {
  const file = join(folder, 'run.json')
  let json: unknown
  try {
    json = parseJson(await readFile(file, 'utf8'))
  } catch (error) {
    throw unreadable(t('There is no readable run in {0}', folder), error)
  }
  const document = readDocument(json)
  if (!document) throw unreadable(t('{0} is not the description of a run that this version knows', file))
  return document
}

const unreadableRow = ({ row }: Place, file: string, cause: unknown): DpmError => cause instanceof DpmError ? cause : unreadable(t('Row {0} of the run cannot be read from {1}', row, file), cause, { title: t('Run Again'), command: 'runAgain' })

const notKept = ({ row }: Place, file: string): DpmError => new DpmError({
  reason: 'runFolder', message: t('Row {0} of the run cannot be read from {1}: its states were not kept.', row, file), advice: t('Choose a step whose states are kept, or wait until the run is over.'),
})

function unreadable(what: string, cause?: unknown, remedy?: Remedy): DpmError {
  const why = cause instanceof Error ? whyNotWritten(cause, { ENOENT: t('it is not there any more'), EACCES: t('it may not be read'), EPERM: t('it may not be read') }) : undefined
  return new DpmError({ reason: 'runFolder', message: why === undefined ? t('{0}.', what) : t('{0}: {1}.', what, why), advice: t('Choose another run, or generate a new sample.'), ...remedy ? { remedy } : {} }, { cause })
}

function parseLine(line: string): unknown {
  try { return parseJson(line) } catch { return undefined }
}
