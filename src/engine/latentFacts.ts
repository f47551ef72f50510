import { spaceShown, usualSpace } from '../protocol/latentSpace'
import { t } from '../sampler/text'
import type { LatentSpace } from '../sampler/types'
import type { ModelFolder } from './modelFolder'

/** Parts of a folder that make pictures of latents. */
const decoders = ['vae', 'vae_decoder', 'vqvae', 'movq']
/** What autoencoders multiply their latents by, as their config.json has it; diffusers takes the first where it is left out. */
const scalings: readonly (readonly [factor: number, space: LatentSpace])[] = [[0.18215, 'sd'], [0.13025, 'sdxl'], [1.5305, 'sd3'], [0.3611, 'flux']]
/** Pipelines and networks by their class in diffusers. */
const classes: readonly (readonly [name: RegExp, space: LatentSpace])[] = [
  [/^StableDiffusion3|^SD3Transformer/, 'sd3'], [/^Flux/, 'flux'], [/^StableDiffusionXL/, 'sdxl'], [/^(Onnx)?StableDiffusion|^LatentConsistencyModel|^DiT/, 'sd'],
]

/** The part of a folder that makes pictures of latents; undefined where there is none. */
export const decoderOf = ({ index }: ModelFolder): string | undefined => decoders.find((part) => part in index)

/** Which latents a network of so many channels samples, by its folder; undefined where nothing says that it samples some that are known here. */
export function latentsOf(model: ModelFolder, channels: number): LatentSpace | undefined {
  const { decoder, index, network } = model
  const factor = decoder['scaling_factor']
  const scaled = typeof factor === 'number' ? scalings.find(([known]) => Math.abs(factor / known - 1) < 1e-3) : undefined
  const named = [index, network].map(({ _class_name: name }) => typeof name === 'string' ? classes.find(([known]) => known.test(name)) : undefined).find((found) => found !== undefined)
  const said = decoderOf(model) === 'vae' || decoderOf(model) === 'vae_decoder' || Object.keys(decoder).length > 0
  // Of other channels than the latents have that a folder names, the network is none of that kind. Latents of another scale would have wrong colours.
  return spaceShown((scaled ?? (factor === undefined ? named : undefined))?.[1], channels, 'auto') ?? (said && factor === undefined ? usualSpace(channels) ?? undefined : undefined)
}

/** What the user should know of a model of latents. */
export const latentNote = (name: string): string => t('{0} samples latents, and no decoder is run: pictures of them have approximate colours.', name)
