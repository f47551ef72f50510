import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, whyNotWritten } from '../../protocol/files'
import type { PreviewMethod } from '../../protocol/run'
import { settingTitle } from '../../recipe/settingTitle'
import { DpmError } from '../../sampler/errors'
import { t } from '../../sampler/text'
import { readImages } from '../image'
import { imageName } from '../imageName'
import type { Metadata } from '../pngText'
import type { StoredRun } from '../store'

export interface SavedImages { /** Absolute path. */ folder: string; /** Template of their names. */ fileName: string; metadata: Metadata; /** How states become pictures. */ method: PreviewMethod }

/**
 * Writes the results of a run as PNG files, one for each image of the batch; of a run in the plane, one of all its points. A name that is taken gets a number: no file is written over.
 * Resolves to the files. Throws DpmError (`outputFile`, `runFolder`); what was written by then stays.
 */
export async function saveImages(run: StoredRun, { folder, fileName, metadata, method }: SavedImages): Promise<string[]> {
  const row = run.rows.at(-1)
  if (!row) return []
  const files: string[] = []
  try {
    makeFolder(folder)
    for await (const { item, bytes } of readImages(run, row, 'x', run.rows, metadata, method)) files.push(await writeNew(folder, imageName(run.document, row, 'x', fileName, item), bytes))
  } catch (error) {
    if (error instanceof DpmError) throw error
    throw new DpmError({
      reason: 'outputFile', message: t('The images of the run could not be saved in {0}: {1}.', folder, whyNotWritten(error)),
      advice: t('The run is recorded all the same. Set another folder as “{0}”, or save its images from the panel.', settingTitle('output.folder')), remedy: { title: t('Open Settings'), command: 'openSettings' },
    }, { cause: error })
  }
  return files
}

/** Writes a file that is not there yet, whole or not at all. */
async function writeNew(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  for (let n = 1; ; n++) {
    const file = join(folder, n === 1 ? name : name.replace(/(?=\.png$)/, `-${n}`))
    try {
      const handle = await open(file, 'wx')
      try { await handle.writeFile(bytes) } catch (error) {
        await unlink(file).catch(() => {})
        throw error
      } finally { await handle.close() }
      return file
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
