import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { goneMs, repeatedly, touch } from './fresh'
import { randomHex } from './randomHex'

/** An empty file of such a name in a run's folder says that a window has a use for the run, as long as that window keeps it fresh. docs/run-format.md names it. */
export const isUseMark = (name: string): boolean => /^in-use-[0-9a-f]{8}$/.test(name)

/**
 * Tells other windows which runs this one has a use for: a mark in the folder of each. It goes when the run is not used any more, but stays when the window goes, since a
 * reload may bring back what it shows; like that of a window that crashed it counts for nothing after a while. Where none can be written the others do not know, and nothing
 * else is wrong.
 */
export class UseMarks {
  private readonly name = `in-use-${randomHex(4)}`
  /** What takes the mark of a folder away, and what only ceases to keep it fresh. */
  private readonly marked = new Map<string, { remove: () => void; leave: () => void }>()

  /** @param used folders of the runs */
  constructor(private readonly used: () => Iterable<string>) {}

  /** Something may be used that was not, or not any more. Nobody waits for it. */
  update(): void {
    const used = new Set(this.used())
    for (const [folder, { remove }] of this.marked) if (!used.has(folder)) { this.marked.delete(folder); remove() }
    for (const folder of used) if (!this.marked.has(folder)) this.marked.set(folder, this.mark(folder))
  }

  /** Whether another window has a use for the run in this folder; true also where that cannot be found out. */
  async elsewhere(folder: string): Promise<boolean> {
    try { return (await this.others(folder)).some(({ fresh }) => fresh) } catch { return true }
  }

  dispose(): void { for (const { leave } of this.marked.values()) leave() }

  private mark(folder: string): { remove: () => void; leave: () => void } {
    const file = join(folder, this.name)
    let last = this.clean(folder).catch(() => {})
    const next = (action: () => Promise<unknown>): void => { last = last.then(action).then(() => {}, () => {}) } // in their order: what is removed must not come back
    const leave = repeatedly(() => { next(() => touch(file).catch(() => writeFile(file, ''))) }) // it may have been taken for that of a window that is gone
    return { leave, remove: () => { leave(); next(() => rm(file, { force: true })) } }
  }

  /** Removes what windows left here that are gone. */
  private async clean(folder: string): Promise<void> {
    for (const { name, fresh } of await this.others(folder)) if (!fresh) await rm(join(folder, name), { force: true })
  }

  /** The marks of other windows. Rejects where the system does not say. */
  private async others(folder: string): Promise<{ name: string; fresh: boolean }[]> {
    const names = (await thereOr(readdir(folder), [])).filter((name) => isUseMark(name) && name !== this.name)
    return Promise.all(names.map(async (name) => ({ name, fresh: Date.now() - await thereOr(stat(join(folder, name)).then(({ mtimeMs }) => mtimeMs), 0) < goneMs })))
  }
}

/** What is read of a file or folder, or `otherwise` where it is not there. */
async function thereOr<T>(read: Promise<T>, otherwise: T): Promise<T> {
  try { return await read } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise
    throw error
  }
}
