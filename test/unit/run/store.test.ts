import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { EndEvent, RunDocument } from '../../../src/protocol/run'
import { shortId } from '../../../src/protocol/view'
import { stringifyJson } from '../../../src/protocol/json'
import { toWire } from '../../../src/protocol/wire'
import { isRunId, rowLine, storedRunView } from '../../../src/run/runView'
import { imageName } from '../../../src/run/imageName'
import { appendEnd, newestRun, openRun, readState, readStates, runFolders } from '../../../src/run/store'
import { DpmError } from '../../../src/sampler/errors'
import { document, row, temporary, value, writeRun } from './folder'

const roots: string[] = []
const root = (): string => { const folder = temporary(); roots.push(folder); return folder }
after(() => { for (const folder of roots) rmSync(folder, { recursive: true, force: true }) })

const finished: EndEvent = { event: 'end', outcome: 'finished', rows: 4, evaluations: 3, ms: 4.5 }

test('a finished run is read back as it was written, numbers that are not finite included', async () => {
  const at = document()
  const run = await openRun(writeRun(root(), at, 4, [JSON.stringify(finished), '']))
  assert.deepEqual(run.document, at)
  assert.equal(run.document.plan.levels.at(-1)!.lambda, Infinity)
  assert.deepEqual(run.rows, [0, 1, 2, 3].map((i) => row(at, i)))
  assert.deepEqual(run.end, finished)
  assert.equal(run.outcome, 'finished')
})

test('each state is read from its own bytes', async () => {
  const run = await openRun(writeRun(root(), document(), 4))
  for (const event of run.rows) {
    for (const which of ['x', 'x0'] as const) {
      assert.deepEqual([...await readState(run, event, which)], Array.from({ length: 8 }, (_, v) => value(event.row, which, v)))
    }
  }
})

test('a run without an end was interrupted', async () => {
  const run = await openRun(writeRun(root(), document(), 2))
  assert.equal(run.outcome, 'interrupted')
  assert.equal(run.end, null)
  assert.equal(run.rows.length, 2)
})

test('wherever the writing stopped, the rows before are there and the rest is ignored', async () => {
  const at = document()
  const folder = writeRun(root(), at, 4, [JSON.stringify(finished), ''])
  const whole = readFileSync(join(folder, 'events.jsonl'))
  const untilNewline = [...whole.keys()].filter((i) => whole[i] === 0x0a)
  for (const length of [...untilNewline, ...Array.from({ length: Math.ceil(whole.length / 7) }, (_, i) => whole.length - 7 * i)]) {
    writeFileSync(join(folder, 'events.jsonl'), whole.subarray(0, length))
    const run = await openRun(folder)
    const complete = whole.subarray(0, length).toString().split('\n').length - 1
    assert.equal(run.rows.length, Math.min(complete, 4), `${length} bytes`)
    assert.equal(run.outcome, complete > 4 ? 'finished' : 'interrupted')
  }
})

test('a row whose states did not reach the disk is left out', async () => {
  const folder = writeRun(root(), document(), 4)
  truncateSync(join(folder, 'states.f32'), 64 * 3 - 1)
  assert.equal((await openRun(folder)).rows.length, 2)
  rmSync(join(folder, 'states.f32'))
  assert.equal((await openRun(folder)).rows.length, 0)
})

test('whatever stands in events.jsonl, a run opens and its rows are consecutive', async () => {
  const folder = writeRun(root(), document(), 4)
  const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n')
  const line = fc.oneof(fc.constantFrom(...lines), fc.json(), fc.string(), fc.constantFrom('{"event":"row","row":0}', '{"event":"end"}', '{"event":"end","outcome":"won"}', 'null'))
  await fc.assert(fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (mixed) => {
    writeFileSync(join(folder, 'events.jsonl'), mixed.join('\n'))
    const run = await openRun(folder)
    assert.deepEqual(run.rows.map((event) => event.row), run.rows.map((_, i) => i))
  }), { numRuns: 50 })
})

