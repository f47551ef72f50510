import { rowOf } from '../sampler/algorithms'
import { DpmError } from '../sampler/errors'
import { chosen } from '../sampler/plan'
import { scheduleOf, startLevel } from '../sampler/schedule/schedule'
import { leastLambda } from '../sampler/schedule/level'
import { t } from '../sampler/text'
import type { Level, NoiseSchedule, Plan, PlanRequest, Step } from '../sampler/types'
import type { ModelFacts } from './model'
import { withoutPath } from './path'
import { requestOf } from './plans'
import { prepare } from './prepare'
import type { Recipe } from './recipe'
import { schedulesOf } from './scheduleChoice'

/** Fields of a recipe by dotted path. */
type Fields = Record<string, unknown>

/** The steps of the spacing `custom`: the list of the recipe, and where its points may go. */
export interface CustomSteps {
  schedule: NoiseSchedule
  /** Times in the schedule's own labels, or σ/α; without the end of the schedule, which follows by itself where nothing leads to σ = 0. */
  of: 'timesteps' | 'sigmas'
  values: readonly number[]
  /** The same as levels, λ rising. */
  points: readonly Level[]
  /** λ of the ends between which points may lie; finite. */
  least: number
  most: number
  /** The schedule's end, where it follows the points; null where a step to σ = 0 does. */
  end: Level | null
  /** The network takes whole times only. */
  whole: boolean
}

/** A recipe's custom steps; null for another spacing, where the list is no list of points (which prepare() says) and where no spacing is asked. */
export function customSteps(recipe: Recipe, facts: ModelFacts): CustomSteps | null {
  const { spacing, timesteps, options } = recipe.schedule
  if (spacing !== 'custom' || spacingOff(recipe) !== null) return null
  try {
    const { request, placing: schedule, toZero } = ground(recipe, facts)
    const sigmas = Array.isArray(options['sigmas']) ? options['sigmas'] as number[] : []
    const of = sigmas.length > 0 ? 'sigmas' : 'timesteps'
    const listed = of === 'sigmas' && sigmas.at(-1) === 0 ? sigmas.slice(0, -1) : of === 'sigmas' ? sigmas : timesteps
    const levels = listed.map((value) => of === 'sigmas' ? schedule.levelAtLambda(-Math.log(value)) : schedule.level(schedule.timeOf(value)))
    const end = schedule.level(request.tEnd === 'auto' ? schedule.tEnd : request.tEnd)
    const ended = !toZero && levels.length > 0 && Math.abs(levels.at(-1)!.lambda - end.lambda) <= 1e-9 * Math.max(1, Math.abs(end.lambda))
    const points = ended ? levels.slice(0, -1) : levels
    if (points.length === 0 || !points.every(({ lambda }, i) => i === 0 || lambda > points[i - 1]!.lambda)) return null
    const start = schedule.level(request.tStart ?? schedule.T).lambda
    const least = Math.min(start === -Infinity ? Math.min(leastLambda, end.lambda - 1) : start, ...finite(points.slice(0, 1)))
    return { schedule, of, values: ended ? listed.slice(0, -1) : [...listed], points, least, most: Math.max(end.lambda, ...toZero ? finite(points.slice(-1)) : []), end: toZero ? null : end, whole: request.snapToKnots === true }
  } catch {
    return null
  }
}

const finite = (levels: readonly Level[]): number[] => levels.map(({ lambda }) => lambda).filter(Number.isFinite)

/** Why a recipe's spacing does not count, in one sentence; null where it does. */
export function spacingOff({ solver, input: { task } }: Recipe): string | null {
  if (task === 'noise') return t('Noising an image asks no network and needs no solver.')
  const row = rowOf(solver.algorithm)
  return chosen(row, solver).method === 'adaptive' ? t('Adaptive steps find their own places.') : null
}

/** Points nearer to each other than this share of the range are not told apart. */
const nearest = 1e-4
/** Rounding, in λ. */
const slack = 1e-9

