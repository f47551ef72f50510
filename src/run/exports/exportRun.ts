import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makeFolder, whyNotWritten } from '../../protocol/files'
import type { PreviewMethod } from '../../protocol/run'
import { DpmError } from '../../sampler/errors'
import { exportKinds, type ExportKindName } from './kinds'
import { writers } from './writers'
import { settledRun } from './settled'
import type { VideoPart } from '../../protocol/video'
import { t } from '../../sampler/text'
import type { Metadata } from '../pngText'
import type { StoredRun } from '../store'

/** Makes a WebM file of pictures. Each call resolves to what is ready of the file, and follows on the one before; throws DpmError. */
export interface VideoEncoding {
  /** The size of all pictures, both even. */
  begin(width: number, height: number): Promise<VideoPart[]>
  /** A picture, RGBA without alpha, and for how many ms it is shown. */
  add(rgba: Uint8Array, ms: number): Promise<VideoPart[]>
  end(): Promise<VideoPart[]>
}

/** What an export is told and asks. */
export interface Exporting {
  metadata: Metadata
  /** How states become pictures. */
  method: PreviewMethod
  /** So many rows of all are done. */
  progress: (done: number, of: number) => void
  signal: AbortSignal
  /** For `webm`: only a browser has an encoder. */
  video?: VideoEncoding
}

/**
 * Saves a recorded trajectory in one of the forms of exportKinds. `target`: absolute path of the file, or of the folder that is made. What is
 * there already is replaced only when the new one is whole, and a folder only where it holds nothing but pictures of an earlier export; nothing is left of one that was cancelled or failed. Rows are read one by one. Of a run that may be going on, and does not keep its newest row, what comes after the last row that it keeps is left out (but in tables).
 * Resolves to false where it was cancelled. Throws DpmError (`runFolder`: the recording; `outputFile`: the target).
 */
export async function exportRun(recorded: StoredRun, kind: ExportKindName, target: string, exporting: Exporting): Promise<boolean> {
  const run = kind === 'csv' ? recorded : await settledRun(recorded)
  if (run.rows.length === 0 && recorded.rows.length > 0) {
    throw new DpmError({ reason: 'runFolder', message: t('This run goes on, and keeps the states of its newest step alone.'), advice: t('Export it when it is over, or now as a table (CSV).') })
  }
  if (run.rows.length === 0) throw new DpmError({ reason: 'runFolder', message: t('Nothing of this run was recorded.'), advice: t('Export another run.') })
  const { part, clean } = await partBeside(target)
  try {
    if (exportKinds[kind].extension === null) {
      await mkdir(part)
      await writers[kind](run, { write: (name, pieces) => writeFile(join(part, name), pieces, exporting.signal) }, exporting)
    } else await writers[kind](run, { write: (_name, pieces) => writeFile(part, pieces, exporting.signal) }, exporting)
    if (exporting.signal.aborted) return false
    if (exportKinds[kind].extension === null) await putFolder(part, target)
    else await rename(part, target)
    return true
  } catch (error) {
    if (exporting.signal.aborted) return false
    throw error instanceof DpmError ? error : cannotWrite(target, error)
  } finally {
    await clean()
  }
}

/** The names that a folder of pictures has in it. */
const ownNames = /^x0?-\d+\.png$/

/** Puts a folder of pictures in the place of one from before. Throws DpmError where anything else is there: it is somebody's, and is left alone. */
async function putFolder(part: string, target: string): Promise<void> {
  const there = await readdir(target).catch((error: unknown) => { if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; throw error })
  const foreign = there.find((name) => !ownNames.test(name))
  if (foreign !== undefined) {
    throw new DpmError({ reason: 'outputFile', message: t('The folder {0} holds {1}, which is no picture of an export.', target, foreign), advice: t('Name a folder that is new or empty.') })
  }
  await rm(target, { recursive: true, force: true })
  await rename(part, target)
}

/** A place on the same file system for what is being written; the folder is hidden and goes with `clean`. */
async function partBeside(target: string): Promise<{ part: string; clean: () => Promise<void> }> {
  try {
    makeFolder(dirname(target))
    const scratch = await mkdtemp(join(dirname(target), '.dpm-export-'))
    return { part: join(scratch, basename(target)), clean: () => rm(scratch, { recursive: true, force: true }).catch(() => {}) }
  } catch (error) {
    throw cannotWrite(target, error)
  }
}

/** Bytes that follow on those before, or stand at a place of their own. */
type Piece = Uint8Array | VideoPart
export type Pieces = AsyncIterable<Piece> | Iterable<Piece>

async function writeFile(path: string, pieces: Pieces, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'w')
  try {
    for await (const piece of pieces) {
      if (signal.aborted) return
      if (piece instanceof Uint8Array) await file.appendFile(piece)
      else await file.write(piece.data, 0, piece.data.length, piece.position)
    }
  } finally {
    await file.close()
  }
}

function cannotWrite(target: string, error: unknown): DpmError {
  return new DpmError({ reason: 'outputFile', message: t('{0} cannot be written: {1}.', target, whyNotWritten(error)), advice: t('Choose another folder, or free some space, and export again.') }, { cause: error })
}
