import '../../src/engine/environment'
import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type * as Onnx from 'onnxruntime-node'
import type { EndEvent, RowEvent, RunDocument } from '../../src/protocol/run'
import { complete } from '../../src/recipe/defaults'
import { EngineClient } from '../../src/run/engineClient'
import { scheduleOf, timeLabel } from '../../src/sampler/schedule/schedule'
import { openGraph } from '../../src/engine/graphFile'
import { openSession } from '../../src/engine/providers'
import { loadRuntime, type Session } from '../../src/engine/runtime'
import { median } from './median'

/** One line of the table; medians over the rounds, in milliseconds. */
export interface Overhead {
  model: string
  batch: number
  evaluations: number
  /** A run in the engine, from its first evaluation to its end: recorded, with previews taken by the client. */
  wallMs: number
  /** The same evaluations alone: session.run on the same feeds, one after the other. */
  runMs: number
  perEvaluationMs: number
  ratio: number
}

/** Beside it, for people: what the run itself spent inside session.run. More than `runMs` where recording and previews slow the network down. */
export interface Measured extends Overhead { insideMs: number }

const steps = 20
const leastRounds = 9
const mostRounds = 25
/** Rounds go on for so long: small models are the noisy ones, and have time for more. */
const enoughMs = 3000
const engine = { provider: 'cpu', intraOpThreads: 1 } as const

/** Runs the model in an engine process of its own and alone in this process, in turns, and compares. */
export async function measureOverhead({ model, batch, enginePath, scratch }: { model: string; batch: number; enginePath: string; scratch: string }): Promise<Measured> {
  const client = new EngineClient({ enginePath })
  try {
    const first = await runOnce(client, model, batch, scratch)
    const replay = await replayOf(first.document, first.folder)
    await replay()
    const rounds: { wall: number; inside: number; pure: number }[] = []
    for (const started = performance.now(); rounds.length < leastRounds || (rounds.length < mostRounds && performance.now() - started < enoughMs);) {
      const { end, folder } = await runOnce(client, model, batch, scratch)
      rmSync(folder, { recursive: true, force: true })
      rounds.push({ wall: end.ms, inside: end.evaluationMs ?? NaN, pure: await replay() })
    }
    const { evaluations } = first.end
    const [wallMs, runMs, insideMs] = [median(rounds.map(({ wall }) => wall)), median(rounds.map(({ pure }) => pure)), median(rounds.map(({ inside }) => inside))]
    return { model, batch, evaluations, wallMs, runMs, perEvaluationMs: (wallMs - runMs) / evaluations, ratio: wallMs / runMs, insideMs }
  } finally {
    await client.dispose()
  }
}

async function runOnce(client: EngineClient, model: string, batch: number, scratch: string): Promise<{ document: RunDocument; end: EndEvent; folder: string }> {
  const runId = randomUUID()
  const folder = join(scratch, runId)
  const recipe = complete({ model: { path: model }, solver: { steps }, noise: { seed: 1, batch }, conditioning: { classLabel: 0 } })
  let document: RunDocument | undefined
  const end = await client.run({ runId, recipe, folder, preview: { maxSize: 256, every: 1 }, engine }, {
    began: (event) => { document = event.document },
    rows: ({ frames }) => { if (frames) client.ackFrames(runId, frames.row) },
  })
  if (!document || end.outcome !== 'finished') throw new Error(end.error?.message ?? `the run ended as ${end.outcome}`)
  return { document, end, folder }
}

/** A function that gives the network every state of the recorded run again and resolves with the milliseconds that took. */
async function replayOf(document: RunDocument, folder: string): Promise<() => Promise<number>> {
  const ort = loadRuntime()
  const { session } = await openSession(ort, openGraph(document.model.graph), engine.provider, engine.intraOpThreads, () => {})
  const feeds = feedsOf(ort, document, folder)
  return async () => {
    const started = performance.now()
    for (const feed of feeds) await session.run(feed, session.outputNames)
    return performance.now() - started
  }
}

function feedsOf(ort: typeof Onnx, { shape, labels, model, states }: RunDocument, folder: string): Parameters<Session['run']>[0][] {
  const raw = readFileSync(join(folder, states.file))
  const own = scheduleOf(model.schedule)
  const rows = readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as RowEvent).filter(({ event, order }) => event === 'row' && order > 0)
  return rows.map(({ offset, level }) => ({
    sample: new ort.Tensor('float32', new Float32Array(raw.buffer.slice(raw.byteOffset + offset, raw.byteOffset + offset + states.rowBytes / 2)), shape),
    timestep: new ort.Tensor('float32', new Float32Array(shape[0]).fill(timeLabel(level, own)), [shape[0]]),
    class_labels: new ort.Tensor('int64', BigInt64Array.from(labels ?? [], BigInt), [shape[0]]),
  }))
}
