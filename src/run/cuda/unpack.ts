import { createWriteStream } from 'node:fs'
import { basename, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { openPromise, type Entry } from 'yauzl'
import { t } from '../../sampler/text'
import { diskError } from './download'
import { failed, words } from './request'

/**
 * Writes the entries of a zip archive that `wanted` names (by path in the archive) into `folder`, each under the last part of its path, and checks size and CRC-32 of each.
 * `room` is told the bytes they take before any is written, and may throw. Throws DpmError where one is missing or damaged, or the signal's reason.
 */
export async function unpack(archive: string, wanted: readonly string[], folder: string, room: (bytes: number) => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    const zip = await openPromise(archive, { lazyEntries: true, autoClose: false })
    try {
      const entries: Entry[] = []
      for await (const entry of zip.eachEntry()) if (wanted.includes(entry.fileName)) entries.push(entry)
      const missing = wanted.find((path) => !entries.some(({ fileName }) => fileName === path))
      if (missing !== undefined) throw failed(t('the package has no {0}', missing))
      await room(entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0))
      for (const entry of entries) {
        const file = join(folder, basename(entry.fileName))
        let sum = 0
        const check = new Transform({ transform(part: Buffer, _, done) { sum = crc32(part, sum); done(null, part) } })
        const target = createWriteStream(file, { flags: 'wx', mode: 0o644 })
        let disk: Error | undefined
        target.once('error', (error) => { disk = error })
        await pipeline(await zip.openReadStreamPromise(entry), check, target, { signal }).catch((error: unknown) => { throw disk === error ? diskError(file, error) : error })
        if (sum !== entry.crc32) throw failed(t('{0} is damaged in the package', basename(file)))
      }
    } finally { zip.close() }
  } catch (error) {
    signal.throwIfAborted()
    throw (error as Error).name === 'DpmError' ? error : failed(t('the package cannot be unpacked: {0}', words(error)), error)
  }
}
