import type { Form, Level, Method, MethodOptions, Step, Term, Variant } from '../types'
import { sdePropagator, type SdePropagator } from './sdePropagator'
import { numberOf, ofPast, ofPath, ofStage, ofState } from './terms'

// What the stochastic DPM-Solvers read from the options: `eta` scales the noise (0: the ODE method), `sNoise` a factor on the noise alone; `compat` see compat.ts.

/**
 * SDE-DPM-Solver and SDE-DPM-Solver++ (kM), k = 1, 2, 3 (arXiv 2211.01095, appendix C for k = 2): one evaluation a step and one noise; slopes from earlier
 * evaluations. In the limit of no noise the order is k.
 */
export function sdeMultistep(form: Form, order: number, variant: Variant = 'midpoint'): Method {
  return ({ from, to, past }, options) => {
    const p = of(form, from, to, options)
    const stages: Step['stages'] = [{ level: from, input: [ofState(1)] }]
    const h = to.lambda - from.lambda
    // A step of no width, as some grids end with, changes nothing.
    if (h === 0) return { from, to, order, stages, update: [ofState(1)], remember: [0], estimate: 0 }
    const gaps = [from, ...past].map(({ lambda }, j, levels) => (lambda - (levels[j + 1]?.lambda ?? NaN)) / h)
    return { from, to, order, stages, update: [ofState(p.state), ...slopes(order, variant, p, gaps, to, options), ...noise(from, to, p, options)], remember: [0], estimate: 0 }
  }
}

/**
 * SDE-DPM-Solver++ (kS): k evaluations a step, no history. The inner states carry the noise of their own part of the way.
 * The weights are those of the singlestep ODE methods with the SDE's φ.
 */
export function sdeSinglestep(form: Form, order: number, variant: Variant = 'midpoint'): Method {
  return (at, options) => {
    const { from, to } = at
    const shares = order === 2 ? [numberOf(options, 'r1') ?? 1 / 2] : order === 3 ? [numberOf(options, 'r1') ?? 1 / 3, numberOf(options, 'r2') ?? 2 / 3] : []
    const inner = shares.map((share, k) => at.inner?.[k] ?? at.levelAtLambda(from.lambda + share * (to.lambda - from.lambda)))
    const levels = [from, ...inner, to]
    const stages: Step['stages'] = [{ level: from, input: [ofState(1)] }]
    for (let k = 1; k < order; k++) stages.push({ level: levels[k]!, input: singlestepSum(form, variant, levels.slice(0, k + 1), options) })
    return { from, to, order, stages, update: singlestepSum(form, variant, levels, options), remember: [], estimate: 0 }
  }
}

/** How multistep of order 3 begins without a step of first order: as multistepStart of the ODE does. */
export function sdeMultistepStart(form: Form, order: number): Method {
  const method = sdeSinglestep(form, order, 'taylor')
  return (at, options) => {
    const begun = method(at, options)
    return { ...begun, remember: begun.stages.map((_, k) => k) }
  }
}

/** The state at the last of the levels from the outputs at those before it. */
function singlestepSum(form: Form, variant: Variant, levels: readonly Level[], options: MethodOptions): Term[] {
  const [from, ...rest] = levels
  const to = rest.pop()!
  const p = of(form, from!, to, options)
  const h = to.lambda - from!.lambda
  const [r1 = NaN, r2 = NaN] = rest.map(({ lambda }) => (lambda - from!.lambda) / h)
  const outputs = (...weights: number[]): Term[] => weights.flatMap((weight, k) => weight === 0 ? [] : [ofStage(k, weight)])
  const sum = (): Term[] => {
    if (rest.length === 0) return outputs(p.phi1)
    if (rest.length === 1) {
      const w = slopeOf(variant, p) / r1
      return outputs(p.phi1 - w, w)
    }
    // As in singlestep.ts: m′ from the last output alone, or the parabola through all three.
    if (variant === 'midpoint') return outputs(p.phi1 - p.phi2 / r2, 0, p.phi2 / r2)
    const phi3 = options['compat'] === 'peersSde3' ? wrongPhi3(p, to) : p.phi3
    const w1 = (p.phi2 * r2 - 2 * phi3) / ((r2 - r1) * r1)
    const w2 = (2 * phi3 - p.phi2 * r1) / ((r2 - r1) * r2)
    return outputs(p.phi1 - w1 - w2, w1, w2)
  }
  return [ofState(p.state), ...sum(), ...noise(from!, to, p, options)]
}

const of = (form: Form, from: Level, to: Level, options: MethodOptions): SdePropagator => sdePropagator(form, from, to, numberOf(options, 'eta') ?? 1)

const noise = (from: Level, to: Level, p: SdePropagator, options: MethodOptions): Term[] => ofPath(from, to, p.noise * (numberOf(options, 'sNoise') ?? 1), p.clock)

const slopeOf = (variant: Variant, { phi1, phi2 }: SdePropagator): number => variant === 'midpoint' ? phi1 / 2 : phi2

/**
 * φ1 m0 + φ2 m′ + φ3 m″ with m′, m″ from the line or parabola through the last outputs (see multistep.ts).
 * @param r gaps between the levels of the outputs, newest first, in units of the step
 */
function slopes(order: number, variant: Variant, p: SdePropagator, [r0 = NaN, r1 = NaN]: readonly number[], to: Level, { compat }: MethodOptions): Term[] {
  switch (order) {
    case 1: return [ofStage(0, p.phi1)]
    case 2: {
      requirePast(r0)
      const w = slopeOf(variant, p) / r0
      return [ofStage(0, p.phi1 + w), ofPast(0, -w)]
    }
    case 3: {
      requirePast(r1)
      // The weight of (D1₀ − D1₁)/(r0 + r1), half the second derivative.
      const second = compat === 'peersSde3' ? wrongPhi3(p, to) : compat === 'peers3M' ? p.phi3 : 2 * p.phi3
      const [w0, w1] = [(p.phi2 * (2 * r0 + r1) + second) / (r0 + r1), -(p.phi2 * r0 + second) / (r0 + r1)]
      return [ofStage(0, p.phi1 + w0 / r0), ofPast(0, w1 / r1 - w0 / r0), ofPast(1, -w1 / r1)]
    }
    default: throw new RangeError(`there is no order ${order}`)
  }
}

/** φ3 = α_t ((1 − e^(−2h) − 2h)/(2h)² + ½) for η = 1, with the sign of its ½ as another program has it: `compat: 'peersSde3'`, see compat.ts. */
const wrongPhi3 = ({ phi3 }: SdePropagator, to: Level): number => phi3 - to.alpha

function requirePast(gap: number): void {
  if (Number.isNaN(gap)) throw new RangeError('a multistep method needs more remembered outputs')
}
