import { DpmError, type Remedy } from './errors'
import type { PlanRequest } from './types'

function refusal(field: string, message: string, advice: string, remedy: Remedy): DpmError {
  return new DpmError({ reason: 'recipeInvalid', field, message, advice, remedy })
}

const withSteps = (steps: number): Remedy => ({ title: `Use ${steps} ${steps === 1 ? 'Step' : 'Steps'}`, set: { 'solver.steps': steps } })

/** The fewest evaluations that a method of this order can be planned with. */
function leastSteps({ method, order }: Pick<PlanRequest, 'method' | 'order'>, toZero: boolean): number {
  // With `zero` the last evaluation belongs to the final step, so it does not count towards a step of the full order.
  const final = toZero ? 1 : 0
  return method === 'singlestepFixed' ? order + final : Math.max(1 + final, method === 'multistep' ? order : 1)
}

/**
 * Refuses what no plan can be made of, each with its reason and what would help. Says nothing where the request is fine.
 * @throws DpmError recipeInvalid at the field to change
 */
export function refuseImpossible(request: PlanRequest): void {
  const { steps, order, method, finalSigma } = request
  if (!Number.isInteger(steps) || steps < 1) throw refusal('solver.steps', `${steps} is not a number of steps.`, 'Use a whole number from 1 on.', withSteps(20))
  if (![1, 2, 3].includes(order)) throw refusal('solver.order', `There is no order ${String(order)}.`, 'Use 1, 2 or 3.', { title: 'Use Order 2', set: { 'solver.order': 2 } })
  if (method === 'multistep' && order === 3) {
    throw refusal('solver.order', 'Order 3 is not available with the method multistep.', 'Use the method singlestep, or order 2.', { title: 'Use Singlestep', set: { 'solver.method': 'singlestep' } })
  }
  if (finalSigma === 'zero' && steps < 2) {
    throw refusal('solver.steps', 'Ending at σ = 0 takes at least 2 steps: one to the last noise level and one from there to the image.', 'Use 2 or more steps, or the final σ sigmaMin.', withSteps(2))
  }
  if (method === 'multistep' && steps < order) {
    throw refusal('solver.steps', `Multistep of order ${order} needs at least ${order} steps, not ${steps}.`, `Use ${order} or more steps, or a lower order.`, withSteps(order))
  }
  const least = leastSteps(request, finalSigma === 'zero')
  if (method === 'singlestepFixed' && steps < least) {
    const why = finalSigma === 'zero' ? `, ${order} for one step and 1 for the last one to σ = 0` : ''
    throw refusal('solver.steps', `Singlestep-fixed of order ${order} needs at least ${least} steps${why}, not ${steps}.`, `Use ${least} or more steps, or a lower order.`, withSteps(least))
  }
  refuseOptions(request)
}

/** r1 and r2 are the only options of these methods: shares of a step in λ. */
function refuseOptions({ options, order }: PlanRequest): void {
  const remedy: Remedy = { title: 'Use the Usual Values', set: { 'solver.options': {} } }
  for (const [name, value] of Object.entries(options)) {
    if (name !== 'r1' && name !== 'r2') throw refusal(`solver.options.${name}`, `There is no option ${name}.`, 'The options are r1 and r2, of the method singlestep.', remedy)
    if (typeof value !== 'number' || !(value > 0 && value <= 1)) throw refusal(`solver.options.${name}`, `${name} = ${String(value)} is not above 0 and at most 1.`, 'It is the place of an inner evaluation, as a share of the step.', remedy)
  }
  const r1 = typeof options['r1'] === 'number' ? options['r1'] : 1 / 3
  const r2 = typeof options['r2'] === 'number' ? options['r2'] : 2 / 3
  if (order === 3 && !(r1 < r2)) throw refusal('solver.options.r1', `r1 = ${r1} is not below r2 = ${r2}.`, 'Order 3 evaluates at r1 and then at r2; the usual values are 1/3 and 2/3.', remedy)
}

/** The error for an end that the schedule does not reach, or that lies before the start. */
export function endRefused(tEnd: number, T: number): DpmError {
  return refusal('schedule.tEnd', `The sampling cannot end at t = ${tEnd}.`, `Use a time above 0 and below ${T} that the noise schedule reaches, or auto.`, { title: 'Use Automatic End', set: { 'schedule.tEnd': 'auto' } })
}

/** The error for a network of whole time steps where these leave room for `room` evaluations down to t_end: too few for what was asked, or for any number of steps. */
export function knotsRefused(request: Pick<PlanRequest, 'method' | 'order' | 'steps'>, room: number, toZero: boolean): DpmError {
  const possible = room + (toZero ? 1 : 0)
  if (possible >= leastSteps(request, toZero)) {
    return refusal('solver.steps', `This network takes whole time steps only, and there are too few of them for ${request.steps} evaluations.`, `Use ${possible} or fewer steps.`, withSteps(possible))
  }
  return new DpmError({
    reason: 'modelUnsupported', field: 'solver.steps', message: 'This network takes whole time steps only, and there are too few of them where this sampling begins and ends.',
    advice: 'Choose another model, or another noise schedule or end.', remedy: { title: 'Select Model…', command: 'selectModel' },
  })
}
