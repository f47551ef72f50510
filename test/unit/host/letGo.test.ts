import assert from 'node:assert/strict'
import { test } from 'node:test'
import { garbageCollected } from '../../../scripts/soak/inUse'
import { openWindow } from '../engine/faultWindow'
import { folderWith, slow } from '../engine/testModels'

test('a window lets go of a run that is over: of ten runs, finished, stopped and killed, nothing is left but what is on show', async (t) => {
  const { session, client, generate } = openWindow(t, { record: { keepRuns: 3, maxDiskMB: 2048 } })
  const seen: { run: number; what: string; ref: WeakRef<object> }[] = []
  const unhurried = folderWith({ 'model.onnx': slow(400, 40) }) // over a minute for its 900 steps: it does not end before it is stopped
  let run = 0
  let after: (row: number) => void = () => {}
  const note = (what: string, one: object): void => { seen.push({ run, what, ref: new WeakRef(one) }) }
  session.runner.rows.on(({ rows }) => {
    for (const row of rows) note('row', row)
    after(rows.at(-1)!.row)
  })
  session.runner.frames.on(({ runId, frames }) => {
    note('pictures', frames)
    session.ackFrames(runId, frames.row)
  })
  const once = async (): Promise<void> => {
    const how = run % 5
    after = (row) => {
      if (row < 2) return
      if (how === 1) session.stop()
      if (how === 3) void client.kill()
    }
    const [model, steps, ends] = how === 1 || how === 3 ? [unhurried, 900, 'stopped'] : [run % 2 === 0 ? 'digits' : 'mixture2d', 4, 'finished']
    const { outcome } = await generate({ 'model.path': model, 'conditioning.classLabel': 'none', 'solver.steps': steps })
    assert.equal(outcome, ends)
    const view = session.runner.view!
    note('view', view)
    note('document', view.document!)
  }
  for (; run < 10; run++) await once()
  const kinds = (of: typeof seen): string[] => [...new Set(of.map(({ what, run: of }) => `${what} of run ${of}`))].sort()
  const last = ['document of run 9', 'row of run 9', 'view of run 9']
  let left = seen
  for (let tries = 0; tries < 600 && kinds(left).join() !== last.join(); tries++) { // what is done with a run that has ended, nobody waits for
    await garbageCollected()
    left = seen.filter(({ ref }) => ref.deref() !== undefined)
    await new Promise((done) => { setTimeout(done, 50) })
  }
  assert.equal(kinds(seen).length, 40)
  assert.deepEqual(kinds(left), last)
})
