import { DpmError } from '../sampler/errors'
import { andList, t } from '../sampler/text'
import type { Spacing, SpacingOptions } from '../sampler/types'
import type { NoiseChoice, Recipe } from './recipe'
import { schemaAt } from './schema'
import { settingTitle } from './settingTitle'

/** Which of `schedule.options` each spacing reads. */
const ofSpacing: Readonly<Partial<Record<Spacing, readonly string[]>>> = {
  timePower: ['power'], polyexponential: ['rho'], beta: ['alpha', 'beta', 'betaOf'], leading: ['offset', 'extraPoint'], linspace: ['extraPoint'], ays: ['table'],
  custom: ['sigmas'], tuned: ['sigmas'],
}
/** Which of them each noise schedule reads. */
const ofNoise: Readonly<Partial<Record<NoiseChoice, readonly string[]>>> = {
  linear: ['trainSteps', 'betaStart', 'betaEnd'], scaledLinear: ['trainSteps', 'betaStart', 'betaEnd'], squaredcosCapV2: ['trainSteps'],
  vpLinear: ['beta0', 'beta1'], vpCosine: ['s'], edm: ['sigmaMin', 'sigmaMax'], flow: ['shift', 'trainSteps'],
}

/** Names of the options that a noise schedule reads. */
export const noiseOptionsOf = (noise: NoiseChoice): readonly string[] => ofNoise[noise] ?? []

/** What the options of spacings are where they are left out; those of noise schedules are in scheduleChoice.ts. */
export const usualOfSpacing: Readonly<Record<string, unknown>> = { power: 2, rho: 1, alpha: 0.6, beta: 0.6, betaOf: 'time', offset: 0, extraPoint: false, table: 'sd15' }

/** Names of the options that a recipe's spacing and noise schedule read, for its form. */
export function scheduleOptionsOf({ noise, spacing }: Pick<Recipe['schedule'], 'noise' | 'spacing'>): string[] {
  return [...ofSpacing[spacing] ?? [], ...noiseOptionsOf(noise)]
}

/** True for a spacing whose times are listed in `schedule.timesteps`. */
export const takesTimes = (spacing: unknown): boolean => spacing === 'custom' || spacing === 'tuned'

/** The lists of a recipe that its spacing or noise schedule does not read, by their paths. */
export function unusedLists({ schedule: { noise, betas, spacing, timesteps } }: Recipe): ('schedule.timesteps' | 'schedule.betas')[] {
  return [...timesteps.length > 0 && !takesTimes(spacing) ? ['schedule.timesteps' as const] : [], ...betas.length > 0 && noise !== 'betas' ? ['schedule.betas' as const] : []]
}

/** One sentence for options that nothing reads. Throws DpmError (`recipeInvalid`) for one that there is not. */
export function unusedScheduleOptions({ schedule }: Recipe): string[] {
  const known = Object.keys(schemaAt('schedule.options')?.properties ?? {})
  const used = scheduleOptionsOf(schedule)
  const given = Object.keys(schedule.options)
  const other = given.find((name) => !known.includes(name))
  if (other !== undefined) {
    throw new DpmError({
      reason: 'recipeInvalid', field: `schedule.options.${other}`, message: t('There is no schedule option {0}.', other), advice: t('The options are {0}.', known.join(', ')),
      remedy: { title: t('Use the Usual Values'), set: { 'schedule.options': {} } },
    })
  }
  const unused = given.filter((name) => !used.includes(name)).sort()
  if (unused.length === 0) return []
  return [t('“{0}” has {1}, which the spacing {2} and the noise schedule {3} do not use.', settingTitle('schedule.options'), andList(unused), schedule.spacing, schedule.noise)]
}

/** The parameters of a recipe's spacing, as the planner takes them. */
export function spacingOptionsOf({ spacing, karrasRho, timesteps, options }: Recipe['schedule']): SpacingOptions {
  const own = Object.fromEntries((ofSpacing[spacing] ?? []).filter((name) => options[name] !== undefined).map((name) => [name, options[name]])) as SpacingOptions
  return { ...own, ...(spacing === 'karras' ? { rho: karrasRho } : {}), ...(takesTimes(spacing) ? { timesteps } : {}) }
}
