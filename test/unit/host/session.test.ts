import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import files from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { suite, test } from 'node:test'
import type { Comparison } from '../../../src/protocol/engineInfo'
import { deleteRun, renameRun } from '../../../src/run/runList'
import type { Session } from '../../../src/run/session'
import { runFolders } from '../../../src/run/store'
import { DpmError, type ErrorReport } from '../../../src/sampler/errors'
import { facts, recipe } from '../recipe/facts'
import { document as storedDocument, record, writeRun } from '../run/folder'
import { begin, FakeClock, finished, firstRun, root, rows, setUp, turn, until } from './fakeEngine'

suite('session', () => {
  test('a complaint about a setting stays for the runs that follow; another notice goes with the next', async () => {
    for (const standing of [true, false]) {
      const { session } = setUp()
      session.report({ reason: 'recipeInvalid', message: 'Wrong.', advice: 'Mend it.' }, { standing })
      void session.generate()
      await turn()
      assert.equal(session.state.notice?.message, standing ? 'Wrong.' : undefined)
    }
  })

  test('what was said of a recipe is over with the next edit that is taken; a setting’s complaint and other errors stay', () => {
    const edits: ((session: Session) => void)[] = [(session) => { session.editForm(recipe({ 'model.path': 'digits', 'solver.steps': 9 })) }, (session) => { session.edit({ 'solver.steps': 9 }) }]
    for (const edit of edits) {
      for (const [reason, standing, stays] of [['recipeInvalid', false, false], ['recipeInvalid', true, true], ['engineExited', false, true]] as const) {
        const { session } = setUp()
        session.report({ reason, message: 'Wrong.', advice: 'Mend it.' }, { standing })
        session.editForm(recipe({ 'model.path': 'digits', 'solver.steps': -1 }))
        assert.equal(session.state.notice?.message, 'Wrong.', 'an edit that is not taken mends nothing')
        const told: string[] = []
        session.changed.on((what) => { told.push(what) })
        edit(session)
        assert.equal(session.state.notice?.message, stays ? 'Wrong.' : undefined, `${reason} ${standing}`)
        if (!stays) assert.ok(told.includes('state'), 'the page hears of it')
      }
    }
  })

  test('what was said of a model is over with the choice of another', () => {
    const choose: ((session: Session) => void)[] = [(session) => { session.editForm(recipe({ 'model.path': 'emoji' })) }, (session) => { session.edit({ 'model.path': 'emoji' }) }]
    for (const change of choose) {
      const { session } = setUp()
      session.editForm(recipe({ 'model.path': 'digits' }))
      session.report({ reason: 'modelUnreadable', message: 'Wrong.', advice: 'Choose another.' })
      session.edit({ 'solver.steps': 9 })
      assert.equal(session.state.notice?.message, 'Wrong.', 'it is the same model')
      change(session)
      assert.equal(session.state.notice, null)
    }
  })

  test('what was edited in the form is there again in the next life of the window, the rest follows the settings of then', () => {
    let left: unknown
    const { session } = setUp({ form: { get: () => undefined, set: (form) => { left = JSON.parse(JSON.stringify(form)) } } })
    session.edit({ 'conditioning.classLabel': 7, 'noise.batch': 9 })
    const later = setUp({ form: { get: () => left, set: () => {} } }, { recipe: recipe({ 'model.path': 'digits', 'solver.steps': 33 }) }).session
    assert.deepEqual([later.state.recipe.conditioning.classLabel, later.state.recipe.noise.batch, later.state.recipe.solver.steps], [7, 9, 33])
    for (const garbage of [null, 'form', { recipe: 1, defaults: 2 }, { recipe: { solver: { steps: -1 } }, defaults: {} }]) {
      const { session: fresh } = setUp({ form: { get: () => garbage, set: () => {} } })
      assert.deepEqual(fresh.state.recipe, fresh.state.defaults)
    }
  })

  test('what failed is repeated with its seed, on show or not, whatever the form says by then', async () => {
    const { engine, session } = setUp({}, { seedMode: 'random', recipe: recipe({ 'model.path': 'digits', 'noise.seed': 'random' }) })
    const exited = new DpmError({ reason: 'engineExited', message: 'It exited.', advice: 'Run again.', remedy: { title: 'Run Again', command: 'runAgain' } })
    const started = async () => { await turn(); return engine.runs.at(-1)! }
    for (const begins of [true, false]) {
      const failing = session.generate()
      const run = await started()
      if (begins) begin(run)
      run.reject(exited)
      await failing
      session.edit({ 'solver.steps': session.state.recipe.solver.steps + 1 })
      assert.equal(session.state.run?.status, 'failed', 'the one that did not begin leaves the one before on show')
      const again = session.repeat()
      const repeated = await started()
      assert.notEqual(repeated, run)
      assert.deepEqual(repeated.start.recipe, run.start.recipe)
      begin(repeated)
      repeated.reject(exited)
      await again
    }
    assert.equal(session.state.recipe.noise.seed, 'random')
    const done = session.generate()
    begin(await started())
    engine.runs.at(-1)!.resolve(finished)
    await done
    assert.equal(session.failedRecipe, undefined)
  })

  test('files of a recipe count from the workspace folder, and the run has their whole paths', async () => {
    const { engine, session } = setUp()
    session.edit({ 'input.image': 'pictures/a.png' })
    void session.generate({ set: { 'input.mask': '${workspaceFolder}/mask.png', 'guidance.classifier': resolve('/elsewhere/c.onnx') } })
    await turn()
    const { input, guidance } = engine.runs[0]!.start.recipe
    assert.deepEqual([input.image, input.mask, guidance.classifier], [join(root, 'pictures/a.png'), join(root, 'mask.png'), resolve('/elsewhere/c.onnx')])
    assert.equal(session.state.recipe.input.image, 'pictures/a.png', 'the form stays as it was typed')
    const without = setUp({ folder: () => undefined })
    void without.session.generate({ set: { 'input.image': 'a.png' } })
    await turn()
    assert.equal(without.engine.runs[0]!.start.recipe.input.image, 'a.png', 'the engine says that nothing tells where it is')
  })

  test('events of an earlier run are dropped', async () => {
    const { engine, session } = setUp()
    const first = session.generate()
    await turn()
    const early = engine.runs[0]!
    const document = begin(early)
    early.on.rows?.(rows(early.start.runId, document, 0, 1))
    early.resolve(finished)
    await first
    void session.generate()
    await turn()
    const late = engine.runs[1]!
    early.on.rows?.(rows(early.start.runId, document, 2))
    early.on.began?.({ runId: early.start.runId, document, loadMs: 1 })
    assert.equal(session.state.run?.runId, late.start.runId)
    assert.deepEqual(session.state.run.rows, [])
    assert.equal(session.state.run.document, null)
    late.resolve(finished)
  })

  test('pictures that nobody looks at are acknowledged at once', async () => {
    const { engine, session } = setUp()
    void session.generate()
    await turn()
    const run = engine.runs[0]!
    const document = begin(run)
    const frames = { row: 0, width: 8, height: 8, x: new Uint8Array(256), x0: new Uint8Array(256) }
    run.on.rows?.({ ...rows(run.start.runId, document, 0), frames })
    assert.deepEqual(engine.acknowledged, [0])
    session.runner.frames.on(() => {})
    run.on.rows?.({ ...rows(run.start.runId, document, 1), frames: { ...frames, row: 1 } })
    assert.deepEqual(engine.acknowledged, [0])
    run.resolve(finished)
  })

  test('a run waits for the page, and one stopped before that is never begun', async () => {
    let show: () => void = () => {}
    const { engine, session } = setUp({ shown: () => new Promise((resolve) => { show = resolve }) })
    const ended = session.generate()
    await turn()
    assert.equal(engine.runs.length, 0)
    assert.deepEqual(engine.inspected.map(({ path }) => path), ['digits'], 'the model loads meanwhile')
    session.stop()
    show()
    assert.equal((await ended)?.outcome, 'stopped')
    assert.equal(engine.runs.length, 0)
  })

  test('the recipe of a run is that of the moment it was asked for', async () => {
    const { engine, session } = setUp()
    const first = session.generate()
    const second = session.generate()
    session.edit({ 'solver.steps': 3 })
    await turn()
    engine.runs[0]!.resolve(finished)
    await first
    await turn()
    assert.equal(engine.runs[1]!.start.recipe.solver.steps, 20)
    engine.runs[1]!.resolve(finished)
    await second
  })

  test('runs that wait count their seeds up, each after the last image of the one before', async () => {
    const { engine, session } = setUp({}, { seedMode: 'increment', recipe: recipe({ 'model.path': 'digits', 'noise.seed': 10, 'noise.batch': 3 }) })
    for (let i = 0; i < 3; i++) void session.generate()
    for (let i = 0; i < 3; i++) {
      await turn()
      await turn()
      assert.equal(engine.runs[i]!.start.recipe.noise.seed, 10 + 3 * i)
      engine.runs[i]!.resolve(finished)
      await turn()
    }
    assert.equal(session.state.recipe.noise.seed, 19)
    assert.deepEqual(session.state.recipe, session.state.defaults, 'the form is not marked as edited by it')
  })

  test('a recipe that the engine refuses is a notice at its field; the run on show stays', async () => {
    const { engine, session } = setUp()
    const runId = await firstRun(session, engine)
    const second = session.generate()
    await turn()
    engine.runs[1]!.reject(new DpmError({ reason: 'recipeInvalid', field: 'solver.order', message: 'No.', advice: 'Another.' }))
    assert.equal((await second)?.outcome, 'failed')
    assert.equal(session.state.run?.runId, runId)
    assert.equal(session.state.notice?.field, 'solver.order')
  })

  test('a run that cannot begin leaves the picture on show and is told beside it', async () => {
    const { engine, session } = setUp()
    const runId = await firstRun(session, engine)
    for (const [i, reason] of (['modelMissing', 'providerUnavailable', 'runFolder'] as const).entries()) {
      const ended = session.generate()
      await turn()
      engine.runs[i + 1]!.reject(new DpmError({ reason, message: `No ${reason}.`, advice: 'Another.' }))
      assert.deepEqual([(await ended)?.outcome, session.state.run?.runId, session.state.run?.status, session.state.notice?.reason], ['failed', runId, 'finished', reason])
      assert.ok(session.runner.recorded(runId, 0) === undefined && session.state.run?.document, 'it is the run itself')
    }
  })

  test('a run that fails while another waits is told of, since that one takes its place at once', async () => {
    const { engine, session } = setUp()
    const [first, second] = [session.generate(), session.generate()]
    await turn()
    begin(engine.runs[0]!)
    engine.runs[0]!.reject(new DpmError({ reason: 'engineExited', message: 'It exited.', advice: 'Run again.' }))
    await first
    await until(() => engine.runs.length === 2)
    assert.match(session.state.notice?.message ?? '', /^It exited\./)
    assert.equal(session.state.run?.runId, engine.runs[1]!.start.runId)
    engine.runs[1]!.resolve(finished)
    await second
  })

  test('what was said of a row that cannot be read is over when its run says the same of itself', async () => {
    const { engine, session } = setUp()
    const ended = session.generate()
    await turn()
    begin(engine.runs[0]!)
    session.report({ reason: 'runFolder', message: 'Row 3 cannot be read.', advice: 'Choose another run.' })
    engine.runs[0]!.resolve({ ...finished, outcome: 'failed', error: { reason: 'runFolder', message: 'It was deleted.', advice: 'Run again.' } })
    await ended
    assert.deepEqual([session.state.notice, session.state.run?.error?.message], [null, 'It was deleted.'])
  })

  test('a first run that cannot begin is shown with its error', async () => {
    const { engine, session } = setUp()
    const ended = session.generate()
    await turn()
    engine.runs[0]!.reject(new DpmError({ reason: 'modelMissing', message: 'No model.', advice: 'Another.' }))
    await ended
    assert.deepEqual([session.state.run?.status, session.state.run?.error?.reason, session.state.notice], ['failed', 'modelMissing', null])
  })

  test('an answer about a model that is no longer chosen is dropped', async () => {
    const { engine, session } = setUp()
    session.inspect()
    session.edit({ 'model.path': 'emoji' })
    engine.inspected[1]!.resolve(facts({ name: 'emoji' }))
    await turn()
    engine.inspected[0]!.resolve(facts({ name: 'digits' }))
    await turn()
    const { model } = session.state
    assert.ok(model.status === 'ready' && model.facts.name === 'emoji')
  })

  test('without trust nothing runs and no model of the workspace is looked at', async () => {
    const { engine, session } = setUp({ trusted: () => false })
    const told: string[] = []
    session.failed.on(({ reason }) => { told.push(reason) })
    assert.equal(await session.generate(), undefined)
    session.edit({ 'model.path': '/workspace/model.onnx' })
    session.inspect()
    assert.deepEqual(told, ['untrusted'])
    assert.equal(engine.runs.length + engine.inspected.length, 0)
    assert.equal(session.state.model.status, 'failed')
  })

  test('a model replaced on disk is looked at again, and judged by what it was until then', async () => {
    const { engine, session } = setUp()
    session.inspect()
    engine.inspected[0]!.resolve(facts({ fixedBatch: 2 }))
    await turn()
    assert.equal(await session.generate(), undefined, 'one image is refused')
    assert.equal(session.state.model.status, 'ready')
    engine.inspected[1]!.resolve(facts({ fixedBatch: null }))
    await turn()
    void session.generate()
    await turn()
    assert.equal(engine.runs.length, 1)
    await turn()
    engine.inspected[2]!.reject(new DpmError({ reason: 'modelMissing', message: 'Gone.', advice: 'Another.' }))
    await turn()
    assert.equal(session.state.model.status, 'failed', 'a run looks again too')
    engine.runs[0]!.resolve(finished)
  })

  test('an engine that exits while a known model is looked at again says nothing of the model', async () => {
    const { engine, session } = setUp()
    session.inspect()
    engine.inspected[0]!.resolve(facts())
    await turn()
    session.refresh()
    engine.inspected[1]!.reject(new DpmError({ reason: 'engineExited', message: 'Gone.', advice: 'Again.' }))
    await turn()
    assert.equal(session.state.model.status, 'ready')
  })

  test('a reload shows the run this window had, else the one the page remembers, else the newest that can be read', async () => {
    const folder = mkdtempSync(join(root, 'runs-'))
    const [mine, remembered, newest, broken] = ['20260102-030405-aaaa', '20260102-030406-bbbb', '20260102-030407-cccc', '20260102-030408-dddd'] as const
    for (const id of [mine, remembered, newest]) writeRun(folder, storedDocument(id), 2)
    mkdirSync(join(folder, broken))
    writeFileSync(join(folder, broken, 'run.json'), '{"format":"dpm-solver-run","version":1}')
    const shown = async (last: string | undefined, page: string | null): Promise<string | undefined> => {
      const { session } = setUp({ runsFolder: () => folder, lastRun: { get: () => last, set: () => {} } })
      await session.restore(page)
      return session.state.run?.runId
    }
    assert.equal(await shown(mine, remembered), mine)
    assert.equal(await shown(undefined, remembered), remembered)
    assert.equal(await shown('20200101-000000-gone', remembered), remembered)
    assert.equal(await shown(undefined, null), newest)
    assert.equal(await shown(broken, '20200101-000000-gone'), newest)
    assert.equal(await shown('../../elsewhere', null), newest)
  })

  test('of a run that is gone nothing is offered that would not help, and what was said of it is over when another is shown', async () => {
    const folder = mkdtempSync(join(root, 'runs-'))
    const there = writeRun(folder, storedDocument('20260102-030405-aaaa'), 2)
    const { session } = setUp({ runsFolder: () => folder })
    await session.attemptAsync(() => session.showRun(join(folder, '20260102-030405-bbbb')))
    assert.match(session.state.notice?.message ?? '', /bbbb: it is not there any more/)
    assert.deepEqual([session.state.notice?.advice, session.state.notice?.remedy], ['Choose another run, or generate a new sample.', undefined])
    await session.showRun(there)
    assert.equal(session.state.notice, null)
  })

  test('a recording without an end is not said to have been stopped', async () => {
    const folder = mkdtempSync(join(root, 'runs-'))
    writeRun(folder, storedDocument('20260102-030405-aaaa'), 2)
    const { session } = setUp({ runsFolder: () => folder })
    await session.restore(null)
    assert.deepEqual([session.state.run?.status, session.state.run?.interrupted], ['stopped', true])
  })

  test('an interrupted one that was written to just now can be resumed by itself later, as is said; not where it is written to again', async () => {
    const folder = mkdtempSync(join(root, 'runs-'))
    const run = writeRun(folder, storedDocument('20260102-030405-aaaa'), 2)
    const written = (agoMs: number): void => { const at = new Date(Date.now() - agoMs); utimesSync(join(run, 'events.jsonl'), at, at) }
    const clock = new FakeClock()
    const { session } = setUp({ runsFolder: () => folder, clock })
    let told = 0
    session.changed.on(() => { told++ })
    written(-600_000) // a clock that is ahead, so that a slow machine does not come to the end of it
    await session.restore(null)
    const resume = () => session.state.run?.resume
    await until(() => resume() !== undefined)
    const first = resume()!.from!
    assert.match(resume()!.why!, /written to less than a minute ago/)
    assert.ok(first > Date.now() && first <= Date.now() + 660_000)
    await assert.rejects(session.resume(run), { message: /^Run aaaa cannot be resumed: It was written/, advice: /^Resume it in \d+ seconds/ })
    written(-700_000) // by another window
    clock.pass(660_001)
    await until(() => resume()!.from !== first)
    assert.notEqual(resume()!.why, null)
    const before = told
    written(120_000)
    clock.pass(760_001)
    await until(() => resume()!.why === null)
    assert.deepEqual([resume(), told > before], [{ why: null }, true])
  })

  test('one that goes on in another window is shown as it is there when it is looked at again, and when it has ended there so', async () => {
    const folder = mkdtempSync(join(root, 'runs-'))
    const at = storedDocument('20260102-030405-aaaa')
    const run = writeRun(folder, at, 2)
    const soon = (): void => { const when = new Date(Date.now() + 600_000); utimesSync(join(run, 'events.jsonl'), when, when) } // a clock that is ahead
    const clock = new FakeClock()
    const { session } = setUp({ runsFolder: () => folder, clock })
    const shown = () => [session.state.run?.status, session.state.run?.interrupted, session.state.run?.rows.length]
    soon()
    await session.restore(null)
    await until(() => session.state.run?.resume !== undefined)
    assert.deepEqual(shown(), ['stopped', true, 2])
    const recorder = record(run, at, 2, 3)
    soon()
    clock.pass(660_001)
    await until(() => session.state.run?.rows.length === 3 && session.state.run.resume !== undefined)
    assert.deepEqual(shown(), ['stopped', true, 3])
    assert.match(session.state.run!.resume!.why!, /may still be going in another window/)
    recorder.end(finished)
    clock.pass(660_001)
    await until(() => session.state.run?.status === 'finished')
    assert.deepEqual([...shown(), session.state.run?.resume], ['finished', undefined, 3, undefined])
  })

  test('one from a clock that is far ahead is looked at again once a day', async () => {
    const folder = mkdtempSync(join(root, 'runs-'))
    const run = writeRun(folder, storedDocument('20260102-030405-aaaa'), 2)
    const days = (count: number): number => count * 24 * 3600 * 1000
    const ahead = new Date(Date.now() + days(40))
    utimesSync(join(run, 'events.jsonl'), ahead, ahead)
    const waits: number[] = []
    const { session } = setUp({ runsFolder: () => folder, clock: { now: () => 0, after: (ms) => { waits.push(ms); return () => {} } } })
    await session.restore(null)
    await until(() => session.state.run?.resume !== undefined)
    assert.ok(session.state.run!.resume!.from! > Date.now() + days(39))
    assert.ok(waits.includes(days(1)) && Math.max(...waits) === days(1), String(waits))
  })

  test('a run that is read late is not shown in the place of one that was asked for later, recorded or new', async (t) => {
    const folder = mkdtempSync(join(root, 'runs-'))
    const [late, soon] = ['20260102-030405-aaaa', '20260102-030406-bbbb'].map((id) => writeRun(folder, storedDocument(id), 2, [JSON.stringify({ ...finished, rows: 2 }), ''])) as [string, string]
    let read = (): void => {}
    const readFile = files.readFile
    t.mock.method(files, 'readFile', async (path: string, ...rest: []) => {
      if (path === join(late, 'run.json')) await new Promise<void>((resolve) => { read = resolve })
      return readFile(path, ...rest)
    })
    const { engine, session } = setUp({ runsFolder: () => folder })
    const shown = (): string | undefined => session.state.run?.runId

    const first = session.showRun(late)
    await session.showRun(soon)
    read()
    await first
    assert.equal(shown(), basename(soon))

    const second = session.showRun(late)
    const runId = await firstRun(session, engine)
    read()
    await second
    assert.equal(shown(), runId)

    const third = session.showRun(late)
    read()
    await third
    assert.equal(shown(), basename(late))
  })

  test('a run that is deleted while it is read is not shown; one that is read while another is deleted is', async (t) => {
    const folder = mkdtempSync(join(root, 'runs-'))
    const [shown, gone, other] = ['20260102-030405-aaaa', '20260102-030406-bbbb', '20260102-030407-cccc'].map((id) => writeRun(folder, storedDocument(id), 2, [JSON.stringify({ ...finished, rows: 2 }), ''])) as [string, string, string]
    const reads: (() => void)[] = []
    const readFile = files.readFile
    t.mock.method(files, 'readFile', async (path: string, ...rest: []) => {
      if (path === join(gone, 'events.jsonl') || path === join(other, 'events.jsonl')) await new Promise<void>((resolve) => { reads.push(resolve) })
      return readFile(path, ...rest)
    })
    const { session } = setUp({ runsFolder: () => folder })
    await session.showRun(shown)
    const remove = async (asked: Promise<void>): Promise<void> => {
      await until(() => reads.length === 1)
      await deleteRun(gone)
      session.forgetRun(basename(gone))
      reads.pop()!()
      await asked
    }
    await remove(session.showRun(gone))
    assert.equal(session.state.run?.runId, basename(shown))
    await remove(session.showRun(other))
    assert.equal(session.state.run?.runId, basename(other))
  })

  test('one that is named while it waits to be resumed is called so when it goes; so is the one that was on show when another could not begin', async () => {
    const folder = mkdtempSync(join(root, 'runs-'))
    const end = JSON.stringify({ ...finished, outcome: 'stopped', rows: 2 })
    const [waiting, shown] = ['20260102-030405-aaaa', '20260102-030406-bbbb'].map((id) => writeRun(folder, { ...storedDocument(id), recipe: recipe({ 'input.task': 'noise' }) }, 2, [end, ''])) as [string, string]
    const { engine, session } = setUp({ runsFolder: () => folder })
    const name = async (run: string, given: string): Promise<void> => {
      await renameRun(run, given)
      session.renamed(run, given)
    }
    await session.showRun(shown)
    const failing = session.generate()
    const resumed = session.resume(waiting)
    await until(() => session.waiting.length === 1)
    assert.equal(session.waiting[0]!.resume!.name, null)
    await name(waiting, 'the good one')
    await name(shown, 'the bad one')
    assert.equal(session.waiting[0]!.resume!.name, 'the good one')
    let between: string | null | undefined
    session.changed.on(() => { if (session.state.run?.runId.endsWith('bbbb') && session.waiting.length === 0) between = session.state.run.name })
    engine.runs[0]!.reject(new DpmError({ reason: 'modelMissing', message: 'No model.', advice: 'Another.' }))
    await failing
    await until(() => engine.runs.length === 2)
    assert.equal(session.state.run?.name, 'the good one')
    assert.equal(between, 'the bad one')
    await name(waiting, 'the best one')
    engine.runs[1]!.reject(new DpmError({ reason: 'modelMissing', message: 'No model.', advice: 'Another.' }))
    await resumed
    assert.equal(session.state.run?.name, 'the best one')
  })

  test('the run that is remembered is the one that began last, not one that never did', async () => {
    const kept: string[] = []
    const { engine, session } = setUp({ lastRun: { get: () => kept.at(-1), set: (runId) => { kept.push(runId) } } })
    const first = session.generate()
    await turn()
    assert.deepEqual(kept, [])
    begin(engine.runs[0]!)
    engine.runs[0]!.resolve(finished)
    await first
    const second = session.generate()
    await turn()
    engine.runs[1]!.reject(new DpmError({ reason: 'modelMissing', message: 'No model.', advice: 'Another.' }))
    await second
    assert.deepEqual(kept, [engine.runs[0]!.start.runId])
  })

  test('after a run recordings beyond the limit go, the oldest first, and the one on show stays', async () => {
    const folder = mkdtempSync(join(root, 'runs-'))
    const ids = [1, 2, 3, 4].map((n) => `20260102-03040${n}-aaaa`)
    for (const id of ids) writeRun(folder, storedDocument(id), 4, [JSON.stringify(finished), ''])
    const { engine, session, lines } = setUp({ runsFolder: () => folder, lastRun: { get: () => ids[0], set: () => {} } }, { record: { keepRuns: 2, maxDiskMB: 100 } })
    await session.restore(null)
    const ended = session.generate()
    await turn()
    engine.runs[0]!.reject(new DpmError({ reason: 'modelMissing', message: 'No model.', advice: 'Another.' })) // the run on show stays the oldest
    await ended
    await until(() => lines.some((line) => line.startsWith('removed')))
    assert.deepEqual((await runFolders(folder)).map((path) => basename(path)), [ids[3], ids[2], ids[0]])
  })

  test('what is done with a run that has ended is told where it fails, is waited for by nobody, and old recordings go after it', async () => {
    const folder = mkdtempSync(join(root, 'runs-'))
    for (const n of [1, 2]) writeRun(folder, storedDocument(`20260102-03040${n}-aaaa`), 4, [JSON.stringify(finished), ''])
    const done: { runId: string; fail: (error: Error) => void }[] = []
    const { engine, session, lines } = setUp({ runsFolder: () => folder, ended: ({ runId }) => new Promise((_, fail) => { done.push({ runId, fail }) }) }, { record: { keepRuns: 1, maxDiskMB: 100 } })
    const first = await firstRun(session, engine)
    const second = session.generate()
    await turn()
    begin(engine.runs[1]!)
    engine.runs[1]!.resolve(finished)
    const { runId, outcome } = (await second)!
    await turn()
    assert.equal(outcome, 'finished')
    assert.deepEqual(done.map((one) => one.runId), [first], 'one after the other')
    assert.ok(!lines.some((line) => line.startsWith('removed')))
    done[0]!.fail(new DpmError({ reason: 'outputFile', message: 'Not saved.', advice: 'Elsewhere.' }))
    await until(() => lines.some((line) => line.startsWith('removed')) && done.length === 2)
    assert.equal(session.state.notice?.message, 'Not saved.')
    assert.equal(done[1]!.runId, runId)
    done[1]!.fail(new DpmError({ reason: 'outputFile', message: 'and this', advice: 'Elsewhere.' }))
    await until(() => session.state.notice?.message === 'and this')
    assert.equal(session.state.run?.status, 'finished')
  })

  test('a provider that is slower than the CPU on a model is told of, with the CPU as the remedy; a faster one, and the CPU itself, are not', async () => {
    const slower: Comparison = { provider: 'webgpu', providerMs: 56, cpuMs: 2.1, items: 1 }
    for (const [comparison, hint] of [[slower, true], [{ ...slower, providerMs: 2.3 }, false], [null, false]] as const) {
      const { engine, session, lines } = setUp()
      const hints: ErrorReport[] = []
      session.hinted.on((told) => { hints.push(told) })
      await firstRun(session, engine, 'webgpu')
      assert.deepEqual(engine.compared.map(({ path, items }) => [path, items]), [[facts().path, 1]])
      engine.compared[0]!.resolve(comparison)
      await turn()
      assert.deepEqual([hints.length, session.state.hint?.remedy], hint ? [1, { title: 'Use CPU', command: 'useCpu' }] : [0, undefined])
      assert.equal(session.state.notice, null, 'a hint is no error')
      if (!hint) continue
      assert.equal(session.state.hint?.message, `WebGPU is slower than the CPU on ${facts().name}: an evaluation takes 56 ms on WebGPU, 2.1 ms on the CPU.`)
      assert.ok(lines.some((line) => line.startsWith(session.state.hint!.message)))
      session.dismissHint()
      assert.equal(session.state.hint, null)
    }
    const { engine, session } = setUp()
    await firstRun(session, engine)
    assert.equal(engine.compared.length, 0)
  })

  test('a comparison that comes when the engine has other settings says nothing', async () => {
    const { engine, session, current, lines } = setUp()
    await firstRun(session, engine, 'webgpu')
    current.engine = { provider: 'cpu', intraOpThreads: 1 + current.engine.intraOpThreads }
    session.followSettings()
    engine.compared[0]!.resolve({ provider: 'webgpu', providerMs: 56, cpuMs: 2.1, items: 1 })
    await turn()
    assert.equal(session.state.hint, null)
    assert.ok(!lines.some((line) => line.includes('slower')))
  })

  test('hints that are not wanted go to the log alone, from then on; other engine settings take a hint back', async () => {
    let hidden = false
    const comparison: Comparison = { provider: 'webgpu', providerMs: 56, cpuMs: 2.1, items: 1 }
    const slow = async () => {
      const parts = setUp({ hints: { hidden: () => hidden, hide: () => { hidden = true } } })
      await firstRun(parts.session, parts.engine, 'webgpu')
      parts.engine.compared[0]!.resolve(comparison)
      await turn()
      return parts
    }
    const first = await slow()
    first.current.engine = { provider: 'cpu', intraOpThreads: 2 }
    first.session.followSettings()
    assert.equal(first.session.state.hint, null)
    const second = await slow()
    assert.equal(second.session.state.hint?.otherRemedy?.title, 'Don’t Show Again')
    second.session.hideHints()
    assert.equal(second.session.state.hint, null)
    const third = await slow()
    assert.equal(third.session.state.hint, null)
    assert.ok(third.lines.some((line) => /slower than the CPU/.test(line)))
  })

  test('other engine settings have the model looked at again', async () => {
    const { engine, session, current } = setUp()
    session.inspect()
    engine.inspected[0]!.resolve(facts())
    await turn()
    session.followSettings()
    assert.equal(engine.inspected.length, 1)
    current.engine = { provider: 'cpu', intraOpThreads: 2 }
    session.followSettings()
    assert.equal(engine.inspected.length, 2)
    assert.equal(engine.forgotten, 1, 'and providers are found out again')
    engine.inspected[1]!.resolve(facts())
  })
})
