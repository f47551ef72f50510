import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { serialize } from 'node:v8'
import { isKept, placeOf } from '../../../src/protocol/keptRows'
import { engineProtocol } from '../../../src/protocol/engine'
import type { RunDocument } from '../../../src/protocol/run'
import { systemClock } from '../../../src/run/clock'
import { EngineClient } from '../../../src/run/engineClient'
import { Exits } from '../../../src/run/exits'
import { whyNotResumed } from '../../../src/run/resume'
import { Runner } from '../../../src/run/runner'
import { openRun, readStates } from '../../../src/run/store'
import { DpmError } from '../../../src/sampler/errors'
import { recipe } from '../recipe/facts'
import { document, keeping, record, row, temporary, valuesOf, writeRun } from './folder'

const steps = 12
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** An engine that tells of the first `told` rows, of null not even that it began, and is killed then, or waits to be. */
function engineKilledAt(t: TestContext, at: RunDocument, told: number | null, waits: boolean): EngineClient {
  const folder = temporary()
  writeFileSync(join(folder, 'said'), serialize({ document: at, rows: Array.from({ length: told ?? 0 }, (_, index) => ({ ...row(at, index), offset: placeOf(at, index) * at.states.rowBytes })) }))
  writeFileSync(join(folder, 'engine.js'), `
    const { document, rows } = require('node:v8').deserialize(require('node:fs').readFileSync(${JSON.stringify(join(folder, 'said'))}))
    const tell = (name, params, then) => process.send({ kind: 'message', name, params }, then)
    process.on('message', ({ id, name, params }) => {
      if (name === 'engine/hello') process.send({ kind: 'result', id, result: { protocol: ${engineProtocol}, version: '0', pid: process.pid, node: '', execPath: '', onnxruntime: '', backends: [] } })
      if (name !== 'run/start') return
      if (${told === null}) process.kill(process.pid, 'SIGKILL')
      tell('run/began', { runId: params.runId, document, loadMs: 0 })
      tell('run/rows', { runId: params.runId, rows }, () => { if (!${waits}) process.kill(process.pid, 'SIGKILL') })
    })`)
  const client = new EngineClient({ enginePath: join(folder, 'engine.js') })
  t.after(() => client.dispose())
  return client
}

const runnerOf = (engine: EngineClient, runs: string): Runner => new Runner({
  engine, runsFolder: () => runs, remote: null, log: silent,
  settings: () => ({ preview: { every: 1, maxSize: 64, remoteMaxSize: 64, method: 'auto' }, engine: { provider: 'cpu', intraOpThreads: 1 }, killAfterSeconds: 60 }),
}, new Exits(systemClock))

for (const [keep, name] of [[{ keep: 'lastOnly' }, 'the newest alone'], [{ keep: 'everyN', every: 5 }, 'every fifth'], [null, 'all']] as const) {
  for (const [forced, how] of [[false, 'killed from outside'], [true, 'ended by Force Stop']] as const) {
    test(`of an engine that is ${how} between a row and telling of it, the run that keeps ${name} shows what was recorded last`, async (t) => {
      const at = keeping(keep, steps)
      const runs = temporary()
      const recorded = 8
      record(join(runs, 'run-1'), at, 0, recorded)
      const runner = runnerOf(engineKilledAt(t, at, 6, forced), runs)
      const heard: number[] = []
      runner.rows.on(({ rows }) => {
        heard.push(...rows.map((event) => event.row))
        assert.ok(runner.going, 'rows come while the run goes on')
        if (forced) runner.forceStop()
      })
      const { outcome } = await runner.execute({ runId: 'run-1', recipe: recipe({}) }, () => Promise.resolve())
      assert.equal(outcome, forced ? 'stopped' : 'failed')
      assert.deepEqual(heard, Array.from({ length: recorded }, (_, index) => index))
      const rows = runner.view!.rows
      assert.equal(rows.length, recorded)
      for (const event of rows) {
        const { run, kept } = runner.recorded('run-1', event.row)!
        assert.equal(kept, isKept(at, event.row, recorded - 1))
        if (!kept) continue
        const [read] = await readStates(run, [event])
        assert.ok(!(read instanceof DpmError), `row ${event.row} is said to be kept: ${read instanceof DpmError ? read.message : ''}`)
        assert.deepEqual([...read!.x0], valuesOf(event.row, 'x0'))
      }
      const stored = await openRun(join(runs, 'run-1'))
      assert.equal(stored.end?.rows, recorded)
      const lacks = await whyNotResumed(stored)
      assert.deepEqual(runner.view!.resume, { why: lacks?.why ?? null }, 'it can be resumed by the same rule, however it was ended')
      assert.notEqual(lacks?.why, 'The run was not stopped.')
    })
  }
}

test('of an engine that is killed before it was heard that it began, a new run shows what was recorded', async (t) => {
  const at = keeping(null, steps)
  const runs = temporary()
  record(join(runs, 'run-1'), at, 0, 5)
  const runner = runnerOf(engineKilledAt(t, at, null, false), runs)
  runner.show(await openRun(writeRun(runs, document('run-0'), 2)))
  const { outcome } = await runner.execute({ runId: 'run-1', recipe: recipe({}) }, () => Promise.resolve())
  const { view } = runner
  assert.deepEqual([outcome, view?.runId, view?.document?.id, view?.rows.map((event) => event.row)], ['failed', 'run-1', 'run-1', [0, 1, 2, 3, 4]])
  const { end } = await openRun(join(runs, 'run-1'))
  assert.deepEqual([end?.outcome, end?.rows, end?.error?.reason], ['failed', 5, 'engineExited'])
})

for (const further of [0, 3]) {
  test(`of an engine that is killed before it was heard that it went on, a run that has ${further} new rows ${further > 0 ? 'shows them and has its end' : 'is as it was'}`, async (t) => {
    const at = keeping(null, steps)
    const runs = temporary()
    const folder = join(runs, 'run-1')
    record(folder, at, 0, 4).end({ event: 'end', outcome: 'stopped', rows: 4, evaluations: 4, ms: 6 })
    const resume = await openRun(folder)
    if (further > 0) record(folder, at, 4, 4 + further)
    const runner = runnerOf(engineKilledAt(t, at, null, false), runs)
    const heard: number[] = []
    runner.rows.on(({ rows }) => { heard.push(...rows.map((event) => event.row)) })
    const { error } = await runner.execute({ runId: 'run-1', recipe: recipe({}), resume }, () => Promise.resolve())
    assert.equal(error?.reason, 'engineExited')
    assert.deepEqual(heard, [4, 5, 6].slice(0, further))
    assert.deepEqual(runner.view?.rows.map((event) => event.row), Array.from({ length: 4 + further }, (_, index) => index))
    const { end, rows } = await openRun(folder)
    assert.equal(rows.length, 4 + further)
    assert.deepEqual([end?.outcome, end?.rows, runner.view?.status], further > 0 ? ['failed', 7, 'failed'] : ['stopped', 4, 'stopped'])
  })
}
