const N = 624
const M = 397

/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998): 32-bit words one after the other, of which none can be had without those before it.
 * PyTorch's CPU generator and numpy's RandomState draw from it.
 */
export class Mt19937 {
  private readonly state = new Uint32Array(N)
  private position = N

  /** @param seed its lowest 32 bits count */
  constructor(seed: number) { this.seed(seed) }

  /** The reference code's init_genrand. */
  seed(seed: number): void {
    const { state } = this
    state[0] = seed
    for (let i = 1; i < N; i++) {
      const previous = state[i - 1]! ^ (state[i - 1]! >>> 30)
      state[i] = Math.imul(1812433253, previous) + i
    }
    this.position = N
  }

  /** The next word, unsigned. */
  next(): number {
    if (this.position === N) this.twist()
    let y = this.state[this.position++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  private twist(): void {
    const { state } = this
    for (let i = 0; i < N; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff)
      state[i] = state[(i + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.position = 0
  }
}
