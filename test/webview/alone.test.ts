import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { thumbnail } from '../../src/render/contactSheet'
import { violations } from './axe'
import { Bench, patience, type Host, type PageOptions } from './harness'
import { hostOf, tensorOf } from './inspecting'
import { emoji, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
let batch: Recording
before(async () => {
  bench = await Bench.start()
  batch = await record(recipeOf({ 'model.path': 'emoji', 'noise.seed': 5, 'noise.batch': 3, 'solver.steps': 6, 'solver.finalSigma': 'zero' }), emoji)
})
after(async () => { await bench.stop() })

interface Opened { host: Host; settled: () => Promise<void>; press: (...keys: string[]) => Promise<void> }
async function showing(status: 'finished' | 'running', options: PageOptions = {}, count = batch.rows.length): Promise<Opened> {
  const host = await bench.open(options)
  await host.send({ type: 'state', state: stateOf(batch.document.recipe, emoji, { run: viewOf(batch, status, count) }) })
  const { settled } = hostOf(host, batch)
  await settled()
  return { host, settled, press: async (...keys) => { for (const key of keys) { await host.page.keyboard.press(key); await settled() } } }
}

const statistics = async (host: Host): Promise<string> => (await host.page.locator('footer.status').innerText()).replace(/\s+/g, ' ')
const labels = (host: Host): Promise<(string | null)[]> => host.page.locator('.thumbnail').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))
const number = (value: number): string => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}`

/** What the line says of one image, from its values. */
function said(row: number, item: number, what: 'x' | 'x0' = 'x0'): string {
  const [, channels, height, width] = batch.document.shape
  const size = channels * height * width
  const values = [...tensorOf(batch, row, what)!.subarray(item * size, (item + 1) * size)]
  const mean = values.reduce((sum, value) => sum + value, 0) / size
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size)
  return `of image ${item + 1} min ${number(Math.min(...values))} max ${number(Math.max(...values))} mean ${number(mean)} std ${number(std)} of all 3 images: clipped`
}
/** What it says of the batch, from the row's event. */
const ofAll = (row: number): string => { const { min, max, mean, std } = batch.rows[row]!.x0; return `of all 3 images min ${number(min)} max ${number(max)} mean ${number(mean)} std ${number(std)} clipped` }

/** Whether each thumbnail shows the item of its row. */
async function shows(host: Host, item: number): Promise<boolean[]> {
  const [, ...one] = batch.document.shape
  const size = one[0] * one[1] * one[2]
  return Promise.all(batch.rows.map(async ({ row }) => {
    const { width, rgba } = await host.pixels(`.thumbnail:nth-child(${row + 1}) canvas`)
    const expected = thumbnail(batch.states[row]!.x0.subarray(item * size, (item + 1) * size), [1, ...one], width)
    return Buffer.from(rgba).equals(Buffer.from(expected.rgba))
  }))
}
const all = (is: boolean): boolean[] => batch.rows.map(() => is)

test('the line of statistics is of the image that is shown alone, step by step, and says so; else of all images', async () => {
  const { host, press, settled } = await showing('finished')
  assert.ok((await statistics(host)).includes(ofAll(6)), await statistics(host))
  await press(']', ']')
  assert.ok((await statistics(host)).includes(said(6, 1)), `${await statistics(host)} for ${said(6, 1)}`)
  for (const row of [5, 4]) {
    await press('ArrowLeft')
    assert.ok((await statistics(host)).includes(said(row, 1)), await statistics(host))
  }
  await press(']')
  assert.ok((await statistics(host)).includes(said(4, 2)))
  const asked = host.of('inspect').filter(({ question }) => question.of === 'region').length
  await press('[', 'ArrowRight', '1')
  assert.ok((await statistics(host)).includes(said(5, 1, 'x')), 'of x_t where that is shown alone')
  assert.equal(host.of('inspect').filter(({ question }) => question.of === 'region').length, asked, 'what is known is not asked for')
  await press('2')

  // A rectangle has its own numbers, whichever is asked first.
  await host.page.locator('[data-view=x0]').focus()
  await press('p', 'Shift+ArrowRight', 'Shift+ArrowDown')
  const measured = await host.page.locator('.measured tbody').innerText()
  assert.doesNotMatch(measured, /–/)
  await press('ArrowLeft')
  await settled()
  assert.equal(await host.page.locator('.measured .old').count(), 0)
  await press('Escape', 'Escape', 'Escape', 'Escape')
  assert.ok((await statistics(host)).includes(ofAll(5)), await statistics(host))
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('until the numbers of the image come none stand there; where they cannot be read those of all images do', async () => {
  const { host } = await showing('finished')
  const runId = 'run-1'
  await host.page.keyboard.press(']')
  await host.drawn()
  const question = host.of('inspect').map((one) => one.question).find(({ of }) => of === 'region')
  assert.deepEqual(question, { of: 'region', row: 6, region: { item: 0, top: 0, left: 0, bottom: 32, right: 32 } })
  assert.match(await statistics(host), /of image 1 min – max – mean – std – of all 3 images: clipped/)
  await host.send({ type: 'inspected', runId, question: question, answer: null })
  assert.ok((await statistics(host)).includes(ofAll(6)))
  await host.page.close()
})

test('thumbnails are of the image that is shown alone, and say whose they are', async () => {
  const { host, press, settled } = await showing('finished')
  assert.deepEqual(await shows(host, 0), all(true))
  assert.equal((await labels(host))[2], 'Step 2, order 2, image 1')
  await press(']', ']')
  // The pictures come one by one, when the hand rests.
  for (const until = Date.now() + 30_000; (await shows(host, 1)).includes(false) && Date.now() < until;) await settled()
  assert.deepEqual(await shows(host, 1), all(true))
  assert.equal((await labels(host))[2], 'Step 2, order 2, image 2')
  assert.equal(await host.page.locator('.thumbnail').nth(2).getAttribute('title'), 'step 2, order 2, image 2')
  await press(']')
  assert.deepEqual(await shows(host, 2), all(true), 'cut from the pictures that are here')
  assert.deepEqual(await violations(host), [])
  await press('Escape')
  assert.deepEqual(await shows(host, 0), all(true))
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('while a run goes nothing is asked for an image that is shown alone: its thumbnails are cut from the pictures that come, the numbers are of all images', async () => {
  const { host, settled } = await showing('running', { saved: { runId: 'run-1', row: 0, following: true, item: 1 } }, 4)
  const asked = (): number => host.of('frameRequest').length + host.of('inspect').filter(({ question }) => question.of === 'region').length
  for (const frames of batch.frames.slice(2, 4)) await host.send({ type: 'frame', runId: 'run-1', live: true, row: frames.row, frames })
  await settled()
  assert.deepEqual(await shows(host, 1), [false, false, true, true, false, false, false])
  assert.deepEqual(await shows(host, 0), all(false), 'and none is of another image')
  assert.equal((await labels(host))[3], 'Step 3, order 2, image 2')
  assert.ok((await statistics(host)).includes(ofAll(3)), await statistics(host))
  assert.equal(asked(), 0)
  await host.page.close()
})

test('in the Plan tab, which has no thumbnails, no pictures are asked for them', async () => {
  const host = await bench.open({ saved: { runId: 'run-1', row: 6, following: true, item: 1, tab: 'plan' } })
  await host.page.clock.install()
  await host.send({ type: 'state', state: stateOf(batch.document.recipe, emoji, { run: viewOf(batch, 'finished') }) })
  const { settled } = hostOf(host, batch)
  const rows = (): number[] => [...new Set(host.of('frameRequest').map(({ row }) => row))]
  await settled()
  await host.page.clock.runFor(500)
  await settled()
  assert.deepEqual(rows(), [6])
  await host.page.locator('#tab-sample').click()
  await settled()
  for (const until = Date.now() + patience; rows().length < batch.rows.length && Date.now() < until;) { await host.page.clock.runFor(100); await settled() }
  assert.deepEqual(rows(), [6, 5, 4, 3, 2, 1, 0], 'those nearest to the one on show first')
  await host.page.close()
})

test('of the spectrum that of the image shown alone is asked', async () => {
  const { host, press } = await showing('finished')
  await press(']', ']')
  assert.deepEqual(host.of('inspect').map(({ question }) => question).filter(({ of }) => of === 'spectrum').at(-1), { of: 'spectrum', row: 6, item: 1 })
  assert.match(await host.page.locator('[data-plot=spectrum] h3').innerText(), /image 2/)
  await host.page.close()
})

test('plots of all images say so beside one that is shown alone', async () => {
  const { host, press } = await showing('finished')
  const titles = (): Promise<string[]> => host.page.locator('.plots h3').allInnerTexts()
  assert.ok((await titles()).includes('change of x̂₀ per step, rms'), String(await titles()))
  await press(']')
  assert.ok((await titles()).includes('change of x̂₀ per step, rms of all images'), String(await titles()))
  await host.page.close()
})

test('a single image needs no name', async () => {
  const single = await record(recipeOf({ 'model.path': 'emoji', 'noise.seed': 5, 'solver.steps': 3 }), emoji)
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(single.document.recipe, emoji, { run: viewOf(single, 'finished') }) })
  assert.doesNotMatch(await statistics(host), /image/)
  assert.deepEqual((await labels(host)).filter((label) => label?.includes('image')), [])
  await host.page.close()
})
