import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { bytesOfRows, isKept, lastKept, stays } from '../../../src/protocol/keptRows'
import { stringifyJson } from '../../../src/protocol/json'
import type { RunDocument } from '../../../src/protocol/run'
import { readFrames } from '../../../src/run/frames'
import { keptRows, openRun, readState, readStates, type StoredRun } from '../../../src/run/store'
import { DpmError } from '../../../src/sampler/errors'
import { keeping, record, temporary, valuesOf } from './folder'

type Keep = Pick<RunDocument['states'], 'keep' | 'every'>
const rules = fc.oneof(fc.constant(null), fc.constant<Keep>({ keep: 'lastOnly' }), fc.integer({ min: 2, max: 7 }).map((every): Keep => ({ keep: 'everyN', every })))

/** A folder as it is after so many bytes of a row's states and of its line were written. */
function crashed(before: string, after: string, index: number, at: RunDocument, stateBytes: number, share: number): string {
  const folder = join(temporary(), 'run-1')
  mkdirSync(folder)
  copyFileSync(join(before, 'run.json'), join(folder, 'run.json'))
  const [old, next] = [readFileSync(join(before, 'states.f32')), readFileSync(join(after, 'states.f32'))]
  const { offset } = readRows(after)[index]!
  const states = Buffer.alloc(stateBytes === 0 ? old.length : Math.max(old.length, offset + stateBytes))
  old.copy(states)
  next.copy(states, offset, offset, offset + stateBytes)
  writeFileSync(join(folder, 'states.f32'), states)
  const [lines, more] = [readFileSync(join(before, 'events.jsonl')), readFileSync(join(after, 'events.jsonl'))]
  const line = stateBytes === at.states.rowBytes ? Math.floor(share * (more.length - lines.length)) : 0 // the line comes when the states are there
  writeFileSync(join(folder, 'events.jsonl'), more.subarray(0, lines.length + line))
  return folder
}

const readRows = (folder: string): { row: number; offset: number }[] => readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as { row: number; offset: number })

/** Every row that is said to be kept has the bytes that were written for it. */
async function assertWhole(run: StoredRun): Promise<void> {
  for (const event of keptRows(run)) for (const which of ['x', 'x0'] as const) assert.deepEqual([...await readState(run, event, which)], valuesOf(event.row, which), `row ${event.row} of ${run.rows.length}, ${which}`)
}

