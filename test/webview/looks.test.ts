import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { PixelPlace, Tensor } from '../../src/protocol/inspect'
import { usualPreview, type ViewState } from '../../src/protocol/view'
import { violations } from './axe'
import { Bench, type Host, type PageOptions } from './harness'
import { answerOf, hostOf, scale, tensorOf, unseen, valuesAt } from './inspecting'
import { digits, emoji, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
/** A batch of three in colour, and one picture in grey. */
let batch: Recording
let single: Recording
before(async () => {
  bench = await Bench.start()
  batch = await record(recipeOf({ 'model.path': 'emoji', 'noise.seed': 5, 'noise.batch': 3, 'solver.steps': 4, 'solver.finalSigma': 'zero' }), emoji)
  single = await record(recipeOf({ 'noise.seed': 6, 'solver.steps': 4 }), digits)
})
after(async () => { await bench.stop() })

interface Opened { host: Host; settled: () => Promise<void>; press: (...keys: string[]) => Promise<void> }

/** A page with a finished run, all it asked for answered, the focus on nothing. */
async function finished(recording: Recording, options: PageOptions = {}, more: Partial<ViewState> = {}): Promise<Opened> {
  const host = await bench.open(options)
  await host.send({ type: 'state', state: stateOf(recording.document.recipe, recording === batch ? emoji : digits, { run: viewOf(recording, 'finished'), ...more }) })
  const { settled } = hostOf(host, recording)
  await settled()
  const press = async (...keys: string[]): Promise<void> => { for (const key of keys) { await host.page.keyboard.press(key); await settled() } }
  return { host, settled, press }
}

const shown = (host: Host): Promise<(string | null)[]> => host.page.locator('[data-frame]').evaluateAll((all) => all.map((canvas) => canvas.getAttribute('data-frame')))
const transforms = (host: Host): Promise<string[]> => host.page.locator('[data-frame]').evaluateAll((all) => (all as HTMLElement[]).map(({ style }) => style.transform))
const zoomText = async (host: Host): Promise<string> => (await host.page.locator('.tools .zoom').innerText()).trim()
const pixelTitle = async (host: Host): Promise<string> => (await host.page.locator('.pixel h2').innerText()).trim()
const pixelValues = (host: Host): Promise<string[]> => host.page.locator('.pixel dd').allInnerTexts()
const text = (values: number[]): string => values.map((value) => `${Number(value.toFixed(2)) === 0 ? '' : value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`).join(' ')
const expected = (recording: Recording, row: number, tensors: Tensor[], place: PixelPlace): string[] => tensors.map((tensor) => {
  const values = tensorOf(recording, row, tensor)
  return values ? text(valuesAt(recording, values, place)) : '–'
})

/** The middle of a pixel on the screen, where its frame shows all of the picture (columns of cells, rows of cells). */
async function pointOf(host: Host, tensor: Tensor, { item, y, x }: PixelPlace, [columns, rows]: readonly [number, number]): Promise<{ x: number; y: number }> {
  const box = (await host.page.locator(`[data-view=${tensor}]`).boundingBox())!
  return { x: box.x + box.width * (item % columns * 32 + x + 0.5) / (32 * columns), y: box.y + box.height * (Math.floor(item / columns) * 32 + y + 0.5) / (32 * rows) }
}

test('which frames are shown can be seen of their buttons in high contrast too', async () => {
  for (const theme of ['hcBlack', 'hcLight'] as const) {
    const { host } = await finished(batch, { theme })
    const borders = await host.page.locator('.tools.show vscode-button').evaluateAll((all) => all.map((button) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(button)
      return outlineStyle === 'none' ? 0 : parseFloat(outlineWidth)
    }))
    assert.deepEqual(borders.slice(0, 4), [2, 2, 0, 0], theme)
    await host.page.close()
  }
})

