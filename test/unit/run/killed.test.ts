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
import { keeping, record, row, temporary, valuesOf } from './folder'

const steps = 12
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** An engine that tells of the first `told` rows, and is killed then, or waits to be. */
function engineKilledAt(t: TestContext, at: RunDocument, told: number, waits: boolean): EngineClient {
  const folder = temporary()
  writeFileSync(join(folder, 'said'), serialize({ document: at, rows: Array.from({ length: told }, (_, index) => ({ ...row(at, index), offset: placeOf(at, index) * at.states.rowBytes })) }))
  writeFileSync(join(folder, 'engine.js'), `
    const { document, rows } = require('node:v8').deserialize(require('node:fs').readFileSync(${JSON.stringify(join(folder, 'said'))}))
    const tell = (name, params, then) => process.send({ kind: 'message', name, params }, then)
    process.on('message', ({ id, name, params }) => {
      if (name === 'engine/hello') process.send({ kind: 'result', id, result: { protocol: ${engineProtocol}, version: '0', pid: process.pid, node: '', execPath: '', onnxruntime: '', backends: [] } })
      if (name !== 'run/start') return
      tell('run/began', { runId: params.runId, document, loadMs: 0 })
      tell('run/rows', { runId: params.runId, rows }, () => { if (!${waits}) process.kill(process.pid, 'SIGKILL') })
    })`)
  const client = new EngineClient({ enginePath: join(folder, 'engine.js') })
  t.after(() => client.dispose())
  return client
}

for (const [keep, name] of [[{ keep: 'lastOnly' }, 'the newest alone'], [{ keep: 'everyN', every: 5 }, 'every fifth'], [null, 'all']] as const) {
  for (const [forced, how] of [[false, 'killed from outside'], [true, 'ended by Force Stop']] as const) {
    test(`of an engine that is ${how} between a row and telling of it, the run that keeps ${name} shows what was recorded last`, async (t) => {
      const at = keeping(keep, steps)
      const runs = temporary()
      const recorded = 8
      record(join(runs, 'run-1'), at, 0, recorded)
      const runner = new Runner({
        engine: engineKilledAt(t, at, 6, forced), runsFolder: () => runs, remote: null, log: silent,
        settings: () => ({ preview: { every: 1, maxSize: 64, remoteMaxSize: 64, method: 'auto' }, engine: { provider: 'cpu', intraOpThreads: 1 }, killAfterSeconds: 60 }),
      }, new Exits(systemClock))
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
