import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { answering, garbageCollected, inUseOf } from '../../../scripts/soak/inUse'
import { watchProcesses } from '../../../scripts/soak/processes'
import type { EngineClient } from '../../../src/run/engineClient'
import { folderWith, slow } from './testModels'
import { clientFor, recipe, start, until } from './withClient'

const kinds = [
  { model: 'digits', batch: 4, algorithm: 'dpmsolver++', adaptive: false }, { model: 'mixture2d', batch: 3, algorithm: 'dpmsolver++', adaptive: false },
  { model: 'digits', batch: 2, algorithm: 'dpmsolver', adaptive: true }, { model: 'emoji', batch: 1, algorithm: 'sde-dpmsolver++', adaptive: false },
] as const

/** A run that takes over a minute and so does not end before it is stopped or killed. */
const unhurried = (model = folderWith({ 'model.onnx': slow(400, 40) })): ReturnType<typeof start> => start(recipe((r) => {
  r.model.path = model
  r.solver.steps = 900
}), { preview: { maxSize: 64, every: 1 } })

/** A run of each kind, with pictures; the last is stopped on its way. */
async function runsOfEachKind(client: EngineClient): Promise<void> {
  for (const { model, batch, algorithm, adaptive } of [...kinds, kinds[0]]) {
    const asked = start(recipe((r) => {
      r.model.path = model
      Object.assign(r.solver, { algorithm, steps: 4, ...adaptive ? { method: 'adaptive' } : {} })
      r.noise.batch = batch
    }), { preview: { maxSize: 64, every: 1 } })
    const end = await client.run(asked, { rows: ({ rows, frames }) => { if (frames) client.ackFrames(asked.runId, rows.at(-1)!.row) } })
    assert.equal(end.outcome, 'finished')
  }
  const stopped = unhurried()
  const ending = client.run(stopped, { rows: ({ rows }) => { if (rows.at(-1)!.row > 1) void client.stop(stopped.runId) } })
  assert.equal((await ending).outcome, 'stopped')
}

test('an engine lets go of every tensor of a run that is over: after three runs of each kind it has as many as after one', async (t) => {
  const children: ChildProcess[] = []
  t.after(watchProcesses((child) => { children.push(child) }))
  const client = clientFor(t, { env: answering(resolve(join('dist', 'scripts', 'soak', 'inEngine.js'))) })
  const counts: number[] = []
  for (let round = 0; round < 3; round++) {
    await runsOfEachKind(client)
    const { MB, tensors } = await inUseOf(children[0]!)
    t.diagnostic(`${MB.toFixed(2)} MB in use, ${tensors} tensors`)
    counts.push(tensors)
  }
  assert.equal(children.length, 1)
  assert.ok(counts[0]! > 0, 'nothing was counted')
  assert.deepEqual(counts.slice(1), [counts[0], counts[0]])
})

test('a client lets go of an engine that has ended, and of what was asked of it', async (t) => {
  const children: WeakRef<ChildProcess>[] = []
  const answers: WeakRef<object>[] = []
  t.after(watchProcesses((child) => { children.push(new WeakRef(child)) }))
  const client = clientFor(t)
  const once = async (): Promise<void> => {
    const { pid } = await client.start()
    const asked = unhurried()
    let told = 0
    const ending = client.run(asked, { began: ({ document }) => { answers.push(new WeakRef(document)) }, rows: ({ rows, frames }) => { told += rows.length; for (const one of [...rows, ...frames ? [frames] : []]) answers.push(new WeakRef(one)) } })
    await until(() => told > 1, 'rows')
    process.kill(pid, 'SIGKILL')
    await assert.rejects(ending, { reason: 'engineExited' })
  }
  for (let round = 0; round < 3; round++) await once()
  await client.start()
  assert.equal(children.length, 4)
  const left = (): number[] => [children, answers].map((refs) => refs.filter((ref) => ref.deref() !== undefined).length)
  // Timers that wait for the end of a process hold it for seconds.
  let held: number[] = []
  for (let tries = 0; tries < 600 && (held = left()).join() !== '1,0'; tries++) {
    await new Promise((done) => { setTimeout(done, 100) })
    await garbageCollected()
  }
  assert.deepEqual(held, [1, 0], `of ${children.length} processes and ${answers.length} rows, pictures and documents`)
})
