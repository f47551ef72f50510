import type { Clock, Form, Level } from '../types'
import { phi } from './phi'

/**
 * The exact solution of the reverse-time SDE from level s to level t, as far as the model's output m is known:
 * x_t = state·x_s + φ1·m + φ2·m′ + φ3·m″ + noise·z, with m′, m″ in units of the step and z a unit normal, the increment of a Brownian path in the time of `clock`.
 * In λ the family with the probability-flow ODE at η = 0 and Anderson's reverse SDE at η = 1 (Song et al. 2021, arXiv 2011.13456, eq. 6; SDE-DPM-Solver++,
 * arXiv 2211.01095, appendix C) is d(x/α) = −(1 + η) e^(−λ) ε dλ + √(2η) e^(−λ) dW_λ:
 * noise form (m = ε): state = α_t/α_s, φ_k = −(1 + η) σ_t h φ_k(h), noise² = η σ_t² (e^(2h) − 1);
 * data form (m = x̂₀): state = (σ_t/σ_s) e^(−ηh), φ_k = (1 + η) α_t h φ_k(−(1 + η) h), noise² = σ_t² (1 − e^(−2ηh)).
 */
export interface SdePropagator { state: number; phi1: number; phi2: number; phi3: number; noise: number; clock: Clock }

/**
 * h = λ_t − λ_s. Where t is free of noise (σ_t = 0, h = ∞) only `state`, `phi1` and `noise` exist.
 * @param eta how much of the reverse SDE's noise, from 0 (the ODE) to 1 and beyond
 */
export function sdePropagator(form: Form, s: Level, t: Level, eta: number): SdePropagator {
  const h = t.lambda - s.lambda
  const k = 1 + eta
  if (form === 'data') {
    const z = -k * h
    const noise = t.sigma * Math.sqrt(-Math.expm1(-2 * eta * h))
    const scale = k * t.alpha * h
    return { state: t.sigma / s.sigma * (eta === 0 ? 1 : Math.exp(-eta * h)), phi1: -t.alpha * Math.expm1(z), phi2: scale * phi(2, z), phi3: scale * phi(3, z), noise: eta === 0 ? 0 : noise, clock: eta }
  }
  const scale = -k * t.sigma * h
  // σ_t e^h → α_t σ_s/α_s as σ_t → 0.
  const end = t.alpha * s.sigma / s.alpha
  const phi1 = t.sigma === 0 ? -k * end : -k * t.sigma * Math.expm1(h)
  const noise = Math.sqrt(eta) * (t.sigma === 0 ? end : t.sigma * Math.sqrt(Math.expm1(2 * h)))
  // ∫ e^(−λ) dW_λ runs in e^(−2λ).
  return { state: t.alpha / s.alpha, phi1, phi2: scale * phi(2, h), phi3: scale * phi(3, h), noise, clock: -1 }
}
