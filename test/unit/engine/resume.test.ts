import '../../../src/engine/environment'
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { readMemory } from '../../../src/engine/memoryFile'
import { Models } from '../../../src/engine/models'
import { Run } from '../../../src/engine/runner'
import type { RunBegan, StartRun } from '../../../src/protocol/engine'
import type { Answer, Question } from '../../../src/protocol/inspect'
import { bytesOfRows, isKept, placeOf, type KeepRule } from '../../../src/protocol/keptRows'
import { memoryFile, type EndEvent, type RowEvent } from '../../../src/protocol/run'
import { setPath } from '../../../src/recipe/path'
import type { Recipe } from '../../../src/recipe/recipe'
import { answer } from '../../../src/run/inspection/inspect'
import { exitError } from '../../../src/run/engineExit'
import { resumedRun, whyNotResumed } from '../../../src/run/resume'
import { appendEnd, keptRows, openRun, readState } from '../../../src/run/store'
import { DpmError } from '../../../src/sampler/errors'
import { greyPng, ring } from './digits'
import { folderWith, half, newFolder } from './testModels'
import { cpu, readFolder, recipe, start } from './withClient'

/** Models that tell of every evaluation, so that a run can be stopped after a certain one on any machine. */
class CountedModels extends Models {
  evaluated = (): void => {}

  override with<T>(...[path, options, loading, use]: Parameters<typeof Models.prototype.with<T>>): Promise<T> {
    return super.with(path, options, loading, (model) => use({ ...model, session: model.session && new Proxy(model.session, {
      get: (session, name) => name === 'run' ? (...given: Parameters<typeof session.run>) => { this.evaluated(); return session.run(...given) } : Reflect.get(session, name) as unknown,
    }) }))
  }
}

const models = new CountedModels('media/models')
const made = (set: Record<string, unknown>): Recipe => Object.entries({ 'noise.batch': 2, 'solver.steps': 40, 'conditioning.classLabel': 3, ...set }).reduce<Recipe>((all, [path, value]) => setPath(all, path, value), recipe())

/** Carries a run out, and stops it during this evaluation of it; or, where it asks no network, once it has told of a row. */
async function carryOut(asked: StartRun, until = Infinity): Promise<{ end: EndEvent; began: RunBegan; rows: RowEvent[] }> {
  let began: RunBegan | undefined
  const rows: RowEvent[] = []
  const run = new Run(asked, models, {
    loading: () => {}, began: (event) => { began = event },
    rows: (event) => { rows.push(...event.rows); if (asked.recipe.input.task === 'noise' && until < Infinity) run.stop() },
  })
  let count = 0
  models.evaluated = () => { if (++count === until) run.stop() }
  const end = await run.execute()
  return { end, began: began!, rows }
}

/** The same run, gone on with: as the host asks for it. */
async function resumed(asked: StartRun): Promise<StartRun> {
  const stored = await openRun(asked.folder)
  assert.equal(await whyNotResumed(stored), null)
  return { ...asked, recipe: stored.document.recipe, resume: resumedRun(stored) }
}

const untimed = (row: RowEvent): RowEvent => ({ ...row, ms: 0 })

/** What two recordings have to have in common: every byte of the states, and what is said of each row. */
async function assertSame(folder: string, whole: string): Promise<void> {
  assert.ok(readFileSync(join(folder, 'states.f32')).equals(readFileSync(join(whole, 'states.f32'))), 'states')
  const [a, b] = [await openRun(folder), await openRun(whole)]
  assert.deepEqual(a.rows.map(untimed), b.rows.map(untimed))
  assert.deepEqual([a.outcome, a.end?.rows, a.end?.evaluations, a.end?.accepted, a.end?.rejected], [b.outcome, b.end?.rows, b.end?.evaluations, b.end?.accepted, b.end?.rejected])
  assert.ok(a.end!.ms >= a.rows.reduce((sum, { ms }) => sum + ms, 0) - 1, 'the rows took no longer than the run')
  assert.ok(a.end!.evaluationMs! > 0 && a.end!.evaluationMs! <= a.end!.ms)
  assert.equal(existsSync(join(folder, memoryFile)), false, 'a finished run remembers nothing')
}

