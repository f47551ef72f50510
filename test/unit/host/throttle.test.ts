import assert from 'node:assert/strict'
import { suite, test, mock } from 'node:test'
import { throttle } from '../../../src/run/throttle'

suite('throttle', () => {
  test('at once, then at most once in its time, and never not at all', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      let done = 0
      const throttled = throttle(50, () => { done++ })
      throttled.ask()
      assert.equal(done, 1, 'the first at once')
      for (let i = 0; i < 10; i++) throttled.ask()
      assert.equal(done, 1)
      mock.timers.tick(50)
      assert.equal(done, 2, 'what was asked for meanwhile, once')
      mock.timers.tick(500)
      assert.equal(done, 2, 'nothing was asked for')
      throttled.ask()
      assert.equal(done, 3, 'at once again')
      throttled.ask()
      throttled.cancel()
      mock.timers.tick(500)
      assert.equal(done, 3, 'forgotten')
      throttled.ask()
      mock.timers.tick(40)
      throttled.ask()
      throttled.happened()
      mock.timers.tick(40)
      throttled.ask()
      assert.equal(done, 4, 'it happened meanwhile, and its time began anew')
      mock.timers.tick(10)
      assert.equal(done, 5)
      mock.timers.tick(500)
      assert.equal(done, 5)
    } finally { mock.timers.reset() }
  })
})
