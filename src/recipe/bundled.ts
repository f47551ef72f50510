import { analyticModel } from './analyticModels'

/** The trained models that come along, by the names they have in `model.path`: folders of media/models. */
export const bundledNames = ['digits', 'emoji'] as const

/** The one meant where a setting or an engine is given no path. */
export const defaultModel = bundledNames[0]

/** True for the name of a model that comes along, trained or a formula. */
export function isBundled(path: string): boolean {
  return bundledNames.some((name) => name === path) || analyticModel(path) !== undefined
}
