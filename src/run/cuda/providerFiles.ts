import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { t } from '../../sampler/text'

/** The libraries that CUDA and TensorRT are in, beside libonnxruntime.so.1; TensorRT's is not needed for CUDA. */
export const providerFiles = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_tensorrt.so'] as const
const needed: readonly string[] = providerFiles.slice(0, 2)

/** ONNX Runtime is built with CUDA for these only. */
export function cudaPlatform(): boolean { return process.platform === 'linux' && process.arch === 'x64' }

/** Where the onnxruntime-node lies that the engine at `enginePath` loads, and its version. */
export function onnxRuntimeOf(enginePath: string): { folder: string; version: string } {
  const file = createRequire(enginePath).resolve('onnxruntime-node/package.json')
  return { folder: dirname(file), version: (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version }
}

/**
 * What is wrong with a folder of provider libraries for ONNX Runtime `version`, as the end of a sentence that begins with its path; undefined where nothing is.
 * The libraries name no version. The Python package and the archives of ONNX Runtime have libonnxruntime.so.1.2.3 beside them, which does.
 */
export function libraryFolderFault(folder: string, version: string): string | undefined {
  if (!existsSync(folder)) return t('does not exist')
  if (!statSync(folder).isDirectory()) return t('is no folder')
  const missing = needed.find((name) => !existsSync(join(folder, name)))
  if (missing !== undefined) return t('has no {0}', missing)
  const versions = readdirSync(folder).map((name) => /^libonnxruntime\.so\.(\d+\.\d+\.\d+)$/.exec(name)?.[1]).filter((found) => found !== undefined)
  if (versions.length > 0 && !versions.includes(version)) return t('is of ONNX Runtime {0}, and the engine has {1}', versions.join(', '), version)
  return undefined
}

/** Where in the extension's storage the fetched libraries of one version lie. */
export function installedFolder(cudaFolder: string, version: string): string { return join(cudaFolder, version) }

/** Whether they are there: the folder appears with all of its files at once. */
export function isInstalled(cudaFolder: string, version: string): boolean { return existsSync(join(installedFolder(cudaFolder, version), needed[1]!)) }
