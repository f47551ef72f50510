import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { EndEvent } from '../../../src/protocol/run'
import { appendEnd, listRuns, openRun, readState } from '../../../src/run/store'
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
  for (const text of ['', '{', 'null', '[]', '{"format":"dpm-solver-run","version":2}', JSON.stringify({ ...at, shape: [1, 1] }), JSON.stringify({ ...at, states: { ...at.states, file: '../../secrets' } })]) {
    writeFileSync(join(folder, 'run.json'), text)
    await assert.rejects(openRun(folder), refused, text)
  }
})

test('a row beyond the file cannot be read and is named', async () => {
  const run = await openRun(writeRun(root(), document(), 2))
  await assert.rejects(readState(run, row(run.document, 3), 'x'), /^DpmError: Row 3 of the run cannot be read/)
})

test('runs are listed newest first, what is no run is passed over', async () => {
  const folder = root()
  writeRun(folder, document('b', '2026-01-02T00:00:00.000Z'), 1)
  writeRun(folder, document('a', '2026-01-03T00:00:00.000Z'), 0)
  writeRun(folder, document('c', '2025-12-31T00:00:00.000Z'), 4)
  mkdirSync(join(folder, 'empty'))
  writeFileSync(join(folder, 'file.txt'), 'x')
  assert.deepEqual((await listRuns(folder)).map(({ document: { id } }) => id), ['a', 'b', 'c'])
  assert.deepEqual(await listRuns(join(folder, 'missing')), [])
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
