import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import type { RowStates } from '../../src/protocol/run'
import { setPath } from '../../src/recipe/path'
import { openRun, readState } from '../../src/run/store'
import { activated, configure, extensionPath, generate, isFrom, isTo, run, tidy, until, watch } from './host'

suite('the plan', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1 }))
  teardown(() => tidy(api))

  test('Preview Plan opens the preview on its Plan tab, again where it was hidden, and runs nothing', async () => {
    const seen = watch(api)
    const before = api.state.run?.runId
    await run('dpmSolver.previewPlan')
    await until(() => seen.some(isTo('showTab')), 'Plan tab')
    assert.ok(seen.findIndex(isFrom('ready')) < seen.findIndex(isTo('showTab')), 'the page hears of it when it can')
    await run('dpmSolver.previewPlan')
    await until(() => seen.filter(isTo('showTab')).length === 2, 'Plan tab of the open page')
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(extensionPath('package.json')), { viewColumn: vscode.window.tabGroups.all.find(({ activeTab }) => activeTab?.input instanceof vscode.TabInputWebview)?.viewColumn ?? vscode.ViewColumn.Active })
    await until(() => !api.panel.visible, 'hidden panel')
    await run('dpmSolver.previewPlan')
    await until(() => seen.filter(isTo('showTab')).length === 3, 'Plan tab of the page that started again')
    assert.ok(!seen.some(isFrom('run')) && !api.contextKeys.running)
    assert.equal(api.state.run?.runId ?? before, before ?? api.state.run?.runId)
  })

  test('sampling while the recipe changes: the run of the last change is on show, and nothing of those before is left', async () => {
    await configure({ 'seed.mode': 'fixed', 'seed.value': 5, 'solver.steps': 6 })
    const first = await generate()
    const folders = (): string[] => readdirSync(api.runsFolder).filter((name) => existsSync(join(api.runsFolder, name, 'run.json')))
    const before = folders()
    for (const steps of [200, 150, 7, 9, 8]) {
      await api.receive({ type: 'runLive', recipe: setPath(api.state.recipe, 'solver.steps', steps) })
      assert.equal(api.state.queued, 0)
      if (steps === 200) await until(() => (api.state.run?.live === true && api.state.run.rows.length > 1), 'rows of a live run')
    }
    await until(() => api.state.run?.status === 'finished' && api.state.run.document?.recipe.solver.steps === 8, 'the run of the last change')
    const { runId } = api.state.run!
    assert.equal(String(api.state.run?.document?.recipe.noise.seed), '5')
    await until(() => folders().length === before.length + 1, 'the last run alone')
    assert.deepEqual(folders().sort(), [...before, runId].sort())
    assert.equal((await openRun(join(api.runsFolder, runId))).outcome, 'finished')

    await api.receive({ type: 'runLive', recipe: setPath(api.state.recipe, 'solver.steps', 10) })
    await until(() => api.state.run?.status === 'finished' && api.state.run.document?.recipe.solver.steps === 10, 'the next one')
    await until(() => !existsSync(join(api.runsFolder, runId)), 'end of the result before')
    assert.ok(existsSync(first.folder), 'what was asked for by itself stays')
    const normal = await generate()
    assert.equal((await openRun(normal.folder)).document.recipe.solver.steps, 10)
    assert.equal(folders().length, before.length + 2, 'the last live result is a run as any other')
  })

  test('sampling while the recipe changes, in the plane: the page gets the points of every row, as they are recorded', async () => {
    await configure({ 'model.path': 'mixture2d', 'batchSize': 8, 'seed.mode': 'fixed', 'seed.value': 5, 'solver.steps': 6 })
    await generate()
    const seen = watch(api)
    for (const steps of [30, 9]) await api.receive({ type: 'runLive', recipe: setPath(api.state.recipe, 'solver.steps', steps) })
    await until(() => api.state.run?.status === 'finished' && api.state.run.document?.recipe.solver.steps === 9, 'the run of the last change')
    const { runId } = api.state.run!
    const sent = (): Map<number, RowStates> => new Map(seen.flatMap(({ message }) => {
      if (message.type === 'states' && message.runId === runId) return message.states
      return message.type === 'frame' && message.runId === runId && message.frames?.states ? [message.frames.states] : []
    }).map((one) => [one.row, one]))
    await until(() => sent().size === 10, 'the points of all rows')
    const stored = await openRun(join(api.runsFolder, runId))
    for (const [row, { x, x0 }] of sent()) {
      assert.deepEqual([...x], [...await readState(stored, stored.rows[row]!, 'x')], `x of row ${row}`)
      assert.deepEqual([...x0], [...await readState(stored, stored.rows[row]!, 'x0')], `x̂₀ of row ${row}`)
    }
    assert.ok(!seen.some(({ message }) => message.type === 'frameRequest' && message.runId === runId), 'no pictures are asked for')
  })
})
