import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { attemptFile } from '../protocol/attemptFile'
import { isObject } from '../recipe/path'
import { alive } from './alive'
import type { Memory } from './memory'

/** What may end this process in a driver, where no exception tells of it: written down before it is tried, so that the next engine does not die of it too. */
export class Attempts {
  private readonly going = new Set<string>()

  constructor(private readonly memory: Memory) {}

  /** Takes what engines that are gone were trying into the memory. Once, before anything is tried. */
  takeUp(): void {
    const { file } = this.memory
    if (file === null) return
    const begin = basename(attemptFile(file, ''))
    for (const name of names(dirname(file)).filter((other) => other.startsWith(begin))) {
      const pid = Number(name.slice(begin.length))
      if (pid !== process.pid && alive(pid)) continue
      const left = join(dirname(file), name)
      const { machine, keys } = read(left)
      if (machine === this.memory.machine && keys.length > 0) this.memory.update((known) => ({ ...known, ended: { ...known.ended, ...Object.fromEntries(keys.map((key) => [key, true as const])) } }))
      rmSync(left, { force: true })
    }
  }

  /** Whether trying it ended an engine on this machine. */
  ended(key: string): boolean { return this.memory.known.ended?.[key] === true }

  async during<T>(key: string, work: () => Promise<T>): Promise<T> {
    const exits = (): void => { this.say([]) } // process.exit: nobody’s driver did that
    this.going.add(key)
    this.say([...this.going])
    process.once('exit', exits)
    try { return await work() } finally {
      process.off('exit', exits)
      this.going.delete(key)
      this.say([...this.going])
    }
  }

  private say(keys: readonly string[]): void {
    const { file, machine } = this.memory
    if (file === null) return
    const own = attemptFile(file, process.pid)
    try {
      if (keys.length === 0) { rmSync(own, { force: true }); return }
      mkdirSync(dirname(own), { recursive: true })
      writeFileSync(own, JSON.stringify({ machine, keys }))
    } catch { /* a folder that cannot be written is done without */ }
  }
}

function names(folder: string): string[] {
  try { return readdirSync(folder) } catch { return [] }
}

function read(file: string): { machine: unknown; keys: string[] } {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isObject(content) && Array.isArray(content['keys'])) return { machine: content['machine'], keys: content['keys'].filter((key) => typeof key === 'string') }
  } catch { /* half written: then nothing was tried yet */ }
  return { machine: undefined, keys: [] }
}
