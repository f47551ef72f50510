import type { Remedy } from '../sampler/errors'
import { t } from '../sampler/text'
import type { ModelFacts } from './model'

/** Why a model takes no pictures, in one sentence; null where it does. */
export function whyNoPictures({ kind, name, shape: [channels] }: Pick<ModelFacts, 'kind' | 'name' | 'shape'>): string | null {
  if (kind === 'analytic') return t('{0} makes points of the plane, which no picture is.', name)
  return channels === 1 || channels === 3 ? null : t('{0} works on {1} channels; a picture gives 1 or 3.', name, channels)
}

/** Does without image and mask. */
export const fromNoise = { title: t('Sample From Noise'), set: { 'input.task': 'sample', 'input.image': '', 'input.mask': '' } } satisfies Remedy
