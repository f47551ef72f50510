import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as Onnx from 'onnxruntime-node'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'

export type Runtime = typeof Onnx
export type Session = Onnx.InferenceSession
export type Tensor = Onnx.Tensor

let loaded: Runtime | undefined

/** Where onnxruntime-node is looked for: beside the engine, or in the folder that the host made, in which provider libraries lie beside ONNX Runtime. */
const beside = process.env['DPM_RUNTIME'] ? join(process.env['DPM_RUNTIME'], 'engine.js') : __filename

/** ONNX Runtime, loaded by the first call. Throws DpmError where this platform has no build of it. */
export function loadRuntime(): Runtime {
  try {
    // A plain require takes 11 ms, import() 18: it first reads the package for its export names.
    return loaded ??= createRequire(beside)('onnxruntime-node') as Runtime
  } catch (error) {
    throw new DpmError({
      reason: 'providerUnavailable', message: t('ONNX Runtime could not be loaded on {0}-{1}: {2}.', process.platform, process.arch, firstLine(error)),
      advice: t('Install the extension’s build for this platform; there is none for Intel Macs and Alpine Linux.'), remedy: { title: t('Show Log'), command: 'showLog' },
    }, { cause: error })
  }
}

/** The folder of ONNX Runtime's own library, where it looks for those of providers that are not built in. */
export function libraryFolder(): string {
  return join(dirname(createRequire(beside).resolve('onnxruntime-node/package.json')), 'bin', 'napi-v6', process.platform, process.arch)
}

/** Absolute paths of the libraries that add providers to this build, whether they are there or not. */
export function providerLibraries(): string[] {
  return process.platform === 'linux' ? ['cuda', 'tensorrt'].map((name) => join(libraryFolder(), `libonnxruntime_providers_${name}.so`)) : []
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n', 1)[0] ?? ''
}
