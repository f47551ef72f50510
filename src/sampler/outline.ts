import { spacingRefused } from './refuse'
import type { StepsRequest } from './row'
import type { Slot } from './orders'
import { snapToKnots } from './snap'
import { spacings } from './spacing'
import type { Level, NoiseSchedule, Spacing, Step } from './types'

/** Where one step lies: its two ends and the inner levels, empty where the method places them itself. */
export interface Part { from: Level; inner: Level[]; to: Level }

/**
 * A grid of the spacing, of which every step takes its intervals: with spacings other than logSNR a singlestep method takes one for each evaluation, so its
 * inner levels are grid points and r1, r2 are what the grid makes them.
 */
export function place({ spacing, spacingOptions }: StepsRequest, schedule: NoiseSchedule, from: Level, to: Level, slots: readonly Slot[], toZero: boolean): Part[] {
  const widths = slots.map(({ intervals }) => intervals)
  const grid = apart(() => spacings[spacing](schedule, from, to, widths.reduce((sum, width) => sum + width, 0), { ...spacingOptions, toZero }), spacing, to.lambda > from.lambda)
  return parts(grid, widths)
}

/** The levels, where each has its own place: a steep spacing of many steps can run together at one end, in rounding. */
function apart(levelsOf: () => Level[], spacing: Spacing, rising: boolean): Level[] {
  try {
    const levels = levelsOf()
    if (levels.every(({ lambda }, i) => i === 0 || (rising ? lambda > levels[i - 1]!.lambda : lambda < levels[i - 1]!.lambda))) return levels
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw spacingRefused(spacing)
}

function parts(grid: readonly Level[], widths: readonly number[]): Part[] {
  let begin = 0
  return widths.map((width) => {
    const [from, ...rest] = grid.slice(begin, begin + width + 1)
    const to = rest.pop()
    if (!from || !to) throw new RangeError('the grid is shorter than the steps on it')
    begin += width
    return { from, inner: rest, to }
  })
}

/** The parts with every level on a knot of the network's schedule. */
export function snapOutline(steps: readonly Step[], schedule: NoiseSchedule, network: NoiseSchedule, refused: Parameters<typeof snapToKnots>[3]): { outline: Part[]; displaced: number } {
  const last = steps.at(-1)
  const between = steps.map(({ from, to, stages }) => [...new Set(stages.map(({ level }) => level))].filter((level) => level !== from && level !== to))
  const chain = [...steps.flatMap(({ from }, i) => [from, ...between[i]!]), ...(last ? [last.to] : [])]
  const upwards = chain.length > 1 && chain[0]!.lambda > chain[1]!.lambda
  const { levels, displaced } = snapToKnots(upwards ? [...chain].reverse() : chain, schedule, network, refused)
  if (upwards) levels.reverse()
  return { outline: parts(levels, between.map(({ length }) => length + 1)), displaced }
}
