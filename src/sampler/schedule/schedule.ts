import { assertNever } from '../errors'
import type { Level, NoiseSchedule, ScheduleSpec } from '../types'
import { discrete } from './discrete'
import { vpCosine } from './vpCosine'
import { vpLinear } from './vpLinear'

/**
 * The noise schedule that plain data describe.
 * @throws DpmError recipeInvalid, naming the field
 */
export function scheduleOf(spec: ScheduleSpec): NoiseSchedule {
  switch (spec.kind) {
    case 'discrete': return discrete(spec)
    case 'vpLinear': return vpLinear(spec.beta0, spec.beta1)
    case 'vpCosine': return vpCosine(spec.s)
    default: return assertNever(spec)
  }
}

/**
 * What to feed the network as time at a level that another schedule may have placed: its own label at equal lambda. A label beyond those it was trained
 * with (0 … N − 1 of a discrete schedule, 0 … T of a continuous one) is clamped to the nearest of them: an embedding of a time it never saw is noise.
 * @param own the schedule the network was trained with
 * @param placedBy the schedule that level.t belongs to
 */
export function timeLabel(level: Level, own: NoiseSchedule, placedBy: NoiseSchedule = own): number {
  const t = own === placedBy ? level.t : own.levelAtLambda(level.lambda).t
  const label = own.label(t)
  return Math.min(Math.max(label, 0), own.label(own.T))
}

/** True where the network was not trained with so much or so little noise, and timeLabel clamps. Ignores a hundredth of a step, which rounding can make. */
export function outsideTraining(level: Level, own: NoiseSchedule): boolean {
  const label = own.label(own.levelAtLambda(level.lambda).t)
  const slack = own.knots === undefined ? 1e-5 : 0.01
  return label < -slack || label > own.label(own.T) + slack
}
