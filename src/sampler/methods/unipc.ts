import type { Form, Level, Method, MethodContext, Of, Stage, Term } from '../types'
import { propagator, type Propagator } from './propagator'

/**
 * How residuals are weighed: `vary` exactly (UniPC's varying coefficients); `bh1`, `bh2` with B(h) = h and B(h) = e^h − 1 where one residual is weighed by ½ B(h),
 * exactly elsewhere (there B(h) cancels); `varyCompat` as the authors' code has vary_coeff, see compat.ts.
 */
export type Residuals = 'bh1' | 'bh2' | 'vary' | 'varyCompat'

/**
 * UniPC-p, p = 1, 2, 3 (Zhao et al. 2023, arXiv 2302.04867, Algorithms 1 and 2): the predictor UniP-p from m0 and p − 1 earlier outputs; the model is evaluated at the
 * predicted state of the next level; the corrector UniC-p, of order p + 1, takes that output in. It serves the next step as its m0, so a step costs one evaluation,
 * the first one two.
 * @param corrects false: the predictor alone, which evaluates nothing at its end (the last step, where an evaluation would only be used once)
 */
export function unipc(form: Form, order: number, residuals: Residuals, corrects = true): Method {
  if (![1, 2, 3].includes(order)) throw new RangeError(`UniPC has no order ${order}`)
  return (at) => {
    const { from, to, past } = at
    // The output at `from` is the newest one remembered, or is asked for here.
    const begins = past[0] !== from
    const [here, older]: [Of, readonly Level[]] = begins ? [{ stage: 0 }, past] : [{ past: 0 }, past.slice(1)]
    const offset = begins ? 0 : 1
    if (older.length < order - 1) throw new RangeError(`UniPC of order ${order} needs ${order - 1} earlier outputs`)
    const earlier = older.slice(0, order - 1).map(({ lambda }, i): Residual => ({ of: { past: i + offset }, r: (lambda - from.lambda) / (to.lambda - from.lambda) }))

    const p = propagator(form, from, to)
    const basis: Basis = { p, here, half: residuals === 'bh1' ? h(form, at) / 2 : p.phi1 / 2 }
    const predicted = combination(basis, earlier, predictorWeights(residuals, basis, earlier))
    const first: Stage[] = begins ? [{ level: from, input: [{ of: 'state', coefficient: 1 }] }] : []
    const step = { from, to, order, estimate: begins ? 0 : -1 }
    if (!corrects) return { ...step, stages: first, update: predicted, remember: first.map((_, k) => k) }

    const stages = [...first, { level: to, input: predicted }]
    const all: Residual[] = [...earlier, { of: { stage: first.length }, r: 1 }]
    return { ...step, stages, update: combination(basis, all, correctorWeights(residuals, basis, all)), remember: stages.map((_, k) => k) }
  }
}

/** An output m_i at r_i (in units of the step, 1 at the end): it enters as D_i = (m_i − m0)/r_i. */
interface Residual { of: Of; r: number }
interface Basis { p: Propagator; here: Of; half: number }

/** B(h) = h in the signs of the form: α_t h of the data, −σ_t h of the noise. */
const h = (form: Form, { from, to }: MethodContext): number => (form === 'data' ? to.alpha : -to.sigma) * (to.lambda - from.lambda)

/** Exact for one derivative less than there are residuals and m0: m′ = Σ …, so that Σ_j w_j r_j^(i−1) = i! φ_(i+1) for i = 1, 2, … (eq. 8 and 10 there). */
function exactWeights({ p }: Basis, residuals: readonly Residual[]): number[] {
  const target = [p.phi2, 2 * p.phi3, 6 * p.phi4]
  return solve(residuals.map((_, i) => [...residuals.map(({ r }) => r ** i), target[i] ?? NaN]))
}

function predictorWeights(residuals: Residuals, basis: Basis, earlier: readonly Residual[]): number[] {
  return earlier.length === 1 && (residuals === 'bh1' || residuals === 'bh2') ? [basis.half] : exactWeights(basis, earlier)
}

function correctorWeights(residuals: Residuals, basis: Basis, all: readonly Residual[]): number[] {
  if (all.length === 1 && (residuals === 'bh1' || residuals === 'bh2')) return [basis.half]
  return residuals === 'varyCompat' ? leftOver(basis, all) : exactWeights(basis, all)
}

/**
 * vary_coeff as published: with C_jk = r_j^(k−1)/k! and A = C⁻¹ the exact weights are w_j = Σ_k φ_(k+1) A_kj over k = 1 … K. The code's sum ends at K − 1, and the
 * newest residual, j = K, is weighed by φ_(K+1) A_kK with k = max(K − 1, 1), the value its loop left behind.
 */
function leftOver({ p }: Basis, all: readonly Residual[]): number[] {
  const K = all.length
  const phis = [p.phi2, p.phi3, p.phi4]
  const factorial = [1, 2, 6]
  // Column j of A solves C a = e_j.
  const A = all.map((_, j) => solve(all.map(({ r }, i) => [...all.map((_, k) => r ** k / factorial[k]!), i === j ? 1 : 0])))
  const kept = Math.max(K - 2, 0)
  return A.map((column, j) => j === K - 1 ? phis[K - 1]! * column[kept]! : column.slice(0, K - 1).reduce((sum, a, k) => sum + phis[k]! * a, 0))
}

/** state·x + φ1 m0 + Σ w_j (m_j − m0)/r_j. */
function combination({ p, here }: Basis, residuals: readonly Residual[], weights: readonly number[]): Term[] {
  const scaled = residuals.map(({ of, r }, j): Term => ({ of, coefficient: (weights[j] ?? NaN) / r }))
  return [{ of: 'state', coefficient: p.state }, { of: here, coefficient: p.phi1 - scaled.reduce((sum, { coefficient }) => sum + coefficient, 0) }, ...scaled]
}

/** Solves a system of at most three equations, each a row with its right-hand side last, by elimination with pivoting. */
function solve(rows: number[][]): number[] {
  const n = rows.length
  const a = rows.map((row) => [...row])
  for (let k = 0; k < n; k++) {
    const pivot = a.slice(k).reduce((best, row, i) => Math.abs(row[k]!) > Math.abs(a[best]![k]!) ? k + i : best, k)
    ;[a[k], a[pivot]] = [a[pivot]!, a[k]!]
    for (let i = 0; i < n; i++) {
      if (i === k) continue
      const factor = a[i]![k]! / a[k]![k]!
      for (let j = k; j <= n; j++) a[i]![j]! -= factor * a[k]![j]!
    }
  }
  return a.map((row, k) => row[n]! / row[k]!)
}
