import { leastLambda } from './schedule/level'
import type { Level, NoiseSchedule, Spacing, SpacingOptions } from './types'

/** `toZero`: a step from the last level to σ = 0 follows. Spacings that are lists of times leave it the last interval. */
export type Placing = SpacingOptions & { toZero?: boolean }

/** Levels that divide the way from one level to another into `intervals` parts, both ends included; see spacedLevels(). */
export type Spread = (schedule: NoiseSchedule, from: Level, to: Level, intervals: number, placing: Placing) => Level[]

/** The level at a share of the way from one to the other, 0 < share < 1, where `from` has less λ. */
export type Place = (schedule: NoiseSchedule, from: Level, to: Level, placing: Placing) => (share: number) => Level

export const mix = (a: number, b: number, share: number): number => a + (b - a) * share

/** A spread that works in both directions, towards the data or towards the noise, on the same levels. */
export const bothWays = (spread: Spread): Spread => (schedule, from, to, intervals, placing) => (
  from.lambda > to.lambda ? spread(schedule, to, from, intervals, placing).reverse() : spread(schedule, from, to, intervals, placing)
)

/** The spread of a formula. One that is `inLambda` spends the first interval on the way to where there is some signal, if it begins without any. */
export function spreadBy(place: Place, inLambda: (placing: Placing) => boolean): Spread {
  return bothWays((schedule, from, to, intervals, placing) => {
    const silent = from.lambda === -Infinity && intervals > 1 && inLambda(placing)
    const begin = silent ? schedule.levelAtLambda(Math.min(leastLambda, to.lambda - 1)) : from
    const parts = silent ? intervals - 1 : intervals
    const between = place(schedule, begin, to, placing)
    return [...(silent ? [from] : []), begin, ...Array.from({ length: parts - 1 }, (_, i) => between((i + 1) / parts)), to]
  })
}

export const always = (): boolean => true
export const never = (): boolean => false

/** Equal parts of lambda. */
export const logSNR = spreadBy((schedule, from, to) => (share) => schedule.levelAtLambda(mix(from.lambda, to.lambda, share)), always)

/** Spacings in equal parts of lambda, of t and of √t. */
export const evenSpacings = {
  logSNR,
  timeUniform: spreadBy((schedule, from, to) => (share) => schedule.level(mix(from.t, to.t, share)), never),
  timeQuadratic: spreadBy((schedule, from, to) => (share) => schedule.level(mix(Math.sqrt(from.t), Math.sqrt(to.t), share) ** 2), never),
} satisfies Partial<Record<Spacing, Spread>>
