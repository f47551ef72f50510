import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { queryObjects, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Of a process's memory, what its objects hold; what was freed and is kept for new ones is not in it. */
export interface InUse {
  /** MB (2^20 bytes) of objects and of buffers outside the heap. ONNX Runtime's own are not among them. */
  MB: number
  /** How many tensors, or views of tensors, there are. */
  tensors: number
}

/** Resolves when nothing is left in this process that cannot be reached. What a WeakRef was asked for stays until the turn is over: no two collections are in one. */
export async function garbageCollected(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => { setImmediate(resolve) })
    collect()
  }
}

/** Of this process, right after garbageCollected: as InUse. */
export function inUseMB(): number {
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

/** As InUse; Node prints that it may count another way one day. */
export const tensors = (): number => queryObjects(Float32Array, { format: 'count' })

/** What starts an engine that can be asked. @param script absolute path of inEngine.js */
export const answering = (script: string): NodeJS.ProcessEnv => ({ NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --require ${JSON.stringify(script)}` })

/** Of an engine that was started with `answering`, once its garbage is collected. Nothing may be asked of it meanwhile. Rejects where it ends first. */
export async function inUseOf(engine: ChildProcess): Promise<InUse> {
  const over = new AbortController()
  const ended = once(engine, 'exit', { signal: over.signal }).then(() => { throw new Error('the engine ended') })
  const answered = new Promise<InUse>((resolve) => {
    const listen = (packet: unknown): void => {
      if (typeof packet !== 'object' || packet === null || !('inUse' in packet)) return
      engine.off('message', listen)
      resolve(packet.inUse as InUse)
    }
    engine.on('message', listen)
  })
  engine.send('what is in use?')
  try { return await Promise.race([answered, ended]) } finally {
    over.abort()
    ended.catch(() => {})
  }
}
