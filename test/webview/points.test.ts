import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { analyticFacts, analyticModel } from '../../src/recipe/analyticModels'
import { asNetwork } from '../../src/sampler/analytic'
import { modelOf } from '../../src/sampler/distribution'
import { Bench, type Host, type PageOptions } from './harness'
import { record, recipeOf, stateOf, viewOf, type Recording } from './recording'
import themes from './themes.json'

const recipe = recipeOf({ 'model.path': 'mixture2d', 'noise.seed': 3, 'noise.batch': 16, 'solver.steps': 8 })
const mixture = analyticModel('mixture2d')!
const facts = analyticFacts(mixture)
let bench: Bench
let recording: Recording
before(async () => {
  bench = await Bench.start()
  recording = await record(recipe, facts, asNetwork(modelOf(mixture.distribution), 'epsilon'))
})
after(async () => { await bench.stop() })

/** A page that shows the finished run and was given what it asked for. */
async function finished(options: PageOptions = {}): Promise<Host> {
  const host = await bench.open(options)
  await host.send({ type: 'state', state: stateOf(recipe, facts, { run: viewOf(recording, 'finished') }) })
  const { rows } = await host.received('statesRequest')
  assert.deepEqual(rows, [0, 1, 2, 3, 4, 5, 6, 7, 8])
  await host.send({ type: 'states', runId: 'run-1', states: rows.map((row) => recording.frames[row]!.states!), failed: [] })
  return host
}
const words = (host: Host, what: 'x' | 'x0'): Promise<string | null> => host.page.locator(`canvas[data-frame="${what}"]`).getAttribute('aria-label')
// What is counted is counted in the page: a drawing has more pixels than are quickly told.
const hash = (host: Host, selector: string): Promise<number> => host.page.locator(selector).evaluate((canvas: HTMLCanvasElement) => (
  canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, value) => (sum * 31 + value) | 0, 7)))
/** How many pixels of a canvas have exactly this colour. */
function count(host: Host, what: 'x' | 'x0', hex: string): Promise<number> {
  const colour = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
  return host.page.locator(`canvas[data-frame="${what}"]`).evaluate((canvas: HTMLCanvasElement, [red, green, blue]) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    let found = 0
    for (let i = 0; i < data.length; i += 4) if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) found++
    return found
  }, colour)
}

test('a run in the plane is drawn as points: every row another picture, with its distance to the exact flow in words', async () => {
  const host = await finished()
  const seen = new Map<number, { x: number; x0: number; words: (string | null)[] }>()
  for (let row = 8; row >= 0; row--) {
    seen.set(row, { x: await hash(host, 'canvas[data-frame="x"]'), x0: await hash(host, 'canvas[data-frame="x0"]'), words: [await words(host, 'x'), await words(host, 'x0')] })
    assert.equal(await host.page.locator('canvas[data-frame="x"]').getAttribute('data-row'), String(row))
    await host.page.keyboard.press('ArrowLeft')
    await host.drawn()
  }
  assert.equal(new Set([...seen.values()].map(({ x }) => x)).size, 9)
  // The last step, of order 1 to σ = 0, is x ← x̂₀: that estimate stays.
  assert.equal(new Set([...seen.values()].map(({ x0 }) => x0)).size, 8)
  assert.equal(seen.get(0)!.words[0], 'x_t, step 0, 16 points over the density of noisy data, mean distance to the exact flow 0')
  const [x, x0] = seen.get(8)!.words
  console.log(x, '|', x0)
  const distance = Number(/^x_t, step 8, 16 points over the density of noisy data, mean distance to the exact flow ([\d.]+)$/.exec(x!)![1])
  assert.ok(distance > 0 && distance < 0.3)
  assert.match(x0!, /^x̂₀, step 8, 16 points over the density of the data, mean distance to where the exact flow ends [\d.]+$/)
  // Going back gives the same pictures.
  await host.page.keyboard.press('End')
  await host.drawn()
  assert.equal(await hash(host, 'canvas[data-frame="x"]'), seen.get(8)!.x)
  assert.deepEqual([host.of('frameRequest').length, host.of('thumbnailRequest').length, host.problems], [0, 0, []])
  await host.page.close()
})

