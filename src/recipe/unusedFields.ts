import { t } from '../sampler/text'
import type { Recipe } from './recipe'
import { unusedScheduleOptions } from './scheduleOptions'

/**
 * Fields that differ from their defaults and that nothing in this run reads, one sentence each, so that nobody wonders why they change nothing. Throws DpmError for a schedule
 * option that there is not.
 * @param guided both branches of guidance are evaluated
 */
export function unusedFields(recipe: Recipe, guided: boolean): string[] {
  return [...unusedScheduleOptions(recipe), ...ofSchedule(recipe), ...ofTask(recipe), ...ofGuidance(recipe, guided)]
}

const unused = (field: string, why: string): string => t('{0} is not used, because {1}.', field, why)

function ofSchedule({ schedule: { noise, betas, spacing, timesteps } }: Recipe): string[] {
  return [
    ...(timesteps.length > 0 && spacing !== 'custom' && spacing !== 'tuned' ? [unused('schedule.timesteps', t('{0} is {1}', 'schedule.spacing', spacing))] : []),
    ...(betas.length > 0 && noise !== 'betas' ? [unused('schedule.betas', t('{0} is {1}', 'schedule.noise', noise))] : []),
  ]
}

function ofTask({ input: { task, mask }, schedule: { tStart, tEnd }, solver: { finalSigma, thresholding } }: Recipe): string[] {
  const why = t('{0} is {1}', 'input.task', task)
  const noise = task === 'noise'
  return [
    ...(task !== 'sample' && mask !== '' ? [unused('input.mask', why)] : []),
    ...(noise && tStart !== 'auto' ? [unused('schedule.tStart', why)] : []),
    ...(noise && tEnd !== 'auto' ? [unused('schedule.tEnd', why)] : []),
    ...(noise && thresholding ? [unused('solver.thresholding', why)] : []),
    ...(task !== 'sample' && finalSigma === 'denoise' ? [unused('solver.finalSigma', why)] : []),
  ]
}

function ofGuidance({ guidance: { scale, rescale, interval } }: Recipe, guided: boolean): string[] {
  if (guided) return []
  const why = scale === 1 ? t('{0} is {1}', 'guidance.scale', 1) : t('guidance is not applied')
  return [...(rescale > 0 ? [unused('guidance.rescale', why)] : []), ...(interval.length > 0 ? [unused('guidance.interval', why)] : [])]
}
