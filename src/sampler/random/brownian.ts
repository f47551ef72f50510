import { addNormals, keyOf, type Seed } from '../noise'

/** Levels of halving inside an octave. Two times closer than 2^−10 of an octave share a cell. */
const depth = 10
/** Counter word 3 tells the kinds of normals apart; 0 is what `fillNormals` draws. */
const nodes = 1
const places = 2
const pairs = 3

const bits = new DataView(new ArrayBuffer(8))

/** A time as octave and place in it: tau = 2^octave (1 + place), 0 ≤ place < 1, with the 52 bits of the place. */
interface Place { octave: number; place: number; low: number; high: number }

function placeOf(tau: number): Place {
  bits.setFloat64(0, tau)
  const high = bits.getUint32(0)
  const octave = (high >>> 20) - 1023
  return { octave, place: tau / 2 ** octave - 1, low: bits.getUint32(4), high: high & 0xfffff }
}

/**
 * One Brownian path W(tau), tau ≥ 0, of `size` independent values, that every run of the same seed walks, in whatever steps: a virtual Brownian tree
 * (Li et al. 2020, arXiv 2001.01328, §4) whose nodes are counter-based normals, so that nothing is stored and no order is needed.
 * Octave [2^k, 2^(k+1)] has one normal for its ends; inside, W is Schauder's sum of midpoint displacements down to cells of 2^−10 of the octave, and the bridge
 * in the cell takes one more normal that belongs to the place. W at a time is therefore the same whatever other times a run asks for, and increments over
 * cells have their exact joint distribution; both ends in one cell (steps under 7e-5 in lambda) draw a normal of their own.
 */
export class BrownianPath {
  private readonly key: [number, number]
  /** W − W(start of the octave) at the two times asked for last. */
  private known: { tau: number; value: Float64Array }[]

  constructor(seed: Seed, private readonly size: number) {
    this.key = keyOf(seed)
    this.known = Array.from({ length: 2 }, () => ({ tau: NaN, value: new Float64Array(size) }))
  }

  /**
   * Writes (W(b) − W(a))/√(b − a), unit normals, where a < b are the two times, in either order.
   * @throws RangeError where the times are equal, negative or not finite
   */
  increment(out: Float64Array, from: number, to: number): void {
    const [a, b] = from < to ? [from, to] : [to, from]
    if (!(a >= 0 && a < b && b < Infinity)) throw new RangeError(`no increment of a path belongs to the times ${from} and ${to}`)
    const scale = 1 / Math.sqrt(b - a)
    out.fill(0)
    const end = placeOf(b)
    // From time 0 on the octaves below 2^−110 of the end add nothing that float64 could hold.
    const start = a === 0 ? { octave: end.octave - 110, place: 0, low: 0, high: 0 } : placeOf(a)
    if (start.octave === end.octave && cellOf(start.place) === cellOf(end.place)) {
      addNormals(out, 1, this.key, start.low, end.low, pairs | (start.high << 12))
      return
    }
    if (start.place > 0) this.add(out, -scale, a, start)
    for (let octave = start.octave; octave < end.octave; octave++) addNormals(out, scale * 2 ** (octave / 2), this.key, 0, node(octave, 0), nodes)
    if (end.place > 0) this.add(out, scale, b, end)
  }

  private add(out: Float64Array, weight: number, tau: number, place: Place): void {
    const value = this.valueAt(tau, place)
    for (let i = 0; i < this.size; i++) out[i]! += weight * value[i]!
  }

  private valueAt(tau: number, { octave, place, low, high }: Place): Float64Array {
    const kept = this.known.find((known) => known.tau === tau)
    if (kept) return kept.value
    const oldest = this.known.shift()!
    oldest.tau = tau
    this.known.push(oldest)
    const { value } = oldest
    const root = 2 ** (octave / 2)
    value.fill(0)
    addNormals(value, root * place, this.key, 0, node(octave, 0), nodes)
    for (let level = 0; level < depth; level++) {
      const position = place * 2 ** level
      const cell = Math.floor(position)
      const tent = 1 - Math.abs(2 * (position - cell) - 1)
      if (tent === 0) return value
      addNormals(value, root * 2 ** (-level / 2) / 2 * tent, this.key, 0, node(octave, 2 ** level + cell), nodes)
    }
    const share = place * 2 ** depth - cellOf(place)
    if (share > 0) addNormals(value, root * 2 ** (-depth / 2) * Math.sqrt(share * (1 - share)), this.key, low, octave, places | (high << 12))
    return value
  }
}

const cellOf = (place: number): number => Math.floor(place * 2 ** depth)

/** Counter word 2 of a node: 0 is the octave's own normal, 2^level + i that of the i-th part at a level. */
const node = (octave: number, index: number): number => ((octave + 2048) << 16) | index
