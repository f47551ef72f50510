import '../../src/engine/environment'
import { join } from 'node:path'
import { Models, type LoadedModel } from '../../src/engine/models'
import { Network, type NetworkSession } from '../../src/engine/network'
import { loadRuntime } from '../../src/engine/runtime'
import { addressOf } from '../../src/engine/server/address'
import { patience, ServerSession } from '../../src/engine/server/session'
import { serverOrigin } from '../../src/protocol/serverOrigin'

/** Images that are evaluated once in a second, in requests of `batch` images, so many at a time. */
export interface Throughput { model: string; batch: number; /** null: here, on the CPU, one after the other. */ inFlight: number | null; imagesPerSecond: number }

const models = ['digits', 'emoji']
const batches = [1, 4, 16, 64]
const atATime = [1, 2, 4, 8]
/** What one evaluation of a large batch is made of. */
const items = 64
const leastMs = 1500

/** Measures the bundled models here and on a server that has them by their names; `DPM_SERVER_TOKEN` is its token. Throws DpmError. */
export async function measureServer(server: string, root: string, tell: (text: string) => void): Promise<Throughput[]> {
  const here = new Models(join(root, 'media/models'))
  const origin = serverOrigin(server)
  const token = process.env['DPM_SERVER_TOKEN']
  here.servers.tokens = origin !== null && token ? { [origin]: token } : {}
  const measured: Throughput[] = []
  for (const model of models) {
    tell(`${model} …\n`)
    await here.with(model, { provider: 'cpu', intraOpThreads: 0 }, () => {}, async ({ session, facts }) => {
      for (const batch of batches) measured.push({ model, batch, inFlight: null, imagesPerSecond: await rate({ run: (feeds, outputs) => session!.run(feeds, outputs), release: () => Promise.resolve(), maxBatch: batch }, facts) })
    })
    for (const inFlight of atATime) {
      const asked = new ServerSession(addressOf(server, model), () => token, { ...patience, inFlight })
      const { maxBatch } = await asked.describe()
      const { facts } = await here.with(model, { provider: 'cpu', intraOpThreads: 0, server }, () => {}, (loaded) => loaded)
      for (const batch of batches.filter((size) => size <= (maxBatch ?? items))) {
        asked.maxBatch = batch
        measured.push({ model, batch, inFlight, imagesPerSecond: await rate(asked, facts) })
      }
      await asked.release()
    }
  }
  return measured
}

async function rate(session: NetworkSession, facts: LoadedModel['facts']): Promise<number> {
  const network = new Network(loadRuntime(), session, facts, items, facts.classes && Array<number>(items).fill(0))
  network.sample.forEach((_, i) => { network.sample[i] = Math.sin(i) })
  await network.evaluate(500)
  const started = performance.now()
  let done = 0
  for (; performance.now() - started < leastMs; done += items) await network.evaluate(500)
  return 1000 * done / (performance.now() - started)
}

/** A table for each model: how many images a second. */
export function throughputInWords(measured: readonly Throughput[]): string {
  const rows = models.flatMap((model) => [
    `${model}, images/s`.padEnd(22) + ['here', ...atATime.map((n) => `${n} at a time`)].map((head) => head.padStart(14)).join(''),
    ...batches.map((batch) => `  batch ${batch}`.padEnd(22) + [null, ...atATime].map((inFlight) => {
      const found = measured.find((one) => one.model === model && one.batch === batch && one.inFlight === inFlight)
      return (found ? found.imagesPerSecond.toFixed(0) : '–').padStart(14)
    }).join('')),
  ])
  return `${rows.join('\n')}\n`
}
