import { assertNever } from './errors'
import type { Controller, FloatArray } from './types'

/** What a controller knows of a lane: the width of its next attempt (positive, in the variable of the steps) and the errors before. */
export interface Memory {
  width: number
  /** Of the newest accepted attempts, newest first; what a controller makes of them. */
  errors: readonly number[]
  /** The attempt before this one was rejected. */
  rejected: boolean
}

export const begin = (width: number): Memory => ({ width, errors: [], rejected: false })

/**
 * Judges an attempt and sets the width of the next one.
 * `pi`: accepts errors of at most 1; the next width is safety·E^(−0.7/k)·E₋^(0.4/k) times this one, within [1/5, 5] (proportional–integral control, Gustafsson 1991;
 * Hairer and Wanner, Solving Ordinary Differential Equations II, IV.2); after a rejection it does not grow.
 * `authors`: θ E^(−1/k), as the DPM-Solver authors' code (arXiv 2206.00927, appendix C), which rounds the power to single precision.
 * `pid`: k-diffusion's; an attempt is good where the limited factor of its three last errors is not small. `scipy`: that of scipy.integrate.solve_ivp.
 * @param k order of the pair: the error is O(h^k)
 * @param width of the attempt, which may have been cut to reach the end
 * @param error of the attempt in units of the tolerance
 */
export function judge(controller: Controller, k: number, memory: Memory, width: number, error: number): Memory & { accepted: boolean } {
  switch (controller.kind) {
    case 'pi': return pi(controller, k, memory, width, error)
    case 'authors': {
      const accepted = error <= 1
      const power = error ** (-1 / k)
      return { accepted, rejected: !accepted, errors: [], width: controller.theta * width * (controller.singlePrecision ? Math.fround(power) : power) }
    }
    case 'pid': return pid(controller, k, memory, error)
    case 'scipy': {
      const accepted = error < 1
      const raw = 0.9 * error ** (-1 / k)
      const factor = accepted ? Math.min(memory.rejected ? 1 : 10, raw) : Math.max(0.2, raw)
      return { accepted, rejected: !accepted, errors: [], width: width * factor }
    }
    default: return assertNever(controller)
  }
}

function pi({ safety }: Extract<Controller, { kind: 'pi' }>, k: number, memory: Memory, width: number, error: number): Memory & { accepted: boolean } {
  const accepted = error <= 1
  if (!accepted) return { accepted, rejected: true, errors: memory.errors, width: width * Math.min(1, Math.max(1 / 5, safety * error ** (-1 / k))) }
  // An error of 0 would ask for a step without end.
  const now = Math.max(error, 1e-4)
  const before = memory.errors[0] ?? now
  const factor = Math.min(memory.rejected ? 1 : 5, Math.max(1 / 5, safety * now ** (-0.7 / k) * before ** (0.4 / k)))
  return { accepted, rejected: false, errors: [now], width: width * factor }
}

function pid({ p, i, d, acceptSafety }: Extract<Controller, { kind: 'pid' }>, k: number, memory: Memory, error: number): Memory & { accepted: boolean } {
  const inverse = 1 / (error + 1e-8)
  const [second = inverse, third = inverse] = memory.errors
  const factor = 1 + Math.atan(inverse ** ((p + i + d) / k) * second ** (-(p + 2 * d) / k) * third ** (d / k) - 1)
  const accepted = factor >= acceptSafety
  // The peer scales the width it asked for, not the one that was cut to reach the end.
  return { accepted, rejected: !accepted, errors: accepted ? [inverse, second] : [second, third], width: memory.width * factor }
}

/** Tolerances of a run. */
export interface Tolerance { atol: number; rtol: number }

/**
 * How far the two solutions of a step are apart, in units of the tolerance: the root mean square of gap/δ over the values of one item.
 * @param gap the solution of the higher order less that of the lower order
 * @param before where the step began, or what a controller compares with in its place
 */
export function distance(controller: Controller, { atol, rtol }: Tolerance, { gap, high, low, before }: Record<'gap' | 'high' | 'low' | 'before', FloatArray>, items: number): number {
  const size = high.length / items
  const added = controller.kind === 'scipy'
  let largest = 0
  let all = 0
  for (let item = 0; item < items; item++) {
    let sum = 0
    for (let i = item * size; i < (item + 1) * size; i++) {
      // scipy scales by both ends of the step, the others by the lower order's end.
      const scale = rtol * Math.max(Math.abs(added ? high[i]! : low[i]!), Math.abs(before[i]!))
      const delta = added ? atol + scale : Math.max(atol, scale)
      sum += (gap[i]! / delta) ** 2
    }
    largest = Math.max(largest, sum / size)
    all += sum
  }
  // Of several items in one lane the authors' code takes the worst, the others the mean.
  return Math.sqrt(controller.kind === 'authors' || controller.kind === 'pi' ? largest : all / high.length)
}

/**
 * The first width of a Runge–Kutta method (Hairer, Nørsett and Wanner, Solving Ordinary Differential Equations I, II.4): from the norms of the state and of the slope, and
 * then of the change of the slope over a trial step.
 */
export function trialWidth(stateNorm: number, slopeNorm: number, whole: number): number {
  const width = stateNorm < 1e-5 || slopeNorm < 1e-5 ? 1e-6 : 0.01 * stateNorm / slopeNorm
  return Math.min(width, whole)
}

/** @param changeNorm of the difference of the slopes over the trial step, divided by its width */
export function firstWidth(trial: number, slopeNorm: number, changeNorm: number, k: number, whole: number): number {
  const width = slopeNorm <= 1e-15 && changeNorm <= 1e-15 ? Math.max(1e-6, trial * 1e-3) : (0.01 / Math.max(slopeNorm, changeNorm)) ** (1 / k)
  return Math.min(100 * trial, width, whole)
}

/** Root mean square of values in units of atol + rtol |state|. */
export function scaledNorm({ atol, rtol }: Tolerance, values: (i: number) => number, state: FloatArray): number {
  let sum = 0
  for (let i = 0; i < state.length; i++) sum += (values(i) / (atol + rtol * Math.abs(state[i]!))) ** 2
  return Math.sqrt(sum / state.length)
}