describe('the states of a run that keeps some', () => {
  test('every row that readers say is kept has the bytes that were written for it, wherever the engine was killed; and the run goes on from there', async () => {
    let crashes = 0
    await fc.assert(fc.asyncProperty(rules, fc.integer({ min: 2, max: 17 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 16 }), fc.double({ min: 0, max: 1, noNaN: true }), async (keep, steps, share, words, line) => {
      const at = keeping(keep, steps)
      const [before, after, whole] = [0, 1, 2].map(() => join(temporary(), 'run-1')) as [string, string, string]
      const index = 1 + Math.floor(share * (steps - 0.001)) // the row during which the engine is killed
      record(before, at, 0, index)
      record(after, at, 0, index + 1)
      record(whole, at, 0, steps + 1)
      const folder = crashed(before, after, index, at, 4 * words, line)
      const run = await openRun(folder)
      assert.equal(run.rows.length, words === 16 && line === 1 ? index + 1 : index)
      assert.ok(keptRows(run).some(({ row: kept }) => kept === run.rows.length - 1), 'the newest is there')
      await assertWhole(run)
      record(folder, at, run.rows.length, steps + 1)
      assert.ok(readFileSync(join(folder, 'states.f32')).equals(readFileSync(join(whole, 'states.f32'))))
      await assertWhole(await openRun(folder))
      crashes++
    }), { numRuns: 150 })
    console.log(`${crashes} crashes`)
  })

  test('a reader that knows of fewer rows than there are gets the bytes of a row or an error, never those of another', async () => {
    await fc.assert(fc.asyncProperty(rules, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 4 }), async (keep, known, more) => {
      const at = keeping(keep, 14)
      const folder = join(temporary(), 'run-1')
      record(folder, at, 0, known + 1)
      const run = await openRun(folder)
      record(folder, at, known + 1, known + 1 + more)
      for (const event of keptRows(run)) {
        const [read] = await readStates(run, [event])
        if (read instanceof DpmError) {
          assert.match(read.message, /its states were not kept/)
          assert.equal(event.row, known)
          assert.equal(stays(at, known), false)
        } else assert.deepEqual([[...read!.x], [...read!.x0]], [valuesOf(event.row, 'x'), valuesOf(event.row, 'x0')])
      }
    }), { numRuns: 100 })
  })

  test('takes two rows more than it keeps, at most', () => {
    for (const keep of [{ keep: 'lastOnly' }, { keep: 'everyN', every: 2 }, { keep: 'everyN', every: 5 }] as const) {
      const at = keeping(keep, 60)
      const folder = join(temporary(), 'run-1')
      record(folder, at, 0, 61)
      const { size } = statSync(join(folder, 'states.f32'))
      const kept = Array.from({ length: 61 }, (_, index) => index).filter((index) => isKept(at, index, 60)).length
      assert.equal(kept, keep.keep === 'lastOnly' ? 1 : 60 / keep.every + 1)
      assert.ok(size <= (kept + 2) * at.states.rowBytes, `${size} bytes`)
      assert.equal(bytesOfRows(at, 61), size)
      for (let rows = 1; rows < 61; rows++) {
        const part = join(temporary(), 'run-1')
        record(part, at, 0, rows)
        assert.equal(bytesOfRows(at, rows), statSync(join(part, 'states.f32')).size)
      }
    }
  })

  test('where the file was cut off, rows end with the last that is surely there', async () => {
    for (const [keep, left, rows] of [[{ keep: 'everyN', every: 5 }, 4, 6], [{ keep: 'everyN', every: 5 }, 5, 13], [{ keep: 'everyN', every: 5 }, 2, 0], [{ keep: 'lastOnly' }, 1, 13], [{ keep: 'lastOnly' }, 0.5, 0]] as const) {
      const at = keeping(keep, 12)
      const folder = join(temporary(), 'run-1')
      record(folder, at, 0, 13)
      truncateSync(join(folder, 'states.f32'), left * at.states.rowBytes)
      const run = await openRun(folder)
      assert.equal(run.rows.length, rows, `${JSON.stringify(keep)}, ${left} rows left`)
      await assertWhole(run)
    }
  })

  test('a line that is neither a row nor an end costs no rows; one that cannot be read, or a row that does not follow, costs those that may be gone', async () => {
    for (const [line, rows] of [['{"event":"note","text":"of a later version"}', 13], ['{"event":"end","outcome":"won"}', 13], ['{}', 13], ['{"event":"row","row":12', 11], ['7', 11], ['{"event":"row","row":40}', 11]] as const) {
      for (const keep of [{ keep: 'everyN', every: 5 }, { keep: 'lastOnly' }, null] as const) {
        const folder = join(temporary(), 'run-1')
        record(folder, keeping(keep, 12), 0, 13)
        appendFileSync(join(folder, 'events.jsonl'), `${line}\n`)
        const run = await openRun(folder)
        assert.equal(run.rows.length, rows === 13 || !keep ? 13 : keep.keep === 'lastOnly' ? 0 : rows, `${line}, ${keep?.keep ?? 'all'}`)
        await assertWhole(run)
      }
    }
  })

  test('the last row that is there, of a run that goes on, is the last that stays', () => {
    assert.deepEqual([lastKept(keeping({ keep: 'everyN', every: 5 }, 12), 8, true), lastKept(keeping({ keep: 'everyN', every: 5 }, 12), 8, false), lastKept(keeping({ keep: 'lastOnly' }, 12), 8, true), lastKept(keeping(null, 12), 8, true)], [5, 7, 7, 7])
  })

  test('a version and a rule that are not known are refused; version 1 keeps all, whatever else it says', async () => {
    const at = keeping({ keep: 'everyN', every: 5 }, 6)
    const written = async (change: object): Promise<StoredRun> => {
      const folder = join(temporary(), 'run-1')
      record(folder, keeping(null, 6), 0, 7)
      writeFileSync(join(folder, 'run.json'), stringifyJson({ ...at, ...change }))
      return openRun(folder)
    }
    for (const change of [{ version: 3 }, { states: { ...at.states, keep: 'someN' } }, { states: { ...at.states, every: 0 } }, { states: { ...at.states, every: undefined } }, { states: keeping(null, 6).states }]) {
      await assert.rejects(written(change), /not the description of a run that this version knows/, JSON.stringify(change))
    }
    assert.equal(keptRows(await written({ version: 1 })).length, 7)
  })

  test('pictures are made of what was kept', async () => {
    const at = keeping({ keep: 'everyN', every: 5 }, 12)
    const folder = join(temporary(), 'run-1')
    record(folder, at, 0, 13)
    const run = await openRun(folder)
    for (const event of keptRows(run)) assert.equal((await readFrames(run, event, 'auto')).row, event.row)
    await assert.rejects(readFrames(run, run.rows[7]!, 'auto'), /Row 7 of the run cannot be read from .*: its states were not kept/)
  })
})
