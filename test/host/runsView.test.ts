import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { shortId } from '../../src/protocol/view'
import { openRun } from '../../src/run/store'
import { activated, configure, generate, run, temporaryFolder, tidy, until, watch } from './host'

suite('the Runs view', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1, 'record.folder': temporaryFolder(), 'seed.mode': 'fixed', 'seed.value': 11 }))
  teardown(() => tidy(api))
  const texts = async (): Promise<string[]> => (await api.runs()).map(({ text }) => text)
  const nodeOf = async (runId: string) => (await api.runs()).find(({ node }) => node.kind === 'run' && node.listed.id === runId)!.node

  test('it is empty at first, and then has the newest run on top, with its time and seed', async () => {
    assert.deepEqual(await texts(), [])
    const first = shortId((await generate()).runId)
    await configure({ 'solver.steps': 9 })
    const second = shortId((await generate()).runId)
    const [newest, oldest] = await api.runs()
    assert.match(newest!.text, new RegExp(`^Today: digits · \\+\\+2M · 9 \\(${second} · seed 11 · \\d+\\.\\d\\d s\\)$`))
    assert.match(oldest!.text, new RegExp(`^Today: digits · \\+\\+2M · 20 \\(${first} · seed 11 · \\d+\\.\\d\\d s\\)$`))
    assert.match(newest!.spoken!, new RegExp(`^digits · \\+\\+2M · 9, run ${second}, DPM-Solver\\+\\+ 2M, 9 evaluations, seed 11, finished in \\d+\\.\\d\\d s$`))
  })

  test('a row is called by what the tab of its run is called by, and runs of one recipe differ in it and their seeds', async () => {
    const names: string[] = []
    for (const seed of [11, 12]) {
      await configure({ 'seed.value': seed })
      const name = shortId((await generate()).runId)
      assert.match(name, /^[0-9a-f]{4}$/)
      await until(() => api.panel.title === `Preview: Sample ${name}`, 'the title of the tab')
      assert.match((await texts())[0]!, new RegExp(`\\(${name} · seed ${seed} · `))
      names.push(name)
    }
    const shown = await nodeOf(api.state.run!.runId)
    await run('dpmSolver.renameRun', shown, 'the good one')
    await until(() => api.panel.title === `Preview: Sample ${names[1]}: the good one`, 'the name in the title of the tab')
    assert.match((await texts())[0]!, new RegExp(`^Today: the good one \\(${names[1]} · digits · `))
    assert.match((await api.runs())[0]!.spoken!, new RegExp(`^the good one, run ${names[1]}, digits, DPM`))
    await run('dpmSolver.renameRun', shown, '')
    await until(() => api.panel.title === `Preview: Sample ${names[1]}`, 'the title without a name')
  })

  test('what goes and what waits stand above what is recorded, and a stopped run says where', async () => {
    await configure({ 'solver.steps': 1000, 'batchSize': 16 })
    const first = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 2, 'rows')
    const second = run('dpmSolver.generateSample')
    await until(() => api.state.queued === 1, 'a run that waits')
    const [going, waiting] = await texts()
    assert.match(going!, /^Running: digits · \+\+2M · 1000 \([0-9a-f]{4} · seed 11 · \d+\/1000\)$/)
    assert.match(waiting!, /^Queued: digits · \+\+2M · 1000 \([0-9a-f]{4} · seed 11\)$/)
    await run('dpmSolver.cancelPending')
    await run('dpmSolver.stop')
    await Promise.all([first, second])
    assert.match((await texts())[0]!, /^Today: digits · \+\+2M · 1000 \([0-9a-f]{4} · seed 11 · stopped at \d+\/1000\)$/)
  })

  test('Reveal shows another run, Run Again repeats it beside the form, with a new seed where that is asked for', async () => {
    const { runId } = await generate()
    await configure({ 'solver.steps': 9 })
    await generate()
    const before = api.state.recipe
    const seen = watch(api)
    await run('dpmSolver.revealRun', await nodeOf(runId))
    assert.equal(api.state.run?.runId, runId)
    await until(() => seen.some(({ direction, message }) => direction === 'out' && message.type === 'showTab' && message.tab === 'sample'), 'the tab that shows it')
    await run('dpmSolver.rerun', await nodeOf(runId))
    await until(() => api.state.run?.runId !== runId && api.state.run?.status === 'finished', 'the same again')
    assert.deepEqual([api.state.run?.document?.recipe.solver.steps, api.state.run?.document?.recipe.noise.seed], [20, '11'])
    const again = api.state.run?.runId
    await run('dpmSolver.rerunWithNewSeed', await nodeOf(runId))
    await until(() => api.state.run?.runId !== again && api.state.run?.status === 'finished', 'a new seed')
    assert.notEqual(api.state.run?.document?.recipe.noise.seed, '11')
    assert.deepEqual(api.state.recipe, before)
  })

  test('Use This Recipe takes the recipe of the run it is called for, else of the one on show, into the form, and brings the preview up', async () => {
    const { runId } = await generate()
    await configure({ 'solver.steps': 9 })
    await generate()
    const form = (): unknown[] => [api.state.recipe.solver.steps, api.state.recipe.noise.seed]
    await configure({ 'solver.steps': 7, 'seed.value': 12 })
    await until(() => api.state.recipe.noise.seed === 12, 'the form of other settings')
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    await until(() => !api.panel.visible, 'no preview')
    await run('dpmSolver.useRecipe', await nodeOf(runId))
    assert.deepEqual(form(), [20, 11])
    assert.ok(api.panel.visible)
    await run('dpmSolver.useRecipe')
    assert.deepEqual(form(), [9, 11])
  })

  test('a run is renamed, pinned and unpinned, and keeps both over the limits', async () => {
    const { runId } = await generate()
    await run('dpmSolver.renameRun', await nodeOf(runId), 'the good one')
    await run('dpmSolver.pinRun', await nodeOf(runId))
    assert.match((await texts())[0]!, /^Pinned: the good one \([0-9a-f]{4} · digits · \+\+2M · 20 · seed 11 · /)
    await configure({ 'record.keepRuns': 1 })
    await generate()
    await generate()
    await until(() => api.logLines.some((line) => line.includes('removed the oldest recordings')), 'the limit kept')
    assert.match((await texts())[0]!, /^Pinned: the good one/)
    await run('dpmSolver.unpinRun', await nodeOf(runId))
    assert.ok((await texts()).some((text) => text.startsWith('Today: the good one')))
    await run('dpmSolver.renameRun', await nodeOf(runId), '')
    assert.ok(!(await texts()).some((text) => text.includes('the good one')))
  })

  test('Delete removes the folder, and the run from the panel', async () => {
    const { runId, folder } = await generate()
    await run('dpmSolver.deleteRun', await nodeOf(runId), true)
    assert.equal(existsSync(folder), false)
    assert.equal(api.state.run, null)
    assert.deepEqual(await texts(), [])
  })

  test('the question before a run is deleted says which tabs show it, and how many steps are lost', async () => {
    const { runId } = await generate()
    const asked: string[] = []
    const warning = vscode.window.showWarningMessage.bind(vscode.window)
    const replace = (dialog: unknown): void => { Object.defineProperty(vscode.window, 'showWarningMessage', { value: dialog, configurable: true, writable: true }) }
    replace((question: string, { detail }: vscode.MessageOptions) => { asked.push(`${question} ${detail ?? ''}`); return Promise.resolve(undefined) }) // given up
    const ask = async (): Promise<string | undefined> => {
      await run('dpmSolver.deleteRun', await nodeOf(runId))
      return asked.at(-1)
    }
    const question = `Delete run ${shortId(runId)} of digits, seed 11?`
    const lost = 'Its recording of 20 steps cannot be restored.'
    try {
      assert.equal(await ask(), `${question} The preview shows it. ${lost}`)
      await run('dpmSolver.openRunPanel', await nodeOf(runId))
      assert.equal(await ask(), `${question} The preview shows it. It is open in its own panel. ${lost}`)
      await generate()
      assert.equal(await ask(), `${question} It is open in its own panel. ${lost}`)
      await vscode.commands.executeCommand('workbench.action.closeAllEditors')
      await until(() => api.runPanels.shown.length === 0, 'the panel closed')
      assert.equal(await ask(), `${question} ${lost}`)
      writeFileSync(join(api.runsFolder, runId, 'in-use-01234567'), '')
      assert.equal(await ask(), `${question} Another window shows or uses it. ${lost}`)
    } finally { replace(warning) }
    assert.ok((await texts()).some((text) => text.includes(shortId(runId))), 'nothing was deleted')
  })

  test('its tooltip has the picture, what it is called by and is, what of its recipe is not as usual, what it cost, when and where, and leads to its run.json', async () => {
    await configure({ 'solver.steps': 9, 'solver.options': { r1: 0.5 }, 'solver.method': 'singlestep', 'record.keep': 'lastOnly' })
    const { runId, folder } = await generate()
    await run('dpmSolver.renameRun', await nodeOf(runId), 'a *good* one')
    const contents = await api.tooltip(await nodeOf(runId))
    const [picture, called, what, recorded, unusual, place, link] = contents.split('\n\n')
    assert.match(picture!, /^!\[result\]\(data:image\/png;base64,/)
    assert.equal(called, `**Run ${shortId(runId)}**: a \\*good\\* one`)
    assert.equal(what, 'digits · DPM\\-Solver\\+\\+ 2S · seed 11')
    const { rows } = await openRun(folder)
    assert.match(recorded!, new RegExp(`^9 evaluations in \\d+\\\\.\\d\\d s on CPU · .*\\d.* · 1 of ${rows.length} states$`))
    assert.equal(unusual, ['| Differs from the default | |', '|:--|:--|', '| Solver: Method | `singlestep` |', '| Solver: Steps | `9` |', '| Solver: Options | `{"r1":0.5}` |'].join('\n'))
    assert.equal(place, `\`${folder}\``)
    assert.equal(link, `[Recipe, plan and model in run.json](${vscode.Uri.file(join(folder, 'run.json')).toString()})`)
  })

  test('the tooltip of a batch has its first and last seed', async () => {
    await configure({ 'solver.steps': 9, 'batchSize': 4 })
    const { runId } = await generate()
    assert.match(await api.tooltip(await nodeOf(runId)), /^digits · .* · seeds 11 … 14$/m)
  })

  test('a run of the view is exported by its own command', async () => {
    const { runId } = await generate()
    await configure({ 'solver.steps': 9 })
    await generate()
    const target = vscode.Uri.joinPath(vscode.Uri.file(temporaryFolder()), 'run.csv')
    await run('dpmSolver.exportTrajectory', await nodeOf(runId), { kind: 'csv', target })
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(target)).toString().split('\r\n').length, 23)
  })
})