const image = greyPng(ring)
const adaptive = { 'solver.method': 'adaptive', 'solver.options': { atol: 0.002, rtol: 0.01 } }
const kinds: [string, Record<string, unknown>][] = [
  ['DPM-Solver++ 2M', { 'solver.order': 2 }], ['DPM-Solver++ 3M, guided', { 'solver.order': 3, 'guidance.scale': 2 }], ['singlestep 3', { 'solver.algorithm': 'dpmsolver', 'solver.method': 'singlestep', 'solver.order': 3 }],
  ['UniPC 3', { 'solver.algorithm': 'unipc', 'solver.order': 3 }], ['SDE-DPM-Solver++ 2M', { 'solver.algorithm': 'sde-dpmsolver++', 'solver.order': 2 }], ['DDPM', { 'solver.algorithm': 'ddpm', 'solver.order': 1 }],
  ['Euler ancestral, PyTorch’s noise', { 'solver.algorithm': 'eulerAncestral', 'solver.order': 1, 'noise.generator': 'torch-cpu' }], ['adaptive', { ...adaptive, 'solver.algorithm': 'dpmsolver', 'solver.order': 3 }],
  ['adaptive with the authors’ controller', { ...adaptive, 'solver.order': 2, 'solver.options': { ...adaptive['solver.options'], controller: 'authors' } }], ['RK45', { 'solver.algorithm': 'rk45', 'solver.method': 'adaptive', 'solver.options': { atol: 0.01, rtol: 0.01 } }],
  ['DEIS 3', { 'solver.algorithm': 'deis', 'solver.order': 3 }], ['LMS 3', { 'solver.algorithm': 'lms', 'solver.order': 3 }], ['thresholding in noise form', { 'solver.algorithm': 'dpmsolver', 'solver.thresholding': true, 'solver.finalSigma': 'sigmaMin' }],
  ['an image with a mask', { 'input.image': image, 'input.mask': image }], ['encoding', { 'input.task': 'encode', 'input.image': image }],
]

describe('a run that is stopped, and resumed, and stopped, and resumed', () => {
  for (const [name, set] of kinds) {
    test(`${name}: has the bytes of one that was not`, async () => {
      const whole = start(made(set))
      await carryOut(whole)
      const asked = start(made(set))
      const first = await carryOut(asked, 8)
      assert.equal(first.end.outcome, 'stopped')
      const second = await carryOut(await resumed(asked), 15)
      assert.equal(second.end.outcome, 'stopped')
      assert.deepEqual([second.began.rows, second.rows[0]!.row], [first.end.rows, first.end.rows])
      assert.ok(second.end.rows > first.end.rows)
      const third = await carryOut(await resumed(asked))
      assert.equal(third.end.outcome, 'finished')
      await assertSame(asked.folder, whole.folder)
    })
  }

  test('noising asks no network, and goes on all the same', async () => {
    const set = { 'input.task': 'noise', 'input.image': image, 'input.way': 'chain', 'solver.steps': 300 }
    const [whole, asked] = [start(made(set)), start(made(set))]
    await carryOut(whole)
    assert.equal((await carryOut(asked, 6)).end.outcome, 'stopped')
    await carryOut(await resumed(asked))
    assert.ok(readFileSync(join(asked.folder, 'states.f32')).equals(readFileSync(join(whole.folder, 'states.f32'))))
    assert.deepEqual((await openRun(asked.folder)).rows.map(untimed), (await openRun(whole.folder)).rows.map(untimed))
  })
})

const rules: KeepRule[] = [{ keep: 'everyN', every: 3 }, { keep: 'lastOnly', every: 5 }]

