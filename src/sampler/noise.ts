import { philoxBlock } from './philox'
import type { FloatArray } from './types'

/** Name of the generator, part of the recipe: a change of any number it gives is a change of this name. */
export const noiseGenerator = 'philox4x32-10/v1'

/** Seeds are integers modulo 2^64, as a bigint or in decimal. */
export type Seed = bigint | string

const words = new Int32Array(4)

/** (a·2^26 + b + ½)/2^53 of the upper 27 bits a and 26 bits b of two words: uniform in (0, 1]. */
const uniform = (high: number, low: number): number => ((high >>> 5) * 0x4000000 + (low >>> 6) + 0.5) / 0x20000000000000

/** The two words of the key that a seed is: low, high. */
export function keyOf(seed: Seed): [number, number] {
  const bits = BigInt.asUintN(64, BigInt(seed))
  return [Number(bits & 0xffffffffn) | 0, Number(bits >> 32n) | 0]
}

/**
 * Unit normals first … first + out.length − 1 of one draw of a seed, written to `out` (rounded once where it is float32).
 * Normals 2b and 2b + 1 are the cosine and sine halves of Box-Muller on the uniforms of block b, whose Philox counter is (b low, b high, draw, 0) and
 * whose key is the seed (low, high word).
 * @param draw 0 is x_T, d > 0 the d-th noise term of the plan; below 2^32
 */
export function fillNormals(out: FloatArray, seed: Seed, draw: number, first = 0): void {
  const [k0, k1] = keyOf(seed)
  const end = first + out.length
  for (let block = Math.floor(first / 2); 2 * block < end; block++) {
    philoxBlock(block % 0x100000000 | 0, Math.floor(block / 0x100000000), draw, 0, k0, k1, words)
    const radius = Math.sqrt(-2 * Math.log(uniform(words[0]!, words[1]!)))
    const angle = 2 * Math.PI * uniform(words[2]!, words[3]!)
    const i = 2 * block - first
    if (i >= 0) out[i] = radius * Math.cos(angle)
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle)
  }
}

/** Adds `weight` times a stream of unit normals to `out`: the counter's first word numbers the pairs, the other three name the stream. Draw d is the stream (0, d, 0). */
export function addNormals(out: Float64Array, weight: number, [k0, k1]: readonly [number, number], c1: number, c2: number, c3: number): void {
  for (let i = 0; i < out.length; i += 2) {
    philoxBlock(i >>> 1, c1, c2, c3, k0, k1, words)
    const radius = weight * Math.sqrt(-2 * Math.log(uniform(words[0]!, words[1]!)))
    const angle = 2 * Math.PI * uniform(words[2]!, words[3]!)
    out[i]! += radius * Math.cos(angle)
    if (i + 1 < out.length) out[i + 1]! += radius * Math.sin(angle)
  }
}

/** The first `count` unit normals of one draw of a seed, in float64. */
export function drawNormals(seed: Seed, draw: number, count: number): Float64Array {
  const out = new Float64Array(count)
  fillNormals(out, seed, draw)
  return out
}

/**
 * One draw for a batch, item after item: item k is what a single run with seed + k (mod 2^64) draws, so a batch never changes a picture.
 * @param size values in one item, C·H·W, row-major
 * @returns float32, B·C·H·W; draw 0 is x_T
 */
export function batchNormals(seed: Seed, draw: number, batch: number, size: number): Float32Array {
  const out = new Float32Array(batch * size)
  for (let k = 0; k < batch; k++) fillNormals(out.subarray(k * size, (k + 1) * size), BigInt(seed) + BigInt(k), draw)
  return out
}
