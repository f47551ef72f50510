import { DpmError, type Remedy } from './errors'
import { isStatistic } from './methods/analyticDpm'
import type { AlgorithmRow, Option } from './row'
import { andList, orList, t } from './text'
import type { MethodOptions, PlanRequest } from './types'

function refusal(field: string, message: string, advice: string, remedy: Remedy): DpmError {
  return new DpmError({ reason: 'recipeInvalid', field, message, advice, remedy })
}

const withSteps = (steps: number): Remedy => ({ title: steps === 1 ? t('Use 1 Step') : t('Use {0} Steps', steps), set: { 'solver.steps': steps } })

/** The fewest evaluations that a method of this order can be planned with. */
function leastSteps({ method, order }: Pick<PlanRequest, 'method' | 'order'>, toZero: boolean): number {
  // With `zero` the last evaluation belongs to the final step, so it does not count towards a step of the full order.
  const final = toZero ? 1 : 0
  return method === 'singlestepFixed' ? order + final : Math.max(1 + final, method === 'multistep' ? order : 1)
}

/**
 * Refuses what no plan can be made of, each with its reason and what would help. Says nothing where the request is fine.
 * @param row the algorithm's
 * @param optionNames of all algorithms: an option of another one than that of the request does no harm (and a note says so)
 * @throws DpmError recipeInvalid at the field to change
 */
export function refuseImpossible(request: PlanRequest, row: AlgorithmRow, optionNames: readonly string[]): void {
  const { steps, order, method, finalSigma } = request
  refuseUnknown(request, row)
  refuseOptions(request, row, optionNames)
  if (method === 'adaptive') return refuseAdaptive(request)
  if (!Number.isInteger(steps) || steps < 1) throw refusal('solver.steps', t('{0} is not a number of steps.', steps), t('Use a whole number from 1 on.'), withSteps(20))
  if (finalSigma === 'zero' && steps < 2) {
    throw refusal('solver.steps', t('Ending at σ = 0 takes at least 2 steps: one to the last noise level and one from there to the image.'), t('Use 2 or more steps, or the final σ sigmaMin.'), withSteps(2))
  }
  if (method === 'multistep' && steps < order) {
    throw refusal('solver.steps', t('Multistep of order {0} needs at least {0} steps, not {1}.', order, steps), t('Use {0} or more steps, or a lower order.', order), withSteps(order))
  }
  const least = leastSteps(request, finalSigma === 'zero')
  if (method === 'singlestepFixed' && steps < least) {
    const message = finalSigma === 'zero' ? t('Singlestep-fixed of order {0} needs at least {1} steps, {0} for one step and 1 for the last one to σ = 0, not {2}.', order, least, steps)
      : t('Singlestep-fixed of order {0} needs at least {1} steps, not {2}.', order, least, steps)
    throw refusal('solver.steps', message, t('Use {0} or more steps, or a lower order.', least), withSteps(least))
  }
}

/** An adaptive run pays no heed to `steps`; it goes to any time in between, which not every network takes. */
function refuseAdaptive({ algorithm, order, snapToKnots }: PlanRequest): void {
  if (algorithm !== 'rk45' && order === 1) throw refusal('solver.order', t('Adaptive steps are of order 2 or 3, not 1.'), t('Use order 2 or 3.'), { title: t('Use Order 3'), set: { 'solver.order': 3 } })
  if (snapToKnots) {
    const remedy: Remedy = algorithm === 'rk45' ? { title: t('Use DPM-Solver++'), set: { 'solver.algorithm': 'dpmsolver++' } } : { title: t('Use Multistep'), set: { 'solver.method': 'multistep' } }
    throw refusal(algorithm === 'rk45' ? 'solver.algorithm' : 'solver.method', t('This network takes whole time steps only, and adaptive steps lie between them.'), t('Use a method with a given number of steps.'), remedy)
  }
}

/** Orders, methods and variants that the algorithm does not have. */
function refuseUnknown({ order, method, variant }: PlanRequest, row: AlgorithmRow): void {
  const check = <T extends string | number>(field: string, message: (title: string, value: T) => string, value: T, offered: readonly T[]): void => {
    if (offered.length === 0 || offered.includes(value)) return
    const usual = typeof value === 'number' ? offered.at(-1) : offered[0]
    throw refusal(field, message(row.title, value), t('Use {0}.', orList(offered)), { title: t('Use {0}', String(usual)), set: { [field]: usual } })
  }
  check('solver.order', (title, value) => t('{0} has no order {1}.', title, value), order, row.orders)
  check('solver.method', (title, value) => t('{0} has no method {1}.', title, value), method, row.methods)
  check('solver.variant', (title, value) => t('{0} has no variant {1}.', title, value), variant, row.variants)
}

