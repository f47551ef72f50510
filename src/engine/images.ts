import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { decodePng, mostPixels, pngSize } from '../formats/png'
import type { InputFile, RunDocument } from '../protocol/run'
import type { Recipe } from '../recipe/recipe'
import { imageValues, maskValues, type Fitted } from '../render/planes'
import { DpmError, type Remedy } from '../sampler/errors'
import { maskFor } from '../sampler/mask'

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

/** Bytes of a file that is read at most. */
const mostBytes = 2 ** 28

/**
 * Reads the pictures that a recipe names and fits them to the model; undefined where it names none. A relative path counts from the folder that the program runs in.
 * Throws DpmError (`recipeInvalid`) at `input.image` or `input.mask` where a file is missing, unreadable, too large or no PNG file.
 */
export function readPictures({ input }: Recipe, [batch, channels, height, width]: RunDocument['shape']): Pictures | undefined {
  if (input.image === '') return undefined
  const image = readPicture('input.image', input.image, (picture) => imageValues(picture, [channels, height, width]))
  const mask = input.mask === '' || input.task !== 'sample' ? undefined : readPicture('input.mask', input.mask, (picture) => maskValues(picture, [channels, height, width]))
  return {
    image: maskFor(image.fitted.values, 1, batch), ...(mask ? { mask: maskFor(mask.fitted.values, channels, batch) } : {}),
    files: { image: image.file, ...(mask ? { mask: mask.file } : {}) },
    notes: [...noteOf('input.image', image.fitted), ...(mask ? noteOf('input.mask', mask.fitted) : [])],
  }
}

const noteOf = (field: Field, { changes }: Fitted): string[] => changes.length === 0 ? [] : [`The picture of ${field} was ${changes.join(', ')}.`]

type Field = 'input.image' | 'input.mask'

function readPicture(field: Field, given: string, fit: (picture: ReturnType<typeof decodePng>) => Fitted): { fitted: Fitted; file: InputFile } {
  const path = resolve(given)
  const bytes = readBytes(field, path)
  const size = pngSize(bytes)
  if (!size) throw refused(field, `${path} is not a PNG file.`, 'Save the picture as PNG, or choose another one.')
  if (size.width * size.height > mostPixels) throw refused(field, `${path} has ${size.width}×${size.height} pixels, more than can be read.`, 'Make the picture smaller first.')
  try {
    return { fitted: fit(decodePng(bytes)), file: { path, sha256: createHash('sha256').update(bytes).digest('hex'), ...size } }
  } catch (error) {
    throw refused(field, `${path} is damaged: ${error instanceof Error ? error.message : String(error)}.`, 'Save the picture again, or choose another one.', error)
  }
}

function readBytes(field: Field, path: string): Uint8Array {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw refused(field, `${path} is a folder, not a PNG file.`, 'Choose a PNG file.')
    if (stat.size > mostBytes) throw refused(field, `${path} has ${stat.size} bytes, more than can be read.`, 'Make the picture smaller first.')
    return readFileSync(path)
  } catch (error) {
    if (error instanceof DpmError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw refused(field, `There is no picture at ${path}.`, 'Choose a PNG file.', error)
    throw refused(field, `${path} cannot be read (${code ?? String(error)}).`, 'Check its permissions, or choose another picture.', error)
  }
}

const without: Readonly<Record<Field, Remedy>> = {
  'input.image': { title: 'Sample From Noise', set: { 'input.task': 'sample', 'input.image': '', 'input.mask': '' } },
  'input.mask': { title: 'Leave the Mask Out', set: { 'input.mask': '' } },
}

function refused(field: Field, message: string, advice: string, cause?: unknown): DpmError {
  return new DpmError({ reason: 'recipeInvalid', field, message, advice, remedy: without[field] }, { cause })
}
