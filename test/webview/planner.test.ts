import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { descriptionOf, valueDescriptionsOf } from '../../src/recipe/schemaWords'
import { Bench, type Host } from './harness'
import { digits, recipeOf, stateOf } from './recording'

let bench: Bench
before(async () => { bench = await Bench.start() })
after(async () => { await bench.stop() })

const file = '/webview-planner.js'
const recipe = recipeOf({ 'noise.seed': 21, 'conditioning.classLabel': 3 })
const main = (host: Host): Promise<string> => host.page.locator('main').innerText()
/** What is said of a choice, and of the value that it has. */
const said = (host: Host): Promise<(string | null)[]> => Promise.all(['label', 'vscode-dropdown'].map((part) => host.page.locator(`[data-field="solver.algorithm"] ${part}`).getAttribute('title')))
const disabled = (host: Host): Promise<boolean> => host.page.locator('#run').evaluate((button) => (button as HTMLButtonElement).disabled)

test('the page draws itself, then asks for the planner', async () => {
  const host = await bench.open({ planner: 'kept' })
  await host.page.locator('#page header').waitFor()
  await host.asked(file)
  assert.deepEqual(host.requested.slice(1).sort(), ['/webview-chunk.js', file, '/webview.css', '/webview.js'])
  assert.equal(host.requested.at(-1), file)
  const { transferred, drawn } = await host.page.evaluate((name) => ({
    transferred: performance.getEntriesByType('resource').filter(({ name: url }) => url.endsWith('.js') && !url.endsWith(name)).length, drawn: document.querySelectorAll('#page header, #page .recipe').length,
  }), file)
  assert.deepEqual({ transferred, drawn }, { transferred: 2, drawn: 2 })
  host.releasePlanner()
  await host.planned()
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('until the planner is there the form can be edited and run, and the Plan tab says what is missing; then everything follows', async () => {
  const host = await bench.open({ planner: 'kept' })
  await host.send({ type: 'state', state: stateOf(recipe, digits) })
  assert.equal(await host.page.locator('.recipe').getAttribute('aria-busy'), 'true')
  assert.equal(await host.page.locator('.field-error').count(), 0)
  assert.equal(await disabled(host), false, 'the host is left to judge')
  assert.deepEqual(await said(host), ['', 'DPM-Solver++'])
  await host.page.locator('#tab-plan').click()
  await host.drawn()
  assert.match(await main(host), /The planner is being loaded\./)
  assert.equal(await host.page.locator('main .field-error').count(), 0)
  await host.page.locator('#field-solver-steps').locator('input').fill('7')
  await host.drawn()
  assert.equal((await host.received('recipe')).recipe.solver.steps, 7)
  await host.page.locator('#run').click()
  assert.equal((await host.received('run')).recipe.solver.steps, 7)
  assert.deepEqual(host.problems, [])

  host.releasePlanner()
  await host.planned()
  await host.drawn()
  assert.deepEqual(await said(host), [descriptionOf('solver.algorithm'), valueDescriptionsOf('solver.algorithm')[0]])
  assert.match(await main(host), /DPM-Solver\+\+ 2M: 7 steps, 7 model evaluations \(/)
  assert.equal(await host.page.locator('table.steps tbody tr').count(), 8)
  await host.send({ type: 'state', state: stateOf(recipeOf({ 'noise.seed': 21, 'conditioning.classLabel': 10_000 }), digits) })
  assert.equal(await host.page.locator('[data-field="conditioning.classLabel"] .field-error').count(), 1)
  assert.equal(await disabled(host), true)
  assert.deepEqual(host.problems, [])
  await host.page.close()
})

test('without the planner the form still runs, and both tabs say what to do', async () => {
  const host = await bench.open({ planner: 'missing' })
  await host.send({ type: 'state', state: stateOf(recipe, digits) })
  await host.planned()
  assert.match((await host.received('problem')).text, /^the planner could not be loaded: /)
  assert.equal(await disabled(host), false)
  assert.match(await host.page.locator('footer.status').innerText(), /The planner could not be loaded/)
  await host.page.locator('#tab-plan').click()
  await host.drawn()
  assert.match(await main(host), /The planner could not be loaded\. Close the preview and open it again\./)
  await host.page.close()
})

test('a page that comes back on its Plan tab has its plan again', async () => {
  const host = await bench.open({ saved: { runId: null, row: 0, following: true, tab: 'plan', shown: ['x', 'x0'], speed: 1, loop: false } })
  await host.send({ type: 'state', state: stateOf(recipe, digits) })
  assert.equal(await host.page.locator('table.steps tbody tr').count(), recipe.solver.steps + 1)
  const before = host.of('ready').length
  await host.page.reload()
  await host.received('ready', before)
  await host.planned()
  await host.send({ type: 'state', state: stateOf(recipe, digits) })
  assert.equal(await host.page.locator('table.steps tbody tr').count(), recipe.solver.steps + 1)
  assert.deepEqual(host.problems, [])
  await host.page.close()
})
