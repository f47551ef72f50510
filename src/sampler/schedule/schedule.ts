import { assertNever } from '../errors'
import type { Form, Level, NoiseSchedule, ScheduleSpec } from '../types'
import { discrete } from './discrete'
import { edm } from './edm'
import { flow } from './flow'
import { leastLambda } from './level'
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
    case 'edm': return edm(spec.sigmaMin, spec.sigmaMax, spec.sigmaData)
    case 'flow': return flow(spec.shift, spec.trainSteps)
    default: return assertNever(spec)
  }
}

/** The level of the network's own schedule with the same lambda; the noisiest one where it has none with so little signal. */
export function ownLevel(level: Level, own: NoiseSchedule, placedBy: NoiseSchedule = own): Level {
  if (own === placedBy) return level
  return level.lambda === -Infinity && own.level(own.T).alpha > 0 ? own.level(own.T) : own.levelAtLambda(level.lambda)
}

/**
 * What to feed the network as time at a level that another schedule may have placed: its own label at equal lambda. A label beyond those it was trained
 * with (0 … N − 1 of a discrete schedule, 0 … T of a continuous one) is clamped to the nearest of them: an embedding of a time it never saw is noise.
 * @param own the schedule the network was trained with
 * @param placedBy the schedule that level.t belongs to
 */
export function timeLabel(level: Level, own: NoiseSchedule, placedBy: NoiseSchedule = own): number {
  return Math.min(Math.max(own.label(ownLevel(level, own, placedBy).t), leastLabel(own)), own.label(own.T))
}

/** True where the network was not trained with so much or so little noise, and timeLabel clamps. Ignores a hundredth of a step, which rounding can make. */
export function outsideTraining(level: Level, own: NoiseSchedule): boolean {
  if (level.lambda === -Infinity) return own.level(own.T).alpha > 0
  const label = own.label(own.levelAtLambda(level.lambda).t)
  const slack = own.knots === undefined ? 1e-5 : 0.01
  return label < leastLabel(own) - slack || label > own.label(own.T) + slack
}

/** An EDM network was trained down to sigmaMin, whose label is negative. */
const leastLabel = (own: NoiseSchedule): number => own.spec.kind === 'edm' ? own.label(own.tEnd) : 0

/**
 * Where a run may start: T. Without any signal there, ε says nothing about the data, so that a method in noise form starts where there is a little.
 */
export function startLevel(schedule: NoiseSchedule, form: Form): Level {
  const level = schedule.level(schedule.T)
  return level.alpha === 0 && form === 'noise' ? schedule.levelAtLambda(leastLambda) : level
}
