import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ToPage } from '../../src/protocol/view'
import { Bench, type Host, type PageOptions } from './harness'
import { digits, record, recipeOf, stateOf, thumbnailSize, viewOf, type Recording } from './recording'

let bench: Bench
let recording: Recording
before(async () => {
  bench = await Bench.start()
  recording = await record(recipeOf({ 'noise.seed': 3, 'noise.batch': 2, 'conditioning.classLabel': 1 }), digits)
})
after(async () => { await bench.stop() })

const state = (status: 'running' | 'finished', rows?: number): ToPage => ({ type: 'state', state: stateOf(recording.document.recipe, digits, { run: viewOf(recording, status, rows) }) })
const rows = (from: number, to: number): ToPage => ({ type: 'rows', runId: recording.document.id, rows: recording.rows.slice(from, to) })
const frame = (row: number, live: boolean): ToPage => ({ type: 'frame', runId: recording.document.id, live, row, frames: recording.frames[row]! })
const shownRow = async (host: Host): Promise<number> => Number(/Step (\d+)/.exec(await host.page.locator('.probe h2').first().innerText())?.[1])
const focusMain = async (host: Host): Promise<void> => { await host.page.locator('main').click({ position: { x: 4, y: 4 } }) }

/** A page with a finished run whose frames the host gives as they are asked for. */
async function finished(options: PageOptions = {}): Promise<Host> {
  const host = await bench.open(options)
  await host.send(state('finished'))
  return host
}

/** Answers every frame request until the page has none open. */
async function answer(host: Host, from = 0): Promise<void> {
  for (let done = from; ; done++) {
    await host.drawn()
    const request = host.of('frameRequest')[done]
    if (!request) return
    await host.send(frame(request.row, false))
  }
}

async function assertShown(host: Host, row: number): Promise<void> {
  assert.equal(await shownRow(host), row)
  for (const what of ['x', 'x0'] as const) {
    const { width, height, rgba } = await host.pixels(`[data-frame=${what}]`)
    const pair = recording.frames[row]!
    assert.deepEqual([width, height], [pair.width, pair.height])
    // Cells without an item are transparent, and a canvas keeps no colour there.
    assert.deepEqual(rgba, [...pair[what]], `${what} of row ${row}`)
  }
}

test('a finished run stands at its last row, whose frame is asked for once', async () => {
  const host = await finished()
  assert.deepEqual(host.of('frameRequest').map(({ row }) => row), [20])
  await answer(host)
  await assertShown(host, 20)
  assert.equal(host.of('frameRequest').length, 1)
  assert.equal(host.of('frameAck').length, 0, 'only live frames are acknowledged')
  await host.page.close()
})

test('every step is reached by keys alone, and frames and numbers are those of its row', async () => {
  const host = await finished()
  await answer(host)
  await focusMain(host)
  const { page } = host
  for (const [key, row] of [['Home', 0], ['ArrowRight', 1], ['Shift+ArrowRight', 6], ['ArrowLeft', 5], ['Shift+ArrowLeft', 0], ['ArrowLeft', 0], ['End', 20], ['ArrowRight', 20], ['ArrowLeft', 19]] as const) {
    const asked = host.of('frameRequest').length
    await page.keyboard.press(key)
    await answer(host, asked)
    await assertShown(host, row)
  }
  const asked = host.of('frameRequest').length
  await page.keyboard.press('ArrowRight')
  await answer(host, asked)
  assert.equal(host.of('frameRequest').length, asked, 'a frame seen a moment ago is kept')
  await page.close()
})

