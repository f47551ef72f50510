// npm run soak [-- --runs N] [--seed N] [--json]: runs of every kind, one after the other, the engine killed in every tenth.
// Exits 1 where a step that was told is lost, a process is left behind, or a run failed that was not killed.
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng } from '../src/formats/png'
import type { EndEvent } from '../src/protocol/run'
import type { Recipe } from '../src/recipe/recipe'
import { EngineClient } from '../src/run/engineClient'
import { openRun, readStates } from '../src/run/store'
import { DpmError, reportOf } from '../src/sampler/errors'
import { quantile, residentMB, slope } from './bench/resident'
import { answering, garbageCollected, inUseMB, inUseOf } from './soak/inUse'
import { watchProcesses } from './soak/processes'
import { anyRecipe, random } from './soak/recipes'

export interface Soak {
  runs: number
  seed: number
  finished: number
  stopped: number
  /** Killed in their midst; the engines of the rest of every tenth run were killed when it was over. */
  killed: number
  /** Runs that failed without being killed, in words. */
  failed: string[]
  rows: number
  /** Rows that the host was told of and that cannot be read from the folder. */
  lost: number
  /** Processes of engines that are left. */
  orphans: number
  /** Of stop() to the end of its run. */
  stopMs: { p50: number; worst: number; worstOf: string }
  /** The engine's: of the one that is never killed. */
  host: Memory
  engine: Memory
  seconds: number
}

/**
 * In MB (2^20 bytes), when all garbage is collected: resident at the end, and of that what objects hold, which alone tells of something that is never let go; each with
 * its growth for each 100 runs. `most`: resident, of all runs. docs/memory.md says what the rest is.
 */
interface Memory { MB: number; slope: number; most: number; inUseMB: number; inUseSlope: number }

const models = ['digits', 'emoji', 'gaussian', 'mixture2d']
const engine = { provider: 'cpu', intraOpThreads: 1 } as const
const enginePath = join(__dirname, '../engine.js')
/** Engines by their ids. */
const engines = new Map<number, ChildProcess>()
watchProcesses((child) => {
  child.once('spawn', () => { engines.set(child.pid!, child) }).once('exit', () => { engines.delete(child.pid!) })
})
/** Memory is looked at once caches are full, … */
const warmUp = 0.2
/** … after every so many runs. */
const collectEvery = 10

const unknown: Memory = { MB: NaN, slope: NaN, most: 0, inUseMB: NaN, inUseSlope: NaN }

const flag = (name: string, usual: number): number => process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : usual

/** What is done to a run on its way, once so many rows were told and some milliseconds more. */
interface Interruption { how: 'kill' | 'stop'; rows: number; ms: number }

class Soaking {
  readonly result: Soak
  private readonly pids = new Set<number>()
  private readonly stops: { ms: number; of: string }[] = []
  /** One that lives as long as the soak, and one that is killed in every tenth run and has the run after it too. */
  private readonly clients = { lasting: new EngineClient({ enginePath, env: answering(join(__dirname, 'soak/inEngine.js')) }), mortal: new EngineClient({ enginePath }) }

  constructor(private readonly runs: number, seed: number, private readonly scratch: string) {
    this.result = {
      runs, seed, finished: 0, stopped: 0, killed: 0, failed: [], rows: 0, lost: 0, orphans: 0, stopMs: { p50: NaN, worst: NaN, worstOf: '' }, host: { ...unknown }, engine: { ...unknown }, seconds: 0,
    }
  }

  async execute(tell: (text: string) => void): Promise<Soak> {
    const { result, clients: { lasting, mortal } } = this
    const next = random(result.seed)
    const started = performance.now()
    const image = join(this.scratch, 'image.png')
    writeFileSync(image, encodePng({ width: 32, height: 32, channels: 1, data: Uint8Array.from({ length: 1024 }, (_, i) => i % 32 * 8) }))
    const facts = await Promise.all(models.map(async (path) => (await lasting.inspect(path, engine)).facts))
    const memory: { x: number; host: Held; engine: Held }[] = []
    for (let run = 0; run < this.runs; run++) {
      const recipe = anyRecipe(facts, image, next)
      const kills = run % 10 === 9
      const steps = recipe.solver.steps
      const interruption: Interruption | null = kills ? { how: 'kill', rows: Math.floor((steps + 1) * next()), ms: 10 * next() } : next() < 0.15 ? { how: 'stop', rows: Math.floor(steps * next()), ms: 3 * next() } : null
      await this.one(run, recipe, kills || run % 10 === 0 ? mortal : lasting, interruption)
      const { pid } = await lasting.start()
      result.host.most = Math.max(result.host.most, residentMB(process.pid))
      result.engine.most = Math.max(result.engine.most, residentMB(pid))
      if ((run + 1) % collectEvery !== 0) continue
      memory.push({ x: run, ...await held(pid) })
      if ((run + 1) % 100 === 0) tell(`${run + 1} runs, ${result.lost} steps lost, host ${memory.at(-1)!.host.MB.toFixed(0)} MB, engine ${memory.at(-1)!.engine.MB.toFixed(0)} MB\n`)
    }
    const warm = memory.filter(({ x }) => x >= warmUp * this.runs)
    for (const which of ['host', 'engine'] as const) {
      const growth = (of: keyof Held): number => 100 * slope(warm.map((at) => ({ x: at.x, y: at[which][of] })))
      Object.assign(result[which], { ...memory.at(-1)?.[which], slope: growth('MB'), inUseSlope: growth('inUseMB') })
    }
    await Promise.all([lasting.dispose(), mortal.dispose()])
    result.orphans = [...new Set([...[...this.pids].filter(alive), ...childrenOf(process.pid)])].length
    const worst = this.stops.reduce((most, stop) => stop.ms > most.ms ? stop : most, { ms: 0, of: '' })
    result.stopMs = { p50: quantile(this.stops.map(({ ms }) => ms), 0.5), worst: worst.ms, worstOf: worst.of }
    result.seconds = (performance.now() - started) / 1000
    return result
  }

