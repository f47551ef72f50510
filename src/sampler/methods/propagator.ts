import type { Form, Level, Variant } from '../types'
import { phi } from './phi'

/**
 * The exact solution of the probability-flow ODE from level s to level t, as far as the model's output m is known:
 * x_t = state·x_s + φ1·m + φ2·m′ + φ3·m″ + φ4·m‴ + …, where m′, m″, m‴ are the derivatives of m along the way, in units of the step (h·dm/dλ, h²·d²m/dλ², …).
 * Noise form (m = ε; DPM-Solver, arXiv 2206.00927, eq. 3.4): state = α_t/α_s, φ_k = −σ_t h φ_k(h).
 * Data form (m = x̂₀; DPM-Solver++, arXiv 2211.01095, eq. 9): state = σ_t/σ_s, φ_k = α_t h φ_k(−h).
 */
export interface Propagator { state: number; phi1: number; phi2: number; phi3: number; phi4: number }

/** h = λ_t − λ_s may be of either sign. Where t is free of noise (σ_t = 0, h = ∞) only `state` and `phi1` exist, and the step gives x̂₀; so it is where t has no signal (α_t = 0), and the step in data form gives noise. */
export function propagator(form: Form, s: Level, t: Level): Propagator {
  const h = t.lambda - s.lambda
  if (form === 'data') {
    const z = -h
    // α_t (1 − e^(−h)) → −σ_t α_s/σ_s as α_t → 0.
    const phi1 = t.alpha === 0 ? -t.sigma * s.alpha / s.sigma : -t.alpha * Math.expm1(z)
    return { state: t.sigma / s.sigma, phi1, phi2: t.alpha * h * phi(2, z), phi3: t.alpha * h * phi(3, z), phi4: t.alpha * h * phi(4, z) }
  }
  // σ_t (e^h − 1) → α_t σ_s/α_s as σ_t → 0.
  const phi1 = t.sigma === 0 ? -t.alpha * s.sigma / s.alpha : -t.sigma * Math.expm1(h)
  return { state: t.alpha / s.alpha, phi1, phi2: -t.sigma * h * phi(2, h), phi3: -t.sigma * h * phi(3, h), phi4: -t.sigma * h * phi(4, h) }
}

/** The weight of m′ in a second-order update: exact for a linear m, or the half of φ1 that the midpoint forms take. */
export const slopeWeight = (variant: Variant, { phi1, phi2 }: Propagator): number => variant === 'midpoint' ? phi1 / 2 : phi2
