import { rmSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { goingMs, keepFresh } from './prune'
import { isRunId } from './runView'

/** Such a file beside the run folders lists the runs that a window has a use for, one id a line. docs/run-format.md names it. */
const markName = /^\.in-use-[0-9a-f]{16}$/

/**
 * Tells other windows that record into the same folder which runs this one has a use for. The mark is kept fresh as a going run is, so that of a window that crashed
 * holds nothing for long. Where it cannot be written the others do not know, and nothing else is wrong.
 */
export class WindowMark {
  private readonly name = `.in-use-${Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
  /** What was written last, and where. */
  private written: { path: string; text: string; leave: () => void } | undefined
  private asked = false
  private working = false
  private disposed = false

  /** @param root the folder of the run folders, as it is now @param used ids of the runs */
  constructor(private readonly root: () => string, private readonly used: () => Iterable<string>) {}

  /** Something may be used that was not, or not any more. Nobody waits for it. */
  update(): void {
    this.asked = true
    if (!this.working) void this.workOff()
  }

  /** Runs that other windows have a use for at this moment. */
  others(): Promise<Set<string>> { return markedRuns(this.root(), this.name) }

  dispose(): void {
    this.disposed = true
    this.erase(({ path }) => { rmSync(path, { force: true }) })
  }

  private async workOff(): Promise<void> {
    this.working = true
    while (this.asked) {
      await Promise.resolve() // several changes of a moment are one
      this.asked = false
      await this.write().catch(() => {})
    }
    this.working = false
  }

  private async write(): Promise<void> {
    const text = [...new Set(this.used())].map((runId) => `${runId}\n`).join('')
    if (this.disposed) return
    if (text === '') {
      await this.erase(({ path }) => rm(path, { force: true }))
      return
    }
    const path = join(this.root(), this.name)
    if (this.written?.path === path && this.written.text === text) return
    if (this.written?.path !== path) await this.erase(({ path: before }) => rm(before, { force: true }))
    // Others never read half of it.
    await writeFile(`${path}.part`, text)
    await rename(`${path}.part`, path)
    this.written?.leave()
    this.written = { path, text, leave: keepFresh(path) }
    if (this.disposed) this.dispose() // meanwhile
  }

  private erase<T>(remove: (written: { path: string }) => T): T | undefined {
    const { written } = this
    this.written = undefined
    written?.leave()
    return written && remove(written)
  }
}

/** Ids of the runs below `root` that living windows have marked, without those of the window whose mark has the name `own`. Removes the marks of windows that are gone for long. */
async function markedRuns(root: string, own: string): Promise<Set<string>> {
  const names = (await readdir(root).catch((): string[] => [])).filter((name) => markName.test(name) && name !== own)
  const lists = await Promise.all(names.map(async (name) => {
    const path = join(root, name)
    const quietMs = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, () => Infinity)
    if (quietMs < goingMs) return (await readFile(path, 'utf8').catch(() => '')).split('\n')
    await rm(path, { force: true }).catch(() => {})
    return []
  }))
  return new Set(lists.flat().filter(isRunId))
}
