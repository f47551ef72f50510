import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freeThreads, physicalCores, threadsFor } from '../../../src/engine/threads'
import { clientFor, readFolder, recipe, start } from './withClient'

test('threads: the physical cores less those that others want, at least one; what is set is what there is', () => {
  for (const [cores, load, threads] of [[2, 0, 2], [2, 0.4, 2], [2, 0.6, 1], [2, 7, 1], [16, 3.2, 13], [16, 40, 1], [1, 0, 1]] as const) assert.equal(freeThreads(cores, load), threads, `${cores} cores, load ${load}`)
  assert.equal(threadsFor(3).used, 3)
  const { used, cores, load } = threadsFor(0)
  assert.ok(used >= 1 && used <= cores && cores <= physicalCores() && load >= 0)
})

test('the number of threads changes no bit of an image, and the recording has it', async (t) => {
  const client = clientFor(t)
  const made = []
  // Few evaluations: on a busy machine a second thread makes each of the network's 727 operators wait for its turn.
  for (const intraOpThreads of [1, 2, 0]) {
    const run = start(recipe((r) => { r.noise.batch = 2; r.solver.steps = 2 }), { engine: { provider: 'cpu', intraOpThreads } })
    assert.equal((await client.run(run)).outcome, 'finished')
    const { document, states } = readFolder(run.folder)
    made.push(states)
    if (intraOpThreads > 0) assert.equal(document.engine.intraOpThreads, intraOpThreads)
    else assert.ok(document.engine.intraOpThreads >= 1)
  }
  for (const states of made) assert.deepEqual(states, made[0])
})
