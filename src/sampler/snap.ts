import { DpmError } from './errors'
import { ownLevel } from './schedule/schedule'
import type { Level, NoiseSchedule } from './types'

/**
 * Moves levels, noisiest first, to knots of the network's own schedule, for a network whose time input is an integer. The first and the last go to the
 * nearest knots; levels that would share a knot are spread to free neighbours, because a step between equal levels has no direction (h = 0).
 * @param levels strictly falling noise, t in terms of `schedule`
 * @param steps what the user asked for, for the error's advice
 * @returns the moved levels, t still in terms of `schedule`, and how many could not take their nearest knot
 * @throws DpmError recipeInvalid where there are more levels than knots, at `solver.steps`
 */
export function snapToKnots(levels: readonly Level[], schedule: NoiseSchedule, network: NoiseSchedule, steps: number): { levels: Level[]; displaced: number } {
  const N = network.knots
  if (N === undefined) throw new RangeError('levels snap to knots of a discrete schedule only')
  const nearest = levels.map((level) => {
    const { t } = ownLevel(level, network, schedule)
    return Math.min(Math.max(Math.round(network.label(t)), 0), N - 1)
  })
  const start = nearest[0] ?? 0
  const end = nearest.at(-1) ?? 0
  const intervals = levels.length - 1
  if (intervals > start - end) throw tooFewKnots(steps, intervals - (start - end))

  const knots = [...nearest]
  const at = (i: number): number => knots[i] ?? 0
  for (let i = 1; i < knots.length; i++) knots[i] = Math.min(at(i), at(i - 1) - 1)
  knots[intervals] = end
  for (let i = intervals - 1; i >= 0; i--) knots[i] = Math.max(at(i), at(i + 1) + 1)

  const snapped = knots.map((knot) => {
    const level = network.level((knot + 1) / N)
    return schedule === network ? level : ownLevel(level, schedule, network)
  })
  return { levels: snapped, displaced: knots.filter((knot, i) => knot !== nearest[i]).length }
}

function tooFewKnots(steps: number, excess: number): DpmError {
  const possible = steps - excess
  return new DpmError({
    reason: 'recipeInvalid', field: 'solver.steps',
    message: `This network takes whole time steps only, and there are too few of them for ${steps} evaluations.`,
    advice: `Use ${possible} or fewer steps.`,
    remedy: { title: `Use ${possible} Steps`, set: { 'solver.steps': possible } },
  })
}
