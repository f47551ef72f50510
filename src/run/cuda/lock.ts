import { open, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { t } from '../../sampler/text'
import { failed } from './request'

const beatMs = 10_000
/** A window that has not touched its lock for so long is gone, even where a process with its number lives. */
const staleMs = 10 * 60_000

/** Does it while no other window installs or removes. Throws DpmError where one does. */
export async function withLock<T>(file: string, action: () => Promise<T>): Promise<T> {
  await take(file)
  const beat = setInterval(() => { void utimes(file, new Date(), new Date()).catch(() => {}) }, beatMs)
  beat.unref()
  try { return await action() } finally {
    clearInterval(beat)
    await rm(file, { force: true })
  }
}

async function take(file: string): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    try {
      const handle = await open(file, 'wx')
      await handle.close()
      await writeFile(file, String(process.pid))
      return
    } catch (error) { if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error }
    if (await held(file)) break
    await rm(file, { force: true })
  }
  throw failed(t('another window is installing or removing it'), undefined, t('Wait until it is done.'))
}

async function held(file: string): Promise<boolean> {
  try {
    const [pid, { mtimeMs }] = [Number(await readFile(file, 'utf8')), await stat(file)]
    if (Date.now() - mtimeMs > staleMs) return false
    if (pid === 0) return true // taken a moment ago
    process.kill(pid, 0)
    return true
  } catch (error) { return (error as NodeJS.ErrnoException).code === 'EPERM' }
}
