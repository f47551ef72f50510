import { open, type FileHandle } from 'node:fs/promises'
import { readSafetensorsHeader, safetensorsHeader, type SafeTensorsHeader } from '../formats/safetensors'
import { parseJson, stringifyJson } from '../protocol/json'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import { readDocument } from './runFormat'
import { keptRows, readEvents, type StoredRun } from './store'

/** The one tensor of a recording: [rows, 2, B, C, H, W], the state x and the estimate x̂₀ of every row that is kept. */
const tensorName = 'states'
const formatName = 'dpm-solver-run'

/** What stands before the states in a `.dpmrun` file: the header of a safetensors file that says what run.json and events.jsonl say. Throws RangeError where that is too much for one. */
export function recordingHeader(run: Pick<StoredRun, 'document' | 'rows' | 'end'>): Uint8Array {
  const { document, rows, end } = run
  const { rowBytes } = document.states
  const kept = new Map(keptRows(run).map(({ row }, place) => [row, place]))
  // Of states that were not kept nothing is found at the end.
  const events = [...rows.map((row) => ({ ...row, offset: (kept.get(row.row) ?? kept.size) * rowBytes })), ...end ? [end] : []].map((event) => `${stringifyJson(event)}\n`).join('')
  return safetensorsHeader(
    { [tensorName]: { dtype: 'F32', shape: [kept.size, 2, ...document.shape], offsets: [0, kept.size * rowBytes] } },
    { format: formatName, version: String(document.version), run: stringifyJson(document), events },
  )
}

/** Reads a `.dpmrun` file; its states stay in it. Throws DpmError (`runFolder`) naming the file where it is none, or was cut short. */
export async function openRecording(path: string): Promise<StoredRun> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    const handle = file
    const { size } = await handle.stat()
    const header = await readSafetensorsHeader(async (from, length) => (await handle.read(new Uint8Array(length), 0, length, from)).buffer.subarray(0, Math.max(0, Math.min(length, size - from))), size)
    return recordedIn(path, header)
  } catch (error) {
    if (error instanceof DpmError) throw error
    throw noRecording(path, error instanceof Error ? error.message : String(error), error)
  } finally {
    await file?.close()
  }
}

function recordedIn(path: string, { tensors, metadata, dataOffset }: SafeTensorsHeader): StoredRun {
  const { format, version, run, events = '' } = metadata
  if (format !== formatName || run === undefined) throw noRecording(path, t('it is a safetensors file, but not one of a run'))
  if (version !== '1' && version !== '2') throw noRecording(path, t('it is of version {0} of the format, and this extension reads versions 1 and 2', version ?? '?'))
  const document = readDocument(parsed(run))
  const states = tensors[tensorName]
  if (String(document?.version) !== version || !document || !states || states.dtype !== 'F32' || JSON.stringify(states.shape.slice(1)) !== JSON.stringify([2, ...document.shape])) throw noRecording(path, t('what it says of its run does not fit its states'))
  const read = readEvents(document, events, states.offsets[1] - states.offsets[0])
  const base = dataOffset + states.offsets[0]
  return { folder: path, name: null, document, statesPath: path, ...read, rows: read.rows.map((row) => ({ ...row, offset: base + row.offset })) }
}

function parsed(text: string): unknown {
  try { return parseJson(text) } catch { return undefined }
}

function noRecording(path: string, why: string, cause?: unknown): DpmError {
  return new DpmError({ reason: 'runFolder', message: t('{0} cannot be opened as a recorded run: {1}.', path, why), advice: t('Export the run again, or copy the file again.') }, { cause })
}
