import { rowOf } from './algorithms'
import { singlestep } from './methods/singlestep'
import { single, type Slot } from './orders'
import { place, snapOutline, type Part } from './outline'
import { knotsRefused, weightsRefused } from './refuse'
import type { StepsRequest } from './row'
import { noiseFree } from './schedule/level'
import { t } from './text'
import type { Form, Level, Method, NoiseSchedule, Step } from './types'

/**
 * Steps from one level to another, in either direction, with the orders, spacing and method of the request.
 * @param evaluations how many evaluations to divide; singlestepFixed takes the largest multiple of the order
 * @param evaluatesEnd a step to σ = 0 follows, see AlgorithmRow.slots
 * @param openEnd the spacing leaves that step an interval, see Placing.toZero
 */
export function stepsBetween(
  request: StepsRequest, schedule: NoiseSchedule, from: Level, to: Level, evaluations: number, network: NoiseSchedule = schedule, evaluatesEnd = false, openEnd = false,
): { steps: Step[]; notes: string[] } {
  const row = rowOf(request.algorithm)
  // Without any signal (λ = −∞) x̂₀ is all there is to go by: one first-order step in data form leads away or, on the way back, there; the method has the others.
  const copes = row.startsSilent?.(schedule) ?? false
  const [awake, asleep] = [from.alpha === 0 && evaluations > 0 && !copes, to.alpha === 0 && evaluations > 0]
  const silent: Slot[] = awake || asleep ? [single(1)] : []
  const own = silent.length > 0 && evaluations === 1 ? [] : row.slots(request, evaluations - silent.length, evaluatesEnd)
  const slots = asleep ? [...own, ...silent] : [...silent, ...own]
  const methods = own.map((slot, index) => row.method(request, slot, { index, last: index === own.length - 1, schedule }))
  if (asleep) methods.push(singlestep('data', 1))
  else if (awake) methods.unshift(singlestep('data', 1))
  let outline = place(request, schedule, from, to, slots, openEnd)
  const notes: string[] = []
  if (request.snapToKnots) {
    const snapped = snapOutline(stepsAlong(outline, methods, schedule), schedule, network, (room) => knotsRefused(request, room, evaluations < request.steps))
    outline = snapped.outline
    if (snapped.displaced > 0) notes.push(t('The network takes whole time steps only: {0} levels moved to a neighbouring one because their own was taken.', snapped.displaced))
  }
  return { steps: stepsAlong(outline, methods, schedule), notes }
}

/** The first-order step from where the given steps end to σ = 0. It evaluates there, unless a predictor–corrector has done so already. */
export function finalStep(form: Form, steps: readonly Step[]): Step {
  const before = steps.at(-1)
  if (!before) throw new RangeError('no step precedes the final one')
  const from = before.to
  const step = stepToZero(form, from, steps.length)
  if (before.stages[before.remember.at(-1) ?? -1]?.level !== from) return step
  return { ...step, stages: [], estimate: -1, update: step.update.map((term) => term.of === 'state' ? term : { ...term, of: { past: 0 } }) }
}

/** The first-order step to σ = 0. */
export function stepToZero(form: Form, from: Level, index: number): Step {
  return singlestep(form, 1)({ from, to: noiseFree, index, count: index + 1, past: [], levelAtLambda: () => from }, {})
}

/** More remembered outputs than any multistep method asks for. */
const longestHistory = 4

function stepsAlong(outline: readonly Part[], methods: readonly Method[], schedule: NoiseSchedule): Step[] {
  const steps: Step[] = []
  const past: Level[] = []
  outline.forEach(({ from, inner, to }, index) => {
    const levelAtLambda = (lambda: number): Level => schedule.levelAtLambda(lambda)
    const step = finite(() => methods[index]!({ from, to, index, count: outline.length, past: past.slice(0, longestHistory), inner, levelAtLambda, slope: (t) => schedule.slope(t) }, {}))
    steps.push(step)
    for (const stage of step.remember) past.unshift(step.stages[stage]?.level ?? from)
  })
  return steps
}

/** The step, where its weights and inner levels are numbers. */
function finite(stepOf: () => Step): Step {
  try {
    const step = stepOf()
    if ([...step.update, ...step.stages.flatMap(({ input }) => input)].every(({ coefficient }) => Number.isFinite(coefficient))) return step
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw weightsRefused()
}
