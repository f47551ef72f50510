import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newestRun, openRun, readState } from '../../../src/run/store'
import { living, openWindow, type FaultWindow } from './faultWindow'
import { patternOf, type Fault, type FaultGroup, type Happened } from './faultTable'
import { alive } from './withClient'

/** One test for each fault: what is read, what is kept, that the next run works, and that no process is left. */
export function checkFaults(groups: readonly FaultGroup[]): void {
  for (const { title, faults } of groups) for (const fault of faults) test(`${title}: ${fault.fault}`, async (t) => { await check(openWindow(t, fault.window?.()), fault) })
}

async function check(window: FaultWindow, fault: Fault): Promise<void> {
  const { session, told, pids } = window
  const happened = await fault.happens(window)
  const gone = [...pids] // and none that was started since
  const { error, says } = happened
  assert.equal(error === null, fault.silent === true, error?.message)
  if (error) {
    assert.match(error.message, patternOf(fault.reads))
    assert.match(error.advice, patternOf(fault.advice))
    assert.equal(error.remedy?.title ?? '', fault.button)
    assert.doesNotMatch(`${error.message} ${error.advice}`, /onnxruntime_src|\n/)
    assert.ok([session.state.run?.error?.message, session.state.notice?.message, ...told.map(({ message }) => message)].includes(error.message), 'it is told')
  }
  if (fault.silent) {
    assert.ok(says, 'nothing is said')
    assert.match(says.text, patternOf(fault.reads))
    assert.deepEqual([says.button ?? '', fault.advice], [fault.button, ''])
    assert.deepEqual(told, [])
  }
  await kept(window, fault, happened)
  if (fault.ends) assert.ok(gone.length > 0)
  if (fault.ends) for (const pid of gone) assert.equal(alive(pid), false, `process ${pid} is left`)

  await fault.mend?.(window)
  const next = await window.generate({ 'model.path': 'digits', 'conditioning.classLabel': 'none', 'noise.batch': 1, 'solver.steps': 2 })
  assert.equal(next.outcome, 'finished', next.error?.message)
  assert.equal((await openRun(next.folder)).rows.length, 3)
  await window.close()
  assert.ok(pids.size > 0)
  for (const pid of [...pids, ...living()]) assert.equal(alive(pid), false, `process ${pid} is left`)
  assert.deepEqual(living(), [], 'a process is left')
}

async function kept({ session, runs }: FaultWindow, { recorded }: Fault, { recording }: Happened): Promise<void> {
  if (!recording) {
    assert.equal(await newestRun(runs), undefined, 'a recording is there')
    return
  }
  const run = await openRun(recording.folder)
  assert.equal(run.outcome, recording.outcome)
  const seen = recording.rows ?? (session.state.run?.runId === run.document.id ? session.state.run.rows.length : 0)
  assert.ok(run.rows.length >= Math.max(seen, recorded === 'rows' ? 1 : 0), `${run.rows.length} rows are there of ${seen} that were told`)
  if (recorded === 'nothing') assert.equal(run.rows.length, 0)
  for (const row of run.rows) for (const which of ['x', 'x0'] as const) assert.equal((await readState(run, row, which)).length, run.document.shape.reduce((product, n) => product * n, 1))
}
