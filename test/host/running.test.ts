import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { decode } from 'fast-png'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { shortId } from '../../src/protocol/view'
import { readFrames } from '../../src/run/frames'
import type { RunSummary } from '../../src/run/runner'
import { openRun } from '../../src/run/store'
import { folderWith, nanBelow500 } from '../unit/engine/testModels'
import { activated, changedModel, configure, extensionPath, generate, isFrom, isTo, run, temporaryFolder, tidy, until, watch, type Seen } from './host'

const slow = { 'solver.steps': 1000, 'batchSize': 16 }

suite('a run', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1 }))
  teardown(() => tidy(api))

  test('gives the pixels and states of the command line', async () => {
    await configure({ 'seed.mode': 'fixed', 'seed.value': '18446744073709551614', 'classLabel': 7, 'solver.guidanceScale': 2, 'solver.steps': 8, 'batchSize': 3 })
    const seen = watch(api)
    const { folder } = await generate()
    await until(() => seen.some(({ message }) => message.type === 'frame' && message.row === 8), 'the last picture')
    const target = vscode.Uri.file(join(temporaryFolder(), 'panel.png'))
    await run('dpmSolver.saveImage', { target })

    const { stdout } = await promisify(execFile)(process.execPath, [extensionPath('dist/cli.js'), 'sample', '--seed', '18446744073709551614', '--class-label', '7', '--guidance', '2',
      '--steps', '8', '--batch', '3', '--provider', 'cpu', '--threads', '1', '--out', temporaryFolder(), '--json'], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } })
    const byCli = JSON.parse(stdout) as { runFolder: string; nfe: number }
    assert.deepEqual(readFileSync(join(folder, 'states.f32')), readFileSync(join(byCli.runFolder, 'states.f32')))
    const [panel, sheet] = [target.fsPath, join(byCli.runFolder, 'contact-sheet.png')].map((file) => decode(readFileSync(file)))
    assert.deepEqual(panel!.data, sheet!.data)
    const sent = seen.map(({ message }) => message).filter((message) => message.type === 'frame').at(-1)
    assert.ok(sent?.type === 'frame' && sent.frames)
    assert.deepEqual([...sent.frames.x.filter((_, i) => i % 4 === 0)], [...sheet!.data])
  })

  test('shows its pictures as it goes, acknowledged by the page that drew them', async () => {
    const seen = watch(api)
    await configure(slow)
    const ended = generate()
    await until(() => seen.filter(isFrom('frameAck')).length >= 3, 'three pictures, drawn')
    await run('dpmSolver.stop')
    await ended
    const live = seen.flatMap(({ message }) => message.type === 'frame' && message.live ? [message.row] : [])
    const acknowledged = seen.flatMap(({ message }) => message.type === 'frameAck' ? [message.row] : [])
    assert.deepEqual(acknowledged, live.slice(0, acknowledged.length))
    assert.deepEqual([...live].sort((a, b) => a - b), live)
    assert.ok(seen.some(isTo('rows')))
  })

  test('Stop Sampling keeps what is done', async () => {
    await configure(slow)
    const ended = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 2, 'rows')
    assert.equal(api.contextKeys.running, true)
    assert.match(api.panel.title ?? '', new RegExp(`^● Preview: Sampling \\d+/1000, ${shortId(api.state.run!.runId)}$`))
    assert.match(api.statusText, /^\$\(loading~spin\) \d+\/1000$/)
    await run('dpmSolver.stop')
    const { folder, outcome } = await ended
    assert.equal(outcome, 'stopped')
    const stored = await openRun(folder)
    assert.equal(stored.outcome, 'stopped')
    assert.equal(stored.rows.length, api.state.run?.rows.length)
    assert.ok(stored.rows.length > 2 && stored.rows.length < 1001)
    assert.equal(api.contextKeys.running, false)
  })

  test('goes on while the panel is hidden, and is there when it is shown again', async () => {
    await configure({ 'solver.steps': 300, 'batchSize': 4, 'preview.openOnRun': 'active' })
    const seen = watch(api)
    const ended = generate()
    await until(() => seen.some(isFrom('frameAck')), 'drawn picture')
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(extensionPath('package.json')), { viewColumn: vscode.ViewColumn.Active })
    await until(() => !api.panel.visible, 'hidden panel')
    const { outcome } = await ended
    assert.equal(outcome, 'finished')
    assert.equal(api.state.run?.rows.length, 301)
    const before = seen.length
    await run('dpmSolver.openPreview')
    await until(() => seen.slice(before).some(isFrom('ready')), 'page that starts again')
    await until(() => seen.slice(before).some((entry) => isTo('frame')(entry) && entry.message.type === 'frame' && entry.message.row === 300), 'the last picture')
  })

  test('whose next step is long in coming has its newest pictures in a page that is shown again, and in its own panel', async () => {
    await configure({ ...slow, 'preview.openOnRun': 'active' })
    const seen = watch(api)
    const ended = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 2 && seen.some(isFrom('frameAck')), 'rows, and a drawn picture')
    process.kill(api.enginePid!, 'SIGSTOP')
    try {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(extensionPath('package.json')), { viewColumn: vscode.ViewColumn.Active })
      await until(() => !api.panel.visible, 'hidden panel')
      seen.length = 0
      const pictured = (messages: readonly Seen[]) => until(() => messages.some(({ message }) => message.type === 'frame' && message.frames !== null && message.row === api.state.run!.rows.length - 1), 'the newest picture')
      await run('dpmSolver.openPreview')
      await pictured(seen)
      const own: Seen[] = []
      api.runPanels.observe = (direction, message) => { own.push({ direction, message }) }
      await run('dpmSolver.openRunPanel')
      await pictured(own)
    } finally {
      process.kill(api.enginePid!, 'SIGCONT')
    }
    await run('dpmSolver.stop')
    assert.equal((await ended).outcome, 'stopped')
  })

  test('without a panel is carried out all the same', async () => {
    await configure({ 'preview.openOnRun': 'never' })
    assert.equal((await generate()).outcome, 'finished')
    assert.equal(api.panel.title, undefined)
  })

  test('any row can be asked for, and thumbnails', async () => {
    const seen = watch(api)
    const { runId, folder } = await generate()
    const last = (type: 'frame' | 'thumbnails') => seen.map(({ message }) => message).filter((message) => message.type === type).at(-1)
    const { document, rows } = await openRun(folder)
    for (const row of [3, 0, 20]) {
      await api.receive({ type: 'frameRequest', runId, row })
      const answer = last('frame')
      assert.ok(answer?.type === 'frame' && answer.frames)
      assert.deepEqual([answer.runId, answer.live, answer.row, answer.frames.row], [runId, false, row, row])
      const { width, height, x, x0 } = await readFrames({ statesPath: join(folder, document.states.file), document }, rows[row]!, 'auto')
      assert.deepEqual([answer.frames.width, answer.frames.height], [width, height])
      assert.ok(Buffer.compare(answer.frames.x, x) === 0 && Buffer.compare(answer.frames.x0, x0) === 0, `pixels of row ${row}`)
    }
    await api.receive({ type: 'thumbnailRequest', runId, rows: [1, 7] })
    const thumbnails = last('thumbnails')
    assert.ok(thumbnails?.type === 'thumbnails')
    assert.deepEqual([thumbnails.thumbnails.map(({ row, rgba }) => [row, rgba.length]), thumbnails.failed], [[1, 7].map((row) => [row, 4 * thumbnails.size ** 2]), []])
  })

  test('a row that cannot be read is answered as such, and told once', async () => {
    const seen = watch(api)
    const { runId, folder } = await generate()
    truncateSync(join(folder, 'states.f32'), 2 * (await openRun(folder)).document.states.rowBytes)
    const answers = () => seen.flatMap(({ message }) => message.type === 'frame' && message.frames === null ? [message.row] : [])
    await api.receive({ type: 'frameRequest', runId, row: 5 })
    assert.ok(answers().includes(5))
    assert.equal(api.state.notice?.reason, 'runFolder')
    await api.receive({ type: 'dismissNotice' })
    await api.receive({ type: 'frameRequest', runId, row: 6 })
    assert.ok(answers().includes(6))
    assert.equal(api.state.notice, null)
    await api.receive({ type: 'thumbnailRequest', runId, rows: [0, 1, 7] })
    const thumbnails = seen.map(({ message }) => message).filter((message) => message.type === 'thumbnails').at(-1)
    assert.ok(thumbnails?.type === 'thumbnails')
    assert.deepEqual([thumbnails.thumbnails.map(({ row }) => row), thumbnails.failed], [[0, 1], [7]])
    assert.equal(api.state.notice, null)
  })

  test('whose folder is deleted says so, while it goes and when it is looked at afterwards', async () => {
    await configure(slow)
    const ended = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 2, 'rows')
    rmSync(join(api.runsFolder, api.state.run!.runId), { recursive: true })
    const { error } = await ended
    assert.match(error?.message ?? '', /^The run cannot be recorded in .*: it was deleted\.$/)
    await configure({ 'solver.steps': 5, 'batchSize': 1 })
    const seen = watch(api)
    const { runId, folder } = await generate()
    rmSync(folder, { recursive: true })
    await api.receive({ type: 'frameRequest', runId, row: 3 })
    assert.ok(seen.some(({ message }) => message.type === 'frame' && message.row === 3 && message.frames === null))
    assert.match(api.state.notice?.message ?? '', /^Row 3 of the run cannot be read from .*: it is not there any more\.$/)
    assert.equal((await generate()).outcome, 'finished')
  })

  test('waits its turn behind another, and can be cancelled', async () => {
    await configure(slow)
    const first = generate()
    await until(() => (api.state.run?.rows.length ?? 0) > 0, 'rows')
    const second = run<RunSummary | undefined>('dpmSolver.generateSample')
    const third = run<RunSummary | undefined>('dpmSolver.generateSample')
    assert.equal(api.contextKeys.queueLength, 2)
    assert.equal(await run<number>('dpmSolver.cancelPending'), 2)
    assert.deepEqual([await second, await third], [undefined, undefined])
    await configure({ 'solver.steps': 4, 'batchSize': 1 })
    const last = run<RunSummary>('dpmSolver.generateSample')
    await run('dpmSolver.stop')
    assert.equal((await first).outcome, 'stopped')
    assert.equal((await last).outcome, 'finished')
    assert.equal(api.state.run?.rows.length, 5)
  })

  test('whose engine is killed from outside fails in words, keeps its rows, and the next one works', async () => {
    await configure(slow)
    const ended = generate()
    // An inspection that ends with the engine is begun again, which starts another.
    await until(() => (api.state.run?.rows.length ?? 0) > 2 && api.state.model.status === 'ready', 'rows, and what is known of the model')
    process.kill(api.enginePid!, 'SIGKILL')
    const { folder, outcome, error } = await ended
    assert.equal(outcome, 'failed')
    assert.equal(error?.reason, 'engineExited')
    assert.match(error.message, /SIGKILL.*during step \d+ of 1000.*up to step \d+ is kept/)
    assert.ok(error.remedy)
    assert.equal(api.contextKeys.engineState, 'down')
    const stored = await openRun(folder)
    assert.equal(stored.outcome, 'failed')
    assert.ok(stored.rows.length >= api.state.run!.rows.length)
    assert.equal(api.contextKeys.resumable, true)
    const { recipe, runId } = { ...stored.document, runId: stored.document.id }
    await configure({ 'solver.steps': 5, 'batchSize': 1, 'seed.mode': 'random' })
    const repeated = api.receive({ type: 'remedy', remedy: error.remedy })
    await until(() => api.state.run?.runId !== runId && (api.state.run?.rows.length ?? 0) > 0, 'rows of the one that is run again')
    assert.deepEqual(api.state.run!.document!.recipe, recipe)
    await api.receive({ type: 'forceStop' })
    await repeated
    assert.equal((await generate()).outcome, 'finished')
    assert.equal(api.contextKeys.engineState, 'ready')
  })

  test('whose engine keeps dying says so and starts no more by itself', async () => {
    await configure(slow)
    let error: RunSummary['error'] = null
    for (let i = 0; i < 4; i++) {
      const ended = generate()
      const waiting = i === 3 ? run<RunSummary | undefined>('dpmSolver.generateSample') : undefined
      await until(() => (api.state.run?.rows.length ?? 0) > 0 && api.contextKeys.running === true, 'rows')
      process.kill(api.enginePid!, 'SIGKILL')
      error = (await ended).error
      if (waiting) assert.equal(await waiting, undefined)
    }
    assert.match(error?.message ?? '', /times in five minutes, so it is not started again by itself/)
    assert.deepEqual(error?.remedy, { title: 'Restart Engine', command: 'restartEngine' })
    await run('dpmSolver.restartEngine')
  })

  test('is over for a while, and the engine is ended: the status bar does not warn, and the next run starts it again', async () => {
    assert.equal((await generate()).outcome, 'finished')
    const pid = api.enginePid
    await configure({ 'engine.idleMinutes': 0.001 })
    await until(() => api.contextKeys.engineState === 'off', 'engine that was ended')
    assert.equal(api.enginePid, undefined)
    assert.ok(api.logLines.some((line) => line.startsWith('info engine ended after 0.001 minutes without use')))
    await configure({ 'engine.idleMinutes': 10 })
    assert.equal((await generate()).outcome, 'finished')
    assert.equal(api.contextKeys.engineState, 'ready')
    assert.notEqual(api.enginePid, pid)
  })

  const wrongModels: [what: string, path: () => string, reason: string, says: RegExp][] = [
    ['that is not there', () => join(temporaryFolder(), 'none.onnx'), 'modelMissing', /none\.onnx/],
    ['whose file is cut off', () => changedModel((bytes) => bytes.subarray(0, bytes.length / 2)), 'modelUnreadable', /model\.onnx/],
    ['that is no diffusion model', () => changedModel((bytes) => Buffer.from(bytes.toString('latin1').replaceAll('timestep', 'timestap'), 'latin1')), 'notADiffusionModel', /timestap[^]*timestep|timestep[^]*timestap/],
  ]
  for (const [what, path, reason, says] of wrongModels) {
    test(`with a model ${what} is refused in one sentence with one button`, async () => {
      await run('dpmSolver.selectModel', path())
      const { outcome, error } = await generate()
      assert.equal(outcome, 'failed')
      assert.equal(error?.reason, reason)
      assert.match(`${error.message} ${error.advice}`, says)
      assert.ok(error.remedy?.title)
      await until(() => api.state.model.status === 'failed', 'model marked as failed')
      await api.receive({ type: 'remedy', remedy: { title: 'Use digits', set: { 'model.path': 'digits' } } })
      assert.equal(api.state.run?.status, 'finished')
      assert.equal(api.state.recipe.model.path, 'digits')
    })
  }

  test('whose values stop being numbers names the step and keeps the states', async () => {
    await configure({ 'classLabel': 3, 'solver.guidanceScale': 1e38 })
    const { outcome, error, folder } = await generate()
    assert.equal(outcome, 'failed')
    assert.equal(error?.reason, 'nonFinite')
    assert.match(error.message, /step \d+/)
    assert.ok((await openRun(folder)).rows.length > 0)
    await api.receive({ type: 'remedy', remedy: { title: 'Turn Guidance Off', set: { 'guidance.scale': 1 } } })
    assert.equal(api.state.run?.status, 'finished')
  })

  test('whose values stop being numbers is tried again with a lower order by its button, down to the first, in runs that differ in nothing else', async () => {
    const model = folderWith({ 'unet/model.onnx': nanBelow500() })
    await configure({ 'model.path': model, 'solver.order': 3, 'solver.steps': 12, 'seed.mode': 'fixed', 'seed.value': 11, 'batchSize': 2 })
    const seen = watch(api)
    const { folder, outcome } = await generate()
    assert.equal(outcome, 'failed')
    const { document: first, rows } = await openRun(folder)
    for (const order of [2, 1] as const) {
      const before = api.state.run!
      const remedy = before.error?.remedy
      assert.deepEqual(remedy, { title: `Retry with Order ${order}`, set: { 'solver.order': order } })
      await api.receive({ type: 'remedy', remedy })
      const now = api.state.run!
      assert.ok(now.runId !== before.runId && now.status === 'failed')
      assert.deepEqual(now.document?.recipe, { ...first.recipe, solver: { ...first.recipe.solver, order } })
      assert.equal(Math.max(...now.document.plan.steps.map((step) => step.order)), order, 'so it was planned')
      assert.equal(api.state.recipe.solver.order, order, 'and so the form has it')
    }
    assert.deepEqual(api.state.run?.error?.remedy, { title: 'Select Model…', command: 'selectModel' }, 'there is none below')
    await until(() => seen.some(({ message }) => message.type === 'state' && message.state.run?.document?.recipe.solver.order === 1), 'the new run in the page')
    assert.deepEqual((await openRun(folder)).rows, rows, 'the recording of the first is kept')
  })

  test('with steps below its order is refused at the field and leaves the last picture', async () => {
    const { runId } = await generate()
    await configure({ 'solver.steps': 2, 'solver.order': 3, 'solver.method': 'singlestepFixed' })
    assert.equal(await run('dpmSolver.generateSample'), undefined)
    assert.equal(api.state.notice?.reason, 'recipeInvalid')
    assert.match(api.state.notice.field ?? '', /^solver\./)
    assert.equal(api.state.run?.runId, runId)
  })

  test('that fails while no panel shows tells it by a notification', async () => {
    await configure({ 'preview.openOnRun': 'never', 'model.path': '/nowhere/model.onnx' })
    const { error } = await generate()
    assert.equal(api.notification, error?.message)
    await vscode.commands.executeCommand('notifications.clearAll')
  })
})
