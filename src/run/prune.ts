import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { goneMs } from './fresh'
import { pinFile } from './pins'
import { ownFiles } from './runList'
import { openRun, runFolders } from './store'
import { isUseMark } from './useMarks'

/** How many recordings are kept, and how many megabytes (2^20 bytes) of them; those that are pinned come on top. */
export interface RecordLimits { keepRuns: number; maxDiskMB: number }

/**
 * Removes the oldest recordings below `root`, as many as are beyond the limits; never one that is pinned, one whose folder `inUse` says so of at that moment, nor one that
 * may still be written to. Resolves to the names of those removed. Rejects where the system does not let one be removed.
 */
export async function pruneRuns(root: string, { keepRuns, maxDiskMB }: RecordLimits, inUse: (folder: string) => boolean | Promise<boolean>): Promise<string[]> {
  const removed: string[] = []
  let count = 0
  let bytes = 0
  for (const folder of await runFolders(root)) {
    const size = await sizeOf(folder)
    if (size === undefined) continue
    count++
    bytes += size
    if ((count <= keepRuns && bytes <= maxDiskMB * 2 ** 20) || await mayBeGoing(folder) || await inUse(folder)) continue
    await rm(folder, { recursive: true, force: true })
    removed.push(basename(folder))
  }
  return removed
}

/** Bytes of a recording; undefined where the folder is none, holds more than one, or is pinned. */
async function sizeOf(folder: string): Promise<number | undefined> {
  const names = await readdir(folder).catch((): string[] => [])
  if (!names.includes('run.json') || names.includes(pinFile) || names.some((name) => !ownFiles.has(name) && !isUseMark(name))) return undefined
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then(({ size }) => size, () => 0)))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function mayBeGoing(folder: string): Promise<boolean> {
  const written = await stat(join(folder, 'events.jsonl')).then(({ mtimeMs }) => mtimeMs, () => 0)
  return Date.now() - written < goneMs && await openRun(folder).then(({ end }) => end === null, () => true)
}