/** The custom steps with a point moved to λ, as near as its neighbours and the ends let it; the same values where it cannot move. */
export function moved(steps: CustomSteps, index: number, lambda: number): number[] {
  const { points, least, most, values } = steps
  const gap = nearest * (most - least)
  const low = index > 0 ? points[index - 1]!.lambda + gap : least
  const high = index < points.length - 1 ? points[index + 1]!.lambda - gap : steps.end ? most - gap : most
  const old = points[index]!.lambda
  if (!(high > low) || old === -Infinity || Number.isNaN(lambda)) return [...values]
  const wanted = Math.min(high, Math.max(low, lambda))
  let value = valueAt(steps, wanted)
  // A whole time is not left by less than half of one.
  if (steps.whole && steps.of === 'timesteps' && value === values[index] && wanted !== old) value += wanted > old ? -1 : 1
  const there = lambdaAt(steps, value)
  const next = values.map((other, i) => i === index ? value : other)
  return falls(next) && there >= least - slack && there <= most + slack && (!steps.end || there < steps.end.lambda) ? next : [...values]
}

/** The custom steps with one more point at λ, and its place; the same values where there is no room. */
export function added(steps: CustomSteps, lambda: number): { values: number[]; index: number } {
  const { points, values, least, most, end } = steps
  const gap = nearest * (most - least)
  const wanted = Math.min(end ? most - gap : most, Math.max(least, lambda))
  const index = points.filter((point) => point.lambda < wanted).length
  const next = [...values.slice(0, index), valueAt(steps, wanted), ...values.slice(index)]
  const apart = points.every((point) => Math.abs(point.lambda - wanted) >= gap)
  return apart && falls(next) ? { values: next, index } : { values: [...values], index: -1 }
}

/** The middle of the gap after a point, in λ: where one more goes that nobody placed. */
export function middleAfter({ points, most, least }: CustomSteps, index: number): number {
  const [at, next] = [points[index]?.lambda ?? least, points[index + 1]?.lambda ?? most]
  return at === -Infinity ? (least + next) / 2 : (at + next) / 2
}

/** The custom steps without a point; one stays. */
export function removed({ values }: CustomSteps, index: number): number[] {
  return values.length < 2 ? [...values] : values.filter((_, i) => i !== index)
}

/** Recipe fields for other values, with the number of evaluations that they take. */
export function fieldsOf(recipe: Recipe, facts: ModelFacts, { of, values }: Pick<CustomSteps, 'of' | 'values'>): Fields {
  const others = withoutPath(recipe, 'schedule.options.sigmas').schedule.options
  return {
    'schedule.spacing': 'custom', 'schedule.timesteps': of === 'timesteps' ? values : [], 'schedule.options': of === 'sigmas' ? { ...others, sigmas: values } : others,
    'solver.steps': evaluationsFor({ ...recipe, schedule: { ...recipe.schedule, spacing: 'custom' } }, facts, values.length),
  }
}

/** The recipe's steps for the list that it has; the same recipe where it has them, for another spacing, and for an empty list. */
export function withOwnSteps(recipe: Recipe, facts: ModelFacts): Recipe {
  const steps = customSteps(recipe, facts)
  if (!steps) return recipe
  const evaluations = evaluationsFor(recipe, facts, steps.values.length)
  return evaluations === recipe.solver.steps ? recipe : { ...recipe, solver: { ...recipe.solver, steps: evaluations } }
}

/**
 * Recipe fields that make the levels of its plan a list, so that each can be moved: the plan stays what it is, to rounding.
 * @throws DpmError where no plan can be made, and where it does not go by a spacing
 */
export function asCustom(recipe: Recipe, facts: ModelFacts): Fields {
  const off = spacingOff(recipe)
  if (off !== null) throw new DpmError({ reason: 'recipeInvalid', message: off, advice: t('Use a method with a given number of steps.') })
  const { plan } = prepare(recipe, facts)
  const { placing, toZero } = ground(recipe, facts)
  const levels = gridOf(recipe, facts, plan)
  return fieldsOf(recipe, facts, { of: 'timesteps', values: (toZero ? levels : levels.slice(0, -1)).map((level) => placing.label(level.t)) })
}

