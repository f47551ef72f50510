import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodePng, pngSize } from '../formats/png'
import type { ModelFacts } from '../recipe/model'
import { imageValues } from '../render/planes'
import { DpmError } from '../sampler/errors'

/**
 * PNG files of a folder as states of a model, `count` at most: of more, as many at equal distances in the order of their names. Pictures of another size are scaled.
 * Throws DpmError `pictures`, naming the folder or the file.
 */
export function statesIn(folder: string, count: number, shape: ModelFacts['shape']): Float32Array[] {
  const names = namesIn(folder)
  if (names.length === 0) throw refused(`There are no PNG files in ${folder}.`, 'Choose another folder, or the model’s own samples.')
  const taken = Math.min(count, names.length)
  return Array.from({ length: taken }, (_, i) => stateOf(join(folder, names[Math.floor(i * names.length / taken)]!), shape))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /\.png$/i.test(name)).sort()
  } catch (error) {
    throw refused(`The folder ${folder} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`, 'Choose another folder, or the model’s own samples.', error)
  }
}

function stateOf(file: string, shape: ModelFacts['shape']): Float32Array {
  try {
    const bytes = readFileSync(file)
    if (!pngSize(bytes)) throw new RangeError('it is not a PNG file')
    return imageValues(decodePng(bytes), shape).values
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw refused(`${file} cannot be used: ${code === undefined ? message : `it cannot be read (${code})`}.`, 'Take it out of the folder, or choose another folder.', error)
  }
}

function refused(message: string, advice: string, cause?: unknown): DpmError {
  return new DpmError({ reason: 'pictures', message, advice, remedy: { title: 'Estimate Variance…', command: 'estimateVariance' } }, { cause })
}
