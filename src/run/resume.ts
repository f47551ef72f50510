import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readSafetensorsHeader } from '../formats/safetensors'
import { isKept } from '../protocol/keptRows'
import { spentMs } from '../protocol/progress'
import { memoryFile, type EndEvent, type ResumedRun } from '../protocol/run'
import { isCutShort } from '../protocol/view'
import { rebuildable } from '../sampler/rebuild'
import { t } from '../sampler/text'
import { quietMs } from './fresh'
import type { StoredRun } from './store'

/** What is known of a run that may be gone on with. */
type Stopped = Pick<StoredRun, 'folder' | 'document' | 'rows' | 'end' | 'outcome'>
type Looked = Omit<Stopped, 'end'> & { end: Pick<EndEvent, 'error'> | null }

/** Why a run that was stopped, or whose engine exited, cannot be resumed, in one sentence, and after how many milliseconds it may be otherwise; null where it can. */
export async function whyNotResumed({ folder, document, rows, end, outcome }: Looked): Promise<{ why: string; againMs?: number } | null> {
  if (outcome !== 'interrupted' && !isCutShort({ status: outcome, error: end?.error ?? null })) return { why: t('The run was not stopped.') }
  // Before all else: of one that goes on it is not known yet what it lacks when it is stopped.
  if (outcome === 'interrupted') {
    const quiet = Date.now() - await stat(join(folder, 'events.jsonl')).then(({ mtimeMs }) => mtimeMs, () => 0)
    if (quiet < quietMs) return { why: t('It was written to less than a minute ago, and may still be going in another window.'), againMs: quietMs - quiet }
  }
  if (rows.length === 0) return { why: t('Nothing was recorded: run again.') }
  const kept = (row: number): boolean => isKept(document, row, rows.length - 1)
  if (document.recipe.input.task !== 'noise' && await rememberedRows(folder) !== rows.length && !rebuildable(document.plan, rows.length, kept)) {
    // That every state was kept would have sufficed is worth knowing.
    return rebuildable(document.plan, rows.length, () => true)
      ? { why: t('What it remembers was not written down, and its method needs states that were not kept.') }
      : { why: t('What it remembers was not written down, and its method needs more than the recorded steps.') }
  }
  return null
}

/** A stopped run with at least one row, for the engine to go on with. */
export function resumedRun({ document, rows, end }: Stopped): ResumedRun {
  const rowsMs = spentMs(rows)
  const { ms = rowsMs, evaluationMs, accepted, rejected } = end ?? {}
  return {
    document, last: rows.at(-1)!, rowsMs, ms, ...(evaluationMs === undefined ? {} : { evaluationMs }), ...(accepted === undefined ? {} : { accepted }), ...(rejected === undefined ? {} : { rejected }),
  }
}

/** How many rows a run had that wrote down what it remembers; undefined where there is no such file. */
async function rememberedRows(folder: string): Promise<number | undefined> {
  const file = await open(join(folder, memoryFile)).catch(() => undefined)
  if (!file) return undefined
  try {
    const { size } = await file.stat()
    const { metadata } = await readSafetensorsHeader(async (from, length) => {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, from)
      return buffer.subarray(0, bytesRead)
    }, size)
    return Number(metadata['rows'])
  } catch {
    return undefined
  } finally {
    await file.close()
  }
}