test('x_t, x̂₀, ε̂ and Δ are shown in any number, by buttons and by keys; the settings say how it begins, the page keeps what was chosen', async () => {
  const { host, press } = await finished(batch, {}, { preview: { show: ['eps', 'x'], keys: {}, method: 'auto' } })
  assert.deepEqual(await shown(host), ['eps', 'x'])
  for (const [key, tensors] of [['1', ['x']], ['2', ['x0']], ['3', ['eps']], ['4', ['delta']], ['0', ['x', 'x0']], ['d', ['x', 'x0', 'delta']], ['d', ['x', 'x0']]] as const) {
    await press(key)
    assert.deepEqual(await shown(host), tensors, key)
  }
  const toggles = host.page.locator('.tools.show vscode-button')
  const click = async (i: number): Promise<void> => { await toggles.nth(i).click(); await host.drawn() }
  await click(2)
  assert.deepEqual(await shown(host), ['x', 'x0', 'eps'])
  await click(3)
  assert.deepEqual(await shown(host), ['x', 'x0', 'eps', 'delta'])
  assert.deepEqual(await toggles.locator('button').evaluateAll((all) => all.map((button) => button.getAttribute('aria-pressed'))), ['true', 'true', 'true', 'true'])
  for (const i of [0, 1, 2]) await click(i)
  await click(3)
  assert.deepEqual(await shown(host), ['delta'], 'the last one stays')
  assert.deepEqual((await host.saved())['shown'], ['delta'])
  await host.page.close()
})

test('one to four frames lie beside and under each other without overlapping, of one size, within the page', async () => {
  for (const options of [{}, { width: 1000 }, { width: 400 }, { width: 320 }, { width: 640, height: 410, deviceScaleFactor: 2 }] as const) {
    const { host, press } = await finished(batch, options)
    for (const more of ['1', 'd', '0', 'd']) {
      await press(more)
      const boxes = await host.page.locator('[data-view]').evaluateAll((all) => all.map((view) => view.getBoundingClientRect()).map(({ left, top, right, bottom }) => ({ left, top, right, bottom })))
      const room = await host.page.locator('main').evaluate((main) => main.getBoundingClientRect().right)
      for (const [i, a] of boxes.entries()) {
        assert.ok(a.right <= room + 0.5 && a.right - a.left >= 96, `${JSON.stringify(options)} ${boxes.length}: ${JSON.stringify(a)}`)
        assert.deepEqual([a.right - a.left, a.bottom - a.top], [boxes[0]!.right - boxes[0]!.left, boxes[0]!.bottom - boxes[0]!.top])
        for (const b of boxes.slice(i + 1)) assert.ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top, `${JSON.stringify(options)}: ${JSON.stringify([a, b])}`)
      }
    }
    await host.page.close()
  }
})

test('ε̂ and Δ are asked for of the row shown and drawn with their scale; where there is none, the frame says why', async () => {
  const { host, press, settled } = await finished(batch)
  await press('3', 'ArrowLeft')
  const { rgba } = await host.pixels('[data-frame=eps]')
  const answer = answerOf(batch, { of: 'pictures', row: 3, tensors: ['eps'] })
  assert.deepEqual(rgba, [...(answer?.of === 'pictures' ? answer.pictures[0]!.rgba : [])])
  const figure = host.page.locator('figure')
  assert.match(await figure.innerText(), new RegExp(`±${scale}`))
  assert.equal(await host.page.locator('[data-frame=eps]').getAttribute('aria-label'), `ε̂, step 3, colours from −${scale} to ${scale}`)
  await press('End')
  assert.match(await figure.innerText(), /σ is 0: there is no noise|the network did not see this state/)
  await press('4', 'Home')
  assert.match(await figure.innerText(), /Δ begins with the first step/)
  const pictures = () => host.of('inspect').map(({ question }) => question).filter(({ of }) => of === 'pictures')
  const asked = pictures().length
  await press('ArrowRight', 'ArrowLeft', 'ArrowRight')
  assert.deepEqual(pictures().slice(asked), [{ of: 'pictures', row: 1, tensors: ['delta'] }], 'what came once is kept')
  await settled()
  await host.page.close()
})

