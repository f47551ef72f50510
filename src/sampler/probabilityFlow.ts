import type { AnalyticModel } from './analytic'
import type { FloatArray, Level } from './types'

/** Largest step of the integration in lambda. */
const longest = 0.05
/** Beyond ±this lambda a single step goes to the end: there is nothing but the noise there, or nothing but the data. */
const farLambda = 9

/** The exact flow through given levels. Positions are x/√(α² + σ²), which is x itself on a variance-preserving schedule. */
export interface Flow {
  /** Positions at every step of the integration, in the order of time; each B·D values. */
  nodes: Float64Array[]
  /** Which node lies at each of the levels. */
  at: number[]
}

/** √(α² + σ²), by which positions of a flow are scaled. */
export const flowScale = ({ alpha, sigma }: Pick<Level, 'alpha' | 'sigma'>): number => Math.hypot(alpha, sigma)

/**
 * The probability-flow ODE of a closed-form model, integrated by the classical Runge–Kutta method in steps of lambda of at most 0.05. With α = cos φ and σ = sin φ it reads
 * dx/dφ = α ε − σ x̂₀ (arXiv 2202.00512, appendix D), which is smooth from pure noise to no noise, so that both ends are reached.
 * @param x the state at the first level, B·D values, on the schedule's own scale
 * @param levels where the flow is asked for, in either direction
 */
export function probabilityFlow(model: AnalyticModel, x: FloatArray, levels: readonly Level[]): Flow {
  const [first] = levels
  if (!first) return { nodes: [], at: [] }
  let position = Float64Array.from(x, (value) => value / flowScale(first))
  const nodes = [position]
  const at = [0]
  for (const [i, to] of levels.entries()) {
    const from = levels[i - 1]
    if (!from) continue
    const angles = anglesBetween(from, to)
    for (let k = 1; k < angles.length; k++) nodes.push(position = rungeKutta(model, position, angles[k - 1]!, angles[k]!))
    at.push(nodes.length - 1)
  }
  return { nodes, at }
}

/** φ of the steps from one level to another, both included; equal levels are one step of nothing. */
function anglesBetween(from: Level, to: Level): number[] {
  const [a, b] = [from.lambda, to.lambda].map((lambda) => Math.min(Math.max(lambda, -farLambda), farLambda)) as [number, number]
  const count = Math.max(1, Math.ceil(Math.abs(b - a) / longest - 1e-9))
  const inner = Array.from({ length: count + 1 }, (_, k) => Math.atan(Math.exp(-(a + (b - a) * k / count))))
  const angle = ({ alpha, sigma }: Level): number => Math.atan2(sigma, alpha)
  return [...(a === from.lambda ? [] : [angle(from)]), ...inner, ...(b === to.lambda ? [] : [angle(to)])]
}

function rungeKutta(model: AnalyticModel, x: Float64Array, from: number, to: number): Float64Array<ArrayBuffer> {
  const h = to - from
  const plus = (slope: Float64Array, weight: number): Float64Array => x.map((value, i) => value + weight * slope[i]!)
  const k1 = velocity(model, x, from)
  const k2 = velocity(model, plus(k1, h / 2), from + h / 2)
  const k3 = velocity(model, plus(k2, h / 2), from + h / 2)
  const k4 = velocity(model, plus(k3, h), to)
  return Float64Array.from(x, (value, i) => value + h / 6 * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!))
}

/** v = α ε − σ x̂₀ at the angle φ. */
function velocity(model: AnalyticModel, x: Float64Array, phi: number): Float64Array {
  const level = { t: 0, alpha: Math.cos(phi), sigma: Math.sin(phi), lambda: -Math.log(Math.tan(phi)) }
  const epsilon = new Float64Array(x.length)
  const x0 = new Float64Array(x.length)
  model.noise(x, level, epsilon)
  model.denoise(x, level, x0)
  return epsilon.map((value, i) => level.alpha * value - level.sigma * x0[i]!)
}