test('λ = +∞ at the last row reads +∞, and what it took to get there is said', async () => {
  const host = await finished()
  await answer(host)
  const probe = await host.page.locator('.probe').innerText()
  assert.match(probe, /λ\s+\+∞/)
  assert.match(probe, /σ\s+0\.0000/)
  assert.match(probe, /NFE\s+20 \/ 20/)
  await focusMain(host)
  await host.page.keyboard.press('ArrowLeft')
  await host.drawn()
  assert.match(await host.page.locator('.probe').innerText(), /h\s+\+∞/)
  await host.page.locator('#tab-plan').click()
  await host.drawn()
  const last = host.page.locator('.steps tbody tr').last()
  assert.match(await last.innerText(), /\+∞/)
  await host.page.close()
})

test('while scrubbing one request is open, and the newest row wins', async () => {
  const host = await finished()
  await answer(host)
  await focusMain(host)
  const before = host.of('frameRequest').length
  await host.page.keyboard.press('Home')
  await host.drawn()
  for (let i = 0; i < 6; i++) await host.page.keyboard.press('ArrowRight')
  await host.drawn()
  assert.deepEqual(host.of('frameRequest').slice(before).map(({ row }) => row), [0])
  assert.equal(await host.page.locator('figure.stale').count(), 2)
  await host.send(frame(0, false))
  await host.drawn()
  assert.deepEqual(host.of('frameRequest').slice(before).map(({ row }) => row), [0, 6], 'the rows between are not asked for')
  await host.send(frame(6, false))
  await assertShown(host, 6)
  assert.equal(await host.page.locator('figure.stale').count(), 0)
  await host.page.close()
})

test('a frame that was shrunk to keep up with the run is asked for in full once it rests, and once only', async () => {
  const host = await bench.open()
  const shrunk = (row: number): ToPage => ({ type: 'frame', runId: 'run-1', live: true, row, frames: { row, width: 32, height: 16, x: new Uint8Array(4 * 32 * 16), x0: new Uint8Array(4 * 32 * 16) } })
  await host.send(state('running', 6), shrunk(5))
  assert.equal((await host.pixels('[data-frame=x]')).width, 32)
  assert.equal(host.of('frameRequest').length, 0, 'a followed run goes on')
  await host.send(rows(6, 21), shrunk(20), state('finished'))
  assert.deepEqual(host.of('frameRequest').map(({ row }) => row), [20])
  await answer(host)
  await assertShown(host, 20)
  await focusMain(host)
  await host.page.keyboard.press('Home')
  const small = { ...recording.frames[0]!, width: 32, height: 16, x: new Uint8Array(4 * 32 * 16), x0: new Uint8Array(4 * 32 * 16) }
  await host.received('frameRequest', 1)
  await host.send({ type: 'frame', runId: 'run-1', live: false, row: 0, frames: small }) // as large as the host has it
  await host.drawn()
  assert.deepEqual(host.of('frameRequest').map(({ row }) => row), [20, 0])
  await host.page.close()
})

test('of a run that ended before its last step the thumbnail of the step on show is one that was recorded', async () => {
  const long = await record(recipeOf({ 'noise.seed': 1, 'solver.steps': 200 }), { ...digits, shape: [1, 8, 8] })
  const host = await bench.open()
  for (const [k, count] of [2, 104, 138, 150, 199].entries()) {
    await host.send({ type: 'state', state: stateOf(long.document.recipe, digits, { run: { ...viewOf(long, 'stopped', count), runId: `run-${k}` } }) })
    assert.deepEqual(await host.page.locator('.thumbnail.selected').evaluateAll((all) => all.map((one) => one.matches('.coming, :disabled'))), [false], `${count} rows`)
  }
  await host.page.close()
})

test('a page that is shown again during a run asks at once for thumbnails; one on which the run begins leaves it alone for a while', async () => {
  for (const shownAgain of [true, false]) {
    const host = await bench.open()
    await host.page.evaluate(() => { const now = performance.now(); performance.now = () => now }) // no while is ever over
    await host.send({ type: 'state', state: stateOf(recording.document.recipe, digits, { run: viewOf(recording, 'running', shownAgain ? 12 : 0) }) })
    if (shownAgain) assert.ok((await host.received('thumbnailRequest')).rows.length > 0)
    else {
      await host.send({ type: 'rows', runId: 'run-1', rows: recording.rows.slice(0, 12) })
      await host.drawn()
      assert.equal(host.of('thumbnailRequest').length, 0)
    }
    await host.page.close()
  }
})

