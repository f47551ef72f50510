import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pinRun } from '../../../src/run/pins'
import { keepFresh } from '../../../src/run/fresh'
import { pruneRuns } from '../../../src/run/prune'
import { document, temporary, writeRun } from './folder'

const roots: string[] = []
after(() => { for (const folder of roots) rmSync(folder, { recursive: true, force: true }) })

const end = '{"event":"end","outcome":"finished","rows":4,"evaluations":3,"ms":4.5}'
const id = (n: number): string => `20260102-0304${String(n).padStart(2, '0')}-aaaa`

/** A folder of recordings, numbered from the oldest; those in `going` have no end. */
function recordings(count: number, going: number[] = []): string {
  const root = temporary()
  roots.push(root)
  for (let n = 0; n < count; n++) writeRun(root, document(id(n)), 4, going.includes(n) ? [] : [end, ''])
  return root
}

const left = (root: string): string[] => readdirSync(root).sort()
const nothing = (): boolean => false
const plenty = { keepRuns: 1000, maxDiskMB: 1000 }

test('the newest are kept, as many as asked for', async () => {
  const root = recordings(5)
  assert.deepEqual(await pruneRuns(root, plenty, nothing), [])
  assert.deepEqual(await pruneRuns(root, { ...plenty, keepRuns: 2 }, nothing), [id(2), id(1), id(0)])
  assert.deepEqual(left(root), [id(3), id(4)])
})

test('of a size together', async () => {
  const root = recordings(4)
  for (let n = 0; n < 4; n++) writeFileSync(join(root, id(n), 'states.f32'), new Uint8Array(400_000)) // with run.json some more
  await pruneRuns(root, { ...plenty, maxDiskMB: 1 }, nothing)
  assert.deepEqual(left(root), [id(2), id(3)])
})

test('one in use stays, however old', async () => {
  const root = recordings(4)
  await pruneRuns(root, { ...plenty, keepRuns: 1 }, (folder) => folder === join(root, id(0)))
  assert.deepEqual(left(root), [id(0), id(3)])
})

test('one that may be going on in another window stays, one left without an end long ago goes', async () => {
  const root = recordings(4, [0, 1])
  const longAgo = new Date(Date.now() - 3600_000)
  utimesSync(join(root, id(0), 'events.jsonl'), longAgo, longAgo)
  await pruneRuns(root, { ...plenty, keepRuns: 1 }, nothing)
  assert.deepEqual(left(root), [id(1), id(3)])
})

test('one that is pinned stays and is not counted, however many and large; without its pin it goes', async () => {
  const root = recordings(5)
  for (const n of [0, 3]) await pinRun(join(root, id(n)), true)
  writeFileSync(join(root, id(3), 'states.f32'), new Uint8Array(2_000_000))
  assert.deepEqual(await pruneRuns(root, { keepRuns: 2, maxDiskMB: 1 }, nothing), [id(1)])
  assert.deepEqual(left(root), [id(0), id(2), id(3), id(4)])
  await pinRun(join(root, id(0)), false)
  assert.deepEqual(await pruneRuns(root, { keepRuns: 2, maxDiskMB: 1 }, nothing), [id(0)])
})

test('one whose evaluation takes longer than that stays, as long as its window lives', async (t) => {
  const root = recordings(2, [0])
  const events = join(root, id(0), 'events.jsonl')
  const longAgo = new Date(Date.now() - 3600_000)
  t.mock.timers.enable({ apis: ['setInterval'] })
  const fresh = async (): Promise<void> => { while (statSync(events).mtimeMs < Date.now() - 600_000) await new Promise((resolve) => setImmediate(resolve)) }
  utimesSync(events, longAgo, longAgo)
  const leave = keepFresh(events)
  await fresh()
  utimesSync(events, longAgo, longAgo)
  t.mock.timers.tick(5 * 60_000)
  await fresh()
  await pruneRuns(root, { ...plenty, keepRuns: 1 }, nothing)
  assert.deepEqual(left(root), [id(0), id(1)])
  leave()
  utimesSync(events, longAgo, longAgo)
  t.mock.timers.tick(60 * 60_000)
  await pruneRuns(root, { ...plenty, keepRuns: 1 }, nothing)
  assert.deepEqual(left(root), [id(1)])
})

test('folders that hold anything beside a recording, and what is none, are left alone and not counted', async () => {
  const root = recordings(3)
  writeFileSync(join(root, id(0), 'image.png'), 'picture')
  mkdirSync(join(root, '20260102-030409-none'))
  mkdirSync(join(root, 'notes'))
  writeFileSync(join(root, 'notes', 'run.json'), '{}')
  await pruneRuns(root, { ...plenty, keepRuns: 1 }, nothing)
  assert.deepEqual(left(root), [id(0), id(2), '20260102-030409-none', 'notes'].sort())
  assert.deepEqual(await pruneRuns(join(root, 'missing'), plenty, nothing), [])
})
