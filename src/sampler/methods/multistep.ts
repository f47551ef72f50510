import type { Form, Method, MethodContext, Step, Term, Variant } from '../types'
import { propagator, slopeWeight, type Propagator } from './propagator'
import { singlestep } from './singlestep'

/** What multistep reads from the options. `compat: 'peers3M'`: order 3 as other programs have it, see compat.ts. */
export interface MultistepOptions { compat?: unknown }

/**
 * Multistep DPM-Solver and DPM-Solver++ (kM) for k = 1, 2, 3: one evaluation a step, at its start; the derivatives of the model's output m along the step
 * come from the outputs of earlier steps. Local error O(h^(k+1)) where the remembered outputs are exact, so order k. Orders 2 and 3 need k − 1 of them.
 */
export function multistep(form: Form, order: number, variant: Variant = 'midpoint'): Method {
  switch (order) {
    case 1: return (at) => step(at, 1, first(form, at))
    case 2: return (at) => step(at, 2, second(form, variant, at))
    case 3: return (at, options: MultistepOptions) => step(at, 3, third(form, options.compat === 'peers3M', at))
    default: throw new RangeError(`multistep has no order ${order}`)
  }
}

/**
 * How multistep of order 3 begins, so that no first-order step lowers the order of the whole run: a singlestep method of order 2 or 3 across as many intervals
 * of the grid, evaluated at the levels between, so that it costs no more than the steps it replaces. All its outputs are remembered.
 */
export function multistepStart(form: Form, order: number): Method {
  const method = singlestep(form, order, 'taylor')
  return (at) => {
    const begun = method(at, {})
    return { ...begun, remember: begun.stages.map((_, k) => k) }
  }
}

const step = ({ from, to }: MethodContext, order: number, update: Step['update']): Step => (
  { from, to, order, stages: [{ level: from, input: [{ of: 'state', coefficient: 1 }] }], update, remember: [0], estimate: 0 }
)

function first(form: Form, { from, to }: MethodContext): Term[] {
  const p = propagator(form, from, to)
  return [{ of: 'state', coefficient: p.state }, { of: { stage: 0 }, coefficient: p.phi1 }]
}

/** DPM-Solver++ (2M), Algorithm 2 of arXiv 2211.01095, and its noise form: m′ ≈ (m0 − m₋₁)/r0, r0 = h₋₁/h. */
function second(form: Form, variant: Variant, { from, to, past }: MethodContext): Term[] {
  const previous = past[0]
  if (!previous) throw new RangeError('multistep of order 2 needs one remembered output')
  const p = propagator(form, from, to)
  const r0 = (from.lambda - previous.lambda) / (to.lambda - from.lambda)
  const w = slopeWeight(variant, p) / r0
  return [{ of: 'state', coefficient: p.state }, { of: { stage: 0 }, coefficient: p.phi1 + w }, { of: { past: 0 }, coefficient: -w }]
}

/**
 * Third order: m on the step is the parabola through m0, m₋₁, m₋₂ at λ_s, λ_s − r0 h, λ_s − (r0 + r1) h, and x_t = state·x + φ1 m0 + φ2 m′ + φ3 m″ is exact for
 * it. With D1₀ = (m0 − m₋₁)/r0 and D1₁ = (m₋₁ − m₋₂)/r1 its derivatives at λ_s, in units of the step, are
 * m′ = D1₀ + r0/(r0 + r1)·(D1₀ − D1₁) and m″ = 2 (D1₀ − D1₁)/(r0 + r1)
 * (Newton's form: the divided difference (D1₀ − D1₁)/(r0 + r1) is half the second derivative). Other programs weigh the divided difference itself by φ3:
 * without the 2 the update is not exact for parabolas and the order is 2 (`compat: 'peers3M'`). docs/third-order-multistep.md derives it.
 */
function third(form: Form, halved: boolean, at: MethodContext): Term[] {
  const { from, to, past } = at
  const [previous, before] = past
  if (!previous || !before) throw new RangeError('multistep of order 3 needs two remembered outputs')
  const p = propagator(form, from, to)
  const h = to.lambda - from.lambda
  // Grids of other programs may end with one level twice: nothing happens between them.
  if (h === 0) return first(form, at)
  const [r0, r1] = [(from.lambda - previous.lambda) / h, (previous.lambda - before.lambda) / h]
  return [{ of: 'state', coefficient: p.state }, ...parabola(p, r0, r1, halved ? 1 : 2)]
}

/** φ1 m0 + φ2 m′ + φ3 m″ as weights of m0, m₋₁, m₋₂. */
function parabola({ phi1, phi2, phi3 }: Propagator, r0: number, r1: number, twice: 1 | 2): Term[] {
  // w0 weighs D1₀, w1 weighs D1₁.
  const [w0, w1] = [(phi2 * (2 * r0 + r1) + twice * phi3) / (r0 + r1), -(phi2 * r0 + twice * phi3) / (r0 + r1)]
  return [
    { of: { stage: 0 }, coefficient: phi1 + w0 / r0 },
    { of: { past: 0 }, coefficient: w1 / r1 - w0 / r0 },
    { of: { past: 1 }, coefficient: -w1 / r1 },
  ]
}
