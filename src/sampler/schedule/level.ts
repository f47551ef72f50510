import type { Level } from '../types'

/** log(1 + eˣ) without overflow. */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))
}

/** log alpha at a half log-SNR, for alpha² + sigma² = 1: log alpha = −½ log(1 + e^(−2 lambda)). Exact to rounding for every finite lambda. */
export function logAlphaOf(lambda: number): number {
  return -softplus(-2 * lambda) / 2
}

/**
 * The level at time t where log alpha is known. `logAlpha` < 0; sigma = √(1 − alpha²) is taken by expm1, which keeps its digits where alpha is near 1.
 * @throws RangeError where logAlpha is not a negative number (no sigma belongs to it)
 */
export function levelAtLogAlpha(t: number, logAlpha: number): Level {
  if (!(logAlpha < 0) || logAlpha === -Infinity) throw new RangeError(`no noise level at t = ${t}: log alpha = ${logAlpha} is not below 0`)
  const variance = -Math.expm1(2 * logAlpha)
  return { t, alpha: Math.exp(logAlpha), sigma: Math.sqrt(variance), lambda: logAlpha - Math.log(variance) / 2 }
}

/** The level at a half log-SNR, whose time is t. */
export function levelAtLambda(t: number, lambda: number): Level {
  return { t, alpha: Math.exp(logAlphaOf(lambda)), sigma: Math.exp(logAlphaOf(-lambda)), lambda }
}

/** The slopes of a schedule with alpha² + sigma² = 1 where d log alpha/dt is known: d lambda/dt = (d log alpha/dt)/sigma². */
export function slopeAt({ sigma }: Level, logAlpha: number): { logAlpha: number; lambda: number } {
  return { logAlpha, lambda: logAlpha / (sigma * sigma) }
}

/** Where a schedule ends with no signal at all: zero terminal SNR, a flow at t = 1. */
export const noSignal = (t: number): Level => ({ t, alpha: 0, sigma: 1, lambda: -Infinity })

/** Below this half log-SNR there is next to no signal (the DPM-Solver authors' code drops knots there): steps equal in lambda begin here where a schedule has no lowest one. */
export const leastLambda = -5.1

/** Standard deviation of x at a level, for data of variance 1: what unit noise is multiplied by to start there. 1 of VP schedules, σ_max of EDM to four digits. */
export const startScale = ({ alpha, sigma }: Level): number => Math.hypot(alpha, sigma)

/** Where sampling may end with no noise at all. Never evaluated: the network knows no such time. */
export const noiseFree: Level = Object.freeze({ t: 0, alpha: 1, sigma: 0, lambda: Infinity })

/** @throws RangeError for a lambda that is not finite */
export function requireFinite(lambda: number): void {
  if (!Number.isFinite(lambda)) throw new RangeError(`no time belongs to lambda = ${lambda}`)
}
