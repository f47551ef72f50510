import { mkdir, mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { DpmError } from '../../sampler/errors'
import { t } from '../../sampler/text'
import { diskError, download, megabytes, sha512Of } from './download'
import { packageName, type Package } from './feed'
import { withLock } from './lock'
import { installedFolder, providerFiles } from './providerFiles'
import { failed } from './request'

/** Where a package has the libraries. */
const inPackage = (name: string): string => `runtimes/linux-x64/native/${name}`
/** What unpacking and removing leave behind when they are broken off. */
const drafts = /^(unpacking|removed)-/

export interface Installing {
  /** The folder that all of it is kept in. */
  folder: string
  /** Of ONNX Runtime, and so of the package. */
  version: string
  signal: AbortSignal
  /** Bytes that are there, of how many. */
  progress: (bytes: number, of: number) => void
  /** Bytes that may be written below a folder; tests say how many. */
  free?: (folder: string) => Promise<number>
  /** Before a broken connection is made again; tests wait less. */
  pauseMs?: number
}

export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/**
 * Fetches a package, checks it against its SHA-512, and puts its provider libraries into installedFolder(), all at once. What other versions left goes. Throws DpmError, or the signal's
 * reason; a package that has come in part stays, for the next time.
 */
export async function install(wanted: Package, { folder, version, signal, progress, free = freeBytes, pauseMs }: Installing): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => { throw diskError(folder, error) })
  await locked(folder, async () => {
    const archive = join(folder, `${packageName}.${version}.nupkg.part`)
    const room = async (bytes: number): Promise<void> => {
      const there = await free(folder)
      if (there < bytes) throw failed(t('{0} has room for {1}, and {2} are needed', folder, megabytes(there), megabytes(bytes)), undefined, t('Make room and install again: what has come is kept.'))
    }
    await sweep(folder, (name) => drafts.test(name))
    await room(wanted.bytes)
    await download(wanted, archive, signal, (bytes) => { progress(bytes, wanted.bytes) }, pauseMs)
    if (await sha512Of(archive, signal).catch((error: unknown) => { signal.throwIfAborted(); throw diskError(archive, error) }) !== wanted.sha512) {
      await sweep(folder, (name) => name.startsWith(packageName))
      throw failed(t('what came is not what the feed’s catalog says (SHA-512 differs); it was removed'), undefined, t('Try again; if it happens twice, something on the way changes downloads.'))
    }
    const { unpack } = await import('./unpack')
    const draft = await mkdtemp(join(folder, 'unpacking-')).catch((error: unknown) => { throw diskError(folder, error) })
    try {
      await unpack(archive, providerFiles.map(inPackage), draft, room, signal)
      const place = installedFolder(folder, version)
      await putAside(place)
      await rename(draft, place)
    } finally { await rm(draft, { recursive: true, force: true }) }
    await sweep(folder, (name) => name.startsWith(packageName) || (/^\d/.test(name) && name !== version))
  })
}

/** Removes everything that install() made, whole or in part. Throws DpmError while another window installs. */
export async function remove(folder: string): Promise<void> {
  if (!(await readdir(folder).catch(() => undefined))) return
  await locked(folder, async () => {
    for (const name of await readdir(folder)) if (/^\d/.test(name)) await putAside(join(folder, name))
    await sweep(folder, (name) => name !== 'lock')
  })
  await rm(folder, { recursive: true, force: true })
}

function locked<T>(folder: string, action: () => Promise<T>): Promise<T> {
  return withLock(join(folder, 'lock'), action).catch((error: unknown) => { throw error instanceof DpmError || (error as Error).name === 'AbortError' ? error : diskError(folder, error) })
}

/** So that the folder is there whole or not at all, whenever the window is closed. */
async function putAside(place: string): Promise<void> {
  const aside = join(place, '..', `removed-${process.pid}-${Date.now()}`)
  try { await rename(place, aside) } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return
  }
  await rm(aside, { recursive: true, force: true })
}

async function sweep(folder: string, which: (name: string) => boolean): Promise<void> {
  for (const name of (await readdir(folder)).filter(which)) await rm(join(folder, name), { recursive: true, force: true })
}
