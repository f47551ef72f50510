import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { complete } from '../../src/recipe/defaults'
import { EngineClient } from '../../src/run/engineClient'
import { quantile } from './resident'

/** Milliseconds; of `forced` from the kill of the process in an evaluation to word of its exit. */
export interface StopFigures { model: string; batch: number; stops: number; p50: number; p99: number; worst: number; /** One evaluation. */ evaluationMs: number; forced: { kills: number; p50: number; p99: number } }

const steps = 1000
const engine = { provider: 'cpu', intraOpThreads: 0 } as const
/** A stop comes when so many rows are there, and up to so many milliseconds later. */
const rowsBefore = 5
const laterMs = 60

/** Stops runs at random moments, and ends processes under them. Throws DpmError. */
export async function measureStop({ model, batch, stops, kills, enginePath, scratch }: { model: string; batch: number; stops: number; kills: number; enginePath: string; scratch: string }): Promise<StopFigures> {
  const client = new EngineClient({ enginePath })
  const recipe = complete({ model: { path: model }, solver: { steps }, noise: { seed: 1, batch }, conditioning: { classLabel: 0 } })
  const latencies: number[] = []
  const forced: number[] = []
  const evaluations: number[] = []
  /** One run that ends by `interrupt`, called at its moment; resolves with the milliseconds from there to the run's end. */
  const one = async (n: number, interrupt: (runId: string) => void): Promise<number> => {
    const runId = `stop-${n}`
    const folder = join(scratch, runId)
    let asked = NaN
    let due = true
    const end = await client.run({ runId, recipe, folder, preview: { maxSize: 256, every: 1 }, engine }, {
      rows: ({ rows, frames }) => {
        if (frames) client.ackFrames(runId, frames.row)
        if (!due || rows.at(-1)!.row < rowsBefore) return
        due = false
        setTimeout(() => { asked = performance.now(); interrupt(runId) }, laterMs * Math.random())
      },
    })
    const ms = performance.now() - asked
    if (end.outcome !== 'stopped') throw new Error(end.error?.message ?? `the run ended as ${end.outcome} before it was stopped`)
    if (end.evaluationMs !== undefined) evaluations.push(end.evaluationMs / end.evaluations)
    rmSync(folder, { recursive: true, force: true })
    return ms
  }
  try {
    for (let n = 0; n < stops; n++) latencies.push(await one(n, (runId) => { void client.stop(runId) }))
    for (let n = 0; n < kills; n++) forced.push(await one(stops + n, () => { void client.kill() }))
  } finally {
    await client.dispose()
  }
  return {
    model, batch, stops, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), worst: Math.max(...latencies), evaluationMs: quantile(evaluations, 0.5),
    forced: { kills, p50: quantile(forced, 0.5), p99: quantile(forced, 0.99) },
  }
}

export function stopInWords(figures: readonly StopFigures[]): string {
  const cell = (ms: number): string => ms.toFixed(1).padStart(8)
  return [
    'model   batch  stops  stop p50      p99    worst  evaluation   kills  Force Stop p50      p99   (ms)',
    ...figures.map(({ model, batch, stops, p50, p99, worst, evaluationMs, forced }) => [model.padEnd(7), String(batch).padStart(5), String(stops).padStart(6), ' ', cell(p50), cell(p99), cell(worst), cell(evaluationMs).padStart(11), String(forced.kills).padStart(7), cell(forced.p50).padStart(15), cell(forced.p99)].join(' ')), '',
  ].join('\n')
}
