import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { firstLine, libraryFolder } from './runtime'

/** How the fault begins that *Install CUDA Runtime…* mends. */
export const notInstalled = 'its library is not installed'

/**
 * Why ONNX Runtime could not load the library of a provider (`cuda`, `tensorrt`), in a few words. It says no more than that it failed, and prints the reason; here the library is loaded
 * once more, for what the system's loader says. Called after such a failure only: a library that loads after all would be let go again.
 */
export function libraryFault(provider: string): string {
  const file = join(libraryFolder(), `libonnxruntime_providers_${provider}.so`)
  if (!existsSync(file)) return notInstalled
  const { RTLD_LAZY, RTLD_GLOBAL } = constants.dlopen
  for (const library of [join(libraryFolder(), 'libonnxruntime_providers_shared.so'), file]) {
    try { process.dlopen({ exports: {} }, library, RTLD_LAZY | RTLD_GLOBAL) } catch (error) {
      const words = firstLine(error)
      if (/did not self-register/.test(words)) continue // it was loaded: it is no module of Node.js, that is all
      const missing = /^(lib[^:/]+): cannot open shared object file/.exec(words)?.[1]
      return missing === undefined ? `its library could not be loaded: ${words.replace(/^.*\/(?=libonnxruntime)/, '').replace(/\.$/, '')}` : `its library needs ${missing}, which is not on this machine${of(missing)}`
    }
  }
  return 'its library could not be loaded'
}

/** What a missing library is part of. */
function of(library: string): string {
  const version = /\.so\.(\d+)/.exec(library)?.[1]
  if (/^lib(cudart|cublas|cublasLt|curand|cufft|cusparse|nvrtc)\./.test(library)) return library.startsWith('libcurand') || library.startsWith('libcufft') ? ' (part of CUDA)' : ` (part of CUDA ${version})`
  if (library.startsWith('libcudnn')) return ` (part of cuDNN ${version})`
  if (library.startsWith('libnv')) return ` (part of TensorRT ${version})`
  return library.startsWith('libcuda.') ? ' (part of NVIDIA’s driver)' : ''
}
