import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { violations } from './axe'
import { Bench, type Host } from './harness'
import { digits, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
let recording: Recording
const recipe = recipeOf({ 'solver.steps': 6, 'noise.seed': 4, 'noise.batch': 2 })
before(async () => {
  bench = await Bench.start()
  recording = await record(recipe, digits)
})
after(async () => { await bench.stop() })

/** A page that shows a recording, as the editor of .dpmrun files opens it. */
async function opened(width = 1280): Promise<Host> {
  const host = await bench.open({ width })
  await host.send({ type: 'state', state: { ...stateOf(recording.document.recipe, digits, { run: viewOf(recording, 'finished') }), recording: '/home/me/one.dpmrun', models: [], model: { status: 'loading', path: 'digits' } } })
  return host
}

test('a recording shows what its run was made with, and nothing that could start one', async () => {
  const host = await opened()
  const { page } = host
  const column = page.locator('aside.recipe')
  const text = await column.innerText()
  for (const said of ['one.dpmrun', 'digits', 'DPM-Solver++ 2M, 6 model evaluations', '4 … 5', 'CPU']) assert.ok(text.includes(said), `${said} in ${text}`)
  assert.equal(await page.locator('#run, aside vscode-text-field, aside vscode-dropdown').count(), 0)
  assert.doesNotMatch(await page.locator('main').innerText(), /Reading|Reuse Seed/)
  await column.locator('summary').click()
  assert.match(await column.innerText(), /solver\.lowerOrderBelow\s+15/)
  await page.locator('vscode-button', { hasText: 'Use This Recipe' }).click()
  await host.received('useRecipe')
  assert.deepEqual(host.problems, [])
  await page.close()
})

/** The summary of a recording: each value after its name. */
async function summary({ page }: Host): Promise<Record<string, string>> {
  const [names, values] = await Promise.all(['dt', 'dd'].map((part) => page.locator(`aside.recipe dl[aria-label="Run"] ${part}`).allInnerTexts())) as [string[], string[]]
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']))
}

test('its summary says run, steps, spacing, class label and seeds, the last ones in the words of the Sample tab', async () => {
  const of = recipeOf({ 'solver.steps': 6, 'solver.order': 3, 'solver.method': 'singlestep', 'noise.seed': 4, 'schedule.spacing': 'karras', 'conditioning.classLabel': [3, 7], 'noise.batch': 2, 'guidance.scale': 2 })
  const run = { ...viewOf(await record(of, digits), 'finished'), runId: '20260102-030405-678-4f2a', name: 'the good one' }
  const host = await bench.open({ width: 1280 })
  await host.send({ type: 'state', state: { ...stateOf(run.document!.recipe, digits, { run }), recording: '/home/me/one.dpmrun', models: [], model: { status: 'loading', path: 'digits' } } })
  const said = await summary(host)
  assert.equal(said['Run'], '4f2a: the good one')
  assert.equal(said['Steps'], String(run.document!.plan.steps.length))
  assert.deepEqual([said['Solver'], said['Spacing'], said['Class label'], said['Guidance scale'], said['Seeds']], ['DPM-Solver++ 3S, 6 model evaluations', 'Karras', '3, 7', '2', '4 … 5'])
  const probe = await host.page.locator('.probe dl.long dd').allInnerTexts()
  assert.deepEqual(probe, [said['Seeds'], said['Class label'], said['Guidance scale']])
  await host.page.close()
})

test('a recording is gone through as a run is, exported, and its plan is the one that was carried out', async () => {
  const host = await opened()
  const { page } = host
  await page.locator('#timeline').focus()
  await page.keyboard.press('Home')
  assert.deepEqual(await host.received('frameRequest', host.of('frameRequest').length - 1).then(({ runId }) => runId), 'run-1')
  await page.locator('vscode-button', { hasText: 'Export…' }).click()
  assert.equal((await host.received('command')).command, 'dpmSolver.exportTrajectory')
  await page.locator('#tab-plan').click()
  await page.locator('table.steps').waitFor()
  assert.equal(await page.locator('table.steps tbody tr').count(), recording.document.plan.levels.length)
  assert.equal(host.of('recipe').length + host.of('run').length, 0)
  await page.close()
})

test('the recording of a failed run says why, and offers nothing that would run it', async () => {
  const host = await opened()
  const error = { reason: 'nonFinite' as const, message: 'Values became NaN at step 3.', advice: 'Order 3 is unstable here.', remedy: { title: 'Retry with Order 2', set: { 'solver.order': 2 } } }
  await host.send({ type: 'state', state: { ...stateOf(recording.document.recipe, digits, { run: { ...viewOf(recording, 'failed', 4), error } }), recording: '/home/me/one.dpmrun', models: [] } })
  assert.match(await host.page.locator('.banner').innerText(), /Values became NaN at step 3\./)
  assert.deepEqual(await host.page.locator('.banner vscode-button').allInnerTexts(), ['Show Log'])
  await host.page.close()
})

test('a run in a panel of its own is called by its short name, and once it is gone that is all that is said', async () => {
  const host = await opened()
  const { page } = host
  const { recipe } = recording.document
  const run = { ...viewOf(recording, 'finished'), runId: '20260102-030405-678-4f2a' }
  const looked = { ...stateOf(recipe, digits, { run }), recording: '/runs/20260102-030405-678-4f2a', models: [], model: { status: 'loading' as const, path: 'digits' } }
  await host.send({ type: 'state', state: looked })
  assert.match(await page.locator('aside.recipe').innerText(), /Run 4f2a in its own panel/)
  const region = await page.locator('[role=status]').elementHandle()
  const deleted = { message: 'Run 4f2a was deleted.', advice: 'Close this tab, or open another run from the Runs view.' }
  await host.send({ type: 'state', state: { ...looked, run: null, deleted } })
  assert.equal((await page.locator('main').innerText()).replace(/\s+/g, ' ').trim(), `DPM-Solver Preview ${deleted.message} ${deleted.advice}`)
  const banner = page.locator('main > .banner')
  assert.deepEqual([await banner.getAttribute('class'), await banner.getAttribute('role')], ['banner info', null], 'it is information, no error')
  assert.deepEqual(await region.evaluate((element) => [element.isConnected, element.textContent]), [true, deleted.message], 'read out from the region that stood there before')
  assert.equal(await page.locator('.recipe, .frames, #timeline, footer').count(), 0)
  assert.deepEqual(await violations(host), [])
  assert.deepEqual(host.problems, [])
  await page.close()
})

test('a recording fits 400 px', async () => {
  const host = await opened(400)
  assert.ok(await host.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  await host.page.locator('.drawer').click()
  await host.drawn()
  assert.ok(await host.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  assert.ok(await host.page.locator('vscode-button', { hasText: 'Use This Recipe' }).isVisible())
  await host.page.close()
})
