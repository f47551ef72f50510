import { alignYourSteps } from './alignYourSteps'
import { DpmError, type Remedy } from './errors'
import type { Placing } from './evenSpacings'
import { leastLambda } from './schedule/level'
import { scheduleError } from './schedule/invalid'
import { t } from './text'
import type { Level, NoiseSchedule } from './types'

const useLogSNR: Remedy = { title: t('Use log-SNR uniform'), set: { 'schedule.spacing': 'logSNR' } }

/** Training steps a continuous schedule is counted in: the usual number. */
const usualSteps = 1000

/** Halves go to the even neighbour, as in the programs these lists come from. */
function rounded(x: number): number {
  const floor = Math.floor(x)
  return x - floor < 0.5 || x - floor === 0.5 && floor % 2 === 0 ? floor : floor + 1
}

/**
 * diffusers' timestep_spacing in training steps 0 … N − 1, the noisiest first. leading: n equal steps from `offset` on, so that the noisiest is never seen;
 * trailing: n equal steps down from the noisiest; linspace: from the noisiest to 0, with `extraPoint` in n + 1 points of which the last is left out
 * (diffusers' DPM-Solver, UniPC and DEIS; also for leading). Whole steps on a discrete schedule.
 */
export function trainingSteps(spacing: 'leading' | 'trailing' | 'linspace', schedule: NoiseSchedule, from: Level, to: Level, intervals: number, placing: Placing): Level[] {
  const all = schedule.knots ?? usualSteps
  const discrete = schedule.knots !== undefined
  const whole = discrete ? rounded : (k: number): number => k
  // A run that starts below T has the training steps from there on.
  const N = whole(all * from.t / schedule.T)
  const { offset = 0, extraPoint = false, toZero = false } = placing
  const points = intervals + 1
  if (points > N) throw scheduleError('solver.steps', t('The spacing {0} has room for {1} steps only.', spacing, Math.floor(N)), t('Use {0} or fewer steps.', Math.floor(N)), useLogSNR)

  /** n steps, noisiest first. */
  function steps(n: number): number[] {
    const dividers = extraPoint ? n + 1 : n
    switch (spacing) {
      case 'leading': return Array.from({ length: n }, (_, i) => Math.min((n - 1 - i + (extraPoint ? 1 : 0)) * (discrete ? Math.floor(N / dividers) : N / dividers) + offset, N - 1))
      case 'trailing': return Array.from({ length: n }, (_, i) => whole(N - i * N / n) - 1)
      case 'linspace': return Array.from({ length: n }, (_, i) => dividers === 1 ? N - 1 : whole((N - 1) * (1 - i / (dividers - 1))))
    }
  }

  const end = all * to.t / schedule.T - 1
  const list = toZero ? steps(points) : steps(intervals)
  if (!toZero && (list.at(-1) ?? 0) <= end + 1e-6) list.splice(0, list.length, ...steps(points).slice(0, -1))
  const levels = list.map((k) => levelNear(schedule, (k + 1) / all * schedule.T, from, to))
  return falling(toZero ? levels : [...levels, to], t('The spacing {0}', spacing))
}

/** The level at a time, one of the ends where it is that one; never noisier than the start. */
function levelNear(schedule: NoiseSchedule, t: number, from: Level, to: Level): Level {
  if (t > from.t) return from
  const end = [from, to].find((level) => Math.abs(level.t - t) <= 1e-12 * t)
  return end ?? schedule.level(t)
}

/** Exactly the times (in the schedule's own labels) or σ/α that were given; they are where the network is evaluated, and the end comes after them unless it is the last of them. */
export function customLevels(schedule: NoiseSchedule, from: Level, to: Level, intervals: number, placing: Placing): Level[] {
  const { toZero = false } = placing
  const given = givenLevels(schedule, placing, 'custom').map((level) => level.alpha === 0 ? from : [from, to].find(({ lambda }) => Number.isFinite(lambda) && Math.abs(lambda - level.lambda) <= 1e-9 * Math.max(1, Math.abs(lambda))) ?? level)
  const levels = toZero || given.at(-1) === to ? given : [...given, to]
  if (levels.length !== intervals + 1) {
    const steps = given.length
    throw new DpmError({
      reason: 'recipeInvalid', field: 'solver.steps', message: steps === 1 ? t('1 time is given, and these steps take {0}.', intervals + (toZero ? 1 : 0)) : t('{0} times are given, and these steps take {1}.', steps, intervals + (toZero ? 1 : 0)), advice: t('Use {0} steps, or another list.', steps),
      remedy: { title: t('Use {0} Steps', steps), set: { 'solver.steps': steps } },
    })
  }
  return falling(levels, t('The list of times'))
}

