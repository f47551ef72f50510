import { sumTogether } from './simd'
import type { FloatArray } from './types'

/**
 * The tensor kernel: out = Σ_k coefficients[k]·buffers[k], elementwise, of the first `count` terms. All buffers have the length of `out`, which may be
 * one of them. Sums are formed in float64 in the order of the terms and rounded once, where `out` is float32. Fastest on tensors that one call of tensors() made; one pass
 * over memory there, and for up to four terms elsewhere.
 */
export function combine(out: FloatArray, coefficients: readonly number[], buffers: readonly FloatArray[], count = buffers.length): void {
  const n = out.length
  const [a, b, c, d] = buffers
  const [ca = 0, cb = 0, cc = 0, cd = 0] = coefficients
  if (!a || count === 0) { out.fill(0); return }
  if (count === 1 && ca === 1) { out.set(a); return }
  const begin = sumTogether(out, coefficients, buffers, count)
  if (!b || count === 1) { for (let i = begin; i < n; i++) out[i] = ca * a[i]!; return }
  if (!c || count === 2) { for (let i = begin; i < n; i++) out[i] = ca * a[i]! + cb * b[i]!; return }
  if (!d || count === 3) { for (let i = begin; i < n; i++) out[i] = ca * a[i]! + cb * b[i]! + cc * c[i]!; return }
  if (count === 4) { for (let i = begin; i < n; i++) out[i] = ca * a[i]! + cb * b[i]! + cc * c[i]! + cd * d[i]!; return }
  for (let i = begin; i < n; i++) {
    let sum = 0
    for (let k = 0; k < count; k++) sum += coefficients[k]! * buffers[k]![i]!
    out[i] = sum
  }
}
