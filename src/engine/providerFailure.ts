import type { EngineOptions } from '../protocol/engine'
import { providerName } from '../protocol/providerNames'
import { DpmError, type Remedy } from '../sampler/errors'
import { t } from '../sampler/text'
import { plainWords } from './modelError'
import { libraryFault, notInstalled } from './providerLibrary'

/** A provider that is not to be used, in a few words; `lasting` where that will be so with the next model too. */
export class Unusable extends Error {
  constructor(message: string, readonly lasting: boolean, options?: { cause?: unknown }) { super(message, options) }
}

/** What a machine lacks for CUDA, in CUDA's own words and numbers. A device, its driver or the environment that changes it is part of the machine's key. */
const cudaLacks: readonly [pattern: RegExp, reason: (deviceId: number) => string][] = [
  [/no CUDA-capable device|CUDA failure 100\b/i, () => t('CUDA finds no GPU that it can use')],
  [/invalid device ordinal|CUDA failure 101\b/i, (deviceId) => t('there is no GPU of the device number that is asked for, {0}', deviceId)],
  [/driver version is insufficient|CUDA failure 35\b/i, () => t('the GPU’s driver is older than its library needs')],
]
const gpuIsFull = t('the GPU has too little free memory')

/** True where a provider other than the CPU was refused memory: of a GPU, since sessions have no arena of the CPU's memory, the one that says `Failed to allocate memory`. */
export function isOutOfGpuMemory(error: unknown): boolean { return /out ?of ?memory|Failed to allocate memory|CUBLAS failure 3\b/i.test(String(error)) }

/** Why a provider did not open, in a few words, and whether it is the machine that lacks something. */
export function failure(provider: string, error: unknown, { deviceId = 0 }: Pick<EngineOptions, 'deviceId'>): { reason: string; lasting: boolean } {
  if (error instanceof Unusable) return { reason: error.message, lasting: error.lasting }
  const text = String(error)
  if (/Failed to load shared library/.test(text)) {
    const reason = libraryFault(provider)
    return { reason, lasting: reason.startsWith(notInstalled) } // the system's libraries may come at any time; ONNX Runtime's own are part of the machine's key
  }
  if (/Failed to get a WebGPU adapter/.test(text)) return { reason: t('no graphics adapter was found (a GPU with its driver is needed)'), lasting: true }
  if (/backend not found|no available backend/.test(text)) return { reason: t('this build of ONNX Runtime does not have it'), lasting: true }
  const lacks = cudaLacks.find(([pattern]) => pattern.test(text))?.[1](deviceId)
  if (lacks !== undefined) return { reason: lacks, lasting: true }
  if (isOutOfGpuMemory(error)) return { reason: gpuIsFull, lasting: false }
  const words = plainWords(error).replace(/\.$/, '')
  const device = /Failed to get a WebGPU device: (.*)/.exec(words)?.[1]
  return { reason: device === undefined ? words : t('the graphics driver gives no device, as it does where the GPU’s memory is full: {0}', device), lasting: false }
}

/** The error of a provider that was asked for by name. */
export function unavailable(provider: string, reason: string, cause?: unknown): DpmError {
  const more: Remedy | undefined = reason === gpuIsFull ? undefined : reason.startsWith(notInstalled) ? { title: t('Install CUDA Runtime…'), command: 'installCudaRuntime' } : { title: t('How to Install'), command: 'howToInstall' }
  return new DpmError({
    reason: 'providerUnavailable', message: t('{0} cannot be used: {1}.', providerName(provider), reason),
    advice: t('Use the CPU, or let the provider be chosen automatically.'), remedy: { title: t('Use CPU'), command: 'useCpu' }, ...(more ? { otherRemedy: more } : {}),
  }, { cause })
}