describe('a run that keeps some of its states only', () => {
  for (const keep of rules) {
    for (const [name, set] of kinds.filter(([one]) => ['DPM-Solver++ 2M', 'singlestep 3', 'DDPM', 'adaptive', 'RK45'].includes(one))) {
      test(`${name}, ${keep.keep}: stopped and resumed twice, has the states that a run has which keeps all, and tells all that it does`, async () => {
        const whole = start(made(set))
        await carryOut(whole)
        const asked = start(made(set), { keep })
        assert.equal((await carryOut(asked, 8)).end.outcome, 'stopped')
        assert.equal((await carryOut(await resumed(asked), 15)).end.outcome, 'stopped')
        assert.equal((await carryOut(await resumed(asked))).end.outcome, 'finished')
        const [some, all] = [await openRun(asked.folder), await openRun(whole.folder)]
        const told = (row: RowEvent): RowEvent => ({ ...untimed(row), offset: 0, change: 0 })
        assert.deepEqual(some.rows.map(told), all.rows.map(told))
        assert.deepEqual([some.end?.evaluations, some.end?.accepted, some.end?.rejected], [all.end?.evaluations, all.end?.accepted, all.end?.rejected])
        const kept = keptRows(some)
        assert.deepEqual(kept.map(({ row }) => row), all.rows.map(({ row }) => row).filter((row) => row === all.rows.length - 1 || keep.keep === 'everyN' && row % 3 === 0))
        for (const row of kept) for (const which of ['x', 'x0'] as const) assert.deepEqual(await readState(some, row, which), await readState(all, all.rows[row.row]!, which), `${which} of row ${row.row}`)
        const { size } = statSync(some.statesPath)
        assert.ok(size <= (kept.length + 2) * some.document.states.rowBytes)
        assert.equal(size, bytesOfRows(some.document, some.rows.length))

        const newest = some.rows.length - 1
        const asking = async (question: Question, run = some): Promise<Answer> => answer({ run, row: (row) => run.rows[row], isKept: (row) => isKept(run.document, row, newest), unreadable: (error) => { throw error } }, question)
        assert.deepEqual(await asking({ of: 'changes', from: 0 }), await asking({ of: 'changes', from: 0 }, all), 'how much each step changed x̂₀, to the last digit')
        const place = { item: 1, y: 12, x: 14 }
        const [course, wholeCourse] = [await asking({ of: 'course', from: 0, place }), await asking({ of: 'course', from: 0, place }, all)]
        assert.ok(course.of === 'course' && wholeCourse.of === 'course')
        assert.deepEqual([...course.x0], [...wholeCourse.x0].map((value, row) => isKept(some.document, row, newest) ? value : NaN))
        let deltas = 0
        for (const { row } of kept) {
          const [mine, theirs] = [await asking({ of: 'pixel', row, place }), await asking({ of: 'pixel', row, place }, all)]
          assert.ok(mine.of === 'pixel' && theirs.of === 'pixel')
          const { delta, ...others } = mine.values
          const { delta: expected, ...theirOthers } = theirs.values
          if (delta) assert.deepEqual(delta, expected, `Δ of row ${row}`)
          deltas += delta ? 1 : 0
          assert.deepEqual(others, theirOthers)
        }
        console.log(`${kept.length} of ${some.rows.length} rows, Δ of ${deltas}`)
        const gone = some.rows.map(({ row }) => row).filter((row) => !isKept(some.document, row, newest)).at(-1)!
        await assert.rejects(asking({ of: 'pixel', row: gone, place }), /is not kept/)
      })
    }
  }

  test('one of every step keeps all, and is of version 1, which older readers know', async () => {
    for (const keep of [{ keep: 'all', every: 7 }, { keep: 'everyN', every: 1 }] as const) {
      const asked = start(made({ 'solver.steps': 5 }), { keep })
      await carryOut(asked)
      const { document, rows } = await openRun(asked.folder)
      assert.equal(document.version, 1)
      assert.deepEqual(Object.keys(document.states), ['file', 'dtype', 'byteOrder', 'tensors', 'rowBytes'])
      assert.ok(rows.every((row) => !('change' in row)))
    }
  })
})

