import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { t } from '../sampler/text'
import { firstLine, libraryFolder } from './runtime'

/** How the fault begins that *Install CUDA Runtime…* mends. */
export const notInstalled = t('its library is not installed')

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
      return missing === undefined ? t('its library could not be loaded: {0}', words.replace(/^.*\/(?=libonnxruntime)/, '').replace(/\.$/, '')) : needs(missing)
    }
  }
  return t('its library could not be loaded')
}

function needs(library: string): string {
  const whole = of(library)
  return whole === undefined ? t('its library needs {0}, which is not on this machine', library) : t('its library needs {0}, which is not on this machine (part of {1})', library, whole)
}

/** What a missing library is part of. */
function of(library: string): string | undefined {
  const version = /\.so\.(\d+)/.exec(library)?.[1]
  if (/^lib(cudart|cublas|cublasLt|curand|cufft|cusparse|nvrtc)\./.test(library)) return library.startsWith('libcurand') || library.startsWith('libcufft') ? 'CUDA' : `CUDA ${version}`
  if (library.startsWith('libcudnn')) return `cuDNN ${version}`
  if (library.startsWith('libnv')) return `TensorRT ${version}`
  return library.startsWith('libcuda.') ? t('NVIDIA’s driver') : undefined
}
