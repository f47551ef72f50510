import { setImmediate } from 'node:timers/promises'

/** Milliseconds of work after which others have their turn. */
const sliceMs = 10

/** Carries out work that yields where it may be interrupted, and lets the process do other things after every few milliseconds of it. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  let began = performance.now()
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    if (performance.now() - began < sliceMs) continue
    await setImmediate()
    began = performance.now()
  }
}
