import { t } from '../sampler/text'
import { fields, type FieldPath } from './fields'
import type { Recipe } from './recipe'
import { unusedLists, unusedScheduleOptions } from './scheduleOptions'
import { settingTitle } from './settingTitle'

/**
 * Fields that differ from their defaults and that nothing in this run reads, one sentence each, so that nobody wonders why they change nothing; by their titles, as the Settings editor has them, or would. Throws DpmError for a schedule
 * option that there is not.
 * @param guided both branches of guidance are evaluated
 */
export function unusedFields(recipe: Recipe, guided: boolean): string[] {
  return [...unusedScheduleOptions(recipe), ...ofSchedule(recipe), ...ofTask(recipe), ...ofGuidance(recipe, guided)]
}

const titleOf = (path: FieldPath): string => settingTitle(fields.find((field) => field.path === path)?.setting ?? path)
const unused = (path: FieldPath, why: string): string => t('“{0}” is not used, because {1}.', titleOf(path), why)
const is = (path: FieldPath, value: string | number): string => t('“{0}” is {1}', titleOf(path), value)

function ofSchedule(recipe: Recipe): string[] {
  const { noise, spacing } = recipe.schedule
  return unusedLists(recipe).map((path) => unused(path, path === 'schedule.timesteps' ? is('schedule.spacing', spacing) : is('schedule.noise', noise)))
}

function ofTask({ input: { task, mask }, schedule: { tStart, tEnd }, solver: { finalSigma, thresholding } }: Recipe): string[] {
  const why = is('input.task', task)
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
  const why = scale === 1 ? is('guidance.scale', 1) : t('guidance is not applied')
  return [...(rescale > 0 ? [unused('guidance.rescale', why)] : []), ...(interval.length > 0 ? [unused('guidance.interval', why)] : [])]
}
