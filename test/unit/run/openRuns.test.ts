import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeldRuns } from '../../../src/run/heldRuns'
import { OpenRuns } from '../../../src/run/openRuns'

const folderOf = (runId: string): string => `/runs/${runId}`

/** The next life of a window, with what it left behind. */
function windowWith(kept: { runIds: unknown }): { held: HeldRuns; open: OpenRuns; of: (...runIds: string[]) => boolean[] } {
  const held = new HeldRuns()
  const open = new OpenRuns(held, { get: () => kept.runIds, set: (runIds) => { kept.runIds = runIds } }, folderOf)
  return { held, open, of: (...runIds) => runIds.map((runId) => held.has(folderOf(runId))) }
}

test('a run is held while its panel is open, after a reload before its tab was shown, and with another panel closed meanwhile', () => {
  const kept: { runIds: unknown } = { runIds: undefined }
  const first = windowWith(kept)
  for (const runId of ['a', 'b']) first.open.add(runId, folderOf(runId))
  first.open.add('c', folderOf('c')).dispose()
  assert.deepEqual(first.of('a', 'b', 'c'), [true, true, false])
  const second = windowWith(kept)
  assert.deepEqual(second.of('a', 'b', 'c'), [true, true, false], 'no tab was shown yet')
  const shown = second.open.add('a', folderOf('a'))
  assert.deepEqual(windowWith(kept).of('a', 'b'), [true, true], 'reloaded with one tab shown and one not')
  shown.dispose()
  assert.deepEqual(second.of('a', 'b'), [false, true])
  second.open.awaitNone()
  assert.deepEqual(second.of('a', 'b'), [false, false])
  assert.deepEqual(windowWith(kept).of('a', 'b'), [false, false], 'nor later')
})

test('one that is opened again is held once', () => {
  const { open, of } = windowWith({ runIds: ['a', 'a'] })
  const panel = open.add('a', folderOf('a'))
  open.awaitNone()
  assert.deepEqual(of('a'), [true])
  panel.dispose()
  assert.deepEqual(of('a'), [false])
})

test('what is kept and names no runs is passed over', () => {
  for (const runIds of [undefined, 'a', [1, '../a', null]]) assert.deepEqual(windowWith({ runIds }).of('a', '../a'), [false, false])
})