  private async one(run: number, recipe: Recipe, client: EngineClient, interruption: Interruption | null): Promise<void> {
    const { result } = this
    const { pid } = await client.start()
    this.pids.add(pid)
    const runId = `run-${run}`
    const folder = join(this.scratch, runId)
    const what = `run ${run}: ${recipe.model.path}, ${recipe.input.task}, ${recipe.solver.algorithm} ${recipe.solver.method} order ${recipe.solver.order}, ${recipe.solver.steps} steps, batch ${recipe.noise.batch}`
    let told = 0
    let over = false
    let asked: number | undefined
    let due = interruption !== null
    const interrupt = (): void => {
      if (!due || told < interruption!.rows) return
      due = false
      setTimeout(() => {
        if (over) return
        if (interruption!.how === 'kill') { kill(pid); return }
        asked = performance.now()
        client.stop(runId).catch(() => {}) // which says how it ended
      }, interruption!.ms)
    }
    interrupt()
    let end: EndEvent | undefined
    let error: unknown
    try {
      end = await client.run({ runId, recipe, folder, preview: { maxSize: 64, every: 1 }, engine }, {
        rows: ({ rows, frames }) => {
          told += rows.length
          if (frames) client.ackFrames(runId, frames.row)
          interrupt()
        },
      })
    } catch (thrown) { error = thrown }
    over = true
    if (asked !== undefined) this.stops.push({ ms: performance.now() - asked, of: what })
    const killed = interruption?.how === 'kill' && reportOf(error).reason === 'engineExited'
    if (interruption?.how === 'kill' && !killed) await killIdle(pid) // the run was over sooner
    if (killed) result.killed++
    else if (end?.outcome === 'finished') result.finished++
    else if (end?.outcome === 'stopped') result.stopped++
    else result.failed.push(`${what}: ${end?.error?.message ?? reportOf(error).message}`)
    result.rows += told
    result.lost += told - Math.min(told, await readable(folder))
    rmSync(folder, { recursive: true, force: true })
  }
}

type Held = Pick<Memory, 'MB' | 'inUseMB'>

/** What this process and an engine hold when their garbage is collected. */
async function held(pid: number): Promise<{ host: Held; engine: Held }> {
  const inEngine = await inUseOf(engines.get(pid)!)
  await garbageCollected()
  return { host: { MB: residentMB(process.pid), inUseMB: inUseMB() }, engine: { MB: residentMB(pid), inUseMB: inEngine.MB } }
}

/** A process may be gone already: killed between the last line of its run and the message of it, the run has finished. */
function kill(pid: number): void {
  try { process.kill(pid, 'SIGKILL') } catch (error) { if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error }
}

async function killIdle(pid: number): Promise<void> {
  kill(pid)
  while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** How many rows of a recording can be read, both states of each. */
async function readable(folder: string): Promise<number> {
  const stored = await openRun(folder).catch(() => undefined)
  return stored ? (await readStates(stored, stored.rows)).filter((read) => !(read instanceof DpmError)).length : 0
}

function alive(pid: number): boolean {
  try { process.kill(pid, 0); return true } catch { return false }
}

/** Engines that this process is the parent of; none where the system does not say. */
function childrenOf(parent: number): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try { return new RegExp(`^PPid:\\s+${parent}$`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8')) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(enginePath) } catch { return false }
  })
}

function inWords({ runs, seed, finished, stopped, killed, failed, rows, lost, orphans, stopMs, host, engine: of, seconds }: Soak): string {
  return [
    `${runs} runs in ${seconds.toFixed(0)} s, seed ${seed}: ${finished} finished, ${stopped} stopped, ${killed} killed, ${failed.length} failed`, ...failed.map((line) => `  ${line}`),
    `lost steps          ${lost} of ${rows}`, `orphans             ${orphans}`,
    `host memory         ${memoryInWords(host)}`, `engine memory       ${memoryInWords(of)}`,
    `stop latency        p50 ${stopMs.p50.toFixed(1)} ms, worst ${stopMs.worst.toFixed(1)} ms (${stopMs.worstOf})`, '',
  ].join('\n')
}

const memoryInWords = ({ MB, slope: growth, most, inUseMB, inUseSlope }: Memory): string =>
  `${MB.toFixed(0)} MB (at most ${most.toFixed(0)}), ${growth.toFixed(2)} MB for each 100 runs; in use ${inUseMB.toFixed(1)} MB, ${inUseSlope.toFixed(2)} MB for each 100 runs`

async function main(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'dpm-soak-'))
  try {
    const soak = await new Soaking(flag('--runs', 1000), flag('--seed', 1), scratch).execute((text) => { process.stderr.write(text) })
    process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(soak)}\n` : inWords(soak))
    if (soak.lost > 0 || soak.orphans > 0 || soak.failed.length > 0) process.exitCode = 1
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

main().catch((error: unknown) => { console.error(error); process.exitCode = 1 })