test('the exact flow is shown in a colour of its own, and its legend says so; both follow the theme', async () => {
  for (const theme of ['dark', 'light', 'hcBlack', 'hcLight'] as const) {
    const host = await finished({ theme })
    const { '--vscode-charts-blue': points, '--vscode-charts-yellow': exact, '--vscode-editor-background': background } = themes[theme].vars
    for (const what of ['x', 'x0'] as const) for (const colour of [points, exact, background]) assert.ok(await count(host, what, colour) > 20, `${theme} ${what} ${colour}`)
    assert.match(await host.page.locator('.legend').first().innerText(), /solver[\s\S]*exact flow[\s\S]*−1 … 1[\s\S]*distance 0\.\d+/)
    await host.page.evaluate((vars) => { for (const [name, value] of Object.entries(vars)) document.documentElement.style.setProperty(name, value) }, themes[theme === 'dark' ? 'light' : 'dark'].vars)
    await host.drawn()
    assert.ok(await count(host, 'x', themes[theme === 'dark' ? 'light' : 'dark'].vars['--vscode-charts-blue']) > 20, `${theme}, then another`)
    await host.page.close()
  }
})

test('beside a sampler that renews noise the exact flow is said to be that of the ODE, which it does not follow', async () => {
  const renewing = recipeOf({ 'model.path': 'mixture2d', 'noise.seed': 3, 'noise.batch': 4, 'solver.steps': 3, 'solver.algorithm': 'sde-dpmsolver++' })
  const made = await record(renewing, facts, asNetwork(modelOf(mixture.distribution), 'epsilon'))
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(renewing, facts, { run: viewOf(made, 'finished') }) })
  const { rows } = await host.received('statesRequest')
  await host.send({ type: 'states', runId: 'run-1', states: rows.map((row) => made.frames[row]!.states!), failed: [] })
  assert.match((await words(host, 'x'))!, /mean distance to the exact flow of the ODE, which a sampler that renews noise does not follow: [\d.]+$/)
  assert.match(await host.page.locator('.legend').first().innerText(), /exact flow of the ODE[\s\S]*distance [\s\S]*this sampler renews noise/)
  await host.page.close()
})

test('live: a picture shows the points it came with, and rows without one are asked for, for their ways', async () => {
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(recipe, facts, { run: viewOf(recording, 'running', 4) }) })
  await host.send({ type: 'frame', runId: 'run-1', live: true, row: 3, frames: recording.frames[3]! })
  assert.equal(await host.page.locator('canvas[data-frame="x"]').getAttribute('data-row'), '3')
  assert.match((await words(host, 'x'))!, /^x_t, step 3, 16 points over the density of noisy data$/) // where the flow began is not known yet
  await host.received('frameAck')
  const without = await hash(host, 'canvas[data-frame="x"]')
  await host.received('statesRequest')
  await host.send({ type: 'states', runId: 'run-1', states: [0, 1, 2].map((row) => recording.frames[row]!.states!), failed: [] })
  assert.match((await words(host, 'x'))!, /mean distance to the exact flow/)
  assert.notEqual(await hash(host, 'canvas[data-frame="x"]'), without)
  await host.page.close()
})

