import { closeSync, constants, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, renameSync, rmdirSync, unlinkSync, writeFileSync, writeSync, writevSync } from 'node:fs'
import { join } from 'node:path'
import { diskIsFull, makeFolder, whyNotWritten } from '../protocol/files'
import { stringifyJson } from '../protocol/json'
import { bytesOfRows, placeOf } from '../protocol/keptRows'
import type { EndEvent, RowEvent, RunDocument } from '../protocol/run'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'

/**
 * Writes a run folder: run.json once, then for every row first its states and then its line, so that a line always points at complete states. Where not all states are
 * kept, they take the place of a row's that is not the newest. Writing is synchronous: a row's bytes are with the operating system before the next evaluation, and a killed engine loses none of them.
 * Every method throws DpmError `runFolder`.
 */
export class Recorder {
  private readonly states: number
  private readonly events: number
  /** False where the file system does not count the names of a file, which tell whether it was deleted. */
  private readonly namesCounted: boolean
  private stateBytes = 0
  private eventBytes = 0

  /**
   * @param document what is to be recorded, as run.json says it
   * @param rows of a recording that is gone on with: so many stay, the rest is cut off
   */
  constructor(private readonly folder: string, private readonly document: RunDocument, rows?: number) {
    if (rows !== undefined) {
      try {
        this.events = openSync(join(folder, 'events.jsonl'), constants.O_WRONLY | constants.O_APPEND)
        this.states = openSync(join(folder, 'states.f32'), constants.O_WRONLY)
        this.eventBytes = lengthOfRows(readFileSync(join(folder, 'events.jsonl')), rows)
        this.stateBytes = bytesOfRows(document, rows)
        ftruncateSync(this.events, this.eventBytes)
        ftruncateSync(this.states, this.stateBytes)
        this.namesCounted = fstatSync(this.states).nlink > 0
      } catch (error) {
        throw recordError(folder, error)
      }
      return
    }
    const undo: (() => void)[] = []
    const create = (name: string, flags: 'ax' | 'wx'): number => {
      const path = join(folder, name)
      const file = openSync(path, flags)
      undo.unshift(() => { closeSync(file); unlinkSync(path) })
      return file
    }
    try {
      if (!existsSync(folder)) undo.unshift(() => { rmdirSync(folder) })
      makeFolder(folder)
      this.states = create('states.f32', 'wx')
      this.events = create('events.jsonl', 'ax')
      this.namesCounted = fstatSync(this.states).nlink > 0
      const unfinished = join(folder, 'run.json.part')
      undo.unshift(() => { unlinkSync(unfinished) })
      writeFileSync(unfinished, stringifyJson(document, 1))
      renameSync(unfinished, join(folder, 'run.json'))
    } catch (error) {
      for (const action of undo) try { action() } catch { /* It was not made. */ }
      throw recordError(folder, error)
    }
  }

  /** Writes x and x̂₀, then appends the row's line. */
  row(row: Omit<RowEvent, 'event' | 'offset'>, x: Float32Array, x0: Float32Array): RowEvent {
    const event: RowEvent = { event: 'row', ...row, offset: placeOf(this.document, row.row) * this.document.states.rowBytes }
    if (this.namesCounted && fstatSync(this.states).nlink === 0) throw deletedError(this.folder)
    try {
      const end = event.offset + writeAll(this.states, [bytesOf(x), bytesOf(x0)], event.offset)
      this.append(event)
      this.stateBytes = Math.max(this.stateBytes, end)
    } catch (error) {
      // What stands in the files stays whole rows; a place that was written over was no kept row's.
      tryTruncate(this.states, this.stateBytes)
      tryTruncate(this.events, this.eventBytes)
      throw recordError(this.folder, error)
    }
    return event
  }

  /** The last line. Closes the files. */
  end(event: EndEvent): void {
    try { this.append(event) } catch (error) {
      tryTruncate(this.events, this.eventBytes)
      throw recordError(this.folder, error)
    } finally {
      closeSync(this.states)
      closeSync(this.events)
    }
  }

  private append(event: RowEvent | EndEvent): void {
    const line = Buffer.from(`${stringifyJson(event)}\n`)
    for (let done = 0; done < line.length;) done += writeSync(this.events, line, done)
    this.eventBytes += line.length
  }
}

/** Where the line of each row ends in events.jsonl, in bytes; a torn last line is none. */
export function rowEnds(events: Buffer): number[] {
  const ends: number[] = []
  for (let start = 0, end = events.indexOf(0x0a); end >= 0; start = end + 1, end = events.indexOf(0x0a, start)) if (events.subarray(start, end).includes('"event":"row"')) ends.push(end + 1)
  return ends
}

/** Bytes of the lines of the first rows of events.jsonl. */
function lengthOfRows(events: Buffer, rows: number): number {
  const end = rows === 0 ? 0 : rowEnds(events)[rows - 1]
  if (end === undefined) throw new Error(`it has fewer than ${rows} rows`)
  return end
}

/** Writes all bytes from `offset` on, however many calls it takes (a call may write a part); returns how many. */
function writeAll(file: number, parts: Uint8Array[], offset: number): number {
  const total = parts.reduce((sum, part) => sum + part.byteLength, 0)
  let done = writevSync(file, parts, offset)
  while (done < total) {
    let skip = done
    const rest = parts.flatMap((part) => {
      const from = Math.min(skip, part.byteLength)
      skip -= from
      return from < part.byteLength ? [part.subarray(from)] : []
    })
    done += writevSync(file, rest, offset + done)
  }
  return total
}

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

function tryTruncate(file: number, length: number): void {
  try { ftruncateSync(file, length) } catch { /* The line that would point there was never written. */ }
}

/** Nobody could read what would be recorded further. */
function deletedError(folder: string): DpmError {
  return new DpmError({ reason: 'runFolder', message: t('The run cannot be recorded in {0}: it was deleted.', folder), advice: t('Run again.'), remedy: { title: t('Run Again'), command: 'runAgain' } })
}

function recordError(folder: string, error: unknown): DpmError {
  return new DpmError({
    reason: 'runFolder', message: t('The run cannot be recorded in {0}: {1}.', folder, whyNotWritten(error, { EEXIST: t('it already holds a run') })),
    advice: diskIsFull(error) ? t('Free some space, or record in another folder.') : t('Record in another folder.'), remedy: { title: t('Open Settings'), command: 'openSettings' },
  }, { cause: error })
}
