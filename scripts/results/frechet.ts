/** Mean and covariance (row-major, divided by n − 1) of vectors of `mean.length` values. */
export interface Moments { mean: Float64Array; covariance: Float64Array }

/** @param values n vectors, one after the other */
export function moments(values: ArrayLike<number>, size: number): Moments {
  const n = values.length / size
  const mean = new Float64Array(size)
  for (let i = 0; i < values.length; i++) mean[i % size]! += values[i]! / n
  const covariance = new Float64Array(size * size)
  const centred = new Float64Array(size)
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < size; i++) centred[i] = values[k * size + i]! - mean[i]!
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) covariance[i * size + j]! += centred[i]! * centred[j]! / (n - 1)
  }
  return { mean, covariance }
}

/**
 * Squared Fréchet distance of two normal distributions (Dowson and Landau 1982): |m − μ|² + tr(C + S − 2 (C S)^½). The trace of (C S)^½ is that of (S^½ C S^½)^½,
 * whose argument is symmetric.
 */
export function frechet(a: Moments, b: Moments): number {
  const size = a.mean.length
  const root = squareRoot(b.covariance, size)
  const { values } = eigen(product(product(root, a.covariance, size), root, size), size)
  let distance = 0
  for (let i = 0; i < size; i++) distance += (a.mean[i]! - b.mean[i]!) ** 2 + a.covariance[i * size + i]! + b.covariance[i * size + i]! - 2 * Math.sqrt(Math.max(0, values[i]!))
  return distance
}

/** The symmetric square root of a symmetric matrix; eigenvalues that rounding made negative count as 0. */
export function squareRoot(matrix: Float64Array, size: number): Float64Array {
  const { values, vectors } = eigen(matrix, size)
  const out = new Float64Array(size * size)
  for (let k = 0; k < size; k++) {
    const root = Math.sqrt(Math.max(0, values[k]!))
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) out[i * size + j]! += root * vectors[i * size + k]! * vectors[j * size + k]!
  }
  return out
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size)
  for (let i = 0; i < size; i++) for (let k = 0; k < size; k++) for (let j = 0; j < size; j++) out[i * size + j]! += a[i * size + k]! * b[k * size + j]!
  return out
}

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix, by Jacobi's rotations (Golub and Van Loan, Matrix Computations, 8.5). */
export function eigen(matrix: Float64Array, size: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice()
  const vectors = new Float64Array(size * size)
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1
  const whole = Math.hypot(...a)
  for (let sweep = 0; sweep < 50 && offDiagonal(a, size) > 1e-14 * whole; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, size, p, q)
  }
  return { values: Float64Array.from({ length: size }, (_, i) => a[i * size + i]!), vectors }
}

function offDiagonal(a: Float64Array, size: number): number {
  let sum = 0
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) if (i !== j) sum += a[i * size + j]! ** 2
  return Math.sqrt(sum)
}

/** Makes the element (p, q) zero. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!
  if (apq === 0) return
  const tau = (a[q * size + q]! - a[p * size + p]!) / (2 * apq)
  const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.hypot(1, tau))
  const c = 1 / Math.hypot(1, t)
  const s = t * c
  const turn = (m: Float64Array, i: number, j: number): void => {
    const [x, y] = [m[i]!, m[j]!]
    m[i] = c * x - s * y
    m[j] = s * x + c * y
  }
  for (let k = 0; k < size; k++) turn(a, k * size + p, k * size + q)
  for (let k = 0; k < size; k++) turn(a, p * size + k, q * size + k)
  for (let k = 0; k < size; k++) turn(vectors, k * size + p, k * size + q)
}
