// Runs that do not go along a plan from noise to data: steps found on the way, and what is done to images.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RunStatus, ToPage } from '../../src/protocol/view'
import { progressOf } from '../../src/protocol/progress'
import { Bench, type Host } from './harness'
import { digits, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
before(async () => { bench = await Bench.start() })
after(async () => { await bench.stop() })

const stateWith = ({ document }: Recording, recording: Recording, status: RunStatus, rows?: number): ToPage => ({ type: 'state', state: stateOf(document.recipe, digits, { run: viewOf(recording, status, rows) }) })
async function showing(recording: Recording, status: RunStatus, rows?: number): Promise<Host> {
  const host = await bench.open()
  await host.send(stateWith(recording, recording, status, rows))
  return host
}
const text = (host: Host, selector: string): Promise<string> => host.page.locator(selector).first().innerText()
const announced = (host: Host): Promise<string> => host.page.locator('[role=status]').innerText()
const lambdaShown = async (host: Host): Promise<string> => /λ\s+(\S+)/.exec(await text(host, '.probe'))![1]!
const go = async (host: Host, key: string): Promise<void> => {
  await host.page.locator('#timeline').focus()
  await host.page.keyboard.press(key)
  await host.drawn()
}

test('before an adaptive run nothing is promised: no steps on the timeline, no evaluations, a Plan tab that says why', async () => {
  const host = await bench.open()
  for (const [set, name] of [[{ 'solver.method': 'adaptive', 'solver.order': 3 }, 'DPM-Solver++ 3 adaptive'], [{ 'solver.algorithm': 'rk45' }, 'RK45']] as const) {
    await host.send({ type: 'state', state: stateOf(recipeOf({ 'noise.seed': 1, ...set }), digits) })
    assert.equal((await text(host, 'header .chip')).trim(), name)
    assert.equal(await host.page.locator('.thumbnail').count(), 0)
    assert.match(await host.page.locator('.plot').first().getAttribute('aria-label') ?? '', /found while the run goes/)
    await host.page.locator('#tab-plan').click()
    await host.drawn()
    assert.match(await text(host, '.plan'), /its steps are found while it runs.* from λ = −5\.\d+ to λ = 4\.\d+.*each may have an error of 0?\.?\S+, or \S+ times the state/s)
    assert.equal(await host.page.locator('.steps tbody tr').count(), 3, 'both ends, and the step to σ = 0, are known beforehand')
    await host.page.locator('#tab-sample').click()
  }
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

for (const batch of [1, 3]) {
  test(`an adaptive run of ${batch} is followed as its rows come, and gone through when it is over`, async () => {
    const recording = await record(recipeOf({ 'noise.seed': 5, 'noise.batch': batch, 'solver.method': 'adaptive', 'solver.order': 3, 'solver.algorithm': 'dpmsolver', 'solver.options': { atol: 0.02, rtol: 0.1 } }), digits)
    const { rows } = recording
    assert.ok(rows.length > 5, `${rows.length} rows`)
    const host = await showing(recording, 'running', 1)
    const said = new Set<string>()
    let share = 0
    for (const row of rows.slice(1, -1)) {
      await host.send({ type: 'rows', runId: 'run-1', rows: [row] })
      said.add(await announced(host))
      const value = Number(await host.page.locator('progress').getAttribute('value'))
      const expected = progressOf({ rows: rows.slice(0, row.row + 1), document: recording.document }).share
      assert.ok(value >= share && Math.abs(value - expected) < 1e-9, `${value} after ${share}`)
      share = value
      assert.equal(await host.page.locator('.thumbnail.coming').count(), 0, 'nothing is to come that is known')
      assert.equal(await host.page.locator('.thumbnail').count(), Math.min(row.row + 1, await host.page.locator('.thumbnail').count()))
      const reached = await text(host, '.state')
      assert.match(reached, new RegExp(`Sampling: step ${row.row} \\(\\d+ %\\)`))
      assert.match(await text(host, '.probe h2'), new RegExp(`^Step ${row.row}$`))
    }
    assert.ok([...said].some((words) => /^25 percent, step \d+ \(\d+ %\)\.$|^50 percent/.test(words)), [...said].join(' | '))
    assert.match(await text(host, '.status'), /\d+ steps recorded/)
    assert.match(await text(host, 'header .chip'), /DPM-Solver 3 adaptive · \d+ NFE/)
    await host.send(stateWith(recording, recording, 'finished'))
    const last = rows.length - 1
    assert.match(await announced(host), new RegExp(`^Finished: ${rows[last]!.evaluations} evaluations`))
    assert.match(await text(host, '.probe'), new RegExp(`Step ${last} of ${last}[\\s\\S]*NFE\\s+${rows[last]!.evaluations} / ${rows[last]!.evaluations}`))
    await go(host, 'Home')
    assert.match(await text(host, '.probe'), batch > 1 ? /t, λ of\s+all images[\s\S]*step of\s+all 3 images[\s\S]*redone\s+0/ : /redone\s+0/)
    assert.match(await host.page.locator('#timeline').getAttribute('aria-valuetext') ?? '', new RegExp(`^step 0 of ${last}, λ −5\\.`))
    for (let row = 1; row < last; row++) {
      await go(host, 'ArrowRight')
      // h is the width of the shown image's own step.
      const h = /h\s+(\S+)/.exec(await text(host, '.probe'))![1]!
      assert.ok(Number(h.replace('+∞', 'Infinity')) > 0, `h ${h} at row ${row}`)
    }
    assert.deepEqual(host.problems, [])
    await host.page.close()
  })
}

test('of many images that find their own steps the numbers say how many move, on as many lines in every row', async () => {
  const recording = await record(recipeOf({ 'noise.seed': 5, 'noise.batch': 6, 'solver.algorithm': 'rk45', 'solver.options': { atol: 0.05, rtol: 0.05 } }), digits)
  // One image, then five of them, had to do their step again.
  const [before, ...later] = recording.rows.slice(0, 3)
  for (const [i, row] of later.entries()) row.lanes = row.lanes!.map((lane) => lane.item < [1, 5][i]! ? { ...before!.lanes![lane.item]!, rejected: 70 } : lane)
  const host = await showing(recording, 'finished')
  await go(host, 'Home')
  const heights = new Set<number>()
  const said: string[] = []
  for (const { row } of recording.rows) {
    const probe = await text(host, '.probe')
    said.push(/step of\s+(.*)/.exec(probe)![1]!)
    assert.match(probe, /t, λ of\s+(all images|image \d+)/, `row ${row}`)
    heights.add((await host.page.locator('.probe dl').first().boundingBox())!.height)
    assert.deepEqual(await host.page.locator('.probe dt').evaluateAll((terms) => terms.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent)), [], 'no label runs into its value')
    await go(host, 'ArrowRight')
  }
  assert.equal(heights.size, 1, [...heights].join(' '))
  for (const words of [/^all 6 images$/, /^5 of 6 images$/, /^image 6$/]) assert.ok(said.some((one) => words.test(one)), said.join(' | '))
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('a stopped adaptive run says how far it came', async () => {
  const recording = await record(recipeOf({ 'noise.seed': 5, 'solver.algorithm': 'rk45', 'solver.options': { atol: 0.01, rtol: 0.01 } }), digits)
  const host = await showing(recording, 'stopped', 3)
  assert.match(await text(host, '.state'), /Stopped at step 2 \(\d+ %\)\./)
  assert.match(await text(host, '.probe h2'), /^Step 2$/)
  await host.page.close()
})

test('an image that is noised: the levels rise, x̂₀ is the image, and no evaluation is spoken of', async () => {
  for (const way of ['direct', 'chain', 'sde']) {
    const recording = await record(recipeOf({ 'noise.seed': 5, 'input.task': 'noise', 'input.image': '/pictures/ring.png', 'input.way': way, 'solver.steps': 8 }), digits)
    const host = await showing(recording, 'running', 5)
    assert.match(await text(host, '.state'), /Noising: step 4 of 8/)
    assert.equal(await host.page.locator('progress').getAttribute('value'), '0.5')
    await host.send(stateWith(recording, recording, 'finished'))
    assert.match(await announced(host), /^Finished: 8 steps in .*, seed 5\.$/)
    assert.match(await text(host, 'header .chip'), new RegExp(`Noising, ${way === 'sde' ? 'SDE' : way} · 8 steps`))
    assert.match(await text(host, '.frames'), /the image itself/)
    await go(host, 'Home')
    assert.equal(await lambdaShown(host), '+∞')
    await go(host, 'End')
    assert.match(await lambdaShown(host), /^−5\./)
    await host.page.locator('#tab-plan').click()
    await host.drawn()
    assert.match(await text(host, '.plan'), /z is unit noise/)
    assert.equal(await host.page.locator('.steps tbody tr').count(), 9)
    assert.deepEqual(host.problems, [])
    await host.page.close()
  }
})

test('an image that is encoded, and decoded again: up and down', async () => {
  const recording = await record(recipeOf({ 'noise.seed': 5, 'input.task': 'reconstruct', 'input.image': '/pictures/ring.png', 'solver.steps': 6 }), digits)
  assert.equal(recording.rows.length, 13)
  const host = await showing(recording, 'running', 4)
  assert.match(await text(host, '.state'), /Encoding and decoding: step 3 of 12/)
  assert.equal(await host.page.locator('.thumbnail.coming').count(), 9)
  await host.send(stateWith(recording, recording, 'finished'))
  assert.match(await text(host, 'header .chip'), /Encoding and decoding, DPM-Solver\+\+ 2M · 12 NFE/)
  const seen: number[] = []
  for (const key of ['Home', ...new Array<string>(12).fill('ArrowRight')]) {
    await go(host, key)
    seen.push(Number((await lambdaShown(host)).replace('−', '-')))
  }
  assert.deepEqual(seen.slice(0, 7), seen.slice(0, 7).sort((a, b) => b - a), 'to the noise')
  assert.deepEqual(seen.slice(6), seen.slice(6).sort((a, b) => a - b), 'and back')
  assert.match(await text(host, '.probe'), /Step 12 of 12/)
  for (const part of ['.probe', '.state']) assert.doesNotMatch(await text(host, part), /seed/i, 'nothing is drawn')
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('levels beyond 1 stay within their plot', async () => {
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'schedule.noise': 'edm' }), digits) })
  const points = await host.page.locator('.plot').first().locator('polyline').evaluateAll((lines) => lines.flatMap((line) => line.getAttribute('points')!.split(' ').map((point) => Number(point.split(',')[1]))))
  assert.ok(points.length > 40 && points.every((y) => y >= 7 && y <= 103), `${Math.min(...points)} … ${Math.max(...points)}`)
  await host.page.close()
})

test('the noise before a run is that of the generator chosen', async () => {
  const host = await bench.open()
  const pictures: string[] = []
  for (const generator of ['philox4x32-10/v1', 'torch-cpu', 'torch-cuda']) {
    await host.send({ type: 'state', state: stateOf(recipeOf({ 'noise.seed': 5, 'noise.generator': generator }), digits) })
    pictures.push((await host.pixels('[data-frame=x]')).rgba.join())
  }
  assert.equal(new Set(pictures).size, 3)
  await host.page.close()
})
