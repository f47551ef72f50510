import type { Form, Level, Method, MethodContext, MethodOptions, Step, Term, Variant } from '../types'
import { propagator, slopeWeight } from './propagator'

/** What the singlestep methods read from the options: where the inner evaluations lie, as shares of the step in λ; 0 < r1 < r2. */
export interface InnerPoints { r1?: number; r2?: number }

const state = (coefficient: number): Term => ({ of: 'state', coefficient })
const stage = (k: number, coefficient: number): Term => ({ of: { stage: k }, coefficient })

/** DPM-Solver-k and DPM-Solver++ (kS) for k = 1, 2, 3: k evaluations a step, no history. */
export function singlestep(form: Form, order: number, variant: Variant = 'midpoint'): Method {
  switch (order) {
    case 1: return (at) => first(form, at)
    case 2: return (at, options) => second(form, variant, at, options)
    case 3: return (at, options) => third(form, variant, at, options)
    default: throw new RangeError(`singlestep has no order ${order}`)
  }
}

/**
 * DPM-Solver-12 and -23 (arXiv 2206.00927, appendix C) and their ++ forms: a step of order 2 or 3 with the next lower order embedded, made from its own first
 * evaluations at the same r1, for step-size control. DPM-Solver-12 has r1 = 1/2, DPM-Solver-23 r1 = 1/3, r2 = 2/3.
 */
export function embeddedPair(form: Form, order: 2 | 3, variant: Variant = 'midpoint'): Method {
  return (at, options) => {
    const step = order === 2 ? second(form, variant, at, options) : third(form, variant, at, options)
    const p = propagator(form, at.from, at.to)
    const r1 = ((step.stages[1]?.level.lambda ?? NaN) - at.from.lambda) / (at.to.lambda - at.from.lambda)
    const w = slopeWeight(variant, p) / r1
    const embedded = order === 2 ? [state(p.state), stage(0, p.phi1)] : [state(p.state), stage(0, p.phi1 - w), stage(1, w)]
    return { ...step, embedded, error: difference(step.update, embedded) }
  }
}

/** What is left of two sums that begin with the same multiple of the state. */
function difference(a: readonly Term[], b: readonly Term[]): Term[] {
  const weight = (terms: readonly Term[], k: number): number => terms.reduce((sum, { of, coefficient }) => typeof of === 'object' && 'stage' in of && of.stage === k ? sum + coefficient : sum, 0)
  return [0, 1, 2].map((k) => stage(k, weight(a, k) - weight(b, k))).filter(({ coefficient }) => coefficient !== 0)
}

const step = ({ from, to }: MethodContext, order: number, stages: Step['stages'], update: Term[]): Step => (
  { from, to, order, stages, update, remember: [], estimate: 0 }
)

/** DPM-Solver-1, which is DDIM (arXiv 2206.00927, eq. 3.7; arXiv 2211.01095, eq. 12 for k = 1). Also the step to σ = 0, where it gives x̂₀. */
function first(form: Form, at: MethodContext): Step {
  const p = propagator(form, at.from, at.to)
  return step(at, 1, [{ level: at.from, input: [state(1)] }], [state(p.state), stage(0, p.phi1)])
}

/** DPM-Solver-2 (Algorithm 1 of arXiv 2206.00927, general r1 in appendix) and DPM-Solver++ (2S) (Algorithm 1 of arXiv 2211.01095). r1 = 1/2. */
function second(form: Form, variant: Variant, at: MethodContext, options: MethodOptions): Step {
  const { from: s, to: t } = at
  const [{ r: r1, level: s1 }] = inner(at, [numberOf(options, 'r1') ?? 1 / 2])
  const p1 = propagator(form, s, s1)
  const p = propagator(form, s, t)
  // m′ ≈ (m1 − m0)/r1
  const w = slopeWeight(variant, p) / r1
  return step(at, 2, [
    { level: s, input: [state(1)] },
    { level: s1, input: [state(p1.state), stage(0, p1.phi1)] },
  ], [state(p.state), stage(0, p.phi1 - w), stage(1, w)])
}

/** DPM-Solver-3 (Algorithm 2 of arXiv 2206.00927) and its ++ form. r1 = 1/3, r2 = 2/3. */
function third(form: Form, variant: Variant, at: MethodContext, options: MethodOptions): Step {
  const { from: s, to: t } = at
  const [{ r: r1, level: s1 }, { r: r2, level: s2 }] = inner(at, [numberOf(options, 'r1') ?? 1 / 3, numberOf(options, 'r2') ?? 2 / 3])
  const p1 = propagator(form, s, s1)
  const p2 = propagator(form, s, s2)
  const p = propagator(form, s, t)
  // The second inner state: m′ over the part r2 of the step is (r2/r1)(m1 − m0).
  const w = p2.phi2 * r2 / r1
  return step(at, 3, [
    { level: s, input: [state(1)] },
    { level: s1, input: [state(p1.state), stage(0, p1.phi1)] },
    { level: s2, input: [state(p2.state), stage(0, p2.phi1 - w), stage(1, w)] },
  ], [state(p.state), ...thirdUpdate(variant, p, r1, r2)])
}

function thirdUpdate(variant: Variant, { phi1, phi2, phi3 }: ReturnType<typeof propagator>, r1: number, r2: number): Term[] {
  // midpoint: m′ ≈ (m2 − m0)/r2, whose error the choice r2 = 2/3 cancels.
  if (variant === 'midpoint') return [stage(0, phi1 - phi2 / r2), stage(2, phi2 / r2)]
  // taylor: the parabola through m0, m1, m2; D_i = (m_i − m0)/r_i, m′ = (r2 D_1 − r1 D_2)/(r2 − r1), m″ = 2 (D_2 − D_1)/(r2 − r1).
  const w1 = (phi2 * r2 - 2 * phi3) / ((r2 - r1) * r1)
  const w2 = (2 * phi3 - phi2 * r1) / ((r2 - r1) * r2)
  return [stage(0, phi1 - w1 - w2), stage(1, w1), stage(2, w2)]
}

interface Inner { r: number; level: Level }

/** The inner levels: where the spacing placed them, else at the shares r of the step in λ. */
function inner(at: MethodContext, shares: [number]): [Inner]
function inner(at: MethodContext, shares: [number, number]): [Inner, Inner]
function inner(at: MethodContext, shares: number[]): Inner[] {
  const { lambda } = at.from
  const h = at.to.lambda - lambda
  return shares.map((r, k) => {
    const placed = at.inner?.[k]
    return placed ? { r: (placed.lambda - lambda) / h, level: placed } : { r, level: at.levelAtLambda(lambda + r * h) }
  })
}

function numberOf(options: MethodOptions, name: keyof InnerPoints): number | undefined {
  const value = options[name]
  return typeof value === 'number' ? value : undefined
}
