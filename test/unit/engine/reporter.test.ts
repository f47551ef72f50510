import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reporter } from '../../../src/engine/reporter'
import type { RunRows } from '../../../src/protocol/engine'
import type { RowEvent } from '../../../src/protocol/run'
import type { LatentSpace } from '../../../src/sampler/types'
import { until } from './withClient'

const shape: [number, number, number, number] = [1, 1, 2, 2]
const x = Float32Array.of(-1, 0, 1, 2)
const statistics = { min: 0, max: 0, mean: 0, std: 0, clipped: 0, nonFinite: 0 }
const row = (i: number): RowEvent => ({ event: 'row', row: i, level: { t: 1, alpha: 0, sigma: 1, lambda: -1 }, order: 1, evaluations: i + 1, ms: 1, estimateFrom: i, offset: i * 32, x: statistics, x0: statistics })

function reporter(every = 1): { reporter: Reporter; sent: RunRows[]; pass: (ms: number) => void } {
  const sent: RunRows[] = []
  let time = 0
  return { reporter: new Reporter('run', { maxSize: 64, every }, { shape, model: {} }, (rows) => sent.push(rows), () => time), sent, pass: (ms) => { time += ms } }
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

test('every step of 50 ms or more has its picture; shorter ones as far as pictures take a hundredth of the time', () => {
  const picturesOf = (stepMs: number, costMs: number): number[] => {
    let time = 0
    const drawn: number[] = []
    const it = new Reporter('run', { maxSize: 64, every: 1 }, { shape, model: {} }, ({ rows, frames }) => {
      if (!frames) return
      assert.equal(frames.row, rows.at(-1)?.row)
      drawn.push(frames.row)
      time += costMs
    }, () => time)
    for (let i = 0; i <= 12; i++) {
      it.row(row(i), x, x, i === 12)
      it.acknowledge(i)
      time += stepMs
    }
    return drawn
  }
  const every = Array.from({ length: 13 }, (_, i) => i)
  assert.deepEqual(picturesOf(50, 1), every)
  assert.deepEqual(picturesOf(50, 50), every)
  assert.deepEqual(picturesOf(25, 0.25), every)
  assert.deepEqual(picturesOf(25, 0.4), [0, 2, 4, 6, 8, 10, 12])
  assert.deepEqual(picturesOf(10, 0.1), [0, 2, 4, 6, 8, 10, 12])
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

test('the picture of x is of x divided by the scale of its level, each item by its own; that of x̂₀ is as it is', () => {
  const sent: RunRows[] = []
  const it = new Reporter('run', { maxSize: 64, every: 1 }, { shape: [2, 1, 1, 2], model: {} }, (rows) => sent.push(rows), () => 0)
  const level = { t: 4, alpha: 1, sigma: 4, lambda: -1 }
  const lane = (item: number, sigma: number): NonNullable<RowEvent['lanes']>[number] => ({ item, level: { ...level, alpha: 0, sigma }, evaluations: 1, accepted: 0, rejected: 0, row: 0 })
  it.row({ ...row(0), level, lanes: [lane(0, 2), lane(1, 4)] }, Float32Array.of(-2, 2, -2, 2), Float32Array.of(-2, 2, -2, 2), false)
  const red = (rgba: Uint8Array): number[] => Array.from({ length: 4 }, (_, p) => rgba[4 * p]!)
  assert.deepEqual([red(sent[0]!.frames!.x), red(sent[0]!.frames!.x0)], [[0, 255, 64, 191], [0, 255, 0, 255]])
})

test('latents are shown through their map: where the model’s folder names them, and of four channels where that is asked for', () => {
  const [x, x0] = [Float32Array.of(2, 0, 0, 0), Float32Array.of(1, 1, 1, 1)] // one pixel of four channels
  const level = { t: 4, alpha: 0, sigma: 2, lambda: -1 }
  const drawn = (latents: LatentSpace | undefined, method: 'auto' | 'latentToRgb'): number[][] => {
    const sent: RunRows[] = []
    const it = new Reporter('run', { maxSize: 64, every: 1, method }, { shape: [1, 4, 1, 1], model: latents ? { latents } : {} }, (rows) => sent.push(rows), () => 0)
    it.row({ ...row(0), level }, x, x0, true)
    const { frames } = sent[0]!
    return [[...frames!.x.subarray(0, 3)], [...frames!.x0.subarray(0, 3)]]
  }
  // x / σ is (1, 0, 0, 0), the first line of the map: 127.5 (1 + 0.3512) and so on; x̂₀ the sum of all four.
  const sd = [[172, 157, 169], [151, 209, 142]]
  assert.deepEqual([drawn('sd', 'auto'), drawn('sd', 'latentToRgb'), drawn(undefined, 'latentToRgb')], [sd, sd, sd])
  assert.deepEqual(drawn(undefined, 'auto'), [[255, 128, 128], [255, 255, 255]], 'the first three channels')
})

test('without previews nothing is drawn, and every row is told of', async () => {
  const sent: RunRows[] = []
  const it = new Reporter('run', null, { shape: [1, 1, 2, 2], get model(): never { throw new Error('a picture was made') } }, (rows) => sent.push(rows))
  for (let i = 0; i < 3; i++) it.row(row(i), x, x, i === 2)
  await until(() => sent.flatMap(({ rows }) => rows).length === 3, 'all rows')
  assert.ok(sent.every(({ frames }) => frames === undefined))
})