test('what could not be read is said in its place, and not asked for again', async () => {
  const host = await finished()
  const { rows: asked } = await host.received('thumbnailRequest')
  await host.send({ type: 'frame', runId: 'run-1', live: false, row: 20, frames: null }, { type: 'thumbnails', runId: 'run-1', size: thumbnailSize, thumbnails: [], failed: asked })
  assert.match(await host.page.locator('.frames').innerText(), /could not be read/)
  await host.send({ type: 'thumbnails', runId: 'run-1', size: thumbnailSize, thumbnails: [], failed: (await host.received('thumbnailRequest', 1)).rows })
  await host.send(state('finished'), state('finished'))
  assert.deepEqual(host.of('frameRequest').map(({ row }) => row), [20])
  assert.deepEqual(host.of('thumbnailRequest').flatMap((request) => request.rows).sort((a, b) => a - b), Array.from({ length: 20 }, (_, row) => row), 'once each, and none of row 20')
  assert.equal(await host.page.locator('figure.stale').count(), 0)
  const again = { ...viewOf(recording, 'finished'), runId: 'run-2' }
  await host.send({ type: 'state', state: stateOf(recording.document.recipe, digits, { run: again }) })
  assert.deepEqual(host.of('frameRequest').map(({ runId, row }) => [runId, row]), [['run-1', 20], ['run-2', 20]], 'of another run everything may be asked for')
  await host.page.close()
})

test('the head follows a run; scrubbing detaches, Follow brings back', async () => {
  const host = await bench.open()
  await host.send(state('running', 4), frame(3, true))
  assert.equal(await shownRow(host), 3)
  assert.equal(await host.page.getByText('Follow').count(), 0)
  await host.send(rows(4, 8), frame(7, true))
  assert.equal(await shownRow(host), 7)
  await focusMain(host)
  await host.page.keyboard.press('ArrowLeft')
  await host.send(rows(8, 12), frame(11, true))
  assert.equal(await shownRow(host), 6)
  assert.equal(host.of('frameRequest').at(-1)?.row, 6)
  await host.page.getByText('Follow').click()
  await host.drawn()
  await assertShown(host, 11)
  await host.page.close()
})

test('picture and numbers are of one row, though rows run ahead of frames', async () => {
  const host = await bench.open()
  await host.send(state('running', 3), frame(2, true), rows(3, 9))
  await assertShown(host, 2)
  assert.equal(host.of('frameRequest').length, 0, 'a followed run sends its frames by itself')
  await host.send(state('finished'))
  assert.equal(host.of('frameRequest').at(-1)?.row, 20)
  await host.page.close()
})

test('the slider shows recorded against to come and does not go beyond what is recorded', async () => {
  const host = await bench.open()
  await host.send(state('running', 11), frame(10, true))
  const slider = host.page.locator('#timeline')
  assert.equal(await slider.getAttribute('max'), '20')
  assert.equal(await host.page.locator('.track .to-come').getAttribute('x1'), '50%')
  assert.equal(await host.page.locator('.thumbnail.coming').count(), 10)
  await slider.evaluate((input: HTMLInputElement) => { input.value = '18'; input.dispatchEvent(new Event('input', { bubbles: true })) })
  await host.drawn()
  assert.equal(await shownRow(host), 10)
  assert.equal(await slider.inputValue(), '10')
  const aria = await slider.getAttribute('aria-valuetext')
  assert.match(aria ?? '', /^step 10 of 20, λ [−+]\d/)
  await host.send(rows(11, 15))
  assert.equal(await shownRow(host), 10, 'and it stays there when the run goes on')
  await slider.evaluate((input: HTMLInputElement) => { input.value = '4'; input.dispatchEvent(new Event('input', { bubbles: true })) })
  await host.drawn()
  assert.equal(await shownRow(host), 4)
  await host.page.close()
})