describe('a run that is killed', () => {
  const interrupted = async (set: Record<string, unknown>, outcome: 'stopped' | 'failed' | 'interrupted' = 'stopped', keep: KeepRule = { keep: 'all', every: 1 }): Promise<StartRun> => {
    const asked = start(made(set), { keep })
    const { end } = await carryOut(asked, 6)
    rmSync(join(asked.folder, memoryFile))
    const events = readFileSync(join(asked.folder, 'events.jsonl'), 'utf8').split('\n').slice(0, -2)
    writeFileSync(join(asked.folder, 'events.jsonl'), events.map((line) => `${line}\n`).join(''))
    if (outcome !== 'interrupted') await appendEnd(asked.folder, { event: 'end', outcome, rows: end.rows, evaluations: end.evaluations, ms: end.ms, ...outcome === 'failed' ? { error: exitError({ code: null, signal: 'SIGKILL' }, '', undefined, undefined).report() } : {} })
    return asked
  }

  test('goes on from its rows where they hold all, with the bytes of one that was not', async () => {
    for (const set of [{ 'solver.order': 2 }, { 'solver.algorithm': 'unipc', 'solver.order': 3 }, { 'solver.algorithm': 'ddpm', 'solver.order': 1 }]) {
      const whole = start(made(set))
      await carryOut(whole)
      for (const outcome of ['stopped', 'failed'] as const) {
        const asked = await interrupted(set, outcome)
        const { end } = await carryOut(await resumed(asked))
        assert.equal(end.outcome, 'finished')
        assert.equal(end.evaluationMs, undefined, 'nobody knows what went before')
        assert.ok(readFileSync(join(asked.folder, 'states.f32')).equals(readFileSync(join(whole.folder, 'states.f32'))))
        const after = await openRun(asked.folder)
        assert.deepEqual(after.rows.map(untimed), (await openRun(whole.folder)).rows.map(untimed))
        assert.deepEqual([after.outcome, after.end?.error], ['finished', undefined])
      }
    }
  })

  test('and keeps some of its states: goes on where those it needs are there, whatever the row began with that was being written', async () => {
    const one = { 'solver.algorithm': 'ddpm', 'solver.order': 1 }
    for (const [set, keep, goes] of [[one, { keep: 'lastOnly', every: 5 }, true], [one, { keep: 'everyN', every: 4 }, true], [{ 'solver.order': 2 }, { keep: 'everyN', every: 4 }, true], [{ 'solver.order': 2 }, { keep: 'everyN', every: 3 }, false], [{ 'solver.order': 2 }, { keep: 'lastOnly', every: 5 }, false]] as const) {
      const whole = start(made(set))
      await carryOut(whole)
      const asked = await interrupted(set, 'stopped', keep)
      const stored = await openRun(asked.folder)
      const { rows, document } = stored
      assert.equal(rows.length, 6)
      const begun = placeOf(document, 6) * document.states.rowBytes
      const before = readFileSync(stored.statesPath)
      const states = Buffer.alloc(Math.max(before.length, begun + 1000))
      before.copy(states)
      states.fill(0xff, begun, begun + 1000)
      writeFileSync(stored.statesPath, states)
      if (!goes) {
        assert.match((await whyNotResumed(stored))?.why ?? '', /its method needs states that were not kept/)
        await assert.rejects(carryOut({ ...asked, recipe: document.recipe, resume: resumedRun(stored) }), /cannot be resumed exactly/)
        assert.deepEqual(readFileSync(stored.statesPath), states)
        continue
      }
      const { end, began } = await carryOut(await resumed(asked))
      assert.deepEqual([end.outcome, began.rows], ['finished', 6])
      const [some, all] = [await openRun(asked.folder), await openRun(whole.folder)]
      for (const row of keptRows(some)) for (const which of ['x', 'x0'] as const) assert.deepEqual(await readState(some, row, which), await readState(all, all.rows[row.row]!, which), `${which} of row ${row.row}`)
    }
  })

  test('does not where they do not; nor while another window may be at it', async () => {
    for (const [set, outcome] of [[{ 'solver.algorithm': 'deis', 'solver.order': 3 }, 'stopped'], [{ 'solver.algorithm': 'deis', 'solver.order': 3 }, 'failed'], [{ ...adaptive, 'solver.order': 2 }, 'failed']] as const) {
      const asked = await interrupted(set, outcome)
      const stored = await openRun(asked.folder)
      assert.match((await whyNotResumed(stored))?.why ?? '', /its method needs more than the recorded steps/)
      await assert.rejects(carryOut({ ...asked, recipe: stored.document.recipe, resume: resumedRun(stored) }), /cannot be resumed exactly: it was interrupted before/)
      assert.deepEqual((await openRun(asked.folder)).end, stored.end, 'what was recorded stands')
    }
    // Also of a run that could not be resumed if it were interrupted: that is not known while it may go on.
    for (const [set, lacks] of [[{ 'solver.order': 2 }, undefined], [{ 'solver.algorithm': 'deis', 'solver.order': 3 }, /its method needs more than the recorded steps/]] as const) {
      const { folder } = await interrupted(set, 'interrupted')
      const written = (agoMs: number): void => { const at = new Date(Date.now() - agoMs); utimesSync(join(folder, 'events.jsonl'), at, at) }
      written(-600_000) // a clock that is ahead, so that a slow machine does not come to the end of it
      const refused = await whyNotResumed(await openRun(folder))
      assert.match(refused?.why ?? '', /may still be going in another window/)
      assert.ok(refused!.againMs! > 0 && refused!.againMs! <= 660_000)
      written(120_000)
      const later = await whyNotResumed(await openRun(folder))
      if (lacks) assert.match(later?.why ?? '', lacks)
      else assert.equal(later, null)
    }
  })
})

