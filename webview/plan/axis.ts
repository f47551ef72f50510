import type { Level, NoiseSchedule } from '../../src/sampler/types'

/** The λ axis: where each λ lies, in CSS pixels from the left. What is not finite has a place of its own beside it. */
export interface Axis { low: number; high: number; left: number; right: number }

/** Room beside the axis for λ = −∞ and σ = 0. */
const beside = 26

export function axisFor(width: number, low: number, high: number): Axis {
  return { low, high: Math.max(high, low + 1e-6), left: 22 + beside, right: Math.max(120, width - beside - 14) }
}

export function place({ low, high, left, right }: Axis, lambda: number): number {
  if (lambda === Infinity) return right + beside
  if (lambda === -Infinity) return left - beside
  return left + (lambda - low) / (high - low) * (right - left)
}

/** The λ at a place, which may lie beyond the ends. */
export function lambdaAt({ low, high, left, right }: Axis, x: number): number {
  return low + (x - left) / (right - left) * (high - low)
}

/** Round values of λ with their levels, not nearer to each other than they can be read. */
export function ticks(axis: Axis, schedule: NoiseSchedule): Level[] {
  const { low, high, left, right } = axis
  const most = Math.max(2, Math.floor((right - left) / 64))
  const width = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20].find((one) => (high - low) / one <= most) ?? (high - low) / 2
  const levels: Level[] = []
  for (let k = Math.ceil(low / width - 1e-9); k * width <= high + 1e-9; k++) {
    try { levels.push(schedule.levelAtLambda(k * width)) } catch { /* a λ that the schedule does not reach has no time to be named */ }
  }
  return levels
}