test('thumbnails: those of live frames are made here, the others asked for, orders under them', async () => {
  const host = await finished()
  const give = async (rows: readonly number[]): Promise<void> => {
    assert.ok(rows.length > 0 && rows.every((row) => row >= 0 && row <= 20))
    await host.send({ type: 'thumbnails', runId: recording.document.id, size: thumbnailSize, thumbnails: rows.map((row) => ({ row, rgba: recording.thumbnails[row]! })), failed: [] })
  }
  const first = await host.received('thumbnailRequest')
  await host.drawn()
  assert.equal(host.of('thumbnailRequest').length, 1, 'one request is open at a time')
  await give(first.rows)
  await give((await host.received('thumbnailRequest', 1)).rows)
  assert.equal(host.of('thumbnailRequest').length, 2)
  assert.deepEqual([...new Set(host.of('thumbnailRequest').flatMap((request) => request.rows))].sort((a, b) => a - b), Array.from({ length: 21 }, (_, row) => row))
  const canvas = await host.pixels('.thumbnail:nth-child(6) canvas')
  assert.deepEqual(canvas.rgba, [...recording.thumbnails[5]!])
  assert.equal((await host.page.locator('.thumbnail span').allInnerTexts()).map((text) => text.trim()).join(''), recording.document.plan.steps.map(({ order }) => order).join(''))
  await host.page.locator('.thumbnail').nth(7).click()
  await host.drawn()
  assert.equal(await shownRow(host), 7)
  await host.page.close()

  const live = await bench.open()
  await live.send(state('running', 2), frame(0, true), rows(2, 3), frame(1, true))
  const cut = await live.pixels('.thumbnail:nth-child(2) canvas')
  const pair = recording.frames[1]!
  const cell = Array.from({ length: 32 }, (_, y) => [...pair.x0.subarray(4 * y * pair.width, 4 * (y * pair.width + 32))]).flat()
  assert.deepEqual([cut.width, cut.rgba], [32, cell], 'the first item of the sheet')
  await live.page.close()
})

test('the digits under the thumbnails are named beside them, to the eye and to the ear; where nothing is solved there are neither', async () => {
  for (const width of [400, 1280]) {
    const host = await finished({ width })
    const name = host.page.locator('.strip .orders')
    assert.equal(await name.innerText(), 'order')
    const [box, digit] = [(await name.boundingBox())!, (await host.page.locator('.thumbnail span').first().boundingBox())!]
    assert.ok(box.x >= 0 && box.x + box.width <= digit.x && Math.abs(box.y + box.height / 2 - digit.y - digit.height / 2) <= 2, `${JSON.stringify(box)} beside ${JSON.stringify(digit)}`)
    assert.equal(await host.page.locator('.strip').evaluate((strip) => strip.scrollWidth <= strip.clientWidth), true)
    assert.equal(await host.page.getByRole('group', { name: 'Steps, and the order of each' }).count(), 1)
    await host.page.close()
  }
  const noised = await record(recipeOf({ 'input.task': 'noise', 'input.image': '/home/me/one.png', 'solver.steps': 4 }), digits)
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(noised.document.recipe, digits, { run: viewOf(noised, 'finished') }) })
  assert.equal(await host.page.locator('.thumbnail').count(), 5)
  assert.equal(await host.page.locator('.strip .orders').count(), 0)
  assert.equal(await host.page.getByRole('group', { name: 'Steps', exact: true }).count(), 1)
  await host.page.close()
})

