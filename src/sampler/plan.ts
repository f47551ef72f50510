import { algorithms } from './algorithms'
import { encodePlanOf, planOf, rowOf, stepsOf } from './planner'
import type { StepsRequest } from './row'
import type { Level, NoiseSchedule, Plan, PlanRequest, Step } from './types'

// Plans of any algorithm there is: planner.ts, given all rows.

/** See planOf(). */
export function makePlan(asked: PlanRequest, schedule: NoiseSchedule, network: NoiseSchedule = schedule): Plan { return planOf(algorithms, asked, schedule, network) }

/** See encodePlanOf(). */
export function makeEncodePlan(asked: PlanRequest, schedule: NoiseSchedule, network: NoiseSchedule = schedule): Plan { return encodePlanOf(algorithms, asked, schedule, network) }

/** See stepsOf(). */
export function stepsBetween(request: StepsRequest, schedule: NoiseSchedule, from: Level, to: Level, evaluations: number): { steps: Step[]; notes: string[] } {
  return stepsOf(rowOf(algorithms, request), request, schedule, from, to, evaluations)
}