/** The levels that a list has to name for the steps of a plan: their ends, and of steps across several intervals of a list what lies between. λ rises. */
function gridOf(recipe: Recipe, facts: ModelFacts, plan: Plan): Level[] {
  const { task } = recipe.input
  const all = task === 'reconstruct' ? plan.steps.slice(plan.steps.length / 2) : plan.steps
  const steps = all.at(-1)?.to.sigma === 0 ? all.slice(0, -1) : all
  const widths = widthsOf(ground(recipe, facts), recipe.solver.steps)
  const grid = steps.flatMap((step, k) => [step.from, ...between(step, widths[k] ?? 1)])
  const levels = [...grid, ...steps.slice(-1).map(({ to }) => to)]
  return task === 'encode' ? levels.reverse() : levels
}

function between({ from, to, stages }: Step, width: number): Level[] {
  if (width < 2) return []
  const inner = [...new Set(stages.map(({ level }) => level))].filter((level) => level !== from && level !== to)
  return inner.length === width - 1 ? inner : []
}

/** How many intervals of a list each step goes, the one that leads away from no signal at all included. */
function widthsOf({ request, toZero, cleans, silent, backwards }: Ground, steps: number): number[] {
  const row = rowOf(request.algorithm)
  const planned = steps - (toZero ? 1 : 0)
  if (planned < 1) return []
  const own = silent && planned === 1 ? [] : row.slots({ ...request, steps, spacing: 'custom', ...chosen(row, request) }, planned - (silent ? 1 : 0), cleans).map(({ intervals }) => intervals)
  if (!silent) return own
  return backwards ? [...own, 1] : [1, ...own]
}

/** The number of evaluations nearest to the recipe's for which the planner takes a list of so many points; the recipe's where there is none. */
function evaluationsFor(recipe: Recipe, facts: ModelFacts, points: number): number {
  const on = ground(recipe, facts)
  const { steps } = recipe.solver
  const most = 4 * points + 8
  const fits = (count: number): boolean => count >= 1 && widthsOf(on, count).reduce((sum, width) => sum + width, 0) === points - (on.toZero ? 1 : 0)
  for (let away = 0; away <= Math.max(most, steps); away++) for (const count of [steps + away, steps - away]) if (fits(count)) return count
  return steps
}

/** What decides about a list: the planner's request, the schedule that places its points, and whether the run ends at σ = 0. */
interface Ground {
  request: PlanRequest
  placing: NoiseSchedule
  toZero: boolean
  cleans: boolean
  /** The run begins without any signal, and its first step leads away from there. */
  silent: boolean
  /** From the data to the noise: that step is the last. */
  backwards: boolean
}

function ground(recipe: Recipe, facts: ModelFacts): Ground {
  const { schedule, ownSchedule } = schedulesOf(recipe, facts)
  const placing = scheduleOf(schedule)
  const request = requestOf(recipe, facts, placing, scheduleOf(ownSchedule))
  const forth = recipe.input.task === 'sample'
  const row = rowOf(request.algorithm)
  const silent = request.tStart === undefined && startLevel(placing, row.form(request.options, placing)).alpha === 0 && !(row.startsSilent?.(placing) ?? false)
  return { request, placing, toZero: forth && request.finalSigma === 'zero', cleans: forth && request.finalSigma !== 'sigmaMin', silent, backwards: recipe.input.task === 'encode' }
}

const lambdaOf = ({ of, schedule }: CustomSteps, value: number): number => of === 'sigmas' ? -Math.log(value) : schedule.level(schedule.timeOf(value)).lambda

/** What to list for λ: as few digits as place it to a fiftieth of the smallest step that a key makes. */
function valueAt(steps: CustomSteps, lambda: number): number {
  const { of, schedule, least, most, whole } = steps
  const exact = of === 'sigmas' ? Math.exp(-lambda) : schedule.label(schedule.levelAtLambda(lambda).t)
  if (whole && of === 'timesteps') return Math.round(exact)
  for (let digits = 2; digits < 15; digits++) {
    const value = Number(exact.toPrecision(digits))
    const there = lambdaAt(steps, value)
    if (Math.abs(there - lambda) <= 2e-5 * (most - least) && there >= least && there <= most) return value
  }
  return exact
}

function lambdaAt(steps: CustomSteps, value: number): number {
  try { return lambdaOf(steps, value) } catch { return NaN }
}

/** Labels and σ/α fall as λ rises. */
const falls = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value < values[i - 1]!)
