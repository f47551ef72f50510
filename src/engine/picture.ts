import { readFileSync, statSync } from 'node:fs'
import { decodePng, mostPixels, pngSize, type DecodedImage } from '../formats/png'
import { t } from '../sampler/text'

/** Bytes of a file that is read at most. */
const mostBytes = 2 ** 28

/** Why a file is no picture that can be used: one sentence that names it, and what helps. */
export class NoPicture extends Error {
  constructor(message: string, readonly advice: string, cause?: unknown) { super(message, { cause }) }
}

/**
 * The PNG file at `path`, decoded, with its bytes. Both its size and the pixels that it claims are looked at before they are believed.
 * Throws NoPicture where it is missing, unreadable, too large, damaged or no PNG file.
 */
export function readPicture(path: string): { picture: DecodedImage; bytes: Uint8Array } {
  const bytes = readBytes(path)
  const size = pngSize(bytes)
  if (!size) throw new NoPicture(t('{0} is not a PNG file.', path), t('Save the picture as PNG, or choose another one.'))
  if (size.width * size.height > mostPixels) throw new NoPicture(t('{0} has {1}×{2} pixels, more than can be read.', path, size.width, size.height), t('Make the picture smaller first.'))
  try {
    return { picture: decodePng(bytes), bytes }
  } catch (error) {
    throw new NoPicture(t('{0} is damaged: {1}.', path, error instanceof Error ? error.message : String(error)), t('Save the picture again, or choose another one.'), error)
  }
}

function readBytes(path: string): Uint8Array {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw new NoPicture(t('{0} is a folder, not a PNG file.', path), t('Choose a PNG file.'))
    if (stat.size > mostBytes) throw new NoPicture(t('{0} has {1} bytes, more than can be read.', path, stat.size), t('Make the picture smaller first.'))
    return readFileSync(path)
  } catch (error) {
    if (error instanceof NoPicture) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new NoPicture(t('There is no picture at {0}.', path), t('Choose a PNG file.'), error)
    throw new NoPicture(t('{0} cannot be read ({1}).', path, code ?? String(error)), t('Check its permissions, or choose another picture.'), error)
  }
}
