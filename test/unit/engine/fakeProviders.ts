import type { Runtime } from '../../../src/engine/runtime'
import { loadRuntime } from '../../../src/engine/runtime'

/** How a provider that is not on this machine behaves; what it computes, the CPU computes. */
export interface Behaviour {
  /** Thrown where a session of any graph, or of the model alone, is to be opened. */
  refuses?: string
  refusesModel?: string
  /** Thrown by an evaluation. */
  fails?: string
  /** What its answers are multiplied by. */
  scales?: number
  /** Milliseconds of the clock that an evaluation takes; 1 where it is not said. */
  ms?: number
}

/** A session that was opened: on which provider, with which options of it, and whether of the model or of the small graph of the self-check. */
export interface OpenedOn { provider: string; options: object; what: 'model' | 'check' }

/** ONNX Runtime with other providers than this machine has: the CPU under their names, doing what each test needs. */
export function runtimeWith(behaviours: Readonly<Record<string, Behaviour>>): { ort: Runtime; opened: OpenedOn[]; threads: number[]; now: () => number } {
  const ort = loadRuntime()
  const opened: OpenedOn[] = []
  const threads: number[] = []
  let time = 0
  const create = async (source: string & Uint8Array, options: { executionProviders: (string | { name: string })[]; intraOpNumThreads: number }): Promise<unknown> => {
    const [asked] = options.executionProviders
    const { name: provider, ...own } = typeof asked === 'string' ? { name: asked } : asked!
    const what = typeof source === 'string' ? 'model' : 'check'
    opened.push({ provider, options: own, what })
    threads.push(options.intraOpNumThreads)
    const { refuses, refusesModel, fails, scales = 1, ms = 1 } = behaviours[provider] ?? {}
    if (refuses !== undefined) throw new Error(refuses)
    if (refusesModel !== undefined && what === 'model') throw new Error(refusesModel)
    const session = await ort.InferenceSession.create(source, { ...options, executionProviders: ['cpu'] })
    const run = async (feeds: Parameters<typeof session.run>[0], outputs?: string[]): Promise<Record<string, { data: unknown }>> => {
      if (fails !== undefined) throw new Error(fails)
      const answers = outputs ? await session.run(feeds, outputs) : await session.run(feeds)
      time += ms
      return Object.fromEntries(Object.entries(answers).map(([name, { data }]) => [name, { data: scales === 1 ? data : (data as Float32Array).map((value) => scales * value) }]))
    }
    return { run, release: () => session.release(), inputMetadata: session.inputMetadata, outputMetadata: session.outputMetadata }
  }
  const fake = { Tensor: ort.Tensor, env: ort.env, listSupportedBackends: () => [...new Set([...Object.keys(behaviours), 'cpu'])].map((name) => ({ name, bundled: true })), InferenceSession: { create } }
  return { ort: fake as unknown as Runtime, opened, threads, now: () => time }
}