test('while scrubbing one question of a kind is open, and the newest row is asked next', async () => {
  const { host } = await finished(batch, {}, { preview: { show: ['x', 'delta'], keys: {}, method: 'auto' } })
  const before = host.of('inspect').length
  await host.page.keyboard.press('ArrowLeft')
  await host.drawn()
  for (let i = 0; i < 2; i++) await host.page.keyboard.press('ArrowLeft')
  await host.drawn()
  const pictures = (): number[] => host.of('inspect').slice(before).flatMap(({ question }) => question.of === 'pictures' ? [question.row] : [])
  assert.deepEqual(pictures(), [3])
  assert.equal(await host.page.locator('figure.stale [data-frame=delta]').count(), 1)
  await host.send({ type: 'inspected', runId: 'run-1', question: { of: 'pictures', row: 3, tensors: ['delta'] }, answer: answerOf(batch, { of: 'pictures', row: 3, tensors: ['delta'] }) })
  assert.deepEqual(pictures(), [3, 1])
  await host.send({ type: 'inspected', runId: 'run-1', question: { of: 'pictures', row: 1, tensors: ['delta'] }, answer: null })
  assert.match(await host.page.locator('figure').last().innerText(), /could not be read/)
  await host.page.close()
})

test('zoom goes by keys, buttons and wheel, in all frames alike while they are linked and in one where they are not', async () => {
  const { host, press, settled } = await finished(single)
  assert.deepEqual(await transforms(host), ['', ''])
  const fit = await zoomText(host)
  await press('+')
  const [first, second] = await transforms(host)
  assert.match(first!, /^translate\(.*scale\(/)
  assert.equal(first, second)
  assert.notEqual(await zoomText(host), fit)
  await press('-')
  assert.deepEqual([await zoomText(host), ...await transforms(host)], [fit, '', ''])
  await host.page.getByText('1:1').click()
  await host.drawn()
  assert.equal(await zoomText(host), '1×')
  const { width } = (await host.page.locator('[data-frame=x]').boundingBox())!
  assert.equal(width, 32)
  await press('f')
  assert.equal(await zoomText(host), fit)

  // The pixel under the pointer stays under it.
  const point = await pointOf(host, 'x0', { item: 0, y: 4, x: 27 }, [1, 1])
  await host.page.mouse.move(point.x, point.y)
  await settled()
  const title = await pixelTitle(host)
  assert.equal(title, 'Pixel (4, 27)')
  await host.page.keyboard.down('Control')
  for (let i = 0; i < 3; i++) { await host.page.mouse.wheel(0, -120); await settled() }
  await host.page.keyboard.up('Control')
  await host.page.waitForFunction((before) => document.querySelector('.tools .zoom')!.textContent.trim() !== before, fit)
  await settled()
  assert.equal(await pixelTitle(host), title)
  const before = await transforms(host)
  assert.equal(before[0], before[1])
  const box = (await host.page.locator('[data-view=x0]').boundingBox())!
  await host.page.mouse.move(box.x + 100, box.y + 100)
  await host.page.mouse.down()
  await host.page.mouse.move(box.x + 140, box.y + 130, { steps: 3 })
  await host.page.mouse.up()
  await settled()
  const dragged = await transforms(host)
  assert.notEqual(dragged[0], before[0])
  assert.equal(dragged[0], dragged[1])
  assert.equal(await host.page.locator('.pixel h2 vscode-button').count(), 0, 'a drag pins nothing')
  await press('Shift+Alt+ArrowLeft')
  assert.notEqual((await transforms(host))[0], dragged[0])

  await host.page.getByText('link views').click()
  await host.drawn()
  await host.page.locator('[data-view=x]').focus()
  await press('f')
  const [x, x0] = await transforms(host)
  assert.equal(x, '')
  assert.notEqual(x0, '')
  assert.match(await zoomText(host), /^x_t /)
  await host.page.getByText('link views').click()
  await host.drawn()
  assert.deepEqual(await transforms(host), ['', ''], 'linked again, all look where the active one does')
  await host.page.close()
})

test('the pixel under the pointer is told with the values of all shown tensors, and nothing moves for it', async () => {
  const { host, press, settled } = await finished(batch, {}, { preview: { show: ['x', 'x0', 'eps', 'delta'], keys: {}, method: 'auto' } })
  await press('ArrowLeft', 'ArrowLeft')
  const heights = (): Promise<number[]> => host.page.locator('.pixel, .stage').evaluateAll((all) => all.map((element) => element.getBoundingClientRect().height))
  const before = await heights()
  const place = { item: 2, y: 9, x: 14 }
  const point = await pointOf(host, 'x0', place, [2, 2])
  await host.page.mouse.move(point.x, point.y)
  await settled()
  assert.equal(await pixelTitle(host), 'Image 3, pixel (9, 14)')
  assert.deepEqual(await pixelValues(host), expected(batch, 2, ['x', 'x0', 'eps', 'delta'], place))
  assert.deepEqual(await heights(), before)
  assert.equal(await host.page.locator('.marks .cursor').count(), 4, 'it is marked in every frame')
  const pixels = (): number => host.of('inspect').filter(({ question }) => question.of === 'pixel').length
  const asked = pixels()
  const other = await pointOf(host, 'delta', place, [2, 2])
  await host.page.mouse.move(other.x, other.y)
  await settled()
  assert.equal(await pixelTitle(host), 'Image 3, pixel (9, 14)')
  assert.equal(pixels(), asked, 'the same pixel of another frame is not asked for again')
  await press('Home')
  assert.deepEqual(await pixelValues(host), expected(batch, 0, ['x', 'x0', 'eps', 'delta'], place))
  assert.equal((await pixelValues(host))[3], '–')
  assert.match(await host.page.locator('.pixel dd').last().getAttribute('title') ?? '', /Δ begins with the first step/)
  await host.page.mouse.move(4, 400)
  await settled()
  assert.equal(await pixelTitle(host), 'Pixel')
  assert.deepEqual(await heights(), before)
  await host.page.close()
})

test('a click pins a pixel, another or Escape unpins it; the page asks of it as the row changes', async () => {
  const { host, press, settled } = await finished(single)
  const place = { item: 0, y: 20, x: 3 }
  const point = await pointOf(host, 'x', place, [1, 1])
  await host.page.mouse.click(point.x, point.y)
  await host.page.mouse.move(4, 400)
  await settled()
  assert.equal(await pixelTitle(host), 'Pixel (20, 3)')
  assert.deepEqual((await host.saved())['pinned'], place)
  for (const row of [3, 2]) {
    await press('ArrowLeft')
    assert.deepEqual(await pixelValues(host), expected(single, row, ['x', 'x0'], place))
  }
  assert.equal(await host.page.locator('.marks .pinned').count(), 2)
  await host.page.mouse.click(point.x, point.y)
  await settled()
  assert.equal((await host.saved())['pinned'], null)
  await host.page.mouse.click(point.x, point.y)
  await settled()
  await press('Escape')
  assert.equal((await host.saved())['pinned'], null)
  await host.page.mouse.click(point.x, point.y)
  await host.page.mouse.move(4, 400)
  await settled()
  await host.page.locator('.pixel h2 vscode-button').click()
  await host.drawn()
  assert.equal((await host.saved())['pinned'], null)
  await host.page.close()
})

test('by keys the probe moves from pixel to pixel and is read out, pins, and measures', async () => {
  const { host, press } = await finished(single, {}, { preview: { show: ['x0', 'delta'], keys: {}, method: 'auto' } })
  const row = await host.page.locator('.row-number').innerText()
  await press('p')
  assert.equal(await host.page.evaluate(() => document.activeElement?.getAttribute('data-view')), 'x0')
  assert.equal(await pixelTitle(host), 'Pixel (16, 16)')
  await press('ArrowRight', 'ArrowRight', 'ArrowUp')
  const place = { item: 0, y: 15, x: 18 }
  const [x0, delta] = expected(single, 4, ['x0', 'delta'], place)
  assert.equal((await host.page.locator('.pixel [aria-live]').textContent())!.trim(), `Pixel (15, 18): x̂₀ ${x0}, Δ ${delta}`)
  assert.equal(await host.page.locator('.row-number').innerText(), row, 'the timeline stays')
  await press('Enter')
  assert.deepEqual((await host.saved())['pinned'], place)
  await press('Shift+ArrowRight', 'Shift+ArrowDown', 'Shift+ArrowDown')
  assert.match(await host.page.locator('.measured h2').innerText(), /3 × 2 from \(15, 18\)/)
  await press('Escape')
  assert.equal(await host.page.locator('.measured').count(), 0)
  await press('p', 'ArrowLeft')
  assert.notEqual(await host.page.locator('.row-number').innerText(), row, 'the arrows are the timeline’s again')
  await host.page.close()
})

test('Alt-drag measures a rectangle: mean, spread and range of each channel of all shown tensors, drawn over every frame', async () => {
  const { host, press, settled } = await finished(batch, {}, { preview: { show: ['x', 'x0'], keys: {}, method: 'auto' } })
  await press('ArrowLeft')
  const from = await pointOf(host, 'x', { item: 1, y: 6, x: 4 }, [2, 2])
  const to = await pointOf(host, 'x', { item: 1, y: 13, x: 9 }, [2, 2])
  await host.page.keyboard.down('Alt')
  await host.page.mouse.move(from.x, from.y)
  await host.page.mouse.down()
  await host.page.mouse.move(to.x, to.y, { steps: 4 })
  await host.page.mouse.up()
  await host.page.keyboard.up('Alt')
  await settled()
  assert.match(await host.page.locator('.measured h2').innerText(), /^Image 2, 8 × 6 from \(6, 4\)/)
  const answer = answerOf(batch, { of: 'region', row: 3, region: { item: 1, top: 6, left: 4, bottom: 14, right: 10 } })
  const values = answer?.of === 'region' ? answer.values : {}
  const lines = await host.page.locator('.measured tbody tr').evaluateAll((all) => all.map((line) => line.textContent.replace(/\s+/g, ' ').trim()))
  assert.equal(lines.length, 6)
  for (const [i, { mean, std, min, max }] of [...values.x!, ...values.x0!].entries()) {
    const sign = (value: number, digits: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`
    assert.ok(lines[i]!.endsWith(`${sign(mean, 3)} ± ${std.toFixed(3)} ${sign(min, 2)} … ${sign(max, 2)}`), `${lines[i]}; ${JSON.stringify({ mean, std, min, max })}`)
  }
  const boxes = await host.page.locator('.marks .region').evaluateAll((all) => all.map((box) => ['x', 'y', 'width', 'height'].map((name) => Number(box.getAttribute(name)))))
  const { width } = (await host.page.locator('[data-view=x]').boundingBox())!
  const pixel = width / 64
  assert.deepEqual(boxes, [[36 * pixel, 6 * pixel, 6 * pixel, 8 * pixel], [36 * pixel, 6 * pixel, 6 * pixel, 8 * pixel]])
  assert.equal((await host.saved())['item'], null, 'a drag enlarges nothing')
  await press('Escape')
  assert.equal(await host.page.locator('.measured').count(), 0)
  await host.page.close()
})

test('of a batch a click, Enter or a bracket shows one image in all frames; Escape and a button go back to the grid', async () => {
  const { host, press, settled } = await finished(batch)
  const point = await pointOf(host, 'x0', { item: 1, y: 10, x: 10 }, [2, 2])
  await host.page.mouse.click(point.x, point.y)
  await settled()
  const shows = async (item: number): Promise<void> => {
    for (const what of ['x', 'x0'] as const) {
      const { width, height, rgba } = await host.pixels(`[data-frame=${what}]`)
      const sheet = batch.frames[4]![what]
      const own = Array.from({ length: 32 }, (_, y) => [...sheet.subarray(4 * ((Math.floor(item / 2) * 32 + y) * 64 + item % 2 * 32), 4 * ((Math.floor(item / 2) * 32 + y) * 64 + item % 2 * 32 + 32))]).flat()
      assert.deepEqual({ width, height, rgba }, { width: 32, height: 32, rgba: own }, `${what} of image ${item + 1}`)
    }
  }
  await shows(1)
  assert.equal((await host.saved())['pinned'], null, 'in the grid a click enlarges')
  const inItem = await pointOf(host, 'x', { item: 0, y: 7, x: 8 }, [1, 1])
  await host.page.mouse.click(inItem.x, inItem.y)
  await settled()
  assert.deepEqual((await host.saved())['pinned'], { item: 1, y: 7, x: 8 }, 'alone a click pins')
  await press(']')
  await shows(2)
  assert.deepEqual((await host.saved())['pinned'], { item: 2, y: 7, x: 8 }, 'the same pixel of the other image')
  await press(']')
  assert.equal((await host.pixels('[data-frame=x]')).width, 64, 'after the last image comes the grid')
  await press('[', '[')
  await shows(1)
  await host.page.getByText('Back to the Grid').click()
  await settled()
  assert.equal((await host.saved())['item'], null)
  await host.page.locator('[data-view=x]').focus()
  await press('p', 'Enter')
  assert.equal((await host.saved())['item'], 1, 'the image of the pinned pixel')
  await press('Escape', 'Escape', 'Escape')
  assert.equal((await host.saved())['item'], null)
  await host.page.close()
})

test('B lets x_t and x̂₀ take turns in one place until it is pressed again; not where motion is reduced', async () => {
  const { host, press } = await finished(single)
  await press('b')
  const turns = async (tensor: string): Promise<void> => { await host.page.waitForFunction((name) => [...document.querySelectorAll('[data-frame]')].map((frame) => frame.getAttribute('data-frame')).join() === name, tensor) }
  for (const tensor of ['x0', 'x', 'x0']) await turns(tensor)
  await press('b')
  assert.deepEqual(await shown(host), ['x', 'x0'])
  await host.page.close()
  const still = await finished(single, { reducedMotion: true })
  await still.press('b')
  assert.deepEqual(await shown(still.host), ['x', 'x0'])
  assert.match(await still.host.page.locator('[role=status]').innerText(), /reduce motion/)
  await still.host.page.close()
})

test('what the page kept is there again: frames, zoom, the image, the pixel; and what it never wrote is left out', async () => {
  const view = { zoom: 24, x: 0.25, y: 0.75 }
  const { host } = await finished(batch, { saved: { runId: 'run-1', row: 2, following: false, tab: 'sample', shown: ['delta', 'x'], speed: 1, loop: false, folds: [], linked: true, view, own: {}, item: 2, pinned: { item: 2, y: 31, x: 0 } } })
  assert.deepEqual(await shown(host), ['delta', 'x'])
  assert.equal(await zoomText(host), '24×')
  assert.equal(await pixelTitle(host), 'Image 3, pixel (31, 0)')
  assert.deepEqual(await pixelValues(host), expected(batch, 2, ['delta', 'x'], { item: 2, y: 31, x: 0 }))
  assert.equal((await host.pixels('[data-frame=x]')).width, 32)
  const saved = await host.saved()
  assert.deepEqual([saved['view'], saved['item'], saved['shown']], [view, 2, ['delta', 'x']])
  await host.page.close()

  const strange = await finished(single, { saved: { runId: 'run-1', row: 2, following: false, shown: 'x0', view: { zoom: -3, x: 9, y: 'a' }, own: { x: 1, y: 2 }, item: 7, pinned: { item: 0, y: 40, x: 2 }, linked: 'no' } })
  assert.deepEqual(await shown(strange.host), ['x', 'x0'])
  assert.deepEqual(await transforms(strange.host), ['', ''])
  assert.equal(await pixelTitle(strange.host), 'Pixel')
  assert.deepEqual(strange.host.problems, [])
  await strange.host.page.close()
})

test('beside an image that is shown alone stands its own seed, beside all of a batch those of all', async () => {
  const { host, press } = await finished(batch)
  const seed = async (): Promise<string> => (await host.page.locator('.probe dl.long div').first().innerText()).replace(/\s+/g, ' ')
  assert.equal(await seed(), 'seeds 5 … 7')
  await press(']', ']')
  assert.match(await host.page.locator('.which').innerText(), /image 2 of 3/)
  assert.equal(await seed(), 'seed 6')
  await press('Escape')
  assert.equal(await seed(), 'seeds 5 … 7')
  await host.page.close()
})

for (const [width, height, show] of [[1280, 820, ['x', 'x0']], [1270, 690, ['x', 'x0']], [1270, 690, ['x', 'x0', 'eps', 'delta']], [1600, 1000, ['x', 'x0', 'eps', 'delta']]] as const) {
  test(`all of the panel is seen without scrolling: ${width}×${height} with ${show.join(', ')}`, async () => {
    const { host, press } = await finished(batch, { width, height }, { preview: { ...usualPreview, show: [...show] } })
    assert.deepEqual(await unseen(host), [])
    const frames = await host.page.locator('canvas[data-frame]').evaluateAll((all) => all.map((canvas) => canvas.getBoundingClientRect().width))
    assert.ok(frames.every((side) => side >= 128), `frames of ${frames.join(', ')}`)
    await press('b')
    assert.equal((await shown(host)).length, 1)
    assert.deepEqual(await unseen(host), [], 'while two frames take turns')
    await host.page.close()
  })
}

for (const [width, height] of [[1270, 690], [1280, 820], [1600, 1000]] as const) {
  test(`four frames of one image fill their place beside the numbers, and all of the panel is seen without scrolling: ${width}×${height}`, async () => {
    const colour = await record(recipeOf({ 'model.path': 'emoji', 'noise.seed': 6, 'solver.steps': 4 }), emoji)
    for (const [name, recording] of Object.entries({ grey: single, colour })) {
      const { host, press } = await finished(recording, { width, height }, { preview: { ...usualPreview, show: ['x', 'x0', 'eps', 'delta'] } })
      await press('p') // with values beside them
      assert.deepEqual(await unseen(host), [], name)
      const bottoms = await host.page.locator('.stage, .looks').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().bottom))
      assert.ok(bottoms[0]! - bottoms[1]! <= 24, `${bottoms[0]! - bottoms[1]!} px are left under the frames, ${name}`)
      const frames = await host.page.locator('canvas[data-frame]').evaluateAll((all) => all.map((canvas) => canvas.getBoundingClientRect().width))
      assert.ok(frames.every((side) => side >= 160), `frames of ${frames.join(', ')}`)
      const facts = await host.page.locator('dl.long').evaluateAll((all) => all.map((one) => (one as HTMLElement).innerText.replace(/\s+/g, ' ').trim()))
      assert.deepEqual(facts, ['seed 6 class none'], 'what the run was made with is said once')
      assert.deepEqual(await violations(host), [])
      await host.page.close()
    }
  })
}

for (const [width, height] of [[1270, 690], [1220, 690]] as const) {
  test(`four frames of one image of a batch leave no gap, and with a pinned pixel all four plots are seen with all their values: ${width}×${height}`, async () => {
    for (const [name, recording] of Object.entries({ grey: single, batch })) {
      const { host, press, settled } = await finished(recording, { width, height }, { preview: { ...usualPreview, show: ['x', 'x0', 'eps', 'delta'] } })
      if (recording === batch) await press(']')
      for (const pinned of [false, true]) {
        if (pinned) {
          await host.page.locator('[data-view=x0]').click({ position: { x: 40, y: 60 } })
          await settled()
        }
        await press('Home', 'ArrowRight')
        assert.equal(await host.page.locator('.plot-box').count(), pinned ? 4 : 3)
        assert.deepEqual(await unseen(host), [], name)
        const bottoms = await host.page.locator('.stage, .looks').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().bottom))
        assert.ok(bottoms[0]! - bottoms[1]! <= 24, `${bottoms[0]! - bottoms[1]!} px are left under the frames, ${name}`)
        const below = await host.page.locator('main').evaluate((main) => [...main.querySelectorAll('.readings')].filter((one) => one.getBoundingClientRect().bottom > main.getBoundingClientRect().bottom || one.scrollWidth > one.clientWidth).map((one) => one.textContent))
        assert.deepEqual(below, [], 'values are not seen')
        const cut = await host.page.locator('.sides .keys, .colours span').evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent))
        assert.deepEqual(cut, [], 'legends are cut off')
      }
      await host.page.close()
    }
  })
}

test('the room of the frames is worked out once a drawing', async () => {
  const { host } = await finished(batch)
  // What is as large as the screen's pixels allow asks for their ratio: the room once, and each of the two frames.
  await host.page.evaluate(() => {
    const ratio = window.devicePixelRatio
    Object.defineProperty(window, 'devicePixelRatio', { configurable: true, get: () => { document.body.dataset['read'] = String(Number(document.body.dataset['read'] ?? 0) + 1); return ratio } })
  })
  let least = Infinity
  // A drawing for another reason may come between.
  for (let i = 0; i < 20 && least > 3; i++) {
    await host.page.evaluate((theme) => { document.body.dataset['read'] = '0'; document.documentElement.style.setProperty('--of-another-theme', String(theme)) }, i)
    await host.drawn()
    const read = Number(await host.page.locator('body').getAttribute('data-read'))
    if (read > 0) least = Math.min(least, read)
  }
  assert.equal(least, 3)
  await host.page.close()
})
