import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineClient } from '../../src/run/engineClient'
import { table } from '../../src/cli/words'
import { median } from '../bench/median'
import { engineFor, type Contestant } from './contestants'
import { difference, draw, type Drawn, type Task } from './draw'

/** One line of the table: a model on a provider. */
export interface Compared {
  name: string
  model: string
  batch: number
  /** Milliseconds to open the model; null in the lines after its first, where it is open. */
  createMs: number | null
  /** Milliseconds of the first evaluation with this batch: with all that is compiled for it. */
  firstMs: number
  /** Median of later ones. */
  evaluationMs: number
  /** CPU time over this: above 1 it is faster than the CPU. */
  speedUp: number
  /** Largest difference to the CPU in the network's estimate of the noise at the same x, and in the image after `steps` steps. */
  noise: number
  image: number
}
export interface Refused { name: string; model: string; /** Did it open before it failed? */ opened: boolean; error: string }

const steps = 5
const leastRounds = 3
const mostRounds = 15
const enoughMs = 4000

interface Player { contestant: Contestant; client: EngineClient; createMs: number }

/** A model on every contestant, in an engine of its own each, in turns; the first is what the others are compared with. */
export async function compare(model: string, batches: readonly number[], all: readonly Contestant[], tell: (text: string) => void): Promise<{ compared: Compared[]; refused: Refused[] }> {
  const scratch = mkdtempSync(join(tmpdir(), 'dpm-providers-'))
  const compared: Compared[] = []
  const refused: Refused[] = []
  const clients: EngineClient[] = []
  let players: Player[] = []
  const give = (player: Pick<Player, 'contestant'>, opened: boolean, error: unknown): void => {
    refused.push({ name: player.contestant.name, model, opened, error: error instanceof Error ? error.message : String(error) })
    players = players.filter((other) => other.contestant !== player.contestant)
  }
  try {
    for (const contestant of all) {
      tell(`${model} on ${contestant.name} …\n`)
      // An empty cache of compiled shaders: what the first evaluation takes is to be seen.
      const fresh = contestant.environment['MESA_SHADER_CACHE_DIR'] === undefined ? {} : { MESA_SHADER_CACHE_DIR: join(scratch, `shaders-${clients.length}`) }
      const client = engineFor({ ...contestant.environment, ...fresh })
      clients.push(client)
      try { players.push({ contestant, client, createMs: await open(client, model, contestant) }) } catch (error) { give({ contestant }, false, error) }
    }
    for (const batch of batches) {
      const task = { model, batch, steps }
      const first = new Map<Player, Drawn>()
      const times = new Map<Player, number[]>()
      const once = async (player: Player, then: (drawn: Drawn) => void): Promise<void> => {
        try { then(await draw(player.client, player.contestant.provider, task, scratch)) } catch (error) { give(player, true, error) }
      }
      for (const player of players) await once(player, (drawn) => { first.set(player, drawn) })
      const started = performance.now()
      for (let round = 0; round < leastRounds || (round < mostRounds && performance.now() - started < enoughMs); round++) {
        for (const player of players) await once(player, ({ evaluationMs, evaluations }) => { times.set(player, [...times.get(player) ?? [], evaluationMs / evaluations]) })
      }
      const [reference] = players
      if (!reference) break
      for (const player of players) compared.push(line(player, reference, task, first, times, batch === batches[0]))
    }
  } finally {
    await Promise.all(clients.map((client) => client.dispose()))
    rmSync(scratch, { recursive: true, force: true })
  }
  return { compared, refused }
}

async function open(client: EngineClient, model: string, { provider }: Contestant): Promise<number> {
  // What is done once, with another model: the library is loaded and the provider passes its self-check.
  await client.inspect(model === 'digits' ? 'emoji' : 'digits', { provider, intraOpThreads: 0 })
  const started = performance.now()
  await client.inspect(model, { provider, intraOpThreads: 0 })
  return performance.now() - started
}

function line(player: Player, reference: Player, { model, batch }: Task, first: Map<Player, Drawn>, times: Map<Player, number[]>, isFirst: boolean): Compared {
  const [mine, other] = [first.get(player)!, first.get(reference)!]
  const [evaluationMs, cpuMs] = [median(times.get(player) ?? []), median(times.get(reference) ?? [])]
  return {
    name: player.contestant.name, model, batch, createMs: isFirst ? player.createMs : null, firstMs: mine.firstMs, evaluationMs, speedUp: cpuMs / evaluationMs,
    noise: difference(mine.noise, other.noise), image: difference(mine.image, other.image),
  }
}

/** The table that people read. */
export function comparedInWords(compared: readonly Compared[], refused: readonly Refused[]): string {
  const ms = (value: number | null): string => value === null ? '' : value.toFixed(value < 100 ? 1 : 0)
  const small = (value: number): string => value === 0 ? '0' : value.toExponential(1)
  const lines = table(
    ['provider', 'model', 'batch', 'create ms', 'first ms', 'ms/evaluation', 'speed/CPU', 'difference of ε̂', 'of the image'],
    compared.map((one) => [one.name, one.model, String(one.batch), ms(one.createMs), ms(one.firstMs), ms(one.evaluationMs), one.speedUp.toPrecision(2), small(one.noise), small(one.image)]),
  )
  const failures = new Set(refused.map(({ name, model, opened, error }) => opened ? `${name}, ${model}: failed: ${error}\n` : `${error}\n`))
  return lines + [...failures].join('')
}
