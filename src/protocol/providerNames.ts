import type { Provider } from './engine'

const names: Record<Provider, string> = { auto: 'automatic', cuda: 'CUDA', tensorrt: 'TensorRT', dml: 'DirectML', coreml: 'Core ML', webgpu: 'WebGPU', cpu: 'CPU' }

/** What people call a provider; one that is not known goes by its id. */
export function providerName(provider: string): string {
  return Object.hasOwn(names, provider) ? names[provider as Provider] : provider
}
