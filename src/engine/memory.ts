import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Comparison } from '../protocol/engineInfo'
import type { ProviderTry } from '../protocol/run'
import { isObject } from '../recipe/path'

/** What is known of a machine, by its key. */
export interface Known {
  /** What `auto` came to, by the options it was asked with. */
  auto?: Record<string, { provider: string; tried: ProviderTry[] }>
  /** Providers that passed the self-check, by name and options. */
  passed?: Record<string, true>
  /** What ended the engine that tried it: providers by name and options, and models on them. */
  ended?: Record<string, true>
  /** By model, provider and options. */
  compared?: Record<string, Comparison>
}

const format = 1
/** Machines that one file knows: a home folder may be shared by some, and a driver's update makes another one of the same. */
const mostMachines = 8
/** Models compared on a machine. */
const mostCompared = 200

interface Content { format: typeof format; machines: Record<string, Known> }

/**
 * Answers that take a while to find, in a file: read anew each time and replaced as a whole, so that windows that write at once leave one answer or the other. A file that
 * is no such file is no memory, and one that cannot be written is done without.
 */
export class Memory {
  /** @param file absolute path; null: nothing is kept beyond this process */
  constructor(readonly file: string | null, readonly machine: string) {}

  /** For where there is no file, or one that cannot be written. */
  private own: Known | undefined

  get known(): Known { return this.own ?? (this.file === null ? {} : this.read().machines[this.machine] ?? {}) }

  update(change: (known: Known) => Known): void {
    const next = limited(change(this.known))
    if (this.file === null || this.own) { this.own = next; return }
    const kept = Object.entries(this.read().machines).filter(([machine]) => machine !== this.machine).slice(1 - mostMachines)
    const content: Content = { format, machines: Object.fromEntries([...kept, [this.machine, next]]) }
    const unfinished = `${this.file}.${process.pid}`
    try {
      mkdirSync(dirname(this.file), { recursive: true })
      writeFileSync(unfinished, JSON.stringify(content))
      renameSync(unfinished, this.file)
    } catch { this.own = next }
  }

  private read(): Content {
    try {
      const content: unknown = JSON.parse(readFileSync(this.file!, 'utf8'))
      if (isObject(content) && content['format'] === format && isObject(content['machines'])) {
        return { format, machines: Object.fromEntries(Object.entries(content['machines']).map(([key, known]) => [key, checked(known)])) }
      }
    } catch { /* none yet, or none any more */ }
    return { format, machines: {} }
  }
}

const isTry = (value: unknown): value is ProviderTry => isObject(value) && typeof value['provider'] === 'string' && ['string', 'undefined'].includes(typeof value['error'])

/** Only what has the form that is written here. */
function checked(value: unknown): Known {
  const known = isObject(value) ? value : {}
  const entries = <T>(name: keyof Known, fits: (entry: Record<string, unknown>) => boolean): Record<string, T> => {
    const list = known[name]
    return isObject(list) ? Object.fromEntries(Object.entries(list).filter(([, entry]) => isObject(entry) && fits(entry))) as Record<string, T> : {}
  }
  return {
    auto: entries('auto', ({ provider, tried }) => typeof provider === 'string' && Array.isArray(tried) && tried.every(isTry)),
    passed: marks(known['passed']), ended: marks(known['ended']),
    compared: entries('compared', ({ provider, providerMs, cpuMs, items }) => typeof provider === 'string' && [providerMs, cpuMs, items].every((n) => typeof n === 'number')),
  }
}

const marks = (value: unknown): Record<string, true> => isObject(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, true])) : {}

function limited(known: Known): Known {
  return known.compared ? { ...known, compared: Object.fromEntries(Object.entries(known.compared).slice(-mostCompared)) } : known
}
