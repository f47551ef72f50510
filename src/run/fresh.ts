import { utimes } from 'node:fs/promises'

/** What a living window keeps fresh and was not touched for so long is of one that is gone, however slow or long asleep it may have been. */
export const goneMs = 10 * 60_000
/** A recording without an end that was not written to for so long is not going on: time for a window that is slow to do what keepFresh does. */
export const quietMs = 60_000

/** Shows other windows that a recording goes on: marks its file as changed, now and three times a minute until what is returned is called. An evaluation may take longer than others wait for a sign. */
export function keepFresh(file: string): () => void {
  return repeatedly(() => { touch(file).catch(() => {}) }) // it may be gone, which others say
}

/** Does it now, and three times a minute until what is returned is called. */
export function repeatedly(action: () => void): () => void {
  action()
  const timer = setInterval(action, quietMs / 3).unref()
  return () => { clearInterval(timer) }
}

/** Marks a file as changed now. Rejects with what the system says. */
export async function touch(file: string): Promise<void> {
  const now = new Date()
  await utimes(file, now, now)
}
