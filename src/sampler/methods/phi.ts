/**
 * The φ-functions of exponential integrators: φ_k(z) = ∫₀¹ e^((1−u)z) u^(k−1)/(k−1)! du, so φ_1(z) = (e^z − 1)/z and φ_(k+1)(z) = (φ_k(z) − 1/k!)/z,
 * φ_k(0) = 1/k!. Full precision for every finite z: the recurrence loses digits near 0, so a series serves there.
 */
export function phi(k: 1 | 2 | 3 | 4, z: number): number {
  if (Math.abs(z) < 1) return series(k, z)
  switch (k) {
    case 1: return Math.expm1(z) / z
    case 2: return (Math.expm1(z) - z) / (z * z)
    case 3: return (Math.expm1(z) - z - z * z / 2) / (z * z * z)
    case 4: return (phi(3, z) - 1 / 6) / z
  }
}

/** Σ_j z^j/(j + k)!, for |z| < 1: at most 18 terms reach the last bit. */
function series(k: number, z: number): number {
  let term = [1, 1 / 2, 1 / 6, 1 / 24][k - 1] ?? NaN
  let sum = 0
  for (let j = 1; sum + term !== sum; j++) {
    sum += term
    term *= z / (j + k)
  }
  return sum
}
