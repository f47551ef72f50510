import { DpmError, type Remedy } from '../errors'
import { t } from '../text'

const ownSchedule: Remedy = { title: t('Use the Model’s Schedule'), set: { 'schedule.noise': 'model' } }

/** A schedule that cannot be: names the recipe field that asked for it. A model's own is looked at before its recipe is, so the remedy can be that. */
export function scheduleError(field: string, message: string, advice: string, remedy: Remedy = ownSchedule): DpmError {
  return new DpmError({ reason: 'recipeInvalid', field, message, advice, remedy })
}

/** The usual end of a discrete schedule, at its noisy side (see lambdaMin of ScheduleSpec). */
export const usualLambdaMin = -5.1
export const useUsualLambdaMin: Remedy = { title: t('Use lambdaMin {0}', usualLambdaMin), set: { 'schedule.lambdaMin': usualLambdaMin } }
