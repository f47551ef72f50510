import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Answer, Question } from '../../src/protocol/inspect'
import type { RunStatus } from '../../src/protocol/view'
import { analyticFacts, analyticModel } from '../../src/recipe/analyticModels'
import { prepare } from '../../src/recipe/prepare'
import { asNetwork } from '../../src/sampler/analytic'
import { modelOf } from '../../src/sampler/distribution'
import { violations } from './axe'
import { Bench, type Host, type PageOptions } from './harness'
import { hostOf, tensorOf, valuesAt } from './inspecting'
import { digits, emoji, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
let recording: Recording
let adaptive: Recording
const recipe = recipeOf({ 'noise.seed': 3, 'solver.steps': 12 })
before(async () => {
  bench = await Bench.start()
  recording = await record(recipe, digits)
  adaptive = await record(recipeOf({ 'noise.seed': 5, 'solver.method': 'adaptive', 'solver.order': 3, 'solver.algorithm': 'dpmsolver', 'solver.options': { atol: 0.02, rtol: 0.1 } }), digits)
})
after(async () => { await bench.stop() })

const change = (row: number): number => row === 0 ? NaN : Math.fround(0.1 / row)
const frequency = Float32Array.of(0, 1, 2, 3, 4, 5)
const spectrumAt = (row: number): Extract<Answer, { of: 'spectrum' }> => ({ of: 'spectrum', frequency, x: frequency.map((f) => 9 / (1 + f) + 1 / (1 + row)), x0: frequency.map((f) => 9 / (1 + f * f) + row / 100) })

/** What the host would say; rows up to `rows` are recorded. */
function answerTo(question: Question, rows: number): Answer | null {
  if (question.of === 'changes') return { of: 'changes', from: question.from, values: Float32Array.from({ length: rows - question.from }, (_, i) => change(question.from + i)) }
  return question.of === 'spectrum' ? spectrumAt(question.row) : null
}

/** A page with a run; what it asks for the plots is answered until it asks for nothing more. */
async function showing(of: Recording, status: RunStatus, count = of.rows.length, options: PageOptions = {}, facts = digits): Promise<Host> {
  const host = await bench.open(options)
  await host.send({ type: 'state', state: stateOf(of.document.recipe, facts, { run: viewOf(of, status, count) }) })
  await answer(host, count)
  return host
}
const answered = new WeakMap<Host, number>()
async function answer(host: Host, rows: number): Promise<void> {
  const asked = host.of('inspect')
  for (let i = answered.get(host) ?? 0; i < host.of('inspect').length; i++) {
    answered.set(host, i + 1)
    const { runId, question } = host.of('inspect')[i]!
    await host.send({ type: 'inspected', runId, question, answer: answerTo(question, rows) })
  }
  if (asked.length === 0) await host.received('inspect').then(() => answer(host, rows))
}
const plotOf = (host: Host, id: string) => host.page.locator(`[data-plot=${id}]`)
const curves = (host: Host, id: string) => plotOf(host, id).locator('svg.plot')
const readings = (host: Host, id: string): Promise<string> => plotOf(host, id).locator('.readings').innerText()
const command = async (host: Host, id: string, name: string): Promise<void> => {
  await plotOf(host, id).getByRole('button', { name: /Copy or save/ }).click()
  await plotOf(host, id).getByRole('menuitem', { name }).click()
}
const choose = async (host: Host, name: string): Promise<void> => {
  await host.page.getByRole('button', { name: 'Show plots' }).click()
  await host.page.getByRole('menuitemcheckbox', { name }).click()
  await host.page.keyboard.press('Escape')
  await host.drawn()
}
const cells = (text: string): string[][] => text.trimEnd().split('\r\n').map((line) => line.split(','))
const number = (text: string): number => text === '–' ? NaN : Number(text.replace(/−/g, '-').replace('∞', 'Infinity'))

test('tables have captions, headers and the numbers of the run; CSV has them with all digits', async () => {
  const host = await showing(recording, 'finished')
  await choose(host, 'Standard deviation')
  await host.page.getByRole('button', { name: 'View as table' }).click()
  await host.drawn()
  const { levels } = recording.document.plan
  const expected: Record<string, { header: string[]; rows: number[][] }> = {
    schedule: { header: ['step', 'λ', 'log σ', 'α', 't'], rows: levels.map(({ lambda, sigma, alpha, t }, row) => [row, lambda, Math.log(sigma), alpha, t]) },
    changes: { header: ['step', '‖Δx̂₀‖', 'ms'], rows: recording.rows.map(({ ms, row }) => [row, change(row), ms]) },
    spread: { header: ['step', 'x̂₀', 'xₜ'], rows: recording.rows.map(({ x, x0, row }) => [row, x0.std, x.std]) },
    spectrum: { header: ['cycles per picture', 'x̂₀', 'xₜ'], rows: [...frequency].map((f, i) => [f, spectrumAt(12).x0[i]!, spectrumAt(12).x[i]!]) },
  }
  for (const [id, { header, rows }] of Object.entries(expected)) {
    const shown = await plotOf(host, id).locator('table').evaluate((table: HTMLTableElement) => ({ caption: table.caption?.textContent ?? '', header: [...table.tHead!.rows[0]!.cells].map((cell) => cell.textContent), rows: [...table.tBodies[0]!.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim())) }))
    assert.ok(shown.caption.length > 10, shown.caption)
    assert.deepEqual(shown.header, header)
    assert.equal(shown.rows.length, rows.length, id)
    for (const [i, row] of rows.entries()) for (const [j, value] of row.entries()) {
      const got = number(shown.rows[i]![j]!)
      assert.ok(Object.is(got, value) || Math.abs(got - value) <= 1e-5 * Math.abs(value), `${id} row ${i}, ${header[j]}: ${shown.rows[i]![j]} for ${value}`)
    }
    await command(host, id, 'Copy as CSV')
    const { text } = await host.received('copyText', host.of('copyText').length - 1)
    const [head, ...lines] = cells(text)
    assert.deepEqual(head, header)
    assert.deepEqual(lines, rows.map((row) => row.map((value) => Number.isNaN(value) ? '' : Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf')), id)
  }
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('an SVG file stands for itself: every series, colours as numbers, a background, a font, nothing of the page', async () => {
  const host = await showing(recording, 'finished')
  for (const [id, lines, bars] of [['schedule', 4, 0], ['changes', 1, 13], ['spectrum', 2, 0]] as const) {
    const before = host.of('saveText').length
    await command(host, id, 'Save SVG…')
    const { text, name, kind } = await host.received('saveText', before)
    assert.deepEqual([name, kind], [`run-1-${id}`, 'svg'])
    assert.doesNotMatch(text, /var\(|class=|<!--|currentcolor/i)
    const seen = await host.page.evaluate((source) => {
      const parsed = new DOMParser().parseFromString(source, 'image/svg+xml')
      const image = new Image()
      const url = URL.createObjectURL(new Blob([source], { type: 'image/svg+xml' }))
      return new Promise<object>((resolve) => {
        const say = (type: string): void => { resolve({
          error: parsed.querySelector('parsererror')?.textContent ?? null, loads: type, width: image.naturalWidth, root: parsed.documentElement.namespaceURI,
          lines: parsed.querySelectorAll('polyline').length, rects: parsed.querySelectorAll('rect').length, background: parsed.querySelector('rect')?.getAttribute('fill'),
          colours: [...parsed.querySelectorAll('polyline')].every((line) => /^#[0-9a-f]{6}$/.test(line.getAttribute('stroke') ?? '')), font: parsed.querySelector('text')?.getAttribute('font-family') ?? '',
        }) }
        image.onload = () => { say('load') }
        image.onerror = () => { say('error') }
        image.src = url
      })
    }, text)
    const { font, ...rest } = seen as { font: string }
    assert.deepEqual(rest, { error: null, loads: 'load', width: 640, root: 'http://www.w3.org/2000/svg', lines, rects: 1 + bars, background: '#1f1f1f', colours: true })
    assert.notEqual(font, '')
  }
  await host.page.close()
})

test('the pointer over one plot reads that step in all plots and on the timeline; a click goes there', async () => {
  const host = await showing(recording, 'finished')
  await choose(host, 'Standard deviation')
  await curves(host, 'schedule').hover({ position: { x: 120, y: 60 } })
  await host.drawn()
  const steps = await Promise.all(['schedule', 'changes', 'spread'].map(async (id) => /^step (\d+): /.exec(await readings(host, id))?.[1]))
  const [step] = steps
  assert.ok(Number(step) > 0 && Number(step) < 12, `step ${step}`)
  assert.deepEqual(steps, [step, step, step])
  const row = recording.rows[Number(step)]!
  assert.equal(Number(/ms (\S+)/.exec(await readings(host, 'changes'))?.[1]).toPrecision(3), Number(row.ms.toPrecision(3)).toPrecision(3))
  assert.equal(await host.page.locator('.plot .crosshair').count(), 3, 'not in the spectrum')
  const mark = Number.parseFloat(await host.page.locator('.track .read').getAttribute('x1') ?? '')
  assert.ok(Math.abs(mark - 100 * Number(step) / 12) < 1e-9, `${mark} %`)
  assert.equal(await host.page.locator('.row-number').innerText(), '12', 'reading moves nothing')
  await curves(host, 'schedule').click({ position: { x: 120, y: 60 } })
  await host.drawn()
  assert.equal(await host.page.locator('.row-number').innerText(), step)
  await host.page.mouse.move(5, 5)
  await host.drawn()
  assert.equal(await host.page.locator('.plot .crosshair').count() + await host.page.locator('.track .read').count(), 0)
  assert.equal(await host.page.locator('.plot .cursor').count(), 3, 'the row on show stays marked')
  await host.page.close()
})

test('all of it by keyboard: reading, going, tables, the choice of plots, and each plot’s menu', async () => {
  const host = await showing(recording, 'finished', undefined, { reducedMotion: true })
  const { keyboard } = host.page
  await host.page.getByRole('button', { name: 'View as table' }).focus()
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  await host.drawn()
  assert.equal(await host.page.evaluate(() => document.activeElement?.textContent), 'Schedule: λ, log σ, α, t')
  await keyboard.press('ArrowDown')
  await keyboard.press('ArrowDown')
  await keyboard.press('Enter')
  await host.drawn()
  assert.equal(await plotOf(host, 'spread').count(), 1)
  await keyboard.press('Escape')
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  await keyboard.press('ArrowUp')
  await keyboard.press('ArrowDown')
  await keyboard.press('Enter')
  assert.match((await host.received('copyText')).text, /^step,λ,/)
  await keyboard.press('Tab')
  const slider = curves(host, 'schedule')
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'Shift+ArrowRight']) await keyboard.press(key)
  await host.drawn()
  assert.deepEqual([await slider.getAttribute('aria-valuenow'), await host.page.locator('.row-number').innerText()], ['7', '12'])
  assert.match(await slider.getAttribute('aria-valuetext') ?? '', /^step 7: λ /)
  assert.match(await readings(host, 'changes'), /^step 7: /)
  await keyboard.press('Enter')
  await host.drawn()
  assert.equal(await host.page.locator('.row-number').innerText(), '7')
  await slider.dispatchEvent('contextmenu', { clientX: 500, clientY: 300 })
  await host.drawn()
  assert.equal(await host.page.evaluate(() => document.activeElement?.textContent), 'Copy as CSV')
  await keyboard.press('Escape')
  await host.drawn()
  assert.equal(await slider.evaluate((element) => document.activeElement === element), true, 'the focus is where it was')
  assert.equal(host.of('stop').length, 0)
  await host.page.close()
})

test('during a run changes grow by what is new, one question at a time', async () => {
  const host = await showing(recording, 'running', 4)
  const changes = (): Question[] => host.of('inspect').flatMap(({ question }) => question.of === 'changes' ? [question] : [])
  assert.deepEqual(changes(), [{ of: 'changes', from: 0 }])
  await host.send({ type: 'rows', runId: 'run-1', rows: recording.rows.slice(4, 7) })
  for (const until = Date.now() + 30_000; changes().length < 2 && Date.now() < until;) await host.drawn()
  assert.deepEqual(changes()[1], { of: 'changes', from: 4 })
  await host.send({ type: 'rows', runId: 'run-1', rows: recording.rows.slice(7, 10) })
  assert.equal(changes().length, 2, 'the open one is not answered')
  const answerNewest = (rows: number): Promise<void> => host.send({ type: 'inspected', runId: 'run-1', question: changes().at(-1)!, answer: answerTo(changes().at(-1)!, rows) })
  await answerNewest(7)
  for (const until = Date.now() + 30_000; changes().length < 3 && Date.now() < until;) await host.drawn()
  assert.deepEqual(changes()[2], { of: 'changes', from: 7 })
  await answerNewest(10)
  const points = await curves(host, 'changes').locator('polyline').getAttribute('points')
  assert.equal(points?.split(' ').length, 9, 'rows 1 to 9')
  const bars = await curves(host, 'changes').locator('.bar:not(.on)').count()
  assert.equal(bars, 10)
  await host.page.close()
})

test('the last spectrum stands beside that of the row on show; what cannot be read is asked for once', async () => {
  const host = await showing(recording, 'finished')
  await host.page.locator('#timeline').focus()
  await host.page.keyboard.press('Home')
  await host.received('inspect', 2)
  await answer(host, 13)
  assert.match(await curves(host, 'spectrum').getAttribute('aria-label') ?? '', /step 0/)
  assert.equal(await curves(host, 'spectrum').locator('.ghost').count(), 1)
  const before = host.of('inspect').length
  await host.page.keyboard.press('ArrowRight')
  const { question } = await host.received('inspect', before)
  assert.deepEqual(question, { of: 'spectrum', row: 1, item: 0 })
  await host.send({ type: 'inspected', runId: 'run-1', question, answer: null })
  await host.page.keyboard.press('Home')
  await host.drawn()
  await host.page.keyboard.press('ArrowRight')
  await host.drawn()
  assert.equal(host.of('inspect').length, before + 1)
  await host.page.close()
})

test('which plots are shown, and whether as tables, is kept; a pixel’s way says what to do', async () => {
  const host = await showing(recording, 'finished')
  assert.deepEqual(await host.page.locator('[data-plot]').evaluateAll((all) => all.map((one) => one.getAttribute('data-plot'))), ['schedule', 'changes', 'spectrum'])
  await choose(host, 'Power spectrum')
  await choose(host, 'One pixel’s way')
  assert.match(await plotOf(host, 'course').innerText(), /Click a pixel/)
  await host.page.getByRole('button', { name: 'View as table' }).click()
  await host.drawn()
  const saved = await host.saved()
  assert.deepEqual([saved['plots'], saved['tables']], [['schedule', 'changes', 'course'], true])
  await host.page.close()
  const back = await showing(recording, 'finished', undefined, { saved })
  assert.equal(await back.page.locator('[data-plot]').count(), 3)
  assert.equal(await plotOf(back, 'schedule').locator('table').count(), 1)
  assert.equal(back.of('inspect').some(({ question }) => question.of === 'spectrum'), false, 'what is not shown is not asked for')
  await back.page.close()
})

test('the way of the pinned pixel is that of the recording, channel by channel: curves, readings, table and CSV; it grows with the run', async () => {
  const colour = await record(recipeOf({ 'model.path': 'emoji', 'noise.seed': 5, 'noise.batch': 2, 'solver.steps': 5 }), emoji)
  const place = { item: 1, y: 7, x: 8 }
  const values = (which: 'x' | 'x0', row: number): number[] => valuesAt(colour, tensorOf(colour, row, which)!, place)
  const host = await bench.open({ saved: { pinned: place, plots: ['course'] } })
  const asked = (): Extract<Question, { of: 'course' }>[] => host.of('inspect').flatMap(({ question }) => question.of === 'course' ? [question] : [])
  /** Answers the question about the pixel from this row on with what is recorded by then. A page that waits long asks once more. */
  const answerFrom = async (from: number, rows: number): Promise<Question> => {
    for (let heard = 0; asked().at(-1)?.from !== from; heard = host.of('inspect').length) await host.received('inspect', heard)
    const question = asked().at(-1)!
    const of = (which: 'x' | 'x0'): Float32Array => Float32Array.from(Array.from({ length: rows - question.from }, (_, i) => values(which, question.from + i)).flat())
    await host.send({ type: 'inspected', runId: 'run-1', question, answer: { of: 'course', from: question.from, channels: 3, x: of('x'), x0: of('x0') } })
    return question
  }
  await host.send({ type: 'state', state: stateOf(colour.document.recipe, emoji, { run: viewOf(colour, 'running', 3) }) })
  assert.deepEqual(await answerFrom(0, 3), { of: 'course', from: 0, place })
  assert.match(await plotOf(host, 'course').locator('h3').innerText(), /^pixel \(7, 8\) of image 2$/)
  assert.deepEqual(await curves(host, 'course').locator('polyline').evaluateAll((all) => all.map((line) => line.getAttribute('points')!.split(' ').length)), [3, 3, 3, 3, 3, 3])
  await host.send({ type: 'state', state: stateOf(colour.document.recipe, emoji, { run: viewOf(colour, 'finished') }) })
  assert.deepEqual(await answerFrom(3, 6), { of: 'course', from: 3, place }, 'what is known is not asked for')

  // Curves: one scale for all of them, on which heights are the values; drawn are those of x_t first, so that x̂₀ lies over them.
  const lines = await curves(host, 'course').locator('polyline').evaluateAll((all) => all.map((line) => ({ name: line.getAttribute('class')!, heights: line.getAttribute('points')!.split(' ').map((point) => Number(point.split(',')[1])) })))
  assert.deepEqual(lines.map(({ name }) => name), ['dashes blue', 'dashes green', 'dashes red', 'line blue', 'line green', 'line red'])
  const series = lines.map(({ heights, name }) => heights.map((height, row) => ({ height, value: values(name.startsWith('dashes') ? 'x' : 'x0', row)[['red', 'green', 'blue'].indexOf(name.split(' ')[1]!)]! }))).flat()
  const [low, high] = [series.reduce((a, b) => b.value < a.value ? b : a), series.reduce((a, b) => b.value > a.value ? b : a)]
  assert.ok(low.height > high.height + 20, 'larger is higher')
  for (const { height, value } of series) assert.ok(Math.abs(low.height + (high.height - low.height) * (value - low.value) / (high.value - low.value) - height) < 0.2, `${value} at ${height}`)
  assert.equal(series.length, 36)

  await host.page.keyboard.press('Home')
  await host.drawn()
  const [red, green, blue] = values('x', 0)
  const keys = await plotOf(host, 'course').locator('.keys > span').evaluateAll((all) => all.map((one) => [(one as HTMLElement).innerText.trim(), one.getBoundingClientRect().right <= one.closest('.plot-box')!.getBoundingClientRect().right] as const))
  assert.deepEqual(keys, ['x̂₀', 'xₜ', 'R', 'G', 'B'].map((name) => [name, true]), 'all that tells curves apart is named')
  const read = (await readings(host, 'course')).replace(/−/g, '-')
  for (const [name, value] of [['R', red], ['G', green], ['B', blue]] as const) assert.ok(Math.abs(Number(new RegExp(`xₜ ${name} (-?[\\d.]+)`).exec(read)![1]) - value!) < 0.006, read)

  await host.page.getByRole('button', { name: 'View as table' }).click()
  await host.drawn()
  const header = ['step', 'x̂₀ R', 'x̂₀ G', 'x̂₀ B', 'xₜ R', 'xₜ G', 'xₜ B']
  const rows = Array.from({ length: 6 }, (_, row) => [row, ...values('x0', row), ...values('x', row)])
  const table = await plotOf(host, 'course').locator('table').evaluate((all: HTMLTableElement) => [...all.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim())))
  assert.deepEqual(table[0], header)
  for (const [i, row] of rows.entries()) for (const [j, value] of row.entries()) assert.ok(Math.abs(number(table[i + 1]![j]!) - value) <= 1e-5 * Math.max(1, Math.abs(value)), `row ${i}, ${header[j]}: ${table[i + 1]![j]} for ${value}`)
  await command(host, 'course', 'Copy as CSV')
  assert.deepEqual(cells((await host.received('copyText')).text), [header, ...rows.map((row) => row.map(String))])
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

for (const width of [1270, 1000, 640]) {
  test(`no value below a plot is cut off, and the room for them stays as the crosshair moves: ${width} px`, async () => {
    const place = { item: 0, y: 7, x: 8 }
    const colour = await record(recipeOf({ 'model.path': 'emoji', 'noise.seed': 5, 'solver.steps': 12 }), emoji)
    const host = await bench.open({ width, saved: { pinned: place, plots: ['schedule', 'changes', 'course'] } })
    await host.send({ type: 'state', state: stateOf(colour.document.recipe, emoji, { run: viewOf(colour, 'finished') }) })
    await hostOf(host, colour).settled()
    const heights = new Set<number>()
    for (const key of ['Home', 'ArrowRight', 'ArrowRight']) {
      await curves(host, 'schedule').focus()
      await host.page.keyboard.press(key)
      await host.drawn()
      for (const id of ['schedule', 'course']) {
        const { text, cut, height } = await plotOf(host, id).locator('.readings').evaluate((one: HTMLElement) => ({ text: one.innerText, cut: one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight, height: one.clientHeight }))
        assert.equal(text.split(',').length, id === 'schedule' ? 4 : 6, text)
        assert.equal(cut, false, text)
        heights.add(height)
      }
    }
    assert.equal(heights.size, 1, [...heights].join())
    await host.page.close()
  })
}

test('an adaptive run, a stopped one and one in the plane have their plots', async () => {
  const found = await showing(adaptive, 'running', 5)
  assert.equal(await curves(found, 'schedule').getAttribute('aria-valuemax'), '4', 'steps found so far')
  await found.page.close()
  const stopped = await showing(recording, 'stopped', 6)
  assert.equal(await curves(stopped, 'schedule').getAttribute('aria-valuemax'), '12')
  assert.equal((await curves(stopped, 'changes').locator('polyline').getAttribute('points'))?.split(' ').length, 5)
  await curves(stopped, 'changes').focus()
  await stopped.page.keyboard.press('End')
  await stopped.drawn()
  assert.match(await readings(stopped, 'changes'), /^step 12: .*ms –$/, 'nothing is recorded there')
  await stopped.page.close()
  const mixture = analyticModel('mixture2d')!
  const plane = await record(recipeOf({ 'model.path': 'mixture2d', 'noise.seed': 3, 'noise.batch': 16, 'solver.steps': 8 }), analyticFacts(mixture), asNetwork(modelOf(mixture.distribution), 'epsilon'))
  const points = await showing(plane, 'finished', undefined, {}, analyticFacts(mixture))
  assert.deepEqual(await points.page.locator('[data-plot]').evaluateAll((all) => all.map((one) => one.getAttribute('data-plot'))), ['schedule', 'changes', 'spread'])
  assert.equal(points.of('inspect').some(({ question }) => question.of === 'spectrum'), false)
  assert.deepEqual(points.problems, [])
  await points.page.close()
})

for (const theme of ['dark', 'light', 'hcBlack', 'hcLight'] as const) {
  test(`plots, tables and menus are accessible: ${theme}`, async () => {
    const host = await showing(recording, 'finished', undefined, { theme, width: 1000 })
    await choose(host, 'One pixel’s way')
    assert.deepEqual(await violations(host), [], 'plots')
    await plotOf(host, 'changes').getByRole('button', { name: /Copy or save/ }).click()
    await host.drawn()
    assert.deepEqual(await violations(host), [], 'menu')
    await host.page.keyboard.press('Escape')
    await host.page.getByRole('button', { name: 'View as table' }).click()
    await host.page.getByRole('button', { name: 'Show plots' }).click()
    await host.drawn()
    assert.deepEqual(await violations(host), [], 'tables and the choice')
    await host.page.close()
  })
}

test('below 420 px plots stand under each other, as wide as the page', async () => {
  const host = await showing(recording, 'finished', undefined, { width: 400 })
  const boxes = await host.page.locator('[data-plot]').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON() as { left: number; top: number; width: number; bottom: number }))
  for (const [i, box] of boxes.entries()) {
    assert.ok(box.width > 340 && box.width <= 400, `${box.width} px`)
    if (i > 0) assert.ok(box.top >= boxes[i - 1]!.bottom)
  }
  await host.page.close()
})

for (const theme of ['dark', 'light', 'hcBlack', 'hcLight'] as const) {
  test(`where there are two axes each curve is named over the one that it reads on, and drawn broken on the right one: ${theme}`, async () => {
    const host = await showing(recording, 'finished', undefined, { theme })
    for (const [id, left, right] of [['schedule', ['λ', 'log σ'], ['α', 't']], ['changes', ['‖Δx̂₀‖'], ['ms']]] as const) {
      const box = (await curves(host, id).boundingBox())!
      const sides = await plotOf(host, id).locator('.sides [data-side]').evaluateAll((all) => all.map((side) => ({ side: side.getAttribute('data-side'), text: (side as HTMLElement).innerText.replace(/\s+/g, ' ').trim(), box: side.getBoundingClientRect().toJSON() as { left: number; right: number } })))
      assert.deepEqual(sides.map(({ side, text }) => [side, text]), [['left', `← ${left.join(' ')}`], ['own', ''], ['right', `${right.join(' ')} →`]])
      assert.ok(sides[0]!.box.left - box.x < 2 && sides[0]!.box.right < box.x + box.width / 2, 'over the left axis')
      assert.ok(box.x + box.width - sides[2]!.box.right < 2 && sides[2]!.box.left > box.x + box.width / 2, 'over the right axis')
      assert.equal(await plotOf(host, id).locator('.plot-head .keys').count(), 0, 'and nowhere else')
      assert.ok((await curves(host, id).getAttribute('aria-label'))!.endsWith(`; left axis: ${left.join(', ')}; right axis: ${right.join(', ')}`), await curves(host, id).getAttribute('aria-label') ?? '')
    }
    const dashes = await curves(host, 'schedule').locator('polyline').evaluateAll((all) => all.map((line) => [line.getAttribute('class')!.split(' ')[1]!, getComputedStyle(line).strokeDasharray] as const))
    const of: Record<string, string> = Object.fromEntries(dashes)
    assert.equal(new Set([of['blue'], of['green'], of['purple']]).size, 3, JSON.stringify(of))
    assert.deepEqual([of['blue'], of['yellow']], ['none', 'none'])
    assert.equal(await plotOf(host, 'spectrum').locator('.sides').count(), 0)
    assert.doesNotMatch(await curves(host, 'spectrum').getAttribute('aria-label') ?? '', /axis/)
    await host.page.getByRole('button', { name: 'View as table' }).click()
    await host.drawn()
    assert.match(await plotOf(host, 'schedule').locator('caption').textContent() ?? '', /left axis: λ, log σ; right axis: α, t$/)
    await host.page.close()
  })
}

test('the schedule is drawn over the steps of the run; what the form makes otherwise with the same model lies over the same width, and says how many steps it has', async () => {
  const host = await showing(recording, 'finished')
  const places = async (mark: string): Promise<number[]> => (await curves(host, 'schedule').locator(`polyline.${mark}.blue`).getAttribute('points'))!.split(' ').map((point) => Number(point.split(',')[0]))
  const own = await places('line')
  const more = recipeOf({ 'noise.seed': 3, 'solver.steps': 30 })
  await host.send({ type: 'state', state: stateOf(more, digits, { run: viewOf(recording, 'finished') }) })
  assert.equal(await curves(host, 'schedule').getAttribute('aria-valuemax'), '12')
  assert.deepEqual([await places('line'), await places('next')], [own, own])
  assert.match(await curves(host, 'schedule').getAttribute('aria-label') ?? '', /over 12 steps; that of the next run from .* over 30 steps, drawn over the same width/)
  await command(host, 'schedule', 'Copy as CSV')
  const [header, ...rows] = cells((await host.received('copyText')).text)
  assert.deepEqual([header!.at(-1), rows.length], ['λ next run (30 steps)', 13])
  const { levels } = prepare(more, digits).plan
  for (const row of [0, 1, 6, 9]) {
    const at = 2.5 * row
    const between = (levels[Math.floor(at)]!.lambda + levels[Math.ceil(at)]!.lambda) / 2
    assert.ok(Math.abs(Number(rows[row]!.at(-1)) - between) < 1e-9, `step ${row}: ${rows[row]!.at(-1)} for ${between}`)
  }
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'noise.seed': 3, 'solver.steps': 12, 'schedule.spacing': 'timeUniform' }), digits, { run: viewOf(recording, 'finished') }) })
  await command(host, 'schedule', 'Copy as CSV')
  assert.equal(cells((await host.received('copyText', 1)).text)[0]!.at(-1), 'λ next run')
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'model.path': 'emoji', 'noise.seed': 3, 'solver.steps': 30 }), emoji, { run: viewOf(recording, 'finished') }) })
  assert.equal(await curves(host, 'schedule').locator('polyline.next').count(), 0, 'of another model')
  assert.doesNotMatch(await curves(host, 'schedule').getAttribute('aria-label') ?? '', /next run/)
  await host.page.close()
})

