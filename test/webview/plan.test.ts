// The Plan tab: the table of steps, custom time steps with handles, sampling while they are dragged.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parseJson } from '../../src/protocol/json'
import { planJson } from '../../src/protocol/planJson'
import { customSteps } from '../../src/recipe/customSteps'
import type { ModelFacts } from '../../src/recipe/model'
import { prepare } from '../../src/recipe/prepare'
import type { Recipe } from '../../src/recipe/recipe'
import type { Level, Plan, Step } from '../../src/sampler/types'
import { Bench, patience, type Host, type PageOptions } from './harness'
import { digits, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
before(async () => { bench = await Bench.start() })
after(async () => { await bench.stop() })

const load = createRequire(join(process.cwd(), 'package.json'))
const recipe = recipeOf({ 'noise.seed': 21, 'conditioning.classLabel': 3, 'solver.steps': 12 })

async function planOf(given: Recipe = recipe, more: Parameters<typeof stateOf>[2] = {}, options: PageOptions = {}, facts: ModelFacts = digits): Promise<Host> {
  const host = await bench.open(options)
  await host.send({ type: 'state', state: stateOf(given, facts, more) })
  await host.page.locator('#tab-plan').click()
  await host.page.locator('.plan .summary, .plan .field-error').first().waitFor()
  return host
}
const button = (host: Host, name: string) => host.page.locator('.plan').getByRole('button', { name })
const rowsOf = (host: Host): Promise<string[][]> => host.page.locator('.steps tbody tr:not(.space)').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => (cell as HTMLElement).innerText.trim())))
const handles = (host: Host) => host.page.locator('.lambda-plot [role=slider]')
const values = (host: Host): Promise<number[]> => handles(host).evaluateAll((all) => all.map((one) => Number(one.getAttribute('aria-valuenow'))))
const last = (host: Host): Recipe => host.of('recipe').at(-1)!.recipe
/** Does it, waits for the recipe that comes of it, and until that is drawn. */
async function changing(host: Host, deed: () => Promise<void>): Promise<Recipe> {
  const count = host.of('recipe').length
  await deed()
  return (await host.received('recipe', count)).recipe
}
async function madeCustom(given = recipe, more: Parameters<typeof stateOf>[2] = {}): Promise<Host> {
  const host = await planOf(given, more)
  await changing(host, () => button(host, 'Make Custom').click())
  await handles(host).first().waitFor()
  return host
}
/** The middle of a handle on the screen. */
async function middle(host: Host, point: number): Promise<{ x: number; y: number }> {
  const box = (await host.page.locator(`[data-point="${point}"]`).boundingBox())!
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}
const rising = (list: readonly number[]): boolean => list.every((value, i) => i === 0 || value > list[i - 1]!)
/** The largest difference of coefficients of two plans, of those of a step relative to the largest of them. */
function difference(a: Plan, b: Plan): number {
  assert.deepEqual(a.steps.map(({ update, stages }) => [update.length, stages.length]), b.steps.map(({ update, stages }) => [update.length, stages.length]))
  return Math.max(...a.steps.flatMap((step, k) => {
    const of = ({ update, stages }: typeof step): number[] => [...update, ...stages.flatMap(({ input }) => input)].map(({ coefficient }) => coefficient)
    const [one, other] = [of(step), of(b.steps[k]!)]
    const size = Math.max(...one.map(Math.abs))
    return one.map((value, j) => Math.abs(value - other[j]!) / size)
  }))
}

/** Equal to rounding: browser and Node do not take the same last digit from exp(). */
function near(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length)
  for (const [i, value] of expected.entries()) assert.ok(actual[i] === value || Math.abs(actual[i]! - value) <= 1e-12 * Math.abs(value), `${actual[i]} is not ${value}`)
}

