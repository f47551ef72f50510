import assert from 'node:assert/strict'
import { test } from 'node:test'
import { garbageCollected } from '../../../scripts/soak/inUse'
import { openWindow } from '../engine/faultWindow'

test('a window lets go of a run that is over: of ten runs, finished, stopped and killed, nothing is left but what is on show', async (t) => {
  const { session, client, generate } = openWindow(t, { record: { keepRuns: 3, maxDiskMB: 2048 } })
  const seen: { run: number; what: string; ref: WeakRef<object> }[] = []
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
    const { outcome } = await generate({ 'model.path': run % 2 === 0 ? 'digits' : 'mixture2d', 'conditioning.classLabel': 'none', 'solver.steps': how === 1 || how === 3 ? 500 : 4 })
    assert.equal(outcome, how === 1 || how === 3 ? 'stopped' : 'finished')
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