test('a folder without a run says so', async () => {
  const folder = root()
  const refused = (error: unknown): boolean => error instanceof DpmError && error.reason === 'runFolder' && error.message.includes(folder)
  await assert.rejects(openRun(folder), refused)
  await assert.rejects(openRun(join(folder, 'missing')), refused)
  const at = document()
  for (const text of ['', '{', 'null', '[]', '{"format":"dpm-solver-run","version":2}', stringifyJson({ ...at, shape: [1, 1] }), stringifyJson({ ...at, states: { ...at.states, file: '../../secrets' } })]) {
    writeFileSync(join(folder, 'run.json'), text)
    await assert.rejects(openRun(folder), refused, text)
  }
})

test('a row beyond the file cannot be read and is named', async () => {
  const run = await openRun(writeRun(root(), document(), 2))
  await assert.rejects(readState(run, row(run.document, 3), 'x'), /^DpmError: Row 3 of the run cannot be read/)
  const [first, torn] = await readStates(run, [row(run.document, 0), row(run.document, 3)])
  assert.deepEqual(first, { row: 0, x: await readState(run, row(run.document, 0), 'x'), x0: await readState(run, row(run.document, 0), 'x0') })
  assert.ok(torn instanceof DpmError && torn.message.startsWith('Row 3 of the run cannot be read'))
})

test('the newest run is found by its name, what cannot be read is passed over', async () => {
  const folder = root()
  const [old, newer, broken] = ['20251231-000000-ffff', '20260102-000000-0000', '20260103-000000-aaaa'] as const
  assert.equal(await newestRun(folder), undefined)
  for (const id of [newer, old, broken]) writeRun(folder, document(id), 1)
  writeFileSync(join(folder, broken, 'run.json'), '{')
  mkdirSync(join(folder, 'zzz'))
  writeFileSync(join(folder, '20270101-000000-file'), 'x')
  assert.equal((await newestRun(folder))?.document.id, newer)
  assert.deepEqual(await runFolders(folder), [broken, newer, old].map((id) => join(folder, id)))
  assert.deepEqual(await runFolders(join(folder, 'missing')), [])
})

/** Every reader of a run that is shown: none may throw. */
function readAll(run: Awaited<ReturnType<typeof openRun>>): void {
  const view = storedRunView(run)
  toWire(view)
  shortId(view.runId)
  for (const event of view.rows) rowLine(event, run.document)
  imageName(run.document, { row: 0, order: 1 }, 'x')
  const { engine: { tried, provider }, seeds, recipe, plan, model, shape: [batch] } = run.document
  for (const one of tried) one.provider.toUpperCase()
  for (const note of plan.notes) note.toUpperCase()
  for (const step of plan.steps) step.stages[step.estimate]?.level.lambda.toFixed(2)
  for (const level of plan.levels) level.sigma.toFixed(2)
  for (const name of model.classes?.names ?? []) name.toUpperCase()
  provider.toUpperCase()
  assert.ok(isRunId(view.runId) && seeds.length === batch && typeof recipe.solver.method === 'string' && String(recipe.noise.seed) !== '')
  for (const { x, x0 } of view.rows) for (const statistic of [x.min, x.max, x.mean, x.std, x.clipped, x0.mean]) statistic.toFixed(2)
}