test('the table has a line for each level, with steps, evaluations and coefficients of every method', async () => {
  for (const [set, formula] of [
    [{}, /^[\d.]+ x \+ [\d.]+ m0 − [\d.]+ m−1$/], [{ 'solver.method': 'singlestep', 'solver.order': 3 }, /^m1 at λ [+−][\d.]+: [\d.]+ x .*; m2 at λ .*; [\d.]+ x /],
    [{ 'solver.algorithm': 'sde-dpmsolver++' }, / z$/], [{ 'solver.algorithm': 'unipc' }, /m−1/],
  ] as const) {
    const given = recipeOf({ 'noise.seed': 1, 'solver.steps': 12, ...set })
    const { plan } = prepare(given, digits)
    const host = await planOf(given)
    const rows = await rowsOf(host)
    assert.equal(rows.length, plan.levels.length)
    assert.deepEqual(rows.map(([i]) => i), plan.levels.map((_, i) => String(i)))
    assert.deepEqual(rows.map(([, , , , , , order]) => order), plan.levels.map((_, i) => String(plan.steps[i]?.order ?? '')))
    assert.deepEqual(rows.map(([, , , , , , , evaluations]) => evaluations), plan.levels.map((_, i) => String(plan.steps[i]?.stages.length ?? '')))
    assert.equal(rows.at(-1)![8], String(plan.evaluations))
    assert.match(rows[2]![9]!.replace(/\s+/g, ' '), formula)
    assert.equal(await host.page.locator('.steps .formula').first().evaluate((cell) => getComputedStyle(cell).textAlign), 'left')
    assert.match(await host.page.locator('.plan .summary').innerText(), new RegExp(`${plan.steps.length} steps, ${plan.evaluations} model evaluations \\(.*of order`))
    assert.deepEqual(host.problems, [])
    await host.page.close()
  }
})

test('of steps that are found while it runs the table says what is known', async () => {
  const host = await planOf(recipeOf({ 'noise.seed': 1, 'solver.method': 'adaptive', 'solver.order': 3 }))
  const rows = await rowsOf(host)
  assert.deepEqual(rows.map(([i]) => i), ['0', '–', '–'])
  assert.match(rows[0]![9]!, /found while it runs/)
  assert.equal(await button(host, 'Make Custom').evaluate((one) => (one.getRootNode() as ShadowRoot).host?.hasAttribute('disabled') || (one as HTMLButtonElement).disabled), true)
  assert.match(await host.page.locator('.plan vscode-button[title="Adaptive steps find their own places."]').innerText(), /Make Custom/)
  await host.page.close()
})

test('CSV has all digits, JSON is what the command line prints', async () => {
  const host = await planOf()
  await button(host, 'Copy as CSV').click()
  const prepared = prepare(recipe, digits)
  const lines = (await host.received('copyText')).text.split('\r\n')
  assert.equal(lines[0], 'i,t,lambda,h,alpha,sigma,order,evaluations,nfe,coefficients')
  assert.equal(lines.length, prepared.plan.levels.length + 2)
  const third = lines[3]!.split(',')
  const { t, lambda, alpha, sigma } = prepared.plan.levels[2]!
  near(third.slice(1, 6).map(Number), [t, lambda, prepared.plan.levels[3]!.lambda - lambda, alpha, sigma])
  near([...third[9]!.matchAll(/(-?[\d.]+(?:e-?\d+)?)\*/g)].map(([, number]) => Number(number)), prepared.plan.steps[2]!.update.map(({ coefficient }) => coefficient))
  assert.match(third[9]!, /^x = \S+\*x \+ \S+\*m0 \+ \S+\*m\[-1\]$/)
  assert.match(lines.at(-2)!, /^12,0,inf,,1,0,,,12,$/)
  await button(host, 'Open as JSON').click()
  const { text, language } = await host.received('openText')
  assert.equal(language, 'json')
  const told = parseJson(text) as { recipe: unknown; levels: Level[]; steps: Step[]; evaluations: number; form: string; notes: string[] }
  assert.deepEqual(Object.keys(told), Object.keys(planJson(recipe, prepared)))
  assert.deepEqual([told.recipe, told.form, told.evaluations], [recipe, prepared.plan.form, 12])
  near(told.levels.map(({ lambda: own }) => own), prepared.plan.levels.map(({ lambda: own }) => own))
  assert.ok(difference({ ...prepared.plan, steps: told.steps }, prepared.plan) < 1e-12)
  await host.page.close()
})

test('Make Custom keeps the plan, Reset gives the spacing back, and steps cannot be typed meanwhile', async () => {
  for (const set of [{}, { 'solver.method': 'singlestep', 'solver.order': 3, 'schedule.spacing': 'karras' }, { 'solver.finalSigma': 'sigmaMin', 'schedule.spacing': 'timeUniform' }, { 'solver.algorithm': 'heun' }]) {
    const given = recipeOf({ 'noise.seed': 1, 'solver.steps': 12, ...set })
    const host = await madeCustom(given)
    const custom = last(host)
    assert.equal(custom.schedule.spacing, 'custom')
    assert.equal(custom.solver.steps, 12)
    const worst = difference(prepare(given, digits).plan, prepare(custom, digits).plan)
    assert.ok(worst <= 1e-12, `${JSON.stringify(set)}: ${worst}`)
    near(await values(host), customSteps(custom, digits)!.points.map(({ lambda }) => lambda))
    const steps = host.page.locator('[data-field="solver.steps"]')
    assert.match(await steps.getAttribute('title') ?? '', /one evaluation fewer than they have points/)
    assert.equal(await steps.locator('input[type=range]').isDisabled(), true)
    const back = await changing(host, () => button(host, 'Reset').click())
    assert.deepEqual(back, given)
    assert.deepEqual(host.problems, [])
    await host.page.close()
  }
})

