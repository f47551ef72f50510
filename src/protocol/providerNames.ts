import { t } from '../sampler/text'
import type { Provider } from './engine'

/** Where a model that is a formula is evaluated: by this program itself, whatever provider was asked for. */
export const closedForm = 'closedForm'
/** Where an inference server evaluates. */
export const server = 'server'

const names: Record<Provider | typeof closedForm | typeof server, string> = { auto: t('automatic'), cuda: 'CUDA', tensorrt: 'TensorRT', dml: 'DirectML', coreml: 'Core ML', webgpu: 'WebGPU', cpu: 'CPU', [closedForm]: t('CPU (closed form)'), [server]: t('server') }

/** What people call a provider; one that is not known goes by its id. */
export function providerName(provider: string): string {
  return Object.hasOwn(names, provider) ? names[provider as keyof typeof names] : provider
}
