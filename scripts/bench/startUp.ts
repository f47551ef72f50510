import { engineFor } from '../providers/contestants'
import { median } from './median'

/** Milliseconds from asking for an engine to its first answer, and to the bundled digits loaded in it; medians. */
export interface StartUp { rounds: number; helloMs: number; loadedMs: number }

const rounds = 15

/** Starts engine processes one after the other. */
export async function measureStartUp(): Promise<StartUp> {
  const times: { hello: number; loaded: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const client = engineFor()
    try {
      const started = performance.now()
      await client.start()
      const hello = performance.now() - started
      await client.inspect('digits', { provider: 'cpu', intraOpThreads: 0 })
      times.push({ hello, loaded: performance.now() - started })
    } finally {
      await client.dispose()
    }
  }
  return { rounds, helloMs: median(times.map(({ hello }) => hello)), loadedMs: median(times.map(({ loaded }) => loaded)) }
}

export function startUpInWords({ rounds: count, helloMs, loadedMs }: StartUp): string {
  return `engine, from spawn to ready: ${helloMs.toFixed(0)} ms, with digits loaded on the CPU ${loadedMs.toFixed(0)} ms (median of ${count})\n`
}