test('choosing the spacing custom takes the levels over as well', async () => {
  const host = await planOf()
  const made = await changing(host, () => host.page.locator('#field-schedule-spacing').evaluate((field) => { Object.assign(field, { value: 'custom' }).dispatchEvent(new Event('change')) }))
  assert.deepEqual([made.schedule.spacing, made.schedule.timesteps.length, made.solver.steps], ['custom', 12, 12])
  await host.page.close()
})

test('another spacing leaves nothing of the custom steps in the recipe, and Undo takes them back', async () => {
  const host = await madeCustom()
  const custom = last(host)
  const choose = (spacing: string): Promise<Recipe> => changing(host, () => host.page.locator('#field-schedule-spacing').evaluate((field, value) => { Object.assign(field, { value }).dispatchEvent(new Event('change')) }, spacing))
  const left = await choose('timeUniform')
  assert.deepEqual(left.schedule, { ...recipe.schedule, spacing: 'timeUniform' })
  assert.deepEqual(prepare(left, digits).notes, [])
  assert.deepEqual((await changing(host, () => button(host, 'Undo').click())).schedule, custom.schedule)
  await host.page.close()
})

test('a handle is dragged, never past its neighbours, and table and recipe follow', async () => {
  const host = await madeCustom()
  const before = await values(host)
  const [from, to] = [await middle(host, 5), await middle(host, 11)]
  const count = host.of('recipe').length
  await host.page.mouse.move(from.x, from.y)
  await host.page.mouse.down()
  await host.page.mouse.move(from.x + 12, from.y, { steps: 2 })
  await host.received('recipe', count)
  const during = await values(host)
  assert.ok(during[5]! > before[5]! && rising(during), `${during}`)
  const table = await rowsOf(host)
  assert.equal(table[5]![2], during[5]! < 0 ? `−${Math.abs(during[5]!).toFixed(4)}` : `+${during[5]!.toFixed(4)}`)
  const next = host.of('recipe').length
  await host.page.mouse.move(to.x, from.y, { steps: 2 })
  await host.received('recipe', next)
  await host.page.mouse.up()
  await host.drawn()
  const ended = await values(host)
  assert.ok(rising(ended) && ended[5]! < ended[6]! && ended[6]! - ended[5]! < 0.01, `${ended}`)
  assert.deepEqual(ended.filter((_, i) => i !== 5), before.filter((_, i) => i !== 5))
  near([prepare(last(host), digits).plan.levels[5]!.lambda], [ended[5]!])
  const undone = await changing(host, () => button(host, 'Undo').click())
  near(customSteps(undone, digits)!.points.map(({ lambda }) => lambda), before) // the whole movement is one change
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('with the keyboard: arrows move by shares of the range, Insert adds, Delete removes, Ctrl+Z takes back', async () => {
  const host = await madeCustom()
  const start = await values(host)
  const range = await handles(host).first().evaluate((one) => Number(one.getAttribute('aria-valuemax')) - Number(one.getAttribute('aria-valuemin')))
  const fourth = host.page.locator('[data-point="4"]')
  await fourth.focus()
  const press = (key: string): Promise<Recipe> => changing(host, () => host.page.keyboard.press(key))
  for (const [key, share] of [['ArrowRight', 0.01], ['ArrowLeft', -0.01], ['Shift+ArrowRight', 0.001], ['Shift+ArrowLeft', -0.001]] as const) {
    const [before] = [(await values(host))[4]!]
    await press(key)
    const moved = (await values(host))[4]! - before
    assert.ok(Math.abs(moved - share * range) < 1e-4 * range, `${key}: ${moved / range}`)
  }
  assert.match(await fourth.getAttribute('aria-valuetext') ?? '', /^step 4, λ [+−]\d+\.\d\d, t \d\.\d\d$/)
  assert.equal(await fourth.getAttribute('aria-label'), 'Step 4')
  const more = await press('Insert')
  assert.deepEqual([more.schedule.timesteps.length, more.solver.steps], [13, 13])
  assert.ok(rising(await values(host)))
  await host.page.locator('[data-point="5"]:focus').waitFor()
  const fewer = await press('Delete')
  assert.deepEqual([fewer.schedule.timesteps.length, fewer.solver.steps], [12, 12])
  await host.page.locator('[data-point="5"]:focus').waitFor()
  await press('Delete')
  assert.equal((await handles(host).count()), 11)
  for (let i = 0; i < 3; i++) await press('Control+z')
  const now = await values(host)
  assert.ok(now.every((value, i) => Math.abs(value - start[i]!) < 1e-4 * range), 'as before Insert')
  await host.page.keyboard.press('PageDown')
  await host.page.locator('[data-point="5"]:focus, [data-point="6"]:focus').waitFor()
  await host.page.keyboard.press('Home')
  await host.page.locator('[data-point="0"]:focus').waitFor()
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('the first and the last keep their order at the ends', async () => {
  const host = await madeCustom(recipeOf({ 'noise.seed': 1, 'solver.steps': 5 }))
  for (const [point, key] of [[0, 'ArrowLeft'], [4, 'ArrowRight']] as const) {
    const before = await values(host)
    await host.page.locator(`[data-point="${point}"]`).focus()
    await host.page.keyboard.press(key)
    await host.drawn()
    assert.deepEqual(await values(host), before, 'there is no noise beyond')
    await changing(host, () => host.page.keyboard.press(key === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft'))
    assert.ok(rising(await values(host)))
  }
  await host.page.close()
})

test('a double click on the axis adds a step there, and the button one after the step that had the focus last', async () => {
  const host = await madeCustom()
  const [third, fourth] = [await middle(host, 3), await middle(host, 4)]
  const before = await values(host)
  const added = await changing(host, () => host.page.mouse.dblclick((third.x + fourth.x) / 2, third.y))
  assert.equal(added.solver.steps, 13)
  const now = await values(host)
  assert.ok(Math.abs(now[4]! - (before[3]! + before[4]!) / 2) < 0.05, `${now[4]} between ${before[3]} and ${before[4]}`)
  await changing(host, () => button(host, 'Add Step').click())
  assert.ok(rising(await values(host)))
  assert.equal(last(host).solver.steps, 14)
  await changing(host, () => button(host, 'Delete Step').click())
  assert.equal(last(host).solver.steps, 13)
  await host.page.close()
})

test('a list that is typed has as many steps as it needs', async () => {
  const host = await madeCustom()
  await host.page.locator('[data-fold=advanced] summary').click()
  const field = host.page.locator('#field-schedule-timesteps input')
  await field.waitFor()
  const typed = await changing(host, () => field.fill('999, 700, 300, 100, 10'))
  assert.equal(typed.solver.steps, 5)
  assert.equal(await handles(host).count(), 5)
  assert.equal((await rowsOf(host)).length, 6)
  await host.page.close()
})

test('the row of the run under the cursor is marked, and kept in view; not where the run goes along another plan', async () => {
  const long = recipeOf({ 'noise.seed': 1, 'solver.steps': 40 })
  const recording: Recording = await record(long, digits)
  const host = await planOf(long, { run: viewOf(recording, 'running', 3) }, { height: 600 })
  assert.equal(await host.page.locator('.steps [aria-current=step] th').innerText(), '2')
  await host.send({ type: 'rows', runId: 'run-1', rows: recording.rows.slice(3, 39) })
  const current = host.page.locator('.steps [aria-current=step]')
  await host.page.waitForFunction(() => {
    const [row, scroll] = [document.querySelector('.steps [aria-current=step]')?.getBoundingClientRect(), document.querySelector('.plan .scroll')!.getBoundingClientRect()]
    return row !== undefined && row.top >= scroll.top && row.bottom <= scroll.bottom + 1
  }, undefined, { timeout: patience })
  assert.equal(await current.locator('th').innerText(), '38')
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'noise.seed': 1, 'solver.steps': 41 }), digits, { run: viewOf(recording, 'running', 39) }) })
  assert.equal(await current.count(), 0)
  await host.page.close()
})

test('formulas are broken between their terms where there is no room for them, and a table that is wider still goes sideways by keys', async () => {
  for (const width of [1200, 400]) {
    const host = await planOf(recipeOf({ 'noise.seed': 1, 'solver.steps': 12, 'solver.order': 3 }), {}, { width })
    const seen = await host.page.locator('.plan .scroll').evaluate((scroll: HTMLElement) => ({
      wide: scroll.scrollWidth > scroll.clientWidth,
      torn: [...scroll.querySelectorAll('.term')].filter((term) => term.getClientRects().length > 1).length,
      broken: [...scroll.querySelectorAll('.formula')].some((cell) => new Set([...cell.querySelectorAll('.term')].map((term) => Math.round(term.getBoundingClientRect().bottom))).size > 1),
    }))
    assert.deepEqual([seen.torn, seen.broken], [0, true], `${width} px`)
    assert.equal(seen.wide, width === 400, `${width} px`)
    if (seen.wide) {
      await host.page.locator('.plan .scroll').focus()
      await host.page.keyboard.press('ArrowRight')
      await host.page.waitForFunction(() => document.querySelector('.plan .scroll')!.scrollLeft > 0, undefined, { timeout: patience })
    }
    await host.page.close()
  }
})

test('a thousand steps are drawn as far as they are seen, and can be gone through to the end', async () => {
  const given = recipeOf({ 'noise.seed': 1, 'solver.steps': 1000, 'schedule.lambdaMin': 'none' })
  const host = await planOf(given)
  assert.equal(await host.page.locator('.steps').getAttribute('aria-rowcount'), '1002')
  const drawn = await host.page.locator('.steps tbody tr').count()
  assert.ok(drawn < 200, `${drawn} lines are drawn`)
  const scroll = host.page.locator('.plan .scroll')
  assert.ok(await scroll.evaluate((one) => Math.abs(one.scrollHeight - 1002 * 24) < 60), 'the scrollbar is that of all')
  await scroll.evaluate((one) => { one.scrollTop = one.scrollHeight })
  await host.page.locator('.steps tr[aria-rowindex="1002"]').waitFor()
  assert.deepEqual((await rowsOf(host)).at(-1)!.slice(0, 3), ['1000', '0.00000', '+∞'])
  await changing(host, () => button(host, 'Make Custom').click())
  await handles(host).first().waitFor()
  assert.equal(await handles(host).count(), 1, 'one is a handle, the others are drawn')
  assert.equal(last(host).schedule.timesteps.length, 1000)
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

for (const theme of ['dark', 'hcLight'] as const) {
  test(`custom steps are accessible, and their targets large enough: ${theme}`, async () => {
    for (const width of [1280, 400]) {
      const host = await planOf(recipeOf({ 'noise.seed': 1, 'solver.steps': 8 }), {}, { theme, width })
      await changing(host, () => button(host, 'Make Custom').click())
      await handles(host).first().waitFor()
      await host.page.evaluate(readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8'))
      const found = await host.page.evaluate(async () => {
        const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> } }
        return (await axe.run(document, { resultTypes: ['violations'] })).violations.map(({ id, nodes }) => `${id} ${JSON.stringify(nodes.map(({ target }) => target))}`)
      })
      assert.deepEqual(found, [])
      for (const box of await handles(host).evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ width: w, height: h }) => [w, h]))) assert.ok(box.every((size) => size >= 23.5), `${box}`)
      assert.deepEqual(host.problems, [])
      await host.page.close()
    }
  })
}

