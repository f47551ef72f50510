import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelFacts } from '../recipe/model'
import { whyNoPictures } from '../recipe/pictures'
import { imageValues } from '../render/planes'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import { NoPicture, readPicture } from './picture'

/**
 * Paths of PNG files in a folder, `count` at most: of more, as many at equal distances in the order of their names.
 * Throws DpmError `pictures`, naming the folder, where it cannot be read or has none.
 */
export function picturesIn(folder: string, count: number): string[] {
  const names = namesIn(folder)
  if (names.length === 0) throw refused(t('There are no PNG files in {0}.', folder), t('Choose another folder, or the model’s own samples.'))
  const taken = Math.min(count, names.length)
  return Array.from({ length: taken }, (_, i) => join(folder, names[Math.floor(i * names.length / taken)]!))
}

/** A PNG file as a state of a model; of another size it is scaled. Throws DpmError `pictures`, naming the file, and for a model that works on no pixels. */
export function stateOf(file: string, facts: ModelFacts): Float32Array {
  const none = whyNoPictures(facts)
  if (none !== null) throw refused(none, t('Estimate over the model’s own samples.'))
  try {
    return imageValues(readPicture(file).picture, facts.shape).values
  } catch (error) {
    if (!(error instanceof NoPicture)) throw error
    throw refused(error.message, t('Take it out of the folder, or choose another folder.'), error)
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /\.png$/i.test(name)).sort()
  } catch (error) {
    throw refused(t('The folder {0} cannot be read ({1}).', folder, (error as NodeJS.ErrnoException).code ?? String(error)), t('Choose another folder, or the model’s own samples.'), error)
  }
}

function refused(message: string, advice: string, cause?: unknown): DpmError {
  return new DpmError({ reason: 'pictures', message, advice, remedy: { title: t('Estimate Variance…'), command: 'estimateVariance' } }, { cause })
}
