import type { EngineOptions } from '../protocol/engine'
import { ownCpu } from '../protocol/comparison'
import type { Comparison } from '../protocol/engineInfo'
import { openGraph } from './graphFile'
import type { LoadedModel } from './models'
import { Network, type NetworkSession } from './network'
import type { Providers } from './providers'
import { loadRuntime } from './runtime'

/** A larger model, in bytes, is taken to be faster on a GPU: a second copy of its weights and evaluations of seconds on the CPU are no price for a hint. */
const largest = 200e6
/** Images of the evaluations at most. */
const mostItems = 4
/** Evaluations after the first, which compiles and allocates; of them the shortest counts. */
const timed = 3

/** Ends a comparison that has become pointless or disturbs. */
class Interrupted extends Error {}

/**
 * How long an evaluation of a model takes on its provider and on the CPU; null where it is on the CPU or elsewhere, too large, or `busy` became true meanwhile.
 * Once for a model, provider, options and batch on this machine.
 */
export async function compare(providers: Providers, model: LoadedModel, batch: number, engine: EngineOptions, busy: () => boolean): Promise<Comparison | null> {
  const { session, facts, provider } = model
  if (!session || ownCpu.includes(provider) || facts.bytes > largest) return null
  const file = openGraph(facts.graph)
  const items = facts.fixedBatch ?? Math.min(batch, mostItems)
  const key = JSON.stringify([file.stamp, provider, engine.deviceId ?? 0, engine.providerOptions ?? {}, engine.intraOpThreads, items])
  const before = providers.memory.known.compared?.[key]
  if (before) return before
  try {
    const providerMs = await shortest(session, model, items, busy)
    const { session: onCpu } = await providers.open(loadRuntime(), file, { provider: 'cpu', intraOpThreads: engine.intraOpThreads }, () => {})
    try {
      const cpuMs = await shortest(onCpu, model, items, busy, 4 * providerMs)
      const comparison: Comparison = { provider, providerMs, cpuMs, items }
      providers.memory.update((known) => ({ ...known, compared: { ...known.compared, [key]: comparison } }))
      return comparison
    } finally { await onCpu.release() }
  } catch (error) {
    if (error instanceof Interrupted) return null
    throw error
  }
}

/** What is remembered of a model on its provider, from the last batch that it was compared at. */
export function comparisonOf(providers: Providers, { facts, provider }: LoadedModel): Comparison | undefined {
  const begin = JSON.stringify([openGraph(facts.graph).stamp, provider]).slice(0, -1)
  return Object.entries(providers.memory.known.compared ?? {}).reverse().find(([key]) => key.startsWith(begin))?.[1]
}

/** @param enough milliseconds; a first evaluation beyond is the answer */
async function shortest(session: NetworkSession, { facts }: LoadedModel, items: number, busy: () => boolean, enough = Infinity): Promise<number> {
  const network = new Network(loadRuntime(), session, facts, items, facts.classes && Array<number>(items).fill(0))
  let least = Infinity
  for (let k = 0; k <= timed; k++) {
    // Messages are read between two evaluations: a run may be asked for.
    await new Promise((resolve) => { setImmediate(resolve) })
    if (busy()) throw new Interrupted()
    const started = performance.now()
    await network.evaluate(1)
    const ms = performance.now() - started
    if (ms > enough) return ms
    if (k > 0) least = Math.min(least, ms)
  }
  return least
}
