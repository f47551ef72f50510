import { algorithms } from './algorithms'
import { encodePlanOf, planOf, stepsOf, type Offer } from './planner'
import type { StepsRequest } from './row'
import { spacings } from './spacing'
import type { Level, NoiseSchedule, Plan, PlanRequest, Step } from './types'

/** All there is. */
const everything: Offer = { algorithms, spacings }

/** planOf() with every algorithm and spacing. */
export function makePlan(asked: PlanRequest, schedule: NoiseSchedule, network: NoiseSchedule = schedule): Plan { return planOf(everything, asked, schedule, network) }

/** encodePlanOf() with every algorithm and spacing. */
export function makeEncodePlan(asked: PlanRequest, schedule: NoiseSchedule, network: NoiseSchedule = schedule): Plan { return encodePlanOf(everything, asked, schedule, network) }

/** stepsOf() with every algorithm and spacing. */
export function stepsBetween(request: StepsRequest, schedule: NoiseSchedule, from: Level, to: Level, evaluations: number): { steps: Step[]; notes: string[] } {
  return stepsOf(everything, request, schedule, from, to, evaluations)
}
