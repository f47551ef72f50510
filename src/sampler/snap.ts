import type { DpmError } from './errors'
import { ownLevel } from './schedule/schedule'
import type { Level, NoiseSchedule } from './types'

/**
 * Moves levels, noisiest first, to knots of the network's own schedule, for a network whose time input is an integer. The first and the last go to the
 * nearest knots; levels that would share a knot are spread to free neighbours, because a step between equal levels has no direction (h = 0).
 * @param levels strictly falling noise, t in terms of `schedule`
 * @param refused the error for more levels than knots, given how many steps the knots leave room for
 * @returns the moved levels, t still in terms of `schedule`, and how many could not take their nearest knot
 * @throws what `refused` makes
 */
export function snapToKnots(levels: readonly Level[], schedule: NoiseSchedule, network: NoiseSchedule, refused: (room: number) => DpmError): { levels: Level[]; displaced: number } {
  const N = network.knots
  if (N === undefined) throw new RangeError('levels snap to knots of a discrete schedule only')
  const nearest = levels.map((level) => {
    const { t } = ownLevel(level, network, schedule)
    return Math.min(Math.max(Math.round(network.label(t)), 0), N - 1)
  })
  const start = nearest[0] ?? 0
  const end = nearest.at(-1) ?? 0
  const intervals = levels.length - 1
  if (intervals > start - end) throw refused(start - end)

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
