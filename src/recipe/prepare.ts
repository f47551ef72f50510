import { DpmError } from '../sampler/errors'
import { isStatistic } from '../sampler/methods/analyticDpm'
import { onOwnTerms } from '../sampler/network'
import { requireEstimate } from '../sampler/prediction'
import { outsideTraining, scheduleOf } from '../sampler/schedule/schedule'
import { t } from '../sampler/text'
import type { NoiseSchedule, Plan, PredictionType, ScheduleSpec } from '../sampler/types'
import { conditioning } from './conditioning'
import type { ModelFacts } from './model'
import { planFor } from './plans'
import type { Recipe } from './recipe'
import { sameSchedule, scheduleName, schedulesOf } from './scheduleChoice'
import { itemSeed, parseSeed } from './seed'
import { unusedFields } from './unusedFields'

/** A recipe made ready for one model: everything a run needs, as plain data. */
export interface Prepared {
  plan: Plan
  /** The schedule that places the levels. */
  schedule: ScheduleSpec
  /** The network's own schedule: its time label at a level is the label at equal lambda in this one. */
  ownSchedule: ScheduleSpec
  /** Class label fed for each batch item; null where the network takes none. */
  labels: number[] | null
  /** The label of “no class”, fed to the unguided branch; null where there is none. */
  nullLabel: number | null
  /** Seed of each batch item, decimal: item k has (seed + k) mod 2^64. Empty while the recipe's seed is `random`. */
  seeds: string[]
  /** True where both branches are evaluated: a guidance scale other than 1 that can act. */
  guided: boolean
  /** Why guidance cannot do anything here, whatever its scale, in one sentence; null where it can. */
  guidanceOff: string | null
  predictionType: PredictionType
  /** Estimates are thresholded, which was asked for and can be. */
  thresholding: boolean
  /**
   * The network can be asked as it is at the plan's levels. Else the state is scaled to its own schedule and its output read on its own terms (sampler/network.ts), and what
   * the loop sees is a network that predicts x̂₀.
   */
  onOwnTerms: boolean
  /** What the user should know of this run, one sentence each: the plan's notes and those on schedule, class and guidance. */
  notes: string[]
}

/**
 * Makes a complete, validated recipe ready for a model. Pure and without I/O: page, host, engine and command line all call it.
 * A guidance scale that cannot act is left out with a note, not refused; see refuseIdleGuidance().
 * Throws DpmError (`recipeInvalid`; `modelUnsupported` where the network's time steps do not suffice) with the field, advice and a remedy.
 */
export function prepare(recipe: Recipe, facts: ModelFacts): Prepared {
  const { labels, nullLabel, guidanceOff } = conditioning(recipe, facts)
  const { schedule, ownSchedule } = schedulesOf(recipe, facts)
  const seeds = seedsOf(recipe)
  const own = scheduleOf(ownSchedule)
  const placing = sameSchedule(schedule, ownSchedule) ? own : scheduleOf(schedule)
  const plan = planFor(recipe, facts, placing, own)
  const predictionType = recipe.model.predictionType === 'auto' ? facts.predictionType : recipe.model.predictionType
  const ownTerms = onOwnTerms({ schedule: own, prediction: predictionType, ...(facts.sigmaData === null ? {} : { sigmaData: facts.sigmaData }) }, placing)
  const latentThresholding = whyNoThresholding(facts)
  // Noising an image asks no network.
  const asked = recipe.input.task !== 'noise'
  const guided = asked && recipe.guidance.scale !== 1 && guidanceOff === null
  if (asked) {
    requireEstimate(ownTerms ? predictionType : 'sample', plan)
    checkBatch(recipe, facts, guided)
    checkGuidance(recipe, facts)
    checkVariance(recipe, facts)
    checkStatistic(recipe, facts)
  }

  const notes = [...plan.notes, ...unusedFields(recipe, guided)]
  if (asked) {
    if (placing !== own) notes.push(t('The levels are placed by {0}; {1} is asked at equal λ in its own, {2}.', scheduleName(schedule), facts.name, scheduleName(own.spec)))
    if (facts.kind !== 'analytic') notes.push(...trainingNotes(plan, own, facts.name)) // a formula knows every level
    if (labels && nullLabel !== null && recipe.model.nullClassLabel === 'auto' && facts.classes?.nullLabelAssumed) notes.push(t('Label {0} is assumed to mean “no class”, because {1} does not say which label does.', nullLabel, facts.name))
    if (predictionType !== facts.predictionType && !facts.predictionTypeAssumed) notes.push(t('The network’s output is read as {0}, although {1} says {2}.', predictionType, facts.name, facts.predictionType))
    if (latentThresholding !== null && recipe.solver.thresholding) notes.push(t('Thresholding is not applied. {0}', latentThresholding))
    if (recipe.guidance.scale !== 1 && guidanceOff !== null) notes.push(t('The guidance scale {0} is not applied. {1}', recipe.guidance.scale, guidanceOff))
  }
  return { plan, schedule, ownSchedule, labels, nullLabel, seeds, guided, guidanceOff, predictionType, thresholding: recipe.solver.thresholding && latentThresholding === null, onOwnTerms: ownTerms, notes }
}

