import { resolve } from 'node:path'
import { providers, type EngineHello, type Provider } from '../../src/protocol/engine'
import { providerName } from '../../src/protocol/providerNames'
import { EngineClient } from '../../src/run/engineClient'
import { softwareGpu } from '../../test/mesa/paths.mjs'

/** A provider that may work here. */
export interface Contestant {
  /** What people call it, with the device where we chose it. */
  name: string
  provider: Provider
  /** Added to the environment of its engine. */
  environment: Record<string, string>
}

export const root = resolve(__dirname, '../..')

/** An engine of the build in dist/; the caller disposes of it. */
export function engineFor(environment: Record<string, string> = {}): EngineClient {
  return new EngineClient({ enginePath: resolve(root, 'dist/engine.js'), env: environment })
}

/** The CPU first, then what this platform's ONNX Runtime is built with, and WebGPU on the software GPU of the tests where that was set up. */
export async function contestants(): Promise<{ build: EngineHello; all: Contestant[] }> {
  const client = engineFor()
  try {
    const build = await client.start()
    const names = ['cpu', ...build.backends.map(({ name }) => name).filter((name) => name !== 'cpu')]
    const all: Contestant[] = names.filter((name): name is Provider => (providers as readonly string[]).includes(name)).map((provider) => ({ name: providerName(provider), provider, environment: {} }))
    const software = softwareGpu()
    if (software && names.includes('webgpu')) all.push({ name: `WebGPU, Mesa ${software.version} lavapipe`, provider: 'webgpu', environment: software.environment })
    return { build, all }
  } finally {
    await client.dispose()
  }
}
