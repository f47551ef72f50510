import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineOptions } from '../protocol/engine'
import { openGraph } from './graphFile'
import type { LoadedModel } from './models'
import { Network } from './network'
import type { Providers } from './providers'
import { loadRuntime } from './runtime'

/**
 * How often nodes of a model's graph ran in one evaluation, by the execution provider that ran them: what a provider cannot compute the CPU does, within the same session.
 * Takes a second session, whose profile is written to a temporary folder, read and removed. Throws what ONNX Runtime throws.
 */
export async function profiledNodes(providers: Providers, { facts, provider }: LoadedModel, engine: EngineOptions): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'dpm-profile-'))
  try {
    const ort = loadRuntime()
    const session = await providers.create(ort, openGraph(facts.graph), provider, engine, { enableProfiling: true, profileFilePrefix: join(folder, 'p') })
    try {
      await new Network(ort, session, facts, facts.fixedBatch ?? 1, facts.classes && Array<number>(facts.fixedBatch ?? 1).fill(0)).evaluate(1)
      session.endProfiling()
    } finally { await session.release() }
    const counts: Record<string, number> = {}
    for (const file of await readdir(folder)) {
      for (const { cat, args } of JSON.parse(await readFile(join(folder, file), 'utf8')) as ProfileEvent[]) {
        if (cat !== 'Node' || !args?.provider) continue
        const name = args.provider.replace(/ExecutionProvider$/, '')
        counts[name] = (counts[name] ?? 0) + 1
      }
    }
    return counts
  } finally { await rm(folder, { recursive: true, force: true }) }
}

/** An event of ONNX Runtime's profile, of which the ones of category `Node` have the provider. */
interface ProfileEvent { cat?: string; args?: { provider?: string } }
