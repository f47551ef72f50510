import type { Method, MethodContext, Step, Term } from '../types'
import { lagrangeIntegral } from './lagrange'
import { multistep } from './multistep'
import { propagator } from './propagator'

/** One evaluation at the start of the step; `weights` are those of m0, m₋₁, … in the update. */
function step({ from, to }: MethodContext, weights: readonly number[]): Step {
  const terms = weights.map((coefficient, j): Term => ({ of: j === 0 ? { stage: 0 } : { past: j - 1 }, coefficient }))
  return {
    from, to, order: weights.length, stages: [{ level: from, input: [{ of: 'state', coefficient: 1 }] }],
    update: [{ of: 'state', coefficient: to.alpha / from.alpha }, ...terms], remember: [0], estimate: 0,
  }
}

function nodesOf({ from, past }: MethodContext, order: number): readonly { alpha: number; sigma: number }[] {
  if (past.length < order - 1) throw new RangeError(`order ${order} needs ${order - 1} remembered outputs`)
  return [from, ...past.slice(0, order - 1)]
}

/**
 * Linear multistep (LMS) of order 1 … 4: Adams–Bashforth for dy/dς = ε, y = x/α, ς = σ/α, on the levels as they lie (Katherine Crowson's k-diffusion):
 * y_t = y_s + Σ_j m_j ∫ ℓ_j(ς) dς from ς_s to ς_t, with ℓ_j the Lagrange polynomials on the ς of the outputs.
 */
export function lms(order: number): Method {
  return (at) => {
    const nodes = nodesOf(at, order).map(({ alpha, sigma }) => sigma / alpha)
    const end = at.to.sigma / at.to.alpha
    return step(at, nodes.map((_, j) => at.to.alpha * lagrangeIntegral(nodes, j, nodes[0] ?? NaN, end)))
  }
}

/** Adams–Bashforth on equal steps, m0 first. */
const equalSteps: readonly (readonly number[])[] = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]]

/**
 * iPNDM of order 1 … 4 (Zhang and Chen 2023, arXiv 2204.13902, appendix): the DDIM step with ε replaced by the Adams–Bashforth combination for equal steps, whatever
 * the steps are. Where neighbouring steps differ by a share that falls with h the order is 2 at most.
 */
export function ipndm(order: number): Method {
  const weights = equalSteps[order - 1]
  if (!weights) throw new RangeError(`iPNDM has no order ${order}`)
  return (at) => {
    nodesOf(at, order)
    const { phi1 } = propagator('noise', at.from, at.to)
    return step(at, weights.map((weight) => phi1 * weight))
  }
}

/**
 * DEIS of order 1 … 3 (tAB-DEIS in log ρ; Zhang and Chen 2023, arXiv 2204.13902, eq. 15, ρ = σ/α): ε is the polynomial in log ρ = −λ through the last outputs and
 * the integral against dρ = −e^(−λ) dλ is exact. That is the noise form of multistep DPM-Solver with exact weights (`taylor`, third order with its factor 2).
 */
export const deis = (order: number): Method => multistep('noise', order, 'taylor')