test('sampled while dragging: the run before stays until all points of the next are here, then these are drawn with their ways', async () => {
  const quick = (made: Recording): Recording => ({ ...made, rows: made.rows.map((row) => ({ ...row, ms: 1 })) })
  const host = await bench.open()
  const first = quick(recording)
  await host.send({ type: 'state', state: stateOf(recipe, facts, { run: viewOf(first, 'finished') }) })
  const { rows: asked } = await host.received('statesRequest')
  await host.send({ type: 'states', runId: 'run-1', states: asked.map((row) => first.states[row]!), failed: [] })
  await host.page.locator('#tab-plan').click()
  await host.page.locator('.plan').getByRole('button', { name: 'Make Custom' }).click()
  await host.received('recipe')
  await host.page.locator('#live').click()
  await host.received('runLive')
  const result = '.plan .result'
  await host.page.locator(result).waitFor()
  const resultWords = (): Promise<string | null> => host.page.locator(result).getAttribute('aria-label')
  assert.match((await resultWords())!, /^x_t, step 8, 16 points over the density of noisy data, mean distance to the exact flow [\d.]+$/)

  await host.page.locator('[data-point="3"]').focus()
  await host.page.keyboard.press('ArrowLeft')
  const moved = (await host.received('runLive', 1)).recipe
  assert.equal(moved.schedule.spacing, 'custom')
  // What comes of it, and meanwhile it is the run before.
  const next = quick(await record(moved, facts, asNetwork(modelOf(mixture.distribution), 'epsilon'), 'run-2'))
  const live = (status: 'running' | 'finished', count: number): Promise<void> => host.send({ type: 'state', state: stateOf(moved, facts, { run: viewOf(next, status, count, { live: true }) }) })
  const before = await hash(host, result)
  await live('running', 3)
  await host.send({ type: 'frame', runId: 'run-2', live: true, row: 2, frames: next.frames[2]! })
  assert.equal(await hash(host, result), before, 'while it goes')
  const count = host.of('statesRequest').length
  await live('finished', 9)
  const missing = await host.received('statesRequest', count)
  assert.deepEqual([missing.runId, missing.rows], ['run-2', [0, 1, 3, 4, 5, 6, 7, 8]], 'those that did not come with a picture')
  await host.send({ type: 'states', runId: 'run-2', states: [0, 1, 3].map((row) => next.states[row]!), failed: [] })
  assert.equal(await hash(host, result), before, 'while points are missing')
  let rest = missing
  for (let heard = count + 1; rest.rows[0] !== 4; heard = host.of('statesRequest').length) rest = await host.received('statesRequest', heard) // a page that waits long asks once more
  assert.deepEqual(rest.rows, [4, 5, 6, 7, 8])
  await host.send({ type: 'states', runId: 'run-2', states: rest.rows.map((row) => next.states[row]!), failed: [] })
  assert.notEqual(await hash(host, result), before)
  assert.match((await resultWords())!, /^x_t, step 8, 16 points/)

  await host.page.locator('#tab-sample').click()
  await host.drawn()
  const shown = await words(host, 'x')
  const picture = await hash(host, 'canvas[data-frame="x"]')
  const alone = await bench.open()
  await alone.send({ type: 'state', state: stateOf(moved, facts, { run: viewOf(next, 'finished') }) })
  const { rows: all } = await alone.received('statesRequest')
  await alone.send({ type: 'states', runId: 'run-2', states: all.map((row) => next.states[row]!), failed: [] })
  assert.deepEqual([shown, picture], [await words(alone, 'x'), await hash(alone, 'canvas[data-frame="x"]')], 'the same as of a run that was asked for by itself')
  assert.deepEqual(host.problems, [])
  for (const one of [host, alone]) await one.page.close()
})

test('before the first run: the noise of a fixed seed, and the density of the data; thumbnails are points too', async () => {
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(recipe, facts) })
  assert.deepEqual([await words(host, 'x'), await words(host, 'x0')], ['x_t: the noise sampling starts from, 16 points over the density of noisy data', 'x̂₀: the density of the data'])
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'model.path': 'gaussian', 'noise.batch': 16 }), analyticFacts(analyticModel('gaussian')!)) })
  assert.equal(await words(host, 'x'), 'x_t: the density of the noise sampling starts from')
  await host.page.close()

  const run = await finished()
  const [first, last] = [await hash(run, '.thumbnail:nth-child(1) canvas'), await hash(run, '.thumbnail:nth-child(9) canvas')]
  assert.notEqual(first, last)
  assert.equal((await run.pixels('.thumbnail:nth-child(9) canvas')).width, 48)
  await run.page.close()
})

test('at 400 px the drawings and their legends are inside the page', async () => {
  const host = await finished({ width: 400, height: 900 })
  assert.ok(await host.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
  for (const selector of ['canvas[data-frame="x"]', 'canvas[data-frame="x0"]', '.legend']) {
    const box = (await host.page.locator(selector).first().boundingBox())!
    assert.ok(box.x >= 0 && box.x + box.width <= 400 && box.width > 100, selector)
  }
  await host.page.close()
})

test('where the drawing cannot be loaded the frames say so, and the run is still told in numbers', async () => {
  const host = await bench.open({ planner: 'missing' })
  await host.planned()
  await host.send({ type: 'state', state: stateOf(recipe, facts, { run: viewOf(recording, 'finished') }) })
  assert.match((await words(host, 'x'))!, /^x_t, step 8, mean/)
  assert.match(await host.page.locator('.empty').first().innerText(), /^The points could not be drawn/)
  await host.page.close()
})
