import { isAbsolute } from 'node:path'
import { settingTitle } from '../recipe/settingTitle'
import { DpmError, reportOf } from '../sampler/errors'
import { t } from '../sampler/text'
import { cudaPlatform, installedFolder, isInstalled, libraryFolderFault, onnxRuntimeOf } from './cuda/providerFiles'
import { runtimeFolder } from './cuda/runtimeFolder'
import type { EngineLaunch } from './engineClient'
import { checkNode } from './nodePath'

export interface LaunchSettings {
  /** The Node.js to run the engine on; empty: the one that VS Code is. */
  nodePath: string
  /** Folder of the user's own provider libraries; empty: those that were fetched, if any. */
  libraryPath: string
  /** The execution provider that is asked for. */
  provider: string
}

/** Providers whose libraries do not come along. */
const ofLibraries = ['cuda', 'tensorrt']

/**
 * How an engine is to be started now: on which Node.js, with which provider libraries. Throws DpmError where a setting names what cannot be used; a wrong
 * `libraryPath` of providers that nobody asked for by name is done without, and `warn` is told.
 * @param cudaFolder what installing the CUDA Runtime fills
 */
export async function engineLaunch(enginePath: string, cudaFolder: string, { nodePath, libraryPath, provider }: LaunchSettings, warn: (line: string) => void): Promise<EngineLaunch> {
  if (nodePath !== '') {
    if (!isAbsolute(nodePath)) throw refused(t('“{0}” is {1}, which is no absolute path.', settingTitle('engine.nodePath'), nodePath), t('Give the whole path of a Node.js executable, or leave it empty.'))
    await checkNode(nodePath, `“${settingTitle('engine.nodePath')}”`)
  }
  const runtime = await runtimeWith(enginePath, cudaFolder, libraryPath).catch((error: unknown) => {
    if (libraryPath === '' || ofLibraries.includes(provider)) throw error
    warn(reportOf(error).message)
    return undefined
  })
  return { ...(nodePath === '' ? {} : { execPath: nodePath }), ...(runtime === undefined ? {} : { env: { DPM_RUNTIME: runtime } }) }
}

/** The folder to load ONNX Runtime from, where that is not the extension's own. Elsewhere than on Linux x64 there is none: CUDA is not in the build, and the setting may be a team's. */
async function runtimeWith(enginePath: string, cudaFolder: string, libraryPath: string): Promise<string | undefined> {
  if (!cudaPlatform()) return undefined
  const { folder, version } = onnxRuntimeOf(enginePath)
  if (libraryPath === '' && !isInstalled(cudaFolder, version)) return undefined
  const libraries = libraryPath === '' ? installedFolder(cudaFolder, version) : libraryPath
  const advice = t('Give the folder with libonnxruntime_providers_cuda.so of ONNX Runtime {0}, or leave it empty.', version)
  const fault = isAbsolute(libraries) ? libraryFolderFault(libraries, version) : t('is no absolute path')
  if (fault !== undefined) throw refused(t('“{0}”: {1} {2}.', settingTitle('engine.libraryPath'), libraries, fault), advice)
  try { return await runtimeFolder(cudaFolder, folder, libraries) } catch (error) {
    throw refused(t('The provider libraries in {0} cannot be used: {1}.', libraries, error instanceof Error ? error.message : String(error)), t('Make the extension’s storage folder writable, or use no libraries.'), error)
  }
}

function refused(message: string, advice: string, cause?: unknown): DpmError {
  return new DpmError({ reason: 'engineNotStarted', message, advice, remedy: { title: t('Open Settings'), command: 'openSettings' } }, { cause })
}
