import { execFile } from 'node:child_process'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'

/** The oldest Node.js that the engine runs on, by major and minor version; package.json says so too. */
const oldest = [20, 11] as const

/** A program that has not said its version by then is not waited for. */
const patienceMs = 60_000

/**
 * Asks an executable for its version, and throws DpmError where it is no Node.js that the engine runs on. What it is given to do is `--version`, which whatever it may be does no harm.
 * `who` names what asked for it, such as a setting’s title in quotes.
 */
export async function checkNode(path: string, who: string): Promise<void> {
  const said = await new Promise<{ error: Error & { code?: unknown } | null; text: string }>((resolve) => {
    execFile(path, ['--version'], { timeout: patienceMs, killSignal: 'SIGKILL', maxBuffer: 2 ** 16, windowsHide: true, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } },
      (error, stdout) => { resolve({ error, text: stdout.trim() }) })
  })
  const [, version, major, minor] = /^v((\d+)\.(\d+)\.\d+\S*)$/.exec(said.text) ?? []
  const { code } = said.error ?? {}
  if (code === 'ENOENT') throw wrong(t('{0} names {1}, which does not exist.', who, path))
  if (code === 'EACCES') throw wrong(t('{0} names {1}, which may not be executed.', who, path))
  if (said.error || version === undefined) throw wrong(t('{0} names {1}, which is no Node.js.', who, path), said.error ?? undefined)
  if (Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1])) throw wrong(t('{0} names Node.js {1}, and the engine needs {2} or newer.', who, version, oldest.join('.')))

  function wrong(what: string, cause?: Error): DpmError {
    return new DpmError({ reason: 'engineNotStarted', message: what, advice: t('Give the path of a Node.js executable, or leave it empty.'), remedy: { title: t('Open Settings'), command: 'openSettings' } }, { cause })
  }
}