/** Levels of a list of labels or of σ/α; a last σ of 0 is left out, since a step to it is another matter. */
function givenLevels(schedule: NoiseSchedule, { timesteps = [], sigmas = [] }: Placing, spacing: string): Level[] {
  if (timesteps.length > 0 && sigmas.length > 0) throw scheduleError('schedule.timesteps', t('The spacing {0} takes a list of times or one of σ, and both are given.', spacing), t('Leave one of them out.'), { title: t('Leave the Times Out'), set: { 'schedule.timesteps': [] } })
  if (timesteps.length === 0 && sigmas.length === 0) throw scheduleError('schedule.timesteps', t('The spacing {0} needs a list of times or one of σ.', spacing), t('Give schedule.timesteps, or another spacing.'), useLogSNR)
  const latest = schedule.label(schedule.T)
  const beyond = timesteps.find((label) => label > latest + 1e-6 * Math.max(1, Math.abs(latest)))
  if (beyond !== undefined) throw scheduleError('schedule.timesteps', t('The time {0} lies beyond the noise schedule, whose noisiest is {1}.', beyond, Math.round(latest * 1e6) / 1e6), t('Use times of the noise schedule, the noisiest first.'), useLogSNR)
  try {
    if (timesteps.length > 0) return timesteps.map((label) => schedule.level(schedule.timeOf(label)))
    return (sigmas.at(-1) === 0 ? sigmas.slice(0, -1) : sigmas).map((sigma) => schedule.levelAtLambda(-Math.log(sigma)))
  } catch (error) {
    if (error instanceof RangeError) throw scheduleError('schedule.timesteps', t('The list of times leaves the noise schedule.'), t('Use times of the noise schedule, the noisiest first.'), useLogSNR)
    throw error
  }
}

/** A table of σ/α for some number of steps, in lambda linearly between its entries, stretched to the two ends. */
export function tableLevels(spacing: 'ays' | 'tuned', schedule: NoiseSchedule, from: Level, to: Level, intervals: number, placing: Placing): Level[] {
  const { table = 'sd15', toZero = false } = placing
  const lambdas = spacing === 'ays' ? alignYourSteps[table].map((sigma) => -Math.log(sigma)) : givenLevels(schedule, placing, spacing).map(({ lambda }) => lambda)
  const [first = NaN] = lambdas
  const last = lambdas.at(-1) ?? NaN
  if (lambdas.length < 2 || !lambdas.every((lambda, i) => i === 0 || lambda > lambdas[i - 1]!)) throw scheduleError('schedule.timesteps', t('A table of steps needs two or more entries with ever less noise.'), t('Correct the table.'), useLogSNR)

  const begin = Math.max(from.lambda, Math.min(leastLambda, to.lambda - 1), -Number.MAX_VALUE)
  const start = from.lambda === -Infinity ? begin : from.lambda
  const count = intervals + (toZero ? 1 : 0)
  const inside = Array.from({ length: intervals }, (_, i) => {
    const position = (i + 1) / count * (lambdas.length - 1)
    const k = Math.min(Math.floor(position), lambdas.length - 2)
    const lambda = lambdas[k]! + (lambdas[k + 1]! - lambdas[k]!) * (position - k)
    return schedule.levelAtLambda(start + (to.lambda - start) * (lambda - first) / (last - first))
  })
  return [from, ...(toZero ? inside : [...inside.slice(0, -1), to])]
}

function falling(levels: Level[], what: string): Level[] {
  const stuck = levels.findIndex((level, i) => i > 0 && !(level.lambda > levels[i - 1]!.lambda))
  if (stuck > 0) throw scheduleError('schedule.timesteps', t('{0} does not go to less noise at step {1}.', what, stuck + 1), t('Use fewer steps, or a list of times with the noisiest first.'), useLogSNR)
  return levels
}
