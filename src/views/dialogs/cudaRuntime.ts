import { existsSync } from 'node:fs'
import * as vscode from 'vscode'
import { isObject } from '../../recipe/path'
import { cudaInstaller } from '../../run/cuda/door'
import { cudaPlatform, isInstalled, onnxRuntimeOf } from '../../run/cuda/providerFiles'
import { untrusted } from '../../run/trust'
import { DpmError } from '../../sampler/errors'
import { t } from '../../sampler/text'

export interface CudaParts {
  enginePath: string
  /** In the extension's global storage: one for all windows. */
  folder: string
  /** Address of a NuGet feed that tests set in place of the public one. */
  testFeed?: string | undefined
  /** Engines started from now on load other libraries. */
  changed: () => Promise<void>
}

/**
 * Fetches ONNX Runtime's CUDA and TensorRT libraries, of exactly the version that the engine has, after the user has agreed: first to ask the package feed, which is the first use of the
 * network, then to the size. Resolves to the version, or undefined where the user gave up; what was fetched until then is kept. Throws DpmError.
 * @param given `agreed: true` by callers that have asked the user
 */
export async function installCudaRuntime({ enginePath, folder, testFeed, changed }: CudaParts, given: unknown): Promise<string | undefined> {
  if (!cudaPlatform()) {
    throw new DpmError({ reason: 'providerUnavailable', message: t('ONNX Runtime for Node.js uses CUDA on Linux x64 only, and the engine runs on {0} {1}.', process.platform, process.arch), advice: t('Let the provider be chosen automatically.'), remedy: { title: t('Open Settings'), command: 'openSettings' } })
  }
  if (!vscode.workspace.isTrusted) throw untrusted()
  const { version } = onnxRuntimeOf(enginePath)
  const { defaultFeed, findPackage, freeBytes, install, megabytes, packageName } = cudaInstaller()
  const agreed = isObject(given) && given['agreed'] === true
  const feed = testFeed ?? defaultFeed
  const { host } = new URL(feed)
  const installed = isInstalled(folder, version)
  if (!agreed && !await confirmed(installed ? t('Install the CUDA Runtime again?') : t('Install the CUDA Runtime?'), [
    ...installed ? [t('It is installed for ONNX Runtime {0} already.', version)] : [],
    t('ONNX Runtime’s libraries for CUDA and TensorRT ({0}, some hundred MB) come from {1}; the size is shown before they do.', `${packageName} ${version}`, host),
    t('This machine must have what they need and what is not installed by this: an NVIDIA GPU with its driver, CUDA and cuDNN 9, where the system’s loader finds them, and for TensorRT also TensorRT 10. Which CUDA is up to the package: a library that is missing is named with its version.'),
  ].join('\n\n'), t('Continue'))) return undefined
  const title = t('CUDA Runtime for ONNX Runtime {0}', version)
  const found = await cancellable(title, async (progress, signal) => {
    progress.report({ message: t('asking {0}', host) })
    return findPackage(feed, version, signal)
  })
  if (found === undefined) return undefined
  const free = await freeBytes(vscode.Uri.joinPath(vscode.Uri.file(folder), '..').fsPath).catch(() => undefined)
  if (!agreed && !await confirmed(t('Download {0} from {1}?', megabytes(found.bytes), host), [
    free === undefined ? t('{0} is checked against the SHA-512 in the feed’s catalog and unpacked into {1}.', `${packageName} ${version}`, folder)
      : t('{0} is checked against the SHA-512 in the feed’s catalog and unpacked into {1}, where {2} are free.', `${packageName} ${version}`, folder, megabytes(free)),
    t('The download can be cancelled and goes on from there the next time; “DPM-Solver: Remove CUDA Runtime” removes all of it.'),
  ].join('\n\n'), t('Download'))) return undefined
  let shown = 0
  const done = await cancellable(title, async (progress, signal) => {
    await install(found, { folder, version, signal, progress: (bytes, of) => {
      const percent = Math.floor(100 * bytes / of)
      progress.report({ increment: Math.max(0, percent - shown), message: t('{0} of {1}', megabytes(bytes), megabytes(of)) })
      shown = Math.max(percent, shown)
    } })
    return true
  })
  if (!done) return undefined
  await changed()
  return version
}

/** Removes what installCudaRuntime() fetched, in whole or in part. Throws DpmError. */
export async function removeCudaRuntime({ folder, changed }: CudaParts): Promise<boolean> {
  if (!existsSync(folder)) return false
  await cudaInstaller().remove(folder)
  await changed()
  return true
}

async function confirmed(message: string, detail: string, yes: string): Promise<boolean> {
  return await vscode.window.showInformationMessage(message, { modal: true, detail }, yes) === yes
}

/** Does it behind a notification with Cancel; undefined where that was chosen. */
function cancellable<T>(title: string, action: (progress: vscode.Progress<{ message?: string; increment?: number }>, signal: AbortSignal) => Promise<T>): Thenable<T | undefined> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const cancelled = new AbortController()
    token.onCancellationRequested(() => { cancelled.abort() })
    try { return await action(progress, cancelled.signal) } catch (error) {
      if (cancelled.signal.aborted) return undefined
      throw error
    }
  })
}
