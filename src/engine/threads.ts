import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'

/** How many threads an evaluation takes, and from what that follows. */
export interface Threads { asked: number; used: number; cores: number; load: number }

let own = { at: performance.now(), used: 0, load: 0 }

/** Physical cores: two threads on one gain nothing. Where the system does not tell, half of an even number above 2 is taken for them on x64, where cores usually have two threads. */
export function physicalCores(): number {
  try {
    const pairs = readFileSync('/proc/cpuinfo', 'utf8').split('\n\n').map((block) => [/^physical id\s*:\s*(\d+)/m.exec(block)?.[1], /^core id\s*:\s*(\d+)/m.exec(block)?.[1]])
    const cores = new Set(pairs.filter(([, core]) => core !== undefined).map((pair) => pair.join()))
    if (cores.size > 0) return cores.size
  } catch { /* not Linux */ }
  const logical = cpus().length
  return process.arch === 'x64' && process.platform !== 'darwin' && logical > 2 && logical % 2 === 0 ? logical / 2 : Math.max(1, logical)
}

/**
 * Threads for an evaluation where the setting says 0: the physical cores less those that other processes want, at least one. Every operator ends in a barrier, so that with a thread
 * more than there are free cores all wait for the one that does not get its turn.
 * The number does not change what the CPU computes: no sum is split between threads (a test compares bit for bit).
 * @param load how many processes of others want a core, over the last minute
 */
export function freeThreads(cores: number, load: number): number {
  return Math.max(1, Math.min(cores, Math.round(cores - load)))
}

/** @param asked engine.intraOpThreads; Windows knows no load, and all cores are taken there */
export function threadsFor(asked: number): Threads {
  const cores = Math.min(physicalCores(), availableParallelism())
  const load = Math.max(0, (loadavg()[0] ?? 0) - ownLoad())
  return { asked, used: asked > 0 ? asked : freeThreads(cores, load), cores, load }
}

/** This process's own share of the load average: its evaluations are no reason to take fewer threads. */
function ownLoad(): number {
  const { user, system } = process.cpuUsage()
  const now = { at: performance.now(), used: (user + system) / 1000 }
  const decay = Math.exp((own.at - now.at) / 60_000)
  const busy = now.at > own.at ? (now.used - own.used) / (now.at - own.at) : 0
  own = { ...now, load: own.load * decay + busy * (1 - decay) }
  return own.load
}
