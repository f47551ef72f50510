import type { Method, Term } from '../types'
import { propagator } from './propagator'
import { singlestep } from './singlestep'

/**
 * The solvers of Karras et al. (2022, arXiv 2206.00364) for the probability-flow ODE in ς = σ/α, dy/dς = ε for y = x/α. A step from ς_s to ς_t with slope d is
 * y ← y + (ς_t − ς_s) d, so x_t = (α_t/α_s) x_s + (σ_t − α_t σ_s/α_s) d: the noise form's propagator, whose φ1 is that bracket. Hence Euler is DDIM, and
 * DPM-2, whose inner point is the geometric mean of ς_s and ς_t, is DPM-Solver-2.
 */
export const euler: Method = singlestep('noise', 1)
export const dpm2: Method = singlestep('noise', 2, 'midpoint')

const state = (coefficient: number): Term => ({ of: 'state', coefficient })
const stage = (k: number, coefficient: number): Term => ({ of: { stage: k }, coefficient })

/** Heun's method (Algorithm 1 there, lines 6–8): the mean of the slopes at both ends, the second one at Euler's end point. */
export const heun: Method = ({ from, to }) => {
  const p = propagator('noise', from, to)
  return {
    from, to, order: 2, remember: [], estimate: 0,
    stages: [{ level: from, input: [state(1)] }, { level: to, input: [state(p.state), stage(0, p.phi1)] }],
    update: [state(p.state), stage(0, p.phi1 / 2), stage(1, p.phi1 / 2)],
  }
}

/**
 * Heun's method for flow matching, dx/dσ = v with v = ε − x₀ and α = 1 − σ (as FlowMatchHeun in diffusers), data form: v = (x − x̂₀)/σ. Where the way begins without
 * signal (α = 0) it is still finite.
 */
export const heunInVelocity: Method = ({ from, to }) => {
  const p = propagator('data', from, to)
  const half = (to.sigma - from.sigma) / 2
  // x + (σ_t − σ_s)/2 (v₀ + v₁), v₁ at Euler's end point state·x + φ1 x̂₀.
  return {
    from, to, order: 2, remember: [], estimate: 0,
    stages: [{ level: from, input: [state(1)] }, { level: to, input: [state(p.state), stage(0, p.phi1)] }],
    update: [state(1 + half / from.sigma + half * p.state / to.sigma), stage(0, -half / from.sigma + half * p.phi1 / to.sigma), stage(1, -half / to.sigma)],
  }
}
