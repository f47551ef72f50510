import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Comparison } from '../../../src/protocol/engineInfo'
import type { RunRows, StartRun } from '../../../src/protocol/engine'
import type { EndEvent, RowEvent, RunDocument, TensorStatistics } from '../../../src/protocol/run'
import type { ModelFacts } from '../../../src/recipe/model'
import { prepare } from '../../../src/recipe/prepare'
import type { Clock } from '../../../src/run/clock'
import type { RunEvents } from '../../../src/run/engineClient'
import { Session, type SessionParts } from '../../../src/run/session'
import { facts, recipe } from '../recipe/facts'
import { removeFolder } from '../run/folder'

export const root = mkdtempSync(join(tmpdir(), 'dpm-session-'))
const sessions: Session[] = []
after(() => {
  for (const session of sessions) session.dispose()
  removeFolder(root)
})

export const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })
export async function until(what: () => boolean): Promise<void> {
  for (const end = Date.now() + 300_000; !what(); await new Promise((resolve) => { setTimeout(resolve, 5) })) assert.ok(Date.now() < end)
}
const statistics: TensorStatistics = { min: 0, max: 1, mean: 0.5, std: 0.1, clipped: 0, nonFinite: 0 }

/** An engine that does what the test says, when it says it. */
export class FakeEngine {
  runs: { start: StartRun; on: RunEvents; resolve: (end: EndEvent) => void; reject: (error: Error) => void }[] = []
  inspected: { path: string; resolve: (facts: ModelFacts) => void; reject: (error: Error) => void }[] = []
  acknowledged: number[] = []
  stopped: string[] = []
  kills = 0

  start = () => Promise.resolve({ protocol: 1, version: '0', pid: 1, node: '', execPath: '', onnxruntime: '', backends: [] })
  inspect = (path: string) => new Promise<{ facts: ModelFacts; provider: string; tried: [] }>((resolve, reject) => {
    this.inspected.push({ path, resolve: (answer) => { resolve({ facts: answer, provider: 'cpu', tried: [] }) }, reject })
  })
  run = (start: StartRun, on: RunEvents = {}) => new Promise<EndEvent>((resolve, reject) => { this.runs.push({ start, on, resolve, reject }) })
  stop = (runId: string) => { this.stopped.push(runId); return Promise.resolve(true) }
  ackFrames = (_runId: string, row: number): void => { this.acknowledged.push(row) }
  estimate = (): Promise<never> => Promise.reject(new Error('nothing is estimated here'))
  compared: { path: string; items: number; resolve: (comparison: Comparison | null) => void }[] = []
  compare = (path: string, items: number) => new Promise<Comparison | null>((resolve) => { this.compared.push({ path, items, resolve }) })
  info = (): Promise<never> => Promise.reject(new Error('nothing is told here'))
  forgotten = 0
  forgetProviders = (): void => { this.forgotten++ }
  kill = (): Promise<void> => { this.kills++; return Promise.resolve() }
}

export function setUp(changes: Partial<SessionParts> = {}, settings: Partial<ReturnType<SessionParts['settings']>> = {}) {
  const engine = new FakeEngine()
  const current = { recipe: recipe({ 'model.path': 'digits' }), seedMode: 'fixed' as const, preview: { every: 1, maxSize: 256, remoteMaxSize: 128, show: ['x', 'x0'] as const, keys: {}, method: 'auto' as const }, engine: { provider: 'cpu' as const, intraOpThreads: 1 }, killAfterSeconds: 5, idleMinutes: 0, record: { keepRuns: 50, maxDiskMB: 2048 }, ...settings }
  const lines: string[] = []
  const say = (line: string): void => { lines.push(line) }
  const session = new Session({
    engine, settings: () => current, runsFolder: () => root, folder: () => root, trusted: () => true, shown: () => Promise.resolve(), remote: null, lastRun: { get: () => undefined, set: () => {} }, form: { get: () => undefined, set: () => {} }, hints: { hidden: () => false, hide: () => {} },
    log: { debug: say, info: say, warn: say, error: say }, ...changes,
  })
  sessions.push(session)
  return { engine, session, lines, current }
}

export function begin({ start, on }: FakeEngine['runs'][number], provider = 'cpu'): RunDocument {
  const model = facts()
  const prepared = prepare(start.recipe, model)
  const document: RunDocument = {
    format: 'dpm-solver-run', version: 1, id: start.runId, created: new Date().toISOString(), recipe: start.recipe, model, schedule: prepared.schedule, plan: prepared.plan,
    shape: [1, 1, 8, 8], states: { file: 'states.f32', dtype: 'float32', byteOrder: 'little', tensors: ['x', 'x0'], rowBytes: 512 }, labels: null, seeds: prepared.seeds,
    engine: { version: '0', onnxruntime: '0', provider, tried: [], intraOpThreads: 1 },
  }
  on.began?.({ runId: start.runId, document, loadMs: 1 })
  return document
}

export function rows(runId: string, document: RunDocument, ...numbers: number[]): RunRows {
  const row = (n: number): RowEvent => ({ event: 'row', row: n, level: document.plan.levels[n]!, order: 1, evaluations: n + 1, ms: 1, estimateFrom: n, offset: 512 * n, x: statistics, x0: statistics })
  return { runId, rows: numbers.map(row) }
}

export const finished: EndEvent = { event: 'end', outcome: 'finished', rows: 3, evaluations: 2, ms: 3 }

/** A first run, from its beginning to its end. */
export async function firstRun(session: Session, engine: FakeEngine, provider = 'cpu'): Promise<string> {
  const ended = session.generate()
  await turn()
  const { runId } = engine.runs[0]!.start
  begin(engine.runs[0]!, provider)
  engine.runs[0]!.resolve(finished)
  await ended
  return runId
}

/** A clock that stands until it is told to go on. */
export class FakeClock implements Clock {
  private at = 0
  private due: { at: number; action: () => void }[] = []

  now(): number { return this.at }
  after(ms: number, action: () => void): () => void {
    const entry = { at: this.at + ms, action }
    this.due.push(entry)
    return () => { this.due = this.due.filter((other) => other !== entry) }
  }

  pass(ms: number): void {
    this.at += ms
    const over = this.due.filter(({ at }) => at <= this.at)
    this.due = this.due.filter(({ at }) => at > this.at)
    for (const { action } of over) action()
  }
}
