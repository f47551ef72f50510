import type { NoiseSource } from '../../src/sampler/random/source'
import type { FloatArray } from '../../src/sampler/types'
import { number, type Data } from './file'

/**
 * The normals that golden files draw from, one after the other: a 32-bit linear congruential generator s ← (1664525 s + 1013904223) mod 2^32, u = (s + ½)/2^32,
 * z = √(−2 ln u₁) cos(2π u₂), one for each pair of uniforms.
 */
export class ExplicitNoise {
  private readonly drawn: number[] = []
  constructor(private state: number) {}

  /** The n-th normal, from 0 on. */
  at(n: number): number {
    while (this.drawn.length <= n) {
      const [u1, u2] = [this.uniform(), this.uniform()]
      this.drawn.push(Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * u2))
    }
    return this.drawn[n]!
  }

  private uniform(): number {
    this.state = (Math.imul(1664525, this.state) + 1013904223) >>> 0
    return (this.state + 0.5) / 0x100000000
  }
}

/** The noise of a case, in whole draws of the batch: the d-th noise of the run is the d-th draw, whatever it is for. */
export function explicitNoise(golden: Data): NoiseSource & { taken(): number } {
  const normals = new ExplicitNoise(number(golden, 'noise_seed'))
  let taken = 0
  const fill = (out: FloatArray, draw: number): void => {
    taken = Math.max(taken, draw)
    for (let i = 0; i < out.length; i++) out[i] = normals.at((draw - 1) * out.length + i)
  }
  return {
    items: 1,
    draw: (out, draw) => { fill(out, draw) },
    increment: (out, _from, _to, draw) => { fill(out, draw) },
    /** How many draws the run took. */
    taken: () => taken,
  }
}
