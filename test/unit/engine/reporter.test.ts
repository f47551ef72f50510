import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reporter } from '../../../src/engine/reporter'
import type { RunRows } from '../../../src/protocol/engine'
import type { RowEvent } from '../../../src/protocol/run'
import { until } from './withClient'

const shape: [number, number, number, number] = [1, 1, 2, 2]
const x = Float32Array.of(-1, 0, 1, 2)
const statistics = { min: 0, max: 0, mean: 0, std: 0, clipped: 0, nonFinite: 0 }
const row = (i: number): RowEvent => ({ event: 'row', row: i, level: { t: 1, alpha: 0, sigma: 1, lambda: -1 }, order: 1, evaluations: i + 1, ms: 1, estimateFrom: i, offset: i * 32, x: statistics, x0: statistics })

function reporter(every = 1): { reporter: Reporter; sent: RunRows[]; pass: (ms: number) => void } {
  const sent: RunRows[] = []
  let time = 0
  return { reporter: new Reporter('run', { maxSize: 64, every }, shape, (rows) => sent.push(rows), () => time), sent, pass: (ms) => { time += ms } }
}
const summary = (sent: RunRows[]): unknown[] => sent.map(({ rows, frames }) => [rows.map((event) => event.row), frames?.row ?? null])

test('the first row goes at once with its pixels; rows close behind it wait and go together', async () => {
  const { reporter: it, sent } = reporter()
  for (let i = 0; i < 4; i++) it.row(row(i), x, x, false)
  assert.deepEqual(summary(sent), [[[0], 0]])
  assert.deepEqual([...sent[0]!.frames!.x.subarray(0, 8)], [0, 0, 0, 255, 128, 128, 128, 255])
  await until(() => sent.length > 1, 'the rows that wait')
  assert.deepEqual(summary(sent), [[[0], 0], [[1, 2, 3], null]])
})

test('the last row goes at once, with pixels only where none are unacknowledged', () => {
  for (const acknowledged of [true, false]) {
    const { reporter: it, sent } = reporter()
    it.row(row(0), x, x, false)
    if (acknowledged) it.acknowledge(0)
    it.row(row(1), x, x, false)
    it.row(row(2), x, x, true)
    assert.deepEqual(summary(sent), [[[0], 0], [[1, 2], acknowledged ? 2 : null]])
  }
})

test('an acknowledgement of an earlier row frees nothing', () => {
  const { reporter: it, sent, pass } = reporter()
  it.row(row(5), x, x, false)
  it.acknowledge(4)
  pass(40)
  it.row(row(6), x, x, false)
  it.acknowledge(5)
  pass(40)
  it.row(row(7), x, x, false)
  assert.deepEqual(summary(sent), [[[5], 5], [[6], null], [[7], 7]])
})

test('pictures take a two-hundredth of the time: one that took half a millisecond is followed by 100 ms without, and a dear one by no more', () => {
  for (const cost of [0.5, 50]) {
    let time = 0
    const drawn: number[] = []
    const it = new Reporter('run', { maxSize: 64, every: 1 }, shape, ({ frames }) => {
      if (!frames) return
      drawn.push(time)
      time += cost
    }, () => time)
    for (let i = 0; i < 12; i++) {
      time = Math.max(time, 60 * i)
      it.row(row(i), x, x, false)
      it.acknowledge(i)
    }
    const gaps = drawn.slice(1).map((at, i) => at - drawn[i]! - cost)
    assert.ok(gaps.length > 2 && gaps.every((gap) => gap >= 100 && gap < 100 + 60), gaps.join())
  }
})

test('every: pixels of every third row at most', () => {
  const { reporter: it, sent, pass } = reporter(3)
  for (let i = 0; i < 7; i++) {
    it.row(row(i), x, x, false)
    it.acknowledge(i)
    pass(40)
  }
  assert.deepEqual(sent.flatMap(({ frames }) => frames ? [frames.row] : []), [0, 3, 6])
})
