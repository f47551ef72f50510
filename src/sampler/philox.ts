/** Multipliers and key increments of Philox4x32 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", table 2). */
const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85
const rounds = 10

/** The upper 32 bits of the 64-bit product of two 32-bit integers, as a signed integer; whole numbers of 32 bits all the way, which is what makes it fast. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const middle = Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16) | 0
  const carry = Math.imul(a0, b1) + (middle & 0xffff) | 0
  return Math.imul(a1, b1) + (middle >>> 16) + (carry >>> 16) | 0
}

/**
 * Philox4x32-10: four random words for a counter of four words and a key of two. Counter-based: any block can be computed alone, in any order.
 * @param out receives the four words, unsigned if it holds unsigned words
 */
export function philoxBlock(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array | Int32Array): void {
  for (let round = 0; round < rounds; round++) {
    const high0 = mulHigh(M0, c0)
    const low0 = Math.imul(M0, c0)
    const high1 = mulHigh(M1, c2)
    const low1 = Math.imul(M1, c2)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + W0) | 0
    k1 = (k1 + W1) | 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** The same for a counter and a key as lists. */
export function philox4x32([c0, c1, c2, c3]: readonly [number, number, number, number], [k0, k1]: readonly [number, number], out: Uint32Array): void {
  philoxBlock(c0, c1, c2, c3, k0, k1, out)
}
