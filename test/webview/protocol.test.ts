import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ToPage } from '../../src/protocol/view'
import { Bench } from './harness'
import { digits, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
let recording: Recording
before(async () => {
  bench = await Bench.start()
  recording = await record(recipeOf({ 'noise.seed': 3, 'solver.steps': 12 }), digits)
})
after(async () => { await bench.stop() })

const state = (status: 'running' | 'finished', count?: number, id = 'run-1'): ToPage => ({ type: 'state', state: stateOf(recording.document.recipe, digits, { run: { ...viewOf(recording, status, count), runId: id } }) })
const frame = (row: number, live = true, runId = 'run-1'): ToPage => ({ type: 'frame', runId, live, row, frames: recording.frames[row]! })

test('the first message is ready, with the run of the page’s last life', async () => {
  const fresh = await bench.open()
  assert.deepEqual(fresh.sent, [{ type: 'ready', runId: null }])
  await fresh.page.close()
  const back = await bench.open({ saved: { runId: 'run-1', row: 5, following: false, tab: 'sample', shown: ['x', 'x0'], speed: 1, loop: false } })
  assert.deepEqual(back.sent, [{ type: 'ready', runId: 'run-1' }])
  await back.page.close()
  for (const saved of [null, 7, 'x', { runId: 4, row: -1, tab: 'nowhere', speed: 'fast' }]) {
    const odd = await bench.open({ saved })
    assert.deepEqual(odd.sent, [{ type: 'ready', runId: null }])
    await odd.send(state('finished'))
    assert.deepEqual(odd.problems, [])
    await odd.page.close()
  }
})

test('each live frame is acknowledged once, drawn or not; frames asked for are not', async () => {
  const host = await bench.open()
  await host.send(state('running', 3))
  await host.send(frame(0))
  await host.send(frame(1), frame(2))
  await host.send(frame(2, true, 'another run'))
  await host.send(frame(1, false))
  await host.received('frameAck', 3)
  assert.deepEqual(host.of('frameAck').map(({ runId, row }) => [runId, row]), [['run-1', 0], ['run-1', 1], ['run-1', 2], ['another run', 2]])
  await host.page.close()
})

test('a frame is acknowledged after it was drawn, and without animation frames too', async () => {
  const host = await bench.open()
  await host.send(state('running', 3))
  await host.page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('[data-frame=x]')!
    const before = canvas.toDataURL()
    const shared = window as unknown as { hostReceives: (message: { type: string }) => void; drawnFirst: boolean }
    const receives = shared.hostReceives
    shared.hostReceives = (message) => { if (message.type === 'frameAck') shared.drawnFirst = canvas.toDataURL() !== before; receives(message) }
  })
  await host.send(frame(2))
  await host.received('frameAck')
  assert.equal(await host.page.evaluate(() => (window as unknown as { drawnFirst: boolean }).drawnFirst), true)
  await host.page.evaluate(() => { window.requestAnimationFrame = () => 0 }) // as in a page behind another window
  const acks = host.of('frameAck').length
  await host.page.evaluate((text) => { (window as unknown as { hostSends(text: string): void }).hostSends(text) }, JSON.stringify({ type: 'frame', runId: 'another', live: true, row: 1, frames: { row: 1, width: 0, height: 0, x: null, x0: null } }))
  assert.equal((await host.received('frameAck', acks)).runId, 'another')
  await host.page.close()
})

test('after a reload the run stands where it was left; what is kept for that is small and holds no pixels', async () => {
  const host = await bench.open()
  await host.send(state('finished'))
  await host.page.locator('main').click({ position: { x: 4, y: 4 } })
  for (let i = 0; i < 4; i++) await host.page.keyboard.press('ArrowLeft')
  await host.page.keyboard.press('2')
  await host.drawn()
  const saved = await host.saved()
  assert.ok(JSON.stringify(saved).length < 1000)
  assert.deepEqual([saved['runId'], saved['row'], saved['following'], saved['shown']], ['run-1', 8, false, ['x0']])
  await host.page.close()

  const back = await bench.open({ saved })
  await back.send({ type: 'state', state: stateOf(recording.document.recipe, digits) }) // the host has yet to find the run
  assert.deepEqual(await back.saved(), saved)
  await back.send(state('finished'))
  assert.match(await back.page.locator('.probe h2').first().innerText(), /Step 8 of 12/)
  assert.equal(back.of('frameRequest')[0]?.row, 8)
  assert.equal(await back.page.locator('[data-frame]').count(), 1)
  assert.equal(await back.page.locator('[role=status]').innerText(), '', 'an old run is no news')
  await back.send(state('running', 2, 'run-2'))
  assert.match(await back.page.locator('.probe h2').first().innerText(), /Step 1 of 12/, 'a new run is followed')
  await back.page.close()
})

test('rows are taken once, whichever way they come, and those of another run not at all', async () => {
  const host = await bench.open()
  await host.send(state('running', 4))
  await host.send({ type: 'rows', runId: 'run-1', rows: recording.rows.slice(2, 7) })
  await host.send({ type: 'rows', runId: 'run-0', rows: recording.rows.slice(7, 9) })
  assert.match(await host.page.locator('footer.status').innerText(), /6 of 12 steps recorded/)
  assert.match(await host.page.locator('.state').innerText(), /step 6 of 12/)
  await host.page.close()
})

test('script errors, policy violations and unknown messages are reported to the host', async () => {
  const host = await bench.open()
  await host.page.evaluate(() => { setTimeout(() => { throw new Error('made by the test') }) })
  assert.match((await host.received('problem')).text, /made by the test/)
  await host.page.evaluate(() => { void Promise.reject(new Error('not awaited')) })
  assert.match((await host.received('problem', 1)).text, /not awaited/)
  await host.page.evaluate(() => { const style = document.createElement('style'); style.textContent = 'p { color: red }'; document.head.append(style) })
  assert.match((await host.received('problem', 2)).text, /CSP: style-src/)
  await host.page.evaluate(() => { window.postMessage({ type: 'nonsense' }) })
  assert.match((await host.received('problem', 3)).text, /nonsense/)
  await host.page.close()
})

test('a run of 1,000 steps keeps its pixels within bounds and its strip in the page', async () => {
  const long = await record(recipeOf({ 'noise.seed': 1, 'solver.steps': 1000 }), { ...digits, shape: [1, 8, 8] })
  const host = await bench.open()
  const run = viewOf(long, 'running')
  await host.send({ type: 'state', state: stateOf(long.document.recipe, digits, { run: { ...run, rows: long.rows.slice(0, 1) } }) })
  for (let row = 1; row < 1000; row += 37) {
    await host.send({ type: 'rows', runId: 'run-1', rows: long.rows.slice(row, row + 37) }, { type: 'frame', runId: 'run-1', live: true, row, frames: long.frames[row]! })
  }
  assert.match(await host.page.locator('footer.status').innerText(), /999 of 1000 steps recorded|1000 of 1000 steps recorded/)
  const strip = await host.page.locator('.thumbnail').count()
  assert.ok(strip >= 10 && strip <= 60, `${strip} thumbnails`)
  assert.ok(host.of('thumbnailRequest').every(({ rows }) => rows.length <= 16))
  assert.deepEqual(host.problems, [])
  await host.page.close()
})