test('the host can ask for the Plan tab', async () => {
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(recipe, digits) }, { type: 'showTab', tab: 'plan' })
  assert.equal(await host.page.locator('#tab-plan').getAttribute('aria-selected'), 'true')
  assert.equal((await rowsOf(host)).length, 13)
  await host.page.close()
})

/** A run of the digits model whose evaluations took so many ms, and what the host says of it. */
async function ran(ms: number, set: Record<string, unknown> = {}, runId = 'run-1'): Promise<Recording> {
  const recording = await record(recipeOf({ 'noise.seed': 21, 'solver.steps': 6, ...set }), digits, undefined, runId)
  return { ...recording, rows: recording.rows.map((row) => ({ ...row, ms })) }
}
const toggle = (host: Host) => host.page.locator('#live')
const isOff = (host: Host): Promise<boolean> => toggle(host).evaluate((box) => (box as HTMLInputElement).disabled)

test('sampling while dragging is offered for models that are quick here, and says how long they take', async () => {
  for (const [ms, off, text] of [[3, false, /3\.0 ms an evaluation/], [180, true, /An evaluation takes 180 ms here, too long/]] as const) {
    const { document, ...rest } = await ran(ms)
    const host = await planOf(document.recipe, { run: viewOf({ document, ...rest }, 'finished') })
    assert.equal(await isOff(host), off)
    assert.match(await host.page.locator('.live-why').innerText(), text)
    await host.page.close()
  }
  const host = await planOf()
  assert.equal(await isOff(host), true)
  assert.match(await host.page.locator('.live-why').innerText(), /^Run once: how long/)
  await host.page.close()
})

