import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { t } from '../sampler/text'

/**
 * Makes a folder and the folders above it that are missing, one by one: Node 20's own `recursive` never returns where a file system says
 * that a folder which is there has no place for another (as /proc does). Throws what the system says.
 */
export function makeFolder(path: string): void {
  const missing: string[] = []
  for (let at = resolve(path); !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at)
  for (const folder of missing) {
    try { mkdirSync(folder) } catch (error) { if (codeOf(error) !== 'EEXIST') throw error }
  }
}

const causes: Readonly<Record<string, string>> = {
  ENOSPC: t('there is no space left on the disk'), EDQUOT: t('the disk quota is used up'), EACCES: t('it may not be written'), EPERM: t('it may not be written'), EROFS: t('its file system is read-only'),
  EEXIST: t('it exists already'), ENOTDIR: t('a part of its path is a file'), ENOENT: t('there is no place for it'), EISDIR: t('it is a folder'), EFBIG: t('the file has become too large for the file system'), ENAMETOOLONG: t('its name is too long'),
}

/** Why something could not be written, for the end of a sentence; `special` goes before the usual words for a code. */
export function whyNotWritten(error: unknown, special: Readonly<Record<string, string>> = {}): string {
  const code = codeOf(error)
  return special[code] ?? causes[code] ?? (error instanceof Error ? error.message : String(error))
}

/** True where free space would help. */
export function diskIsFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error))
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? ''
}
