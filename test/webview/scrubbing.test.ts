import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { FromPage, ToPage } from '../../src/protocol/view'
import { contactSheet } from '../../src/render/contactSheet'
import { Bench, type Host } from './harness'
import { digits, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
let recording: Recording
before(async () => {
  bench = await Bench.start()
  const small = await record(recipeOf({ 'noise.seed': 3, 'noise.batch': 1 }), digits)
  // The page is told of large pictures, which only these tests make.
  recording = { ...small, document: { ...small.document, shape: [1, 1, 256, 256] } }
})
after(async () => { await bench.stop() })

type Request = Extract<FromPage, { type: 'frameRequest' }>
const run = (status: 'running' | 'finished', more: object = {}): ToPage => ({ type: 'state', state: stateOf(recording.document.recipe, digits, { run: viewOf(recording, status), ...more }) })
/** Of every row a grey of its own. */
function answer({ row, small }: Request): ToPage {
  const size = small ? 128 : 256
  const { rgba } = contactSheet(new Float32Array(size * size).fill(row / 20 - 0.5), [1, 1, size, size])
  return { type: 'frame', runId: recording.document.id, live: false, row, frames: { row, width: size, height: size, x: rgba, x0: rgba }, ...small ? { small } : {} }
}
/** Answers the next request, and gives it. */
async function next(host: Host, done: number): Promise<Request> {
  const request = await host.received('frameRequest', done).then(() => host.of('frameRequest')[done]!)
  await host.send(answer(request))
  return request
}
const shown = (host: Host, row: number, width: number): Promise<void> => host.page.locator(`canvas[data-frame="x"][data-row="${row}"][width="${width}"]`).waitFor()
/** What was asked for; what the page asks for again, since the answer took long, once. */
const asked = (host: Host): [number, boolean][] => host.of('frameRequest').map(({ row, small }): [number, boolean] => [row, small === true]).filter(([row, small], i, all) => i === 0 || all[i - 1]![0] !== row || all[i - 1]![1] !== small)

suite('going through a run of large pictures', () => {
  test('the small picture of the row is asked for first, the large one at rest, then small ones around it, one at a time', async () => {
    const host = await bench.open()
    await host.send(run('finished'))
    await next(host, 0)
    await shown(host, 20, 128)
    await next(host, 1)
    await shown(host, 20, 256)
    for (let i = 2; asked(host).length < 7; i++) await next(host, i)
    assert.deepEqual(asked(host).slice(0, 7), [[20, true], [20, false], [19, true], [18, true], [17, true], [16, true], [15, true]])
    await host.page.close()
  })

  test('a row whose small picture is held is drawn without asking, and takes no smaller picture for its large one', async () => {
    const host = await bench.open()
    await host.send(run('finished'))
    let answered = 0
    while (asked(host).length < 6) await next(host, answered++)
    await host.page.locator('#timeline').focus()
    await host.page.keyboard.press('ArrowLeft')
    await shown(host, 19, 128)
    // What was asked for before the key is answered, then the row is at rest.
    const whole = (): Request | undefined => host.of('frameRequest').find(({ row, small }) => row === 19 && !small)
    while (!whole()) {
      await host.received('frameRequest', answered)
      if (!whole()) await next(host, answered++)
    }
    const last = whole()!
    await host.send(answer(last))
    await shown(host, 19, 256)
    await host.send(answer({ ...last, small: true }))
    await shown(host, 19, 256)
    await host.page.close()
  })

  test('while a run goes on only the row that is looked at is asked for', async () => {
    const host = await bench.open()
    await host.send(run('running'))
    await host.page.locator('#timeline').focus()
    await host.page.keyboard.press('Home')
    await next(host, 0)
    await next(host, 1)
    await shown(host, 0, 256)
    await host.drawn()
    assert.deepEqual(asked(host), [[0, true], [0, false]])
    await host.page.close()
  })

  test('of a run that is followed an image that is shown alone comes in full once its row has stood long enough, and at once when the run is over', async () => {
    const shape: [number, number, number, number] = [4, 1, 1024, 1024]
    const large: Recording = { ...recording, document: { ...recording.document, shape } }
    const of = (status: 'running' | 'finished', rows: number): ToPage => ({ type: 'state', state: stateOf(large.document.recipe, digits, { run: viewOf(large, status, rows) }) })
    const sheet = (row: number, size: number): { row: number; width: number; height: number; x: Uint8Array; x0: Uint8Array } => ({ row, width: size, height: size, x: new Uint8Array(4 * size * size).fill(200), x0: new Uint8Array(4 * size * size).fill(200) })
    const live = (row: number): ToPage => ({ type: 'frame', runId: 'run-1', live: true, row, frames: sheet(row, 256) })
    for (const item of [null, 1]) {
      const host = await bench.open({ saved: { runId: 'run-1', row: 0, following: true, item } })
      await host.page.clock.install()
      await host.send(of('running', 3), live(1))
      await host.page.clock.runFor(500)
      await host.send(live(2))
      await shown(host, 2, item === null ? 256 : 128)
      assert.equal(host.of('frameRequest').length, 0, 'nothing may slow the run')
      await host.page.clock.runFor(120_000)
      await host.drawn()
      assert.deepEqual(asked(host), item === null ? [] : [[2, false]], item === null ? 'all images' : 'one alone')
      if (item !== null) {
        await host.send({ type: 'frame', runId: 'run-1', live: false, row: 2, frames: sheet(2, 512) })
        await shown(host, 2, 256)
      }
      // The last live picture, and the end.
      const before = host.of('frameRequest').length
      await host.send(live(3), of('finished', 4))
      await host.page.clock.runFor(200)
      await host.received('frameRequest', before)
      assert.deepEqual(asked(host).at(-1), [3, false])
      await host.page.close()
    }
  })

  test('a small picture of all images, as a page begins with, gives way to all of it once its row has stood long enough, unless a network lies between', async () => {
    const large: Recording = { ...recording, document: { ...recording.document, shape: [4, 1, 1024, 1024] } }
    const sheet = (size: number): Uint8Array => new Uint8Array(4 * size * size).fill(200)
    for (const remote of [undefined, 'SSH: gpu-box']) {
      const host = await bench.open()
      await host.page.clock.install()
      await host.send({ type: 'state', state: stateOf(large.document.recipe, digits, { run: viewOf(large, 'running', 3), ...remote === undefined ? {} : { remote } }) })
      await host.send({ type: 'frame', runId: 'run-1', live: false, row: 2, small: true, frames: { row: 2, width: 128, height: 128, x: sheet(128), x0: sheet(128) } })
      await shown(host, 2, 128)
      assert.deepEqual(asked(host), [], 'nothing may slow the run')
      await host.page.clock.runFor(120_000)
      await host.drawn()
      assert.deepEqual(asked(host), remote === undefined ? [[2, false]] : [])
      await host.page.close()
    }
  })

  test('a picture that nobody asked for answers nothing: the next question waits for its own', async () => {
    const host = await bench.open()
    await host.send(run('finished'))
    await host.received('frameRequest')
    // The page's clock stands still, so that no question is given up for the time it takes.
    await host.page.evaluate(() => { const now = performance.now(); performance.now = () => now })
    await host.drawn()
    const before = host.of('frameRequest').length
    for (const unasked of [{ row: 5, small: true }, { row: 20 }, { row: 4, small: true }] as const) await host.send(answer({ type: 'frameRequest', runId: 'run-1', ...unasked }))
    assert.equal(host.of('frameRequest').length, before)
    await host.send(answer({ type: 'frameRequest', runId: 'run-1', row: 20, small: true }))
    await host.page.evaluate(() => { const now = performance.now(); performance.now = () => now + 1000 })
    await host.send(run('finished'))
    await host.received('frameRequest', before)
    assert.deepEqual(asked(host), [[20, true], [19, true]])
    await host.page.close()
  })

  test('where small pictures come slowly, as over a network, few rows around it are', async () => {
    const host = await bench.open()
    await host.send(run('finished', { remote: 'SSH: gpu-box' }))
    for (let i = 0; asked(host).length < 6 || i < host.of('frameRequest').length; i++) {
      await host.received('frameRequest', i)
      await host.page.waitForTimeout(200)
      await next(host, i)
    }
    await host.drawn()
    assert.deepEqual(asked(host).slice(2).map(([row]) => row), [19, 18, 17, 16])
    await host.page.close()
  })

  test('and few of the thumbnails of an image that is shown alone, those nearest to the row', async () => {
    const host = await bench.open({ saved: { runId: 'run-1', row: 10, following: false, item: 1 } })
    await host.send({ type: 'state', state: stateOf(recording.document.recipe, digits, { run: viewOf({ ...recording, document: { ...recording.document, shape: [4, 1, 128, 128] } }, 'finished') }) })
    for (let i = 0; asked(host).length < 10 || i < host.of('frameRequest').length; i++) {
      await host.received('frameRequest', i)
      await host.page.waitForTimeout(200)
      await next(host, i)
    }
    await host.drawn()
    assert.deepEqual(asked(host).map(([row]) => row), [10, 10, 9, 11, 8, 12, 7, 13, 6, 14])
    await host.page.close()
  })
})
