/** Lanczos approximation of ln Γ(x), x > 0 (g = 7, nine terms): relative error below 1e-14. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const z = x - 1
  const t = z + 7.5
  const sum = lanczos.reduce((total, c, i) => i === 0 ? c : total + c / (z + i), 0)
  return Math.log(Math.sqrt(2 * Math.PI) * sum) + (z + 0.5) * Math.log(t) - t
}

/** The continued fraction of the incomplete beta function (Lentz's method), which converges fast for x < (a + 1)/(a + b + 2). */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const kept = (value: number): number => Math.abs(value) < tiny ? tiny : value
  let c = 1
  let d = 1 / kept(1 - (a + b) * x / (a + 1))
  let value = d
  for (let m = 1; m < 1000; m++) {
    for (const term of [m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))]) {
      d = 1 / kept(1 + term * d)
      c = kept(1 + term / c)
      value *= d * c
    }
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return value
}

/** Share of a Beta(a, b) variable that is at most x: the regularised incomplete beta function I_x(a, b), for x in [0, 1] and a, b > 0. */
export function betaCumulative(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCumulative(1 - x, b, a)
  return Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) * fraction(x, a, b) / a
}

/** Where the share q of a Beta(a, b) variable lies: I_x(a, b) = q for q in [0, 1]; exactly 0 and 1 at the ends. */
export function betaQuantile(q: number, a: number, b: number): number {
  if (q <= 0) return 0
  if (q >= 1) return 1
  // From the nearer end, where x keeps its digits.
  if (q > betaCumulative(0.5, a, b)) return 1 - lowerQuantile(1 - q, b, a)
  return lowerQuantile(q, a, b)
}

/** x ≤ ½, by Newton in u = ln x (where I is close to a power of x), kept within a shrinking bracket. */
function lowerQuantile(q: number, a: number, b: number): number {
  const logB = logGamma(a) + logGamma(b) - logGamma(a + b)
  let low = -745
  let high = Math.log(0.5) + 1e-9
  let u = Math.min(Math.max((Math.log(q * a) + logB) / a, low), high)
  for (let i = 0; i < 200; i++) {
    const x = Math.exp(u)
    const error = betaCumulative(x, a, b) / q - 1
    if (error === 0) return x
    if (error > 0) high = u
    else low = u
    const slope = Math.exp(a * u + (b - 1) * Math.log1p(-x) - logB) / q
    const next = u - error / slope
    const inside = next > low && next < high ? next : (low + high) / 2
    if (Math.abs(inside - u) <= 1e-16 * Math.max(1, Math.abs(u))) return Math.exp(inside)
    u = inside
  }
  return Math.exp(u)
}