function refuseOptions(request: PlanRequest, row: AlgorithmRow, optionNames: readonly string[]): void {
  const { algorithm, order, options } = request
  const remedy: Remedy = { title: t('Use the Usual Values'), set: { 'solver.options': {} } }
  for (const [name, value] of Object.entries(options)) {
    const own = row.options.find((option) => option.name === name)
    const field = `solver.options.${name}`
    if (!own) {
      if (optionNames.includes(name)) continue
      const names = row.options.map((option) => option.name)
      throw refusal(field, t('There is no option {0}.', name), names.length === 0 ? t('{0} has no options.', row.title) : t('The options of {0} are {1}.', row.title, names.join(', ')), remedy)
    }
    const wrong = problem(own, value)
    if (wrong !== undefined) throw refusal(field, t('{0} = {1} is not {2}.', name, JSON.stringify(value)?.slice(0, 60) ?? String(value), wrong), own.about, remedy)
  }
  if (row.uses(request).includes('r2')) refuseInner(order, options, remedy)
  if (algorithm === 'analyticDpm' && options['statistic'] === undefined) {
    throw refusal('solver.options.statistic', t('Analytic-DPM needs a statistic of the network, and this one has none yet.'), t('Estimate it, or use DDPM.'), { title: t('Estimate Variance…'), command: 'estimateVariance' })
  }
}

/** What a value should be and is not, or undefined. */
function problem(option: Option, value: unknown): string | undefined {
  switch (option.kind) {
    case 'choice': return typeof value === 'string' && option.values.includes(value) ? undefined : t('one of {0}', option.values.join(', '))
    case 'statistic': return isStatistic(value) ? undefined : t('a list of lambda and one of meanSquare, of one length and not empty')
    case 'boolean': return typeof value === 'boolean' ? undefined : t('true or false')
    case 'number': {
      const { above = -Infinity, atLeast = -Infinity, atMost = Infinity, whole = false } = option
      if (typeof value === 'number' && Number.isFinite(value) && value > above && value >= atLeast && value <= atMost && (!whole || Number.isInteger(value))) return undefined
      const bounds = [...(above > -Infinity ? [t('above {0}', above)] : []), ...(atLeast > -Infinity ? [t('at least {0}', atLeast)] : []), ...(atMost < Infinity ? [t('at most {0}', atMost)] : [])]
      return andList([whole ? t('a whole number') : t('a number'), ...bounds])
    }
  }
}

/** How far apart the two inner evaluations of a third-order step are at least, as a share of the step. */
const leastInnerDistance = 1e-3

function refuseInner(order: number, options: MethodOptions, remedy: Remedy): void {
  const r1 = typeof options['r1'] === 'number' ? options['r1'] : 1 / 3
  const r2 = typeof options['r2'] === 'number' ? options['r2'] : 2 / 3
  // The weights grow as 1/(r2 − r1): nearer to each other they would be made of rounding.
  if (order === 3 && !(r2 - r1 >= leastInnerDistance)) {
    throw refusal('solver.options.r1', t('r1 = {0} is not below r2 = {1} by {2} or more.', r1, r2, leastInnerDistance), t('Order 3 evaluates at r1 and then at r2; the usual values are 1/3 and 2/3.'), remedy)
  }
}

/** The error for an end that the schedule does not reach, or that lies before the start. */
export function endRefused(tEnd: number, T: number): DpmError {
  return refusal('schedule.tEnd', t('The sampling cannot end at t = {0}.', tEnd), t('Use a time above 0 and below {0} that the noise schedule reaches, or auto.', T), { title: t('Use Automatic End'), set: { 'schedule.tEnd': 'auto' } })
}

/** The error for a network of whole time steps where these leave room for `room` evaluations down to t_end: too few for what was asked, or for any number of steps. */
export function knotsRefused(request: Pick<PlanRequest, 'method' | 'order' | 'steps'>, room: number, toZero: boolean): DpmError {
  const possible = room + (toZero ? 1 : 0)
  if (possible >= leastSteps(request, toZero)) {
    return refusal('solver.steps', t('This network takes whole time steps only, and there are too few of them for {0} evaluations.', request.steps), t('Use {0} or fewer steps.', possible), withSteps(possible))
  }
  return new DpmError({
    reason: 'modelUnsupported', field: 'solver.steps', message: t('This network takes whole time steps only, and there are too few of them where this sampling begins and ends.'),
    advice: t('Choose another model, or another noise schedule or end.'), remedy: { title: t('Select Model…'), command: 'selectModel' },
  })
}

/** The error for a start that is not between the end and the noisiest time. */
export function startRefused(tStart: number, T: number): DpmError {
  return refusal('schedule.tStart', t('The sampling cannot begin at t = {0}.', tStart), t('Use a time above the end and at most {0}.', T), { title: t('Begin With Noise'), set: { 'schedule.tStart': T } })
}

/** The error for a spacing whose levels run together. */
export function spacingRefused(spacing: string): DpmError {
  return refusal('schedule.spacing', t('With these parameters the spacing {0} puts several levels in one place.', spacing), t('Use fewer steps, other parameters, or another spacing.'), { title: t('Use log-SNR uniform'), set: { 'schedule.spacing': 'logSNR' } })
}

/** The error for levels so near to each other, or so far apart, that a step's weights are no numbers. */
export function weightsRefused(): DpmError {
  return refusal('schedule.noise', t('With this noise schedule and spacing the weights of a step are beyond what numbers can hold.'), t('Use the model’s schedule, or another spacing.'), {
    title: t('Use the Model’s Schedule'), set: { 'schedule.noise': 'model', 'schedule.spacing': 'logSNR' },
  })
}

/** The error for encoding by a method that adds noise. */
export function noiseRefused(title: string): DpmError {
  return refusal('solver.algorithm', t('{0} adds noise, so an image cannot be followed back to the noise it comes from.', title), t('Use a deterministic algorithm, or η = 0.'), { title: t('Use DPM-Solver++'), set: { 'solver.algorithm': 'dpmsolver++' } })
}