test('what would not go on with the same numbers is refused, and the recording stays as it is', async () => {
  const asked = start(made({ 'solver.order': 2 }))
  await carryOut(asked, 6)
  const before = readFolder(asked.folder)
  const again = await resumed(asked)
  const other = (change: (document: NonNullable<StartRun['resume']>['document']) => void): StartRun => {
    const document = structuredClone(again.resume!.document)
    change(document)
    return { ...again, resume: { ...again.resume!, document } }
  }
  const cases: [RegExp, StartRun][] = [
    [/its model has changed/, other((document) => { document.model.bytes += 1 })], [/another version of the extension began it/, other((document) => { document.engine.onnxruntime = '1.0.0' })],
    [/sampled on cuda with 1 threads, and would go on on cpu with 1 threads/, other((document) => { document.engine.provider = 'cuda' })], [/described otherwise/, other((document) => { document.plan.steps[5]!.update[0]!.coefficient += 1e-9 })],
    [/would go on on cpu with 2 threads/, { ...again, engine: { ...cpu, intraOpThreads: 2 } }],
  ]
  for (const [says, wrong] of cases) {
    await assert.rejects(carryOut(wrong), says)
    assert.deepEqual(readFolder(asked.folder), before)
  }
  await carryOut(again)
})

/** Rejects with this sentence, and leaves the recording as it is. */
async function refused(asked: StartRun, why: string): Promise<void> {
  const before = readFolder(asked.folder)
  await assert.rejects(carryOut(asked), (error: unknown) => error instanceof DpmError && error.reason === 'runFolder' && error.message === `The run cannot be resumed exactly: ${why}.`)
  assert.deepEqual(readFolder(asked.folder), before)
}

test('a recording that has gone on since it was read is not gone on with from there', async () => {
  const asked = start(made({ 'solver.order': 2 }))
  await carryOut(asked, 6)
  const [here, elsewhere] = [await resumed(asked), await resumed(asked)]
  const { end } = await carryOut(elsewhere, 6)
  assert.ok(end.outcome === 'stopped' && end.rows > here.resume!.last.row + 1, 'another window went on with it')
  await refused(here, 'it has gone on since')
  await carryOut(await resumed(asked))
  const whole = start(made({ 'solver.order': 2 }))
  await carryOut(whole)
  await assertSame(asked.folder, whole.folder)
})

test('a model that was written since, or weights beside it, is another: a run of it is not gone on with', async () => {
  const folder = folderWith({ 'unet/model.onnx': half() })
  const graph = join(folder, 'unet/model.onnx')
  const asked = start(recipe((r) => { r.model.path = folder; r.solver.steps = 12 }))
  await carryOut(asked, 4)
  const again = await resumed(asked)
  const created = new Date(again.resume!.document.created)
  const [before, later] = [new Date(created.getTime() - 60_000), new Date(created.getTime() + 1000)]
  const write = (name: string, bytes: Uint8Array | string, when: Date): void => { writeFileSync(join(folder, 'unet', name), bytes); utimesSync(join(folder, 'unet', name), when, when) }
  write('model.onnx', half(), later)
  await refused(again, 'its model has changed')
  write('model.onnx', Buffer.concat([half(), Uint8Array.of(0x32, 0)]), before) // another size: an empty doc_string
  assert.ok(statSync(graph).size > half().length)
  await refused(again, 'its model has changed')
  write('model.onnx', half(), before)
  write('weights.bin', 'w', later)
  await refused(again, 'its model has changed')
  rmSync(join(folder, 'unet/weights.bin'))
  write('notes.txt', 'no weights', later)
  assert.equal((await carryOut(again)).end.outcome, 'finished')
})

test('what a run remembers comes back from its file bit for bit; one of another kind, or cut short, is none', async () => {
  const asked = start(made({ ...adaptive, 'solver.order': 2 }))
  await carryOut(asked, 6)
  const file = join(asked.folder, memoryFile)
  const memory = await readMemory(asked.folder)
  const { writeMemory } = await import('../../../src/engine/memoryFile')
  const folder = newFolder()
  writeMemory(folder, memory!)
  assert.ok(readFileSync(join(folder, memoryFile)).equals(readFileSync(file)))
  assert.equal(memory!.place.part, 'lanes')
  assert.equal(memory!.tensors['x']!.length, 2048)
  writeFileSync(file, readFileSync(file).subarray(0, 1000))
  assert.equal(await readMemory(asked.folder), undefined)
  assert.equal(await readMemory(newFolder()), undefined)
})

