import { DpmError } from '../sampler/errors'
import { forwardLevels, forwardPlan } from '../sampler/forward'
import { makeEncodePlan, makePlan } from '../sampler/plan'
import { weightsRefused } from '../sampler/refuse'
import { t } from '../sampler/text'
import type { NoiseSchedule, Plan, PlanRequest } from '../sampler/types'
import type { ModelFacts } from './model'
import { fromNoise, whyNoPictures } from './pictures'
import type { Recipe } from './recipe'
import { spacingOptionsOf } from './scheduleOptions'

/** λ where an image that is made anew begins unless schedule.tStart says otherwise: σ/α = 2, coarse shapes are left of it. */
const anewLambda = -Math.log(2)

/**
 * The plan of what a recipe's task asks for. Throws DpmError (`recipeInvalid`) where the task lacks its image or the model takes none, cannot be done by the method, or no plan can be made.
 * @param placing places the levels
 * @param own the network's schedule
 */
export function planFor(recipe: Recipe, facts: ModelFacts, placing: NoiseSchedule, own: NoiseSchedule): Plan {
  const { task, image, mask } = recipe.input
  const none = whyNoPictures(facts)
  if (none !== null && (task !== 'sample' || image !== '' || mask !== '')) throw refusal('input.image', none, t('Sample from noise, or choose a model of images.'), fromNoise)
  if (task !== 'sample' && image === '') {
    throw refusal('input.image', t('The task {0} needs an image.', task), t('Choose a PNG file, or sample from noise.'), { title: t('Sample From Noise'), set: { 'input.task': 'sample' } })
  }
  if (mask !== '' && image === '') throw refusal('input.image', t('A mask says what to keep of an image, and none is given.'), t('Choose the image too, or leave the mask out.'), { title: t('Leave the Mask Out'), set: { 'input.mask': '' } })
  if (task === 'noise') return noisePlan(recipe, placing)
  const request = requestOf(recipe, facts, placing, own)
  if (task === 'sample') return makePlan(request, placing, own)
  const encode = makeEncodePlan(request, placing, own)
  if (task === 'encode') return encode
  const decode = makePlan({ ...request, finalSigma: 'sigmaMin' }, placing, own)
  if (encode.adaptive || decode.adaptive) {
    throw refusal('input.task', t('Encoding and decoding in one run takes a method with a given number of steps.'), t('Use another method, or encode only.'), { title: t('Encode Only'), set: { 'input.task': 'encode' } })
  }
  return {
    form: encode.form, levels: [...encode.levels, ...decode.levels.slice(1)], steps: [...encode.steps, ...decode.steps], evaluations: encode.evaluations + decode.evaluations,
    notes: [...new Set([...encode.notes, ...decode.notes])],
  }
}

function noisePlan({ solver: { steps }, input: { way } }: Recipe, placing: NoiseSchedule): Plan {
  const { knots } = placing
  if (knots !== undefined && steps > knots) throw refusal('solver.steps', t('The noise schedule has {0} training steps, and {1} are asked for.', knots, steps), t('Use {0} or fewer.', knots), { title: t('Use {0} Steps', knots), set: { 'solver.steps': knots } })
  const plan = forwardPlan(way, forwardLevels(placing, steps), placing)
  // Where the signal is less than numbers can hold, so is its share from one level to the next.
  if (!plan.steps.every(({ update }) => update.every(({ coefficient }) => Number.isFinite(coefficient)))) throw weightsRefused()
  return plan
}

/** What the planner is asked for; makeEncodePlan() and makePlan() read it in their own way. */
export function requestOf({ solver, schedule, input }: Recipe, { integerTime, statistic }: ModelFacts, placing: NoiseSchedule, own: NoiseSchedule): PlanRequest {
  const { algorithm, order, method, steps, orderSplit, lowerOrderBelow, finalSigma, variant } = solver
  const options = algorithm === 'analyticDpm' && statistic && solver.options['statistic'] === undefined ? { ...solver.options, statistic } : solver.options
  const anew = input.task === 'sample' && input.image !== '' && input.mask === '' && placing.level(placing.T).lambda < anewLambda
  const tStart = schedule.tStart !== 'auto' ? schedule.tStart : anew ? placing.levelAtLambda(anewLambda).t : undefined
  if (schedule.tStart === 'auto' && tStart !== undefined && schedule.tEnd !== 'auto' && schedule.tEnd >= tStart) {
    throw refusal('schedule.tEnd', t('An image is made anew from t = {0} on, which is not above the end at {1}.', tStart.toPrecision(3), schedule.tEnd), t('Use an earlier end, or give the start.'), { title: t('Use Automatic End'), set: { 'schedule.tEnd': 'auto' } })
  }
  return {
    algorithm, order, method, steps, orderSplit, lowerOrderBelow, finalSigma, variant, options, spacing: schedule.spacing, spacingOptions: spacingOptionsOf(schedule), tEnd: schedule.tEnd,
    ...(tStart === undefined ? {} : { tStart }), snapToKnots: integerTime && own.knots !== undefined,
  }
}

function refusal(field: string, message: string, advice: string, remedy: { title: string; set: Record<string, unknown> }): DpmError {
  return new DpmError({ reason: 'recipeInvalid', field, message, advice, remedy })
}
