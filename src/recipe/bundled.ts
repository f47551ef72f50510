/** The models that come along, by the names they have in `model.path`: folders of media/models. */
export const bundledNames = ['digits', 'emoji'] as const

/** The one meant where a setting or an engine is given no path. */
export const defaultModel = bundledNames[0]

export function isBundled(path: string): boolean {
  return bundledNames.some((name) => name === path)
}
