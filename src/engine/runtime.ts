import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as Onnx from 'onnxruntime-node'
import { DpmError } from '../sampler/errors'

export type Runtime = typeof Onnx
export type Session = Onnx.InferenceSession
export type Tensor = Onnx.Tensor

let loaded: Runtime | undefined

/** ONNX Runtime, loaded by the first call. Throws DpmError where this platform has no build of it. */
export function loadRuntime(): Runtime {
  try {
    // A plain require takes 11 ms, import() 18: it first reads the package for its export names.
    return loaded ??= createRequire(__filename)('onnxruntime-node') as Runtime
  } catch (error) {
    throw new DpmError({
      reason: 'providerUnavailable', message: `ONNX Runtime could not be loaded on ${process.platform}-${process.arch}: ${firstLine(error)}.`,
      advice: 'Install the extension’s build for this platform; there is none for Intel Macs and Alpine Linux.', remedy: { title: 'Show Log', command: 'showLog' },
    }, { cause: error })
  }
}

/** Absolute paths of the libraries that add providers to this build, whether they are there or not. */
export function providerLibraries(): string[] {
  const folder = join(dirname(createRequire(__filename).resolve('onnxruntime-node/package.json')), 'bin/napi-v6', process.platform, process.arch)
  return process.platform === 'linux' ? ['cuda', 'tensorrt'].map((name) => join(folder, `libonnxruntime_providers_${name}.so`)) : []
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n', 1)[0] ?? ''
}