test('1, 2 and 0 show one frame or both; keys are left to fields that need them', async () => {
  const host = await finished()
  const frames = (): Promise<number> => host.page.locator('[data-frame]').count()
  await focusMain(host)
  await host.page.keyboard.press('1')
  await host.drawn()
  assert.deepEqual([await frames(), await host.page.locator('[data-frame=x]').count()], [1, 1])
  await host.page.keyboard.press('2')
  await host.drawn()
  assert.deepEqual([await frames(), await host.page.locator('[data-frame=x0]').count()], [1, 1])
  const row = await shownRow(host)
  await host.page.locator('#field-solver-steps input').focus()
  for (const key of ['0', 'Home', 'ArrowLeft', ' ']) await host.page.keyboard.press(key)
  await host.page.locator('#field-solver-algorithm').focus()
  await host.page.keyboard.press('ArrowDown')
  await host.page.locator('#field-solver-order input').first().focus()
  await host.page.keyboard.press('ArrowRight')
  await host.drawn()
  assert.deepEqual([await frames(), await shownRow(host)], [1, row])
  await focusMain(host)
  await host.page.keyboard.press('0')
  await host.drawn()
  assert.equal(await frames(), 2)
  await host.page.keyboard.press('Control+ArrowLeft')
  await host.drawn()
  assert.equal(await shownRow(host), row, 'chords belong to VS Code')
  await host.page.close()
})

test('play runs from the start to the end and stops; in a loop it goes on; reduced motion has no play', async () => {
  const host = await finished()
  await host.page.locator('#speed').click()
  await host.page.locator('#speed vscode-option', { hasText: '4×' }).click()
  await focusMain(host)
  await host.page.keyboard.press('Space')
  await host.page.waitForFunction(() => document.querySelector('.row-number')?.textContent === '3')
  await host.page.waitForFunction(() => document.querySelector('.row-number')?.textContent === '20')
  await host.page.getByLabel('Play', { exact: true }).first().waitFor()
  await host.page.locator('.timeline vscode-checkbox').click()
  await host.page.keyboard.press('End')
  await focusMain(host)
  await host.page.keyboard.press('Space')
  await host.page.waitForFunction(() => document.querySelector('.row-number')?.textContent === '20')
  await host.page.waitForFunction(() => document.querySelector('.row-number')?.textContent === '2')
  await focusMain(host)
  await host.page.keyboard.press('Space')
  await host.drawn()
  const paused = await shownRow(host)
  await host.page.waitForTimeout(300)
  assert.equal(await shownRow(host), paused)
  await host.page.close()

  const still = await finished({ reducedMotion: true })
  assert.match(await still.page.locator('vscode-button.play').getAttribute('title') ?? '', /animations are turned off/)
  assert.equal(await still.page.locator('vscode-button.play').evaluate((button) => (button as HTMLButtonElement).disabled), true)
  await still.page.close()
})

test('the row shown can be saved as an image, x_t or x̂₀', async () => {
  const host = await finished()
  await focusMain(host)
  await host.page.keyboard.press('Home')
  await host.page.getByLabel('Save image of x_t').first().click()
  assert.deepEqual(await host.received('saveImage'), { type: 'saveImage', runId: 'run-1', row: 0, what: 'x' })
  await host.page.getByText('Save Image…').click()
  assert.deepEqual(await host.received('saveImage', 1), { type: 'saveImage', runId: 'run-1', row: 0, what: 'x0' })
  await host.page.close()
})

test('pixels are whole device pixels: each is shown as a square of one integer size', async () => {
  for (const options of [{}, { width: 400 }, { deviceScaleFactor: 2 }, { width: 760 }] as const) {
    const host = await finished(options)
    await answer(host)
    const [width, css, ratio] = await host.page.locator('[data-frame=x0]').evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.getBoundingClientRect().width, devicePixelRatio] as const)
    assert.equal(css * ratio % width, 0, `${css} CSS pixels for ${width}`)
    assert.ok(css * ratio / width >= 2)
    await host.page.close()
  }
})
