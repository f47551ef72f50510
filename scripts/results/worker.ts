// A process that draws and judges samples for scripts/results.ts: one thread of the CPU each.
import '../../src/engine/environment'
import type { Cell } from './cells'
import { judge } from './judge'
import { withLab } from './lab'
import { floats } from './samples'

/** `exact`: the file that holds the exact solutions of all samples; `keepImages`: they are sent back. */
export interface Task { cell: Cell; first: number; count: number; exact?: string; keepImages: boolean }
export type Answer = { records: Float32Array; images?: Float32Array } | { error: string }

const pixels = 32 * 32

void withLab(process.argv[2] ?? '.', async (lab) => {
  let queue: Promise<void> = Promise.resolve()
  process.on('message', (task: Task) => { queue = queue.then(async () => { process.send?.(await answer(task)) }) })
  process.send?.('ready')
  await new Promise((resolve) => process.once('disconnect', resolve))

  async function answer({ cell, first, count, exact, keepImages }: Task): Promise<Answer> {
    try {
      const { records, images } = await judge(lab, cell, first, count, exact === undefined ? undefined : floats(exact, first * pixels, count * pixels))
      return keepImages ? { records, images } : { records }
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) }
    }
  }
})