test('whatever run.json says, it is refused or every reader can rely on it', async () => {
  const at = document()
  const folder = writeRun(root(), at, 4)
  const paths: (string | number)[][] = []
  const collect = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path)
    if (typeof value === 'object' && value !== null) for (const [key, child] of Object.entries(value)) collect(child, [...path, Array.isArray(value) ? Number(key) : key])
  }
  collect(at, [])
  let refused = 0
  const junk = fc.constantFrom<unknown>(undefined, null, {}, [], '', 'x', 0, -1, 1.5, 1e12, true, { $number: 'NaN' }, [null], [{}])
  await fc.assert(fc.asyncProperty(fc.constantFrom(...paths), junk, async (path, value) => {
    const changed = structuredClone(at) as unknown as Record<string | number, unknown>
    let parent = changed
    for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>
    parent[path.at(-1)!] = value
    writeFileSync(join(folder, 'run.json'), stringifyJson(changed))
    const run = await openRun(folder).catch((error: unknown) => {
      assert.ok(error instanceof DpmError && error.reason === 'runFolder', String(error))
      refused++
    })
    if (run) readAll(run)
  }), { numRuns: 400 })
  assert.ok(refused > 100 && refused < 399, `${refused} of 400 refused`)
})

test('a description that lacks what is shown, cannot travel to the page or is too large to be drawn is refused', async () => {
  const at = document()
  const folder = writeRun(root(), at, 1)
  const huge: RunDocument['shape'] = [1, 1, 2 ** 15, 2 ** 15]
  const bad: object[] = [
    { ...at, id: undefined }, { ...at, id: '../x' }, { ...at, engine: undefined }, { ...at, seeds: undefined }, { ...at, seeds: [] }, { ...at, model: undefined }, { ...at, recipe: null },
    { ...at, recipe: { ...at.recipe, solver: { ...at.recipe.solver, options: { r1: 0.5, x: { $number: 1 } } } } }, { ...at, plan: { ...at.plan, notes: undefined } },
    { ...at, plan: { ...at.plan, levels: [] } }, { ...at, shape: huge, states: { ...at.states, rowBytes: 8 * 2 ** 30 } },
  ]
  for (const document of bad) {
    writeFileSync(join(folder, 'run.json'), stringifyJson(document))
    await assert.rejects(openRun(folder), (error) => error instanceof DpmError && error.reason === 'runFolder', stringifyJson(document).slice(0, 200))
  }
  writeFileSync(join(folder, 'run.json'), stringifyJson({ ...at, $number: 1, later: { $number: 2 } }))
  readAll(await openRun(folder)) // fields this version does not know are left behind
})

test('rows and ends that lack a field are none', async () => {
  const at = document()
  const good = row(at, 0)
  const bad = [{ ...good, x: null }, { ...good, x0: { ...good.x0, std: undefined } }, { ...good, level: { lambda: 1 } }, { ...good, ms: undefined }, { ...good, estimateFrom: 3 }]
  const rowsOf = async (event: object): Promise<number> => {
    const folder = writeRun(root(), at, 1)
    writeFileSync(join(folder, 'events.jsonl'), `${stringifyJson(event)}\n`)
    return (await openRun(folder)).rows.length
  }
  assert.equal(await rowsOf(good), 1)
  for (const event of bad) assert.equal(await rowsOf(event), 0, stringifyJson(event))
  const folder = writeRun(root(), at, 1, [JSON.stringify({ ...finished, outcome: 'failed', error: { reason: 'x', message: 1 } }), ''])
  assert.equal((await openRun(folder)).end, null)
})

test('an interrupted run can be closed: a torn line goes, the rows stay, the error is kept', async () => {
  const folder = writeRun(root(), document(), 2)
  appendFileSync(join(folder, 'events.jsonl'), '{"event":"row","ro')
  const end: EndEvent = { event: 'end', outcome: 'failed', rows: 2, evaluations: 2, ms: 3, error: { reason: 'engineExited', message: 'The engine exited.', advice: 'Run again.' } }
  await appendEnd(folder, end)
  const run = await openRun(folder)
  assert.equal(run.rows.length, 2)
  assert.deepEqual(run.end, end)
  assert.ok(readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n').every((line) => JSON.parse(line)))
})

test('an end that cannot be written says where', async () => {
  await assert.rejects(appendEnd(join(root(), 'missing'), finished), (error) => error instanceof DpmError && error.reason === 'runFolder')
})
