import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The name that a user gave a run lies in this file of its folder; docs/run-format.md names it. */
export const nameFile = 'name'
/** Characters of one. */
export const longestName = 200

/** The name that a user gave a run; null where it has none. */
export async function nameOfRun(folder: string): Promise<string | null> {
  return (await readFile(join(folder, nameFile), 'utf8').catch(() => '')).trim().slice(0, longestName) || null
}
