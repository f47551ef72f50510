import type { Form, Method, MethodContext, Step } from '../types'
import { propagator, slopeWeight, type Variant } from './propagator'

/** Multistep DPM-Solver and DPM-Solver++ (kM) for k = 1, 2: one evaluation a step, at its start; slopes come from earlier evaluations. */
export function multistep(form: Form, order: number, variant: Variant = 'midpoint'): Method {
  switch (order) {
    case 1: return (at) => step(at, 1, first(form, at))
    case 2: return (at) => step(at, 2, second(form, variant, at))
    default: throw new RangeError(`multistep has no order ${order}`)
  }
}

const step = ({ from, to }: MethodContext, order: number, update: Step['update']): Step => (
  { from, to, order, stages: [{ level: from, input: [{ of: 'state', coefficient: 1 }] }], update, remember: [0], estimate: 0 }
)

function first(form: Form, { from, to }: MethodContext): Step['update'] {
  const p = propagator(form, from, to)
  return [{ of: 'state', coefficient: p.state }, { of: { stage: 0 }, coefficient: p.phi1 }]
}

/** DPM-Solver++ (2M), Algorithm 2 of arXiv 2211.01095, and its noise form: m′ ≈ (m0 − m₋₁)/r0, r0 = h₋₁/h. */
function second(form: Form, variant: Variant, { from, to, past }: MethodContext): Step['update'] {
  const previous = past[0]
  if (!previous) throw new RangeError('multistep of order 2 needs one remembered output')
  const p = propagator(form, from, to)
  const r0 = (from.lambda - previous.lambda) / (to.lambda - from.lambda)
  const w = slopeWeight(variant, p) / r0
  return [{ of: 'state', coefficient: p.state }, { of: { stage: 0 }, coefficient: p.phi1 + w }, { of: { past: 0 }, coefficient: -w }]
}
