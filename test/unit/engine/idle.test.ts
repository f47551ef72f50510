import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWindow } from './faultWindow'
import { alive, until } from './withClient'

test('an engine without use is ended, which gives its memory back, and started again by the next run; a run is never cut short', async (t) => {
  const window = openWindow(t, { idleMinutes: 0.0005 }) // 30 ms
  const { session, lines, pids } = window
  const long = await window.generate({ 'solver.steps': 60 }) // takes longer than that
  assert.deepEqual([long.outcome, session.state.run?.rows.length], ['finished', 61])
  await until(() => session.engineState === 'off', 'the engine to be ended')
  const [first] = pids
  await until(() => !alive(first!), 'the process to be gone')
  assert.ok(lines.includes('info engine ended after 0.0005 minutes without use; the next run starts it again'))
  assert.ok(!lines.some((line) => line.startsWith('error')))
  assert.equal((await window.generate({ 'solver.steps': 2 })).outcome, 'finished')
  assert.ok(pids.size > 1)
})

test('what is asked of an engine that is being ended is asked of a new one', async (t) => {
  const { client, engine } = openWindow(t)
  const first = await engine()
  const ended = client.kill()
  const { pid } = await client.start()
  assert.notEqual(pid, first)
  await ended
  assert.equal(alive(first), false)
  assert.equal(alive(pid), true)
})
