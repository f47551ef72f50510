import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begin, finished, setUp, turn } from './fakeEngine'

test('the engine is asked for no pictures where previews are off, and told how to make them where they are not', async () => {
  for (const [method, asked] of [['off', null], ['auto', { every: 1, maxSize: 256, method: 'auto' }], ['latentToRgb', { every: 1, maxSize: 256, method: 'latentToRgb' }]] as const) {
    const { engine, session, current } = setUp()
    Object.assign(current.preview, { method })
    void session.generate()
    await turn()
    assert.deepEqual(engine.runs[0]!.start.preview, asked)
    assert.equal(session.state.preview.method, method)
  }
})

test('a run is shown as it was begun, whatever is set while it goes on; the setting counts from its end on', async () => {
  const { engine, session, current } = setUp()
  const set = (method: 'auto' | 'latentToRgb' | 'off'): void => { Object.assign(current.preview, { method }) }
  set('off')
  const ended = session.generate()
  await turn()
  set('latentToRgb')
  begin(engine.runs[0]!)
  assert.deepEqual([session.state.preview.method, session.runner.previewMethod], ['off', 'off'])
  engine.runs[0]!.resolve(finished)
  await ended
  assert.deepEqual([session.state.preview.method, session.runner.previewMethod], ['latentToRgb', 'latentToRgb'])
})
