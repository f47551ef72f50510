import type { LatentSpace } from '../sampler/types'
import type { PreviewMethod, RunDocument } from './run'

const channelsOf: Record<LatentSpace, number> = { sd: 4, sdxl: 4, sd3: 16, flux: 16 }

/** The latents of a model that has some and does not say which: those of Stable Diffusion's first autoencoder, or of Stable Diffusion 3's. null where no latents known here have so many channels. */
export const usualSpace = (channels: number): LatentSpace | null => channels === 4 ? 'sd' : channels === 16 ? 'sd3' : null

/**
 * As which latents the states of a model are shown; null: as pixels, by their first channels.
 * @param told what the model's files say; with `latentToRgb` states of 4 or 16 channels are latents whatever they say
 */
export function spaceShown(told: LatentSpace | undefined, channels: number, method: PreviewMethod): LatentSpace | null {
  if (told && channelsOf[told] === channels) return told
  return method === 'latentToRgb' ? usualSpace(channels) : null
}

/** The same of the states of a run. */
export function spaceOfRun({ model, shape }: Pick<RunDocument, 'shape'> & { model: Pick<RunDocument['model'], 'latents'> }, method: PreviewMethod): LatentSpace | null {
  return spaceShown(model.latents, shape[1], method)
}
