import { join } from 'node:path'
import type { ToPage } from '../../src/protocol/view'
import { toWire } from '../../src/protocol/wire'
import { complete } from '../../src/recipe/defaults'
import { EngineClient } from '../../src/run/engineClient'
import { Session } from '../../src/run/session'
import { PageAnswers } from '../../src/views/pageAnswers'
import { residentMB, slope } from './resident'

/** Resident memory in MB (2^20 bytes) when so many rows were recorded, or looked at. */
export interface MemoryPoint { phase: 'recording' | 'scrubbing'; row: number; host: number; engine: number }
export interface MemoryFigures {
  steps: number
  batch: number
  /** On disk. */
  recordedMB: number
  seconds: number
  points: MemoryPoint[]
  /** Host: MB for each 100 rows, from a fifth of the rows on. */
  slope: { recording: number; scrubbing: number; engine: number }
  peak: { host: number; engine: number }
}

const every = 50
const atOnce = 256

/**
 * A long run of `digits`, recorded and then looked at row by row, as in a window of VS Code but for the page: this process is its host.
 * The panel's own messages are made and dropped.
 */
export async function measureMemory({ steps, batch, enginePath, scratch, tell }: { steps: number; batch: number; enginePath: string; scratch: string; tell: (text: string) => void }): Promise<MemoryFigures> {
  const started = performance.now()
  const client = new EngineClient({ enginePath, onExit: ({ expected }) => { session.engineExited(expected) } })
  const recipe = complete({ model: { path: 'digits' }, solver: { steps }, noise: { seed: 1, batch }, conditioning: { classLabel: 0 } })
  const settings = { recipe, seedMode: 'fixed' as const, preview: { every: 1, maxSize: 256, remoteMaxSize: 128, show: ['x', 'x0'] as const, keys: {}, method: 'auto' as const }, engine: { provider: 'cpu', intraOpThreads: 0 } as const, killAfterSeconds: 5, idleMinutes: 0, record: { keepRuns: 50, maxDiskMB: 100_000 } }
  const silent = (): void => {}
  const session: Session = new Session({
    engine: client, settings: () => settings, runsFolder: () => join(scratch, 'runs'), folder: () => undefined, trusted: () => true, shown: () => Promise.resolve(), remote: null,
    lastRun: { get: () => undefined, set: silent }, form: { get: () => undefined, set: silent }, hints: { hidden: () => true, hide: silent }, log: { debug: silent, info: silent, warn: silent, error: silent },
  })
  const post = (message: ToPage): void => { toWire(message) }
  const { pid } = await client.start()
  const points: MemoryPoint[] = []
  const note = (phase: MemoryPoint['phase'], row: number): void => {
    points.push({ phase, row, host: residentMB(process.pid), engine: residentMB(pid) })
    tell(`${phase} ${row}: host ${points.at(-1)!.host.toFixed(1)} MB, engine ${points.at(-1)!.engine.toFixed(1)} MB\n`)
  }
  try {
    let noted = 0
    session.runner.rows.on(({ runId, rows }) => {
      post({ type: 'rows', runId, rows })
      const { row } = rows.at(-1)!
      for (; noted <= row; noted += every) note('recording', noted)
    })
    session.runner.frames.on(({ runId, frames }) => {
      post({ type: 'frame', runId, live: true, row: frames.row, frames })
      session.ackFrames(runId, frames.row)
    })
    const summary = await session.generate()
    if (summary?.outcome !== 'finished') throw new Error(summary?.error?.message ?? 'the run was not carried out')
    const { runId } = summary
    const count = session.state.run!.rows.length
    const fail = ({ message }: { message: string }): never => { throw new Error(message) }
    const answers = new PageAnswers({ recorded: (id, row) => session.runner.recorded(id, row), post, method: () => 'auto', unreadable: fail, log: { debug: silent, info: silent, warn: (line) => fail({ message: line }), error: silent } })
    for (let row = 0; row < count; row++) {
      await answers.frames(runId, row)
      if (row % every === 0) note('scrubbing', row)
    }
    for (let row = 0; row < count; row += atOnce) await answers.thumbnails(runId, Array.from({ length: Math.min(atOnce, count - row) }, (_, k) => row + k))
    note('scrubbing', count)
    const of = (phase: MemoryPoint['phase'], which: 'host' | 'engine'): number => {
      const measured = points.filter((point) => point.phase === phase)
      return 100 * slope(measured.slice(Math.floor(measured.length / 5)).map((point) => ({ x: point.row, y: point[which] })))
    }
    return {
      steps, batch, recordedMB: count * session.state.run!.document!.states.rowBytes / 2 ** 20, seconds: (performance.now() - started) / 1000, points,
      slope: { recording: of('recording', 'host'), scrubbing: of('scrubbing', 'host'), engine: of('recording', 'engine') },
      peak: { host: Math.max(...points.map(({ host }) => host)), engine: Math.max(...points.map(({ engine }) => engine)) },
    }
  } finally {
    session.dispose()
    await client.dispose()
  }
}

export function memoryInWords({ steps, batch, recordedMB, seconds, points, slope: slopes, peak }: MemoryFigures): string {
  const line = ({ phase, row, host, engine }: MemoryPoint): string => [phase.padEnd(10), String(row).padStart(5), host.toFixed(1).padStart(9), engine.toFixed(1).padStart(11)].join(' ')
  return [
    `digits, ${steps} steps, batch ${batch}: ${recordedMB.toFixed(0)} MB recorded, ${seconds.toFixed(0)} s`, 'phase        row   host MB   engine MB', ...points.filter(({ row }, i) => row % (2 * every) === 0 || i === points.length - 1).map(line),
    `slope, MB for each 100 rows   host recording ${slopes.recording.toFixed(2)}, host scrubbing ${slopes.scrubbing.toFixed(2)}, engine ${slopes.engine.toFixed(2)}`,
    `peak, MB                      host ${peak.host.toFixed(1)}, engine ${peak.engine.toFixed(1)}`, '',
  ].join('\n')
}
