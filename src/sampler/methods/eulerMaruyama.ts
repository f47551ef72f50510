import type { Level, MethodContext, MethodOptions, Step } from '../types'
import { numberOf, ofPath, ofStage, ofState } from './terms'

/** d log α/dt and d λ/dt of the schedule where a step begins. */
interface Slope { logAlpha: number; lambda: number }

function slopeAt({ from, slope }: MethodContext): Slope {
  if (!slope) throw new RangeError('a method that steps in time needs the schedule’s slopes')
  return slope(from.t)
}

const step = (s: Level, t: Level, update: Step['update']): Step => ({ from: s, to: t, order: 1, stages: [{ level: s, input: [ofState(1)] }], update, remember: [0], estimate: 0 })

/**
 * Euler–Maruyama on the reverse SDE dx = (f x + ½ (1 + η) g²/σ ε) dt + √η g dw̄, Song et al. 2021, arXiv 2011.13456, eq. 6 (η = 1) and 13 (η = 0), noise form:
 * f = d log α/dt, g² = −2 σ² dλ/dt, both where the step begins. dt = t_t − t_s, below 0. `eta` (1), `sNoise` (1).
 */
export function eulerMaruyama(at: MethodContext, options: MethodOptions): Step {
  const { from: s, to: t } = at
  const eta = numberOf(options, 'eta') ?? 1
  const slope = slopeAt(at)
  const dt = t.t - s.t
  const g2 = -2 * s.sigma ** 2 * slope.lambda
  return step(s, t, [
    ofState(1 + slope.logAlpha * dt), ofStage(0, (1 + eta) / 2 * g2 / s.sigma * dt),
    ...ofPath(s, t, Math.sqrt(eta * g2 * Math.abs(dt)) * (numberOf(options, 'sNoise') ?? 1), 't'),
  ])
}

/**
 * The reverse diffusion sampler (Song et al. 2021, appendix E): the forward chain's own step x_s = √(1 − β) x_t + √β z run backwards,
 * x_t = (2 − √(1 − β)) x_s − (β/σ_s) ε + √β z, noise form. β of a step is 1 − α_s²/α_t², or as given. `eta` 0 takes half of ε and no noise (the ODE).
 */
export function reverseDiffusion(at: MethodContext, options: MethodOptions): Step {
  const { from: s, to: t } = at
  const beta = numberOf(options, 'beta') ?? -Math.expm1(2 * Math.log(s.alpha / t.alpha))
  const eta = numberOf(options, 'eta') ?? 1
  return step(s, t, [
    ofState(2 - Math.sqrt(1 - beta)), ofStage(0, -(1 + eta) / 2 * beta / s.sigma),
    ...ofPath(s, t, Math.sqrt(eta * beta) * (numberOf(options, 'sNoise') ?? 1), 't'),
  ])
}

/** DDPM's step with the forward chain's β as its variance (Song et al. 2021, eq. 4), noise form: x_t = (x_s − (β/σ_s) ε)/√(1 − β) + √β z. */
export function ancestralChain(at: MethodContext, options: MethodOptions): Step {
  const { from: s, to: t } = at
  const beta = numberOf(options, 'beta') ?? -Math.expm1(2 * Math.log(s.alpha / t.alpha))
  const root = Math.sqrt(1 - beta)
  return step(s, t, [ofState(1 / root), ofStage(0, -beta / (s.sigma * root)), ...ofPath(s, t, Math.sqrt(beta) * (numberOf(options, 'sNoise') ?? 1), 't')])
}
