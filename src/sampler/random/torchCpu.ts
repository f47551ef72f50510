import type { FloatArray } from '../types'
import { normalsOfBlock } from './boxMuller32'
import { toHalf } from './half'
import { Mt19937 } from './mt19937'

/** In what a Python program draws: a tensor of another type is another stream, not the same numbers rounded. */
export type TorchType = 'float16' | 'float32' | 'float64'

const block = 16
const rounding: Readonly<Record<TorchType, (value: number) => number>> = { float16: toHalf, float32: Math.fround, float64: (value) => value }
const words = new Uint32Array(block)

/**
 * PyTorch's CPU generator: what torch.randn gives in a Python program with the same seed, call after call, bit for bit in float32 and float16.
 * Only the number of values matters, not the shape. Bit-exact on what x86-64 machines with AVX2 give; others differ by up to 3e-6.
 */
export class TorchCpuGenerator {
  private readonly engine = new Mt19937(0)
  /** The second normal of a pair, kept for the next short call. */
  private cached: number | undefined

  constructor(seed: bigint) { this.manualSeed(seed) }

  /** Only the lowest 32 bits of the seed count; a negative one is taken modulo 2^64. */
  manualSeed(seed: bigint): void {
    this.engine.seed(Number(BigInt.asUintN(32, seed)))
    this.cached = undefined
  }

  /** The next 32 random bits. */
  bits(): number { return this.engine.next() }

  /** torch.randn(out.length, dtype = type), contiguous, or with `scattered` of another memory layout (in memory order), which is drawn one at a time. */
  randn(out: FloatArray, type: TorchType = 'float32', scattered = false): void {
    const round = rounding[type]
    if (out.length < block || scattered) {
      for (let i = 0; i < out.length; i++) out[i] = round(this.one())
    } else if (type === 'float64') {
      this.blocks64(out)
    } else {
      this.blocks32(out, type)
    }
  }

  /** (two outputs mod 2^53)/2^53, the first one high. */
  uniform64(): number {
    const high = this.engine.next() & 0x1fffff
    return (high * 0x100000000 + this.engine.next()) / 0x20000000000000
  }

  private one(): number {
    if (this.cached !== undefined) {
      const normal = this.cached
      this.cached = undefined
      return normal
    }
    const theta = 2 * Math.PI * this.uniform64()
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniform64()))
    this.cached = radius * Math.sin(theta)
    return radius * Math.cos(theta)
  }

  /** Blocks of sixteen; a remainder overwrites the last sixteen values with a block of its own. float32 has drawn the remainder's outputs before that, in vain. */
  private blocks32(out: FloatArray, type: 'float16' | 'float32'): void {
    const { engine } = this
    const n = out.length
    const fill = (begin: number): void => {
      for (let j = 0; j < block; j++) words[j] = engine.next()
      normalsOfBlock(words, out, begin, rounding[type])
    }
    for (let begin = 0; begin + block <= n; begin += block) fill(begin)
    if (n % block === 0) return
    if (type === 'float32') for (let i = 0; i < n % block; i++) engine.next()
    fill(n - block)
  }

  private blocks64(out: FloatArray): void {
    const n = out.length
    const u = Float64Array.from({ length: n }, () => this.uniform64())
    const fill = (begin: number, at: number): void => {
      for (let j = 0; j < block / 2; j++) {
        const radius = Math.sqrt(-2 * Math.log(1 - u[at + j]!))
        const theta = 2 * Math.PI * u[at + j + block / 2]!
        out[begin + j] = radius * Math.cos(theta)
        out[begin + j + block / 2] = radius * Math.sin(theta)
      }
    }
    for (let begin = 0; begin + block <= n; begin += block) fill(begin, begin)
    if (n % block === 0) return
    for (let j = 0; j < block; j++) u[n - block + j] = this.uniform64()
    fill(n - block, n - block)
  }
}