test('with it on a change is sampled at once, those that come meanwhile when that run is over, the newest of them', async () => {
  const recording = await ran(3)
  const { document } = recording
  const host = await planOf(document.recipe, { run: viewOf(recording, 'finished') })
  await changing(host, () => button(host, 'Make Custom').click())
  assert.equal(host.of('runLive').length, 0, 'off unless it is wanted')
  await toggle(host).click()
  const first = (await host.received('runLive')).recipe
  assert.deepEqual(first, last(host))
  assert.equal((await host.saved())['live'], true)

  const live = await ran(3, {}, 'run-2')
  const stateWith = (status: 'running' | 'finished', rows: number, of = live) => ({ type: 'state' as const, state: stateOf(last(host), digits, { run: viewOf(of, status, rows, { live: true }) }) })
  await host.send(stateWith('running', 3))
  const shown = () => host.page.locator('#tab-panel').getAttribute('aria-busy')
  assert.equal(await shown(), 'false', 'the run before is still on show')
  for (const key of ['ArrowLeft', 'ArrowLeft']) {
    await host.page.locator('[data-point="3"]').focus()
    await changing(host, () => host.page.keyboard.press(key))
  }
  await host.received('runLive', 1) // the hand rests: the run that goes is overtaken
  assert.deepEqual(host.of('runLive').at(-1)!.recipe, last(host))
  const pair = live.frames.at(-1)!
  await host.send({ type: 'frame', runId: 'run-2', live: true, row: pair.row, frames: pair }, stateWith('finished', live.rows.length))
  assert.equal((await host.received('frameAck')).row, pair.row)
  assert.equal(await host.page.locator('.plan .result').getAttribute('data-row'), String(pair.row))
  await host.page.locator('#tab-sample').click()
  await host.drawn()
  assert.equal(await host.page.locator('canvas[data-frame=x0]').getAttribute('data-row'), String(pair.row))
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('a live run without its pixels is asked for them before it takes the place of the one on show', async () => {
  const recording = await ran(3)
  const host = await planOf(recording.document.recipe, { run: viewOf(recording, 'finished') })
  await host.page.locator('#tab-sample').click()
  await host.send({ type: 'frame', runId: 'run-1', live: false, row: 6, frames: recording.frames[6]! })
  const live = await ran(3, { 'noise.seed': 22 }, 'run-2')
  const count = host.of('frameRequest').length
  await host.send({ type: 'state', state: stateOf(recording.document.recipe, digits, { run: viewOf(live, 'finished', undefined, { live: true }) }) })
  const { runId, row } = await host.received('frameRequest', count)
  assert.deepEqual([runId, row], ['run-2', 6])
  const before = await host.pixels('canvas[data-frame=x0]')
  await host.send({ type: 'frame', runId, live: false, row, frames: live.frames[6]! })
  const now = await host.pixels('canvas[data-frame=x0]')
  assert.notDeepEqual(now.rgba, before.rgba)
  assert.ok(before.rgba.some((value) => value !== 0), 'there was a picture all the time')
  await host.page.close()
})

test('a page that comes back with live sampling on samples nothing by itself, and shows what came of the last change', async () => {
  const recipe = recipeOf({ 'noise.seed': 4, 'solver.steps': 6 })
  const recording = await record(recipe, digits)
  const host = await bench.open({ saved: { runId: 'run-1', row: 2, following: false, tab: 'plan', live: true } })
  await host.send({ type: 'state', state: stateOf(recipe, digits, { run: viewOf(recording, 'finished') }) })
  const { row } = await host.received('frameRequest')
  assert.equal(row, 6, 'the last step, though another was scrubbed to')
  await host.send({ type: 'frame', runId: 'run-1', live: false, row, frames: recording.frames[row]! })
  await host.page.locator('.plan .result[data-row="6"]').waitFor()
  await host.page.locator('#live[current-checked="true"], #live[aria-checked="true"]').waitFor()
  await host.page.waitForTimeout(500) // longer than the hand rests before a change is sampled
  assert.deepEqual(host.of('runLive'), [])
  await host.page.close()
})
