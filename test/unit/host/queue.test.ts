import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { RunQueue } from '../../../src/run/queue'

/** A queue whose jobs end when the test says so. */
function controlled(): { queue: RunQueue<string, string>; started: string[]; end: (fail?: boolean) => Promise<void> } {
  const started: string[] = []
  let settle: (fail: boolean) => void = () => {}
  const queue = new RunQueue<string, string>((job) => new Promise((resolve, reject) => {
    started.push(job)
    settle = (fail) => { if (fail) reject(new Error(job)); else resolve(`${job} done`) }
  }), () => {})
  return { queue, started, end: async (fail = false) => { settle(fail); await new Promise((resolve) => { setImmediate(resolve) }) } }
}

suite('queue of runs', () => {
  test('one at a time, first come first served', async () => {
    const { queue, started, end } = controlled()
    const results = ['a', 'b', 'c'].map((job) => queue.add(job))
    assert.deepEqual(started, ['a'])
    assert.equal(queue.length, 2)
    for (let i = 0; i < 3; i++) await end()
    assert.deepEqual(started, ['a', 'b', 'c'])
    assert.deepEqual(await Promise.all(results), ['a done', 'b done', 'c done'])
    assert.equal(queue.working, false)
  })

  test('clearing cancels those that wait and leaves the one that is going', async () => {
    const { queue, started, end } = controlled()
    const [first, second, third] = ['a', 'b', 'c'].map((job) => queue.add(job))
    assert.equal(queue.clear(), 2)
    assert.deepEqual(await Promise.all([second, third]), ['cancelled', 'cancelled'])
    await end()
    assert.equal(await first, 'a done')
    assert.deepEqual(started, ['a'])
  })

  test('one that fails does not keep the next from its turn', async () => {
    const { queue, started, end } = controlled()
    const first = queue.add('a')
    const second = queue.add('b')
    const failed = assert.rejects(first, /a/)
    await end(true)
    await failed
    await end()
    assert.equal(await second, 'b done')
    assert.deepEqual(started, ['a', 'b'])
  })
})