/** Why estimates of a model are not thresholded, in one sentence; null where they can be. */
export const whyNoThresholding = ({ latents, name }: Pick<ModelFacts, 'latents' | 'name'>): string | null => latents ? t('Thresholding is meant for pixels in [−1, 1], and {0} samples latents.', name) : null

/** Throws DpmError where a guidance scale was asked for that cannot act: for callers without a form that could disable the field. */
export function refuseIdleGuidance(recipe: Recipe, { guidanceOff }: Pick<Prepared, 'guidanceOff'>): void {
  if (recipe.guidance.scale === 1 || guidanceOff === null) return
  throw new DpmError({
    reason: 'recipeInvalid', field: 'guidance.scale', message: t('The guidance scale {0} cannot be applied: {1}', recipe.guidance.scale, guidanceOff),
    advice: t('Choose a class of a class-conditional model, or set the guidance scale to 1.'), remedy: { title: t('Turn Guidance Off'), set: { 'guidance.scale': 1 } },
  })
}

function checkGuidance({ guidance: { interval, classifier } }: Recipe, { classes, name }: ModelFacts): void {
  const [from, to] = interval
  if (interval.length > 0 && (interval.length !== 2 || !(from! <= to!))) {
    throw new DpmError({
      reason: 'recipeInvalid', field: 'guidance.interval', message: t('guidance.interval must be two numbers, the smaller one first, or empty.'), advice: t('Give the smallest and the largest σ/α at which guidance acts.'),
      remedy: { title: t('Guide Everywhere'), set: { 'guidance.interval': [] } },
    })
  }
  if (classifier !== '' && !classes) {
    throw new DpmError({
      reason: 'recipeInvalid', field: 'guidance.classifier', message: t('{0} has no classes, so a classifier has nothing to guide towards.', name), advice: t('Leave the classifier out, or choose a class-conditional model.'),
      remedy: { title: t('Leave the Classifier Out'), set: { 'guidance.classifier': '' } },
    })
  }
}

function checkVariance({ solver: { algorithm, options } }: Recipe, { learnsVariance, name }: ModelFacts): void {
  if (algorithm !== 'ddpm' || options['variance'] !== 'learned' || learnsVariance) return
  throw new DpmError({
    reason: 'recipeInvalid', field: 'solver.options.variance', message: t('{0} does not predict a variance.', name), advice: t('Use the small or the large one.'),
    remedy: { title: t('Use the Small Variance'), set: { 'solver.options': { ...options, variance: 'small' } } },
  })
}

/** A statistic says of one network how well it predicts, and nothing of another. */
function checkStatistic({ solver: { algorithm, options } }: Recipe, { path, name, statistic: own }: ModelFacts): void {
  const given = options['statistic']
  if (algorithm !== 'analyticDpm' || !isStatistic(given) || given.model === undefined || given.model === path) return
  const others = Object.fromEntries(Object.entries(options).filter(([option]) => option !== 'statistic'))
  throw new DpmError({
    reason: 'recipeInvalid', field: 'solver.options.statistic', message: t('The statistic in the recipe was estimated for {0}, not for {1}.', given.model, name), advice: own ? t('Use the one that comes with the model.') : t('Estimate one for this model.'),
    remedy: own ? { title: t('Use the Model’s Statistic'), set: { 'solver.options': others } } : { title: t('Estimate Variance…'), command: 'estimateVariance' },
  })
}

function seedsOf({ noise: { seed, batch } }: Recipe): string[] {
  if (seed === 'random') return []
  const first = parseSeed(seed)
  return Array.from({ length: batch }, (_, k) => itemSeed(first, k))
}

/** A graph that takes one batch size only is run several times an evaluation, so the items of an evaluation must be a multiple of it. */
function checkBatch({ noise: { batch } }: Recipe, { fixedBatch, name }: ModelFacts, guided: boolean): void {
  const branches = guided ? 2 : 1
  if (fixedBatch === null || batch * branches % fixedBatch === 0) return
  const least = fixedBatch % branches === 0 ? fixedBatch / branches : fixedBatch
  const next = Math.ceil(batch / least) * least
  throw new DpmError({
    reason: 'recipeInvalid', field: 'noise.batch', message: t('{0} was exported for {1} images at once, which a batch of {2} does not fill.', name, fixedBatch, batch),
    advice: t('Use a batch size that is a multiple of {0}, or export the model with a free batch dimension.', least), remedy: { title: t('Use a Batch of {0}', next), set: { 'noise.batch': next } },
  })
}

/** An end below the first knot of the own schedule lies beyond its training too. */
function trainingNotes(plan: Plan, own: NoiseSchedule, name: string): string[] {
  const beyond = plan.steps.flatMap((step) => step.stages).filter((stage) => outsideTraining(stage.level, own)).length
  if (beyond === 0) return []
  return [beyond === 1 ? t('1 of the {0} evaluations lies at more or less noise than {1} was trained with; it is asked at the nearest level it knows.', plan.evaluations, name)
    : t('{0} of the {1} evaluations lie at more or less noise than {2} was trained with; it is asked at the nearest level it knows.', beyond, plan.evaluations, name)]
}