test('a time that does not fit the right axis is said to have a scale of its own; an SVG file names the curves over their axes too', async () => {
  const run = viewOf(recording, 'finished')
  const document = { ...run.document!, plan: { ...run.document!.plan, levels: run.document!.plan.levels.map((level) => ({ ...level, t: 80 * level.t })) } }
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: { ...run, document } }) })
  await answer(host, 13)
  const most = Math.max(...document.plan.levels.map(({ t }) => t)).toPrecision(3)
  assert.equal((await plotOf(host, 'schedule').locator('[data-side=own]').innerText()).trim(), `t (0 … ${most})`)
  assert.equal((await plotOf(host, 'schedule').locator('[data-side=right]').innerText()).replace(/\s+/g, ' ').trim(), 'α →')
  assert.ok((await curves(host, 'schedule').getAttribute('aria-label'))!.endsWith(`right axis: α; on a scale of its own: t (0 … ${most})`))
  await command(host, 'schedule', 'Save SVG…')
  const { text } = await host.received('saveText')
  const places = await host.page.evaluate((source) => [...new DOMParser().parseFromString(source, 'image/svg+xml').querySelectorAll('text')].map((one) => `${one.getAttribute('text-anchor') ?? 'start'}: ${one.textContent}`), text)
  for (const place of ['start: ←λlog σ', `middle: t (0 … ${most})`, 'end: α→']) assert.ok(places.includes(place), `${place} of ${places.join(' | ')}`)
  await host.page.close()
})
