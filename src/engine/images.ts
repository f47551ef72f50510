import { createHash } from 'node:crypto'
import { isAbsolute } from 'node:path'
import type { DecodedImage } from '../formats/png'
import type { InputFile, RunDocument } from '../protocol/run'
import { fromNoise } from '../recipe/pictures'
import type { Recipe } from '../recipe/recipe'
import { imageValues, maskValues, type Fitted } from '../render/planes'
import { DpmError, type Remedy } from '../sampler/errors'
import { maskFor } from '../sampler/mask'
import { t } from '../sampler/text'
import { NoPicture, readPicture } from './picture'

/** What a run is made from, as states: [B, C, H, W], the same picture for every batch item. */
export interface Pictures {
  /** Values in [−1, 1]. */
  image: Float32Array
  /** 1 where the picture is made anew, 0 where it is kept; undefined where the whole of it is. */
  mask?: Float32Array
  files: { image: InputFile; mask?: InputFile }
  /** What was done to them so that they fit, one sentence each. */
  notes: string[]
}

/**
 * Reads the pictures that a recipe names and fits them to the model; undefined where it names none. Whoever asks knows what a relative path counts from: here they are absolute.
 * Throws DpmError (`recipeInvalid`) at `input.image` or `input.mask` where a path is relative, or a file missing, unreadable, too large or no PNG file. That the model takes pictures prepare() has seen to.
 */
export function readPictures({ input }: Recipe, [batch, channels, height, width]: RunDocument['shape']): Pictures | undefined {
  if (input.image === '') return undefined
  const image = pictureOf('input.image', input.image, (picture) => imageValues(picture, [channels, height, width]))
  const mask = input.mask === '' || input.task !== 'sample' ? undefined : pictureOf('input.mask', input.mask, (picture) => maskValues(picture, [channels, height, width]))
  return {
    image: maskFor(image.fitted.values, 1, batch), ...(mask ? { mask: maskFor(mask.fitted.values, channels, batch) } : {}),
    files: { image: image.file, ...(mask ? { mask: mask.file } : {}) },
    notes: [...noteOf('input.image', image.fitted), ...(mask ? noteOf('input.mask', mask.fitted) : [])],
  }
}

const noteOf = (field: Field, { changes }: Fitted): string[] => changes.length === 0 ? [] : [t('The picture of {0} was {1}.', field, changes.join(', '))]

type Field = 'input.image' | 'input.mask'

function pictureOf(field: Field, path: string, fit: (picture: DecodedImage) => Fitted): { fitted: Fitted; file: InputFile } {
  if (!isAbsolute(path)) throw refused(field, t('{0} is {1}, and nothing says which folder that counts from.', field, path), t('Choose the file again, or give its whole path.'))
  try {
    const { picture, bytes } = readPicture(path)
    const { width, height } = picture
    return { fitted: fit(picture), file: { path, sha256: createHash('sha256').update(bytes).digest('hex'), width, height } }
  } catch (error) {
    if (!(error instanceof NoPicture)) throw error
    throw refused(field, error.message, error.advice, error)
  }
}

const without: Readonly<Record<Field, Remedy>> = {
  'input.image': fromNoise,
  'input.mask': { title: t('Leave the Mask Out'), set: { 'input.mask': '' } },
}

function refused(field: Field, message: string, advice: string, cause?: unknown): DpmError {
  return new DpmError({ reason: 'recipeInvalid', field, message, advice, remedy: without[field] }, { cause })
}
