const f = Math.fround

/** Polynomials of the Cephes library in single precision, which PyTorch's vector code uses; highest power first. */
const log = [7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1].map(f)
const [l0 = 0, l1 = 0, l2 = 0, l3 = 0, l4 = 0, l5 = 0, l6 = 0, l7 = 0, l8 = 0] = log
const [ln2Low, ln2High] = [f(-2.12194440e-4), f(0.693359375)]
const [c0, c1, c2] = [f(2.443315711809948e-5), f(-1.388731625493765e-3), f(4.166664568298827e-2)]
const [s0, s1, s2] = [f(-1.9515295891e-4), f(8.3321608736e-3), f(-1.6666654611e-1)]
/** −π/4 in three parts, so that subtracting j of them loses nothing. */
const [p0, p1, p2] = [f(-0.78515625), f(-2.4187564849853515625e-4), f(-3.77489497744594108e-8)]
const fourOverPi = f(1.27323954473516)
const twoPi = f(2 * Math.PI)
const sqrtHalf = f(0.70710678)

/** ln(k/2^24) for an integer k from 1 to 2^24, in the vector code's own rounding. Math.fround(a·b + c) is a fused multiply-add here: the product of two floats is exact. */
function logOf(k: number): number {
  const width = 32 - Math.clz32(k)
  let x = k / 2 ** width
  let e = width - 24
  if (x < sqrtHalf) {
    x = f(2 * x - 1)
    e -= 1
  } else {
    x = f(x - 1)
  }
  const z = f(x * x)
  let y = f(l0 * x + l1)
  y = f(y * x + l2)
  y = f(y * x + l3)
  y = f(y * x + l4)
  y = f(y * x + l5)
  y = f(y * x + l6)
  y = f(y * x + l7)
  y = f(y * x + l8)
  y = f(y * x)
  y = f(y * z + f(e * ln2Low))
  y = f(y - z * 0.5)
  return f(e * ln2High + f(x + y))
}

/**
 * Eight pairs of normals of a block of sixteen: out[j] and out[j + 8], j = 0 … 7, from u[j] and u[j + 8] by Box-Muller, all in float32, bit for bit what
 * PyTorch's vector code gives on x86-64.
 * @param words sixteen generator outputs; u = (word mod 2^24)/2^24
 * @param round rounds each normal to the type asked for
 */
export function normalsOfBlock(words: Uint32Array, out: { [index: number]: number }, begin: number, round: (value: number) => number = f): void {
  for (let j = 0; j < 8; j++) {
    const radius = f(Math.sqrt(f(-2 * logOf(0x1000000 - (words[j]! & 0xffffff)))))
    const theta = f(twoPi * ((words[j + 8]! & 0xffffff) / 0x1000000))
    const octant = (Math.trunc(f(theta * fourOverPi)) + 1) & ~1
    let x = f(octant * p0 + theta)
    x = f(octant * p1 + x)
    x = f(octant * p2 + x)
    const z = f(x * x)
    let cos = f(c0 * z + c1)
    cos = f(cos * z + c2)
    cos = f(cos * z)
    cos = f(cos * z - f(z * 0.5))
    cos = f(cos + 1)
    let sin = f(s0 * z + s1)
    sin = f(sin * z + s2)
    sin = f(sin * z)
    sin = f(sin * x + x)
    const swap = (octant & 2) !== 0
    const cosine = ((octant - 2) & 4) === 0 ? -(swap ? sin : cos) : swap ? sin : cos
    const sine = (octant & 4) !== 0 ? -(swap ? cos : sin) : swap ? cos : sin
    out[begin + j] = round(f(radius * cosine))
    out[begin + j + 8] = round(f(radius * sine))
  }
}
