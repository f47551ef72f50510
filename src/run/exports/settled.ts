import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { stays } from '../../protocol/keptRows'
import { quietMs } from '../fresh'
import type { StoredRun } from '../store'

/**
 * A run as far as its states do not change any more: of one that may be going on, and does not keep the states of its newest row, up to the last row whose states it keeps
 * (which may be none). Any other run is given back.
 */
export async function settledRun(run: StoredRun): Promise<StoredRun> {
  const { folder, document, rows, end } = run
  const settled = [...rows]
  while (settled.length > 0 && !stays(document, settled.length - 1)) settled.pop()
  if (end || settled.length === rows.length) return run
  const written = await stat(join(folder, 'events.jsonl')).then(({ mtimeMs }) => mtimeMs, () => 0) // a run in one file goes on nowhere
  return Date.now() - written < quietMs ? { ...run, rows: settled } : run
}
