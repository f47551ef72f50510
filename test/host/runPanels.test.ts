import assert from 'node:assert/strict'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { runPanelViewType } from '../../src/manifest'
import { shortId, type ViewState } from '../../src/protocol/view'
import { openRun } from '../../src/run/store'
import { activated, configure, generate, isFrom, isTo, run, temporaryFolder, tidy, until, type Seen } from './host'

suite('panels of one run each', () => {
  let api: Api
  let folder: string
  suiteSetup(async () => { api = await activated() })
  setup(async () => {
    folder = temporaryFolder()
    await configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1, 'record.folder': folder, 'seed.mode': 'fixed', 'seed.value': 11 })
  })
  teardown(() => tidy(api))

  /** A run that lasts much longer than what is done meanwhile. */
  const long = { 'model.path': 'emoji', 'solver.steps': 1000, 'batchSize': 16 }
  const nodeOf = async (runId: string) => (await api.runs()).find(({ node }) => node.kind === 'run' && node.listed.id === runId)!.node
  const watch = (): Seen[] => {
    const seen: Seen[] = []
    api.runPanels.observe = (direction, message) => { seen.push({ direction, message }) }
    return seen
  }
  const stateIn = (seen: readonly Seen[]): ViewState | undefined => seen.flatMap(({ message }) => message.type === 'state' ? [message.state] : []).at(-1)
  const shows = (seen: readonly Seen[], runId: string) => until(() => stateIn(seen)?.run?.runId === runId, `the page with ${runId}`)
  const tabs = (): readonly vscode.Tab[] => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(runPanelViewType))
  const groupOf = (tab: vscode.Tab | undefined) => tab?.group.viewColumn
  const restore = (state: unknown) => api.runPanels.deserializeWebviewPanel(vscode.window.createWebviewPanel(runPanelViewType, 'restored', vscode.ViewColumn.One), state)
  const preview = () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('dpmSolver.preview'))

  test('the run on show gets a tab beside the preview, which goes on to the next run', async () => {
    const first = await generate()
    const seen = watch()
    await run('dpmSolver.openRunPanel')
    await shows(seen, first.runId)
    await until(() => seen.some(isTo('frame')), 'a picture')
    const { rows } = await openRun(first.folder)
    assert.deepEqual([stateIn(seen)?.recording, stateIn(seen)?.run?.rows.length, stateIn(seen)?.trusted], [first.folder, rows.length, true])
    assert.equal(tabs().length, 1)
    assert.equal(tabs()[0]!.label, `Sample ${shortId(first.runId)}`)
    await until(() => groupOf(tabs()[0]) !== groupOf(preview()), 'a group beside the preview')
    await configure({ 'solver.steps': 9 })
    const second = await generate()
    assert.equal(api.state.run?.runId, second.runId)
    await api.runPanels.shown[0]!.receive({ type: 'ready', runId: null })
    assert.equal(stateIn(seen)?.run?.runId, first.runId)
    assert.equal(stateIn(seen)?.run?.document?.recipe.solver.steps, 20)
    await api.runPanels.shown[0]!.receive({ type: 'useRecipe' })
    assert.equal(api.state.recipe.solver.steps, 20)
    assert.ok(api.panel.visible)
  })

  test('asked for again, even twice at a time, it is the same tab that comes up', async () => {
    const { runId } = await generate()
    await Promise.all([run('dpmSolver.openRunPanel'), run('dpmSolver.openRunPanel', await nodeOf(runId))])
    await until(() => tabs().length === 1, 'its tab')
    await vscode.commands.executeCommand('workbench.action.files.newUntitledFile')
    await run('dpmSolver.openRunPanel')
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label === `Sample ${shortId(runId)}`, 'the tab as the active one')
    assert.equal(tabs().length, 1)
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
  })

  test('a run that goes on is followed to its end, with its pictures', async () => {
    await configure(long)
    const going = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 2, 'rows')
    const seen = watch()
    await run('dpmSolver.openRunPanel')
    await until(() => seen.some(({ message }) => message.type === 'frame' && message.live) && seen.some(isFrom('frameAck')) && seen.some(isTo('rows')), 'rows and pictures of it')
    assert.equal(stateIn(seen)?.run?.status, 'running')
    assert.match(api.runPanels.shown[0]!.title, /^● Sample [0-9a-f]{4}$/)
    await run('dpmSolver.stop')
    const { runId, folder: at } = await going
    await until(() => stateIn(seen)?.run?.status === 'stopped', 'its end')
    assert.equal(stateIn(seen)?.run?.rows.length, (await openRun(at)).rows.length)
    assert.equal(api.runPanels.shown[0]!.title, `Sample ${shortId(runId)}`)
    const pairs = seen.filter(({ message }) => (message.type === 'frame' && message.live) || message.type === 'frameAck').map(({ message }) => message.type)
    assert.ok(pairs.every((type, i) => type !== 'frame' || pairs[i - 1] !== 'frame'), `one pair of pictures at a time: ${pairs.join(' ')}`)
  })

  test('a run that goes on is shown as it was begun, whatever is set meanwhile', async () => {
    await configure({ ...long, 'preview.method': 'off' })
    const going = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 2, 'rows')
    const seen = watch()
    await run('dpmSolver.openRunPanel')
    await until(() => stateIn(seen)?.run?.status === 'running', 'the page with it')
    const before = seen.length
    await configure({ 'preview.method': 'auto' })
    await until(() => seen.slice(before).some(isTo('state')), 'what was set')
    assert.deepEqual([stateIn(seen)?.run?.status, stateIn(seen)?.preview.method], ['running', 'off'])
    await run('dpmSolver.stop')
    await going
    await until(() => stateIn(seen)?.run?.status === 'stopped', 'its end')
    assert.equal(stateIn(seen)?.preview.method, 'auto')
  })

  test('it stops the run where the page asks for that, and no other run', async () => {
    const first = await generate()
    await run('dpmSolver.openRunPanel')
    await until(() => api.runPanels.shown.length === 1, 'its panel')
    const [own] = api.runPanels.shown
    await configure(long)
    const going = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 2, 'rows')
    await own!.receive({ type: 'stop' })
    assert.equal(api.state.run?.status, 'running', first.runId)
    await run('dpmSolver.openRunPanel')
    await until(() => api.runPanels.shown.length === 2, 'its own panel')
    await api.runPanels.shown[1]!.receive({ type: 'stop' })
    assert.equal((await going).outcome, 'stopped')
  })

  test('after a reload it has the run that its page remembers, once', async () => {
    const { runId } = await generate()
    await run('dpmSolver.renameRun', await nodeOf(runId), 'the good one')
    await configure({ 'solver.steps': 9 })
    await generate()
    const seen = watch()
    await restore({ runId, row: 3 })
    await shows(seen, runId)
    assert.equal(api.runPanels.shown[0]!.title, `Sample ${shortId(runId)}: the good one`)
    await restore({ runId })
    await restore({ runId: '../elsewhere' })
    await restore(undefined)
    await until(() => tabs().length === 1, 'one tab')
  })

  test('after a reload it says so where its run is not there any more', async () => {
    const { runId, folder: at } = await generate()
    await configure({ 'solver.steps': 9 })
    await generate()
    rmSync(at, { recursive: true })
    const seen = watch()
    await restore({ runId })
    await until(() => stateIn(seen) !== undefined, 'a state')
    const { run: shown, model } = stateIn(seen)!
    assert.equal(shown, null)
    assert.ok(model.status === 'failed' && model.error.message.includes(at) && model.error.message.includes('not there any more'), JSON.stringify(model))
  })

  test('a run whose folder was renamed goes by its name, as in the Runs view', async () => {
    const { folder: at } = await generate()
    await configure({ 'solver.steps': 9 })
    await generate()
    const renamed = '20260102-030405-kept'
    renameSync(at, join(dirname(at), renamed))
    const seen = watch()
    await run('dpmSolver.openRunPanel', await nodeOf(renamed))
    await shows(seen, renamed)
    await until(() => seen.some(({ message }) => message.type === 'frame' && message.frames !== null), 'a picture of it')
    await run('dpmSolver.deleteRun', await nodeOf(renamed), true)
    await until(() => stateIn(seen)?.run === null, 'the end of it')
  })

  test('its run deleted, it says so, and goes on saying so', async () => {
    const { runId } = await generate()
    const seen = watch()
    await run('dpmSolver.openRunPanel')
    await shows(seen, runId)
    await run('dpmSolver.deleteRun', await nodeOf(runId), true)
    await until(() => stateIn(seen)?.run === null, 'the end of it')
    const said = (): string => { const state = stateIn(seen); assert.notEqual(state?.model.status, 'failed', 'it is no error'); return `${state?.deleted?.message} ${state?.deleted?.advice}` }
    assert.match(said(), new RegExp(`^Run ${shortId(runId)} was deleted\\. Close this tab`))
    seen.length = 0
    await api.runPanels.shown[0]!.receive({ type: 'ready', runId })
    assert.match(said(), /was deleted/)
  })

  test('it is called as its run is', async () => {
    const { runId } = await generate()
    await configure({ 'solver.steps': 9 })
    const other = await generate()
    for (const one of [runId, other.runId]) { // the second is on show in the preview too
      const seen = watch()
      await run('dpmSolver.openRunPanel', await nodeOf(one))
      await shows(seen, one)
      const title = (): string | undefined => api.runPanels.shown.at(-1)?.title
      await run('dpmSolver.renameRun', await nodeOf(one), 'the good one')
      assert.equal(title(), `Sample ${shortId(one)}: the good one`)
      await until(() => stateIn(seen)?.run?.name === 'the good one', 'the name in the page')
      await run('dpmSolver.renameRun', await nodeOf(one), '')
      assert.equal(title(), `Sample ${shortId(one)}`)
      await until(() => stateIn(seen)?.run?.name === null, 'the page without it')
    }
  })

  test('while it is open no limit takes its run away', async () => {
    const { folder: shown } = await generate()
    await run('dpmSolver.openRunPanel')
    await until(() => api.runPanels.shown.length === 1, 'its panel')
    await configure({ 'record.keepRuns': 1 })
    const { folder: second } = await generate()
    const { folder: third } = await generate()
    await until(() => !existsSync(second), 'the limit kept')
    await generate()
    await until(() => !existsSync(third), 'the limit kept once more, and all of the time before')
    assert.ok(existsSync(join(shown, 'run.json')))
    await vscode.window.tabGroups.close(tabs())
    await until(() => api.runPanels.shown.length === 0, 'it to close')
    await generate()
    await until(() => !existsSync(shown), `${basename(shown)} to go`)
  })

  test('Export and Save Image are of the run whose panel is the active editor', async () => {
    const { runId, folder: at } = await generate()
    await run('dpmSolver.openRunPanel')
    await configure({ 'solver.steps': 9 })
    await generate()
    await run('dpmSolver.openRunPanel', await nodeOf(runId))
    await until(() => api.runPanels.active !== undefined, 'it to be the active one')
    const table = vscode.Uri.file(join(folder, 'run.csv'))
    await run('dpmSolver.exportTrajectory', { kind: 'csv', target: table })
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(table)).toString().trim().split('\r\n').length, 1 + (await openRun(at)).rows.length)
    const image = vscode.Uri.file(join(folder, 'image.png'))
    assert.equal((await run<vscode.Uri>('dpmSolver.saveImage', { target: image })).fsPath, image.fsPath)
    assert.ok(Buffer.from(await vscode.workspace.fs.readFile(image)).toString('latin1').includes('"steps":20'))
  })

  test('without a run there is none to open', async () => {
    const { runId } = await generate()
    await run('dpmSolver.deleteRun', await nodeOf(runId), true)
    await run('dpmSolver.openRunPanel')
    assert.equal(api.state.notice?.message, 'There is no run to show yet.')
    assert.equal(tabs().length, 0)
  })
})
