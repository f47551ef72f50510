import { combine } from '../../src/sampler/combine'
import { tensors } from '../../src/sampler/simd'

/** One line of the kernel's table. */
export interface KernelFigures {
  shape: number[]
  terms: number
  /** Gigabytes a second: what the sum reads and writes, over its time. */
  combineGBs: number
  /** The same sum by a loop over the terms for every value. */
  plainGBs: number
  /** TypedArray.set on buffers of that size: what it reads and writes, over its time. */
  copyGBs: number
  /** combine’s share of the copy’s bandwidth. */
  share: number
}

const shapes = [[4, 64, 64], [16, 3, 256, 256]]
/** Terms of a multistep of order 2, and of order 3. */
const counts = [2, 3, 4]
/** Short, so that some of many rounds are not disturbed; the best one is told, as memory benchmarks do. */
const roundMs = 6
const rounds = 60

/** The tensor kernel against a plain loop and against what memory allows, in turns. */
export function measureKernel(): KernelFigures[] {
  return shapes.flatMap((shape) => counts.map((terms) => {
    const n = shape.reduce((product, size) => product * size, 1)
    const [out, ...buffers] = tensors(terms + 1, n) as [Float32Array, ...Float32Array[]]
    for (const [k, buffer] of buffers.entries()) buffer.forEach((_, i) => { buffer[i] = Math.sin(i + k) })
    const coefficients = buffers.map((_, k) => 0.9 - 0.3 * k)
    // As many bytes as the sum moves: what fits into a cache is copied faster than memory allows.
    const [from, to] = [new Float32Array(n * (terms + 1) / 2).fill(1), new Float32Array(n * (terms + 1) / 2)]
    const bytes = 4 * n * (terms + 1)
    const contestants = {
      combine: { bytes, run: () => { combine(out, coefficients, buffers) } },
      plain: { bytes, run: () => { plain(out, coefficients, buffers) } },
      copy: { bytes, run: () => { to.set(from) } },
    }
    const speeds: Record<keyof typeof contestants, number[]> = { combine: [], plain: [], copy: [] }
    for (let round = 0; round < rounds; round++) {
      for (const name of ['combine', 'plain', 'copy'] as const) speeds[name].push(speed(contestants[name]))
    }
    const [combineGBs, plainGBs, copyGBs] = [Math.max(...speeds.combine), Math.max(...speeds.plain), Math.max(...speeds.copy)]
    return { shape, terms, combineGBs, plainGBs, copyGBs, share: combineGBs / copyGBs }
  }))
}

function plain(out: Float32Array, coefficients: readonly number[], buffers: readonly Float32Array[]): void {
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let k = 0; k < buffers.length; k++) sum += coefficients[k]! * buffers[k]![i]!
    out[i] = sum
  }
}

/** Gigabytes a second of as many runs as the time of a round allows. */
function speed({ bytes, run }: { bytes: number; run: () => void }): number {
  run()
  const started = performance.now()
  let count = 0
  let ms = 0
  do {
    run()
    count += 1
    ms = performance.now() - started
  } while (ms < roundMs)
  return bytes * count / ms / 1e6
}
