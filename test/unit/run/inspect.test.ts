import assert from 'node:assert/strict'
import { readFileSync, truncateSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import type { Answer, Question, Tensor } from '../../../src/protocol/inspect'
import type { Recipe } from '../../../src/recipe/recipe'
import { answer } from '../../../src/run/inspection/inspect'
import { openRun, type StoredRun } from '../../../src/run/store'
import { DpmError } from '../../../src/sampler/errors'
import { carryOut } from '../engine/digits'
import { clientFor, recipe } from '../engine/withClient'
import { document, temporary, value, writeRun } from './folder'

const runs: Record<string, (made: Recipe) => void> = {
  'grey, a batch': (r) => { r.noise.batch = 3; r.solver.steps = 5 },
  'colour, residual noise': (r) => { r.model.path = 'emoji'; r.noise.batch = 2; r.solver.steps = 4; r.solver.finalSigma = 'sigmaMin' },
  'adaptive': (r) => { r.noise.batch = 3; r.solver = { ...r.solver, algorithm: 'dpmsolver', method: 'adaptive', order: 3, options: { atol: 0.05, rtol: 0.1 } } },
  'points of the plane': (r) => { r.model.path = 'mixture2d'; r.noise.batch = 5; r.solver.steps = 6 },
}

/** Reads one value at a time, as docs/run-format.md says where it is. */
class ByHand {
  private readonly bytes: Buffer
  constructor(readonly run: StoredRun) { this.bytes = readFileSync(join(run.folder, 'states.f32')) }

  recorded(row: number, which: 'x' | 'x0', item: number, c: number, y: number, x: number): number {
    const { shape: [, channels, height, width], states: { rowBytes } } = this.run.document
    return this.bytes.readFloatLE(row * rowBytes + (which === 'x' ? 0 : rowBytes / 2) + 4 * (((item * channels + c) * height + y) * width + x))
  }

  value(tensor: Tensor, row: number, item: number, c: number, y: number, x: number): number | undefined {
    const event = this.run.rows[row]!
    const at = (r: number, which: 'x' | 'x0'): number => this.recorded(r, which, item, c, y, x)
    if (tensor === 'x' || tensor === 'x0') return at(row, tensor)
    if (tensor === 'eps') {
      const { alpha, sigma } = event.lanes ? event.lanes[item]!.level : event.level
      return sigma > 0 && event.estimateFrom === row ? (at(row, 'x') - alpha * at(row, 'x0')) / sigma : undefined
    }
    // The last row but one in which the item was new: where it waits, its row is another's.
    const fresh = event.lanes ? event.lanes[item]!.row : row
    return fresh > 0 ? at(row, 'x0') - at(fresh - 1, 'x0') : undefined
  }
}

async function run(t: TestContext, change: (made: Recipe) => void): Promise<StoredRun> {
  return openRun((await carryOut(clientFor(t), recipe(change))).folder)
}

type Of<K extends Question['of']> = Extract<Question, { of: K }>
type AnswerOf<K extends Question['of']> = Extract<Answer, { of: K }>
async function ask<K extends Question['of']>(stored: StoredRun, question: Of<K>, unreadable: (error: unknown) => void = (error) => { throw error }): Promise<AnswerOf<K>> {
  const given = await answer({ run: stored, row: (index) => stored.rows[index], unreadable }, question)
  assert.equal(given.of, question.of)
  return given as AnswerOf<K>
}
const near = (a: number, b: number, tolerance = 1e-5): boolean => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b))

for (const [name, change] of Object.entries(runs)) {
  test(`what is asked of a run is what its file says: ${name}`, async (t) => {
    const stored = await run(t, change)
    const hand = new ByHand(stored)
    const { shape: [batch, channels, height, width] } = stored.document
    const [y, x] = [Math.floor(height / 3), Math.floor(width / 2)]
    const tensors: Tensor[] = ['x', 'x0', 'eps', 'delta']
    const all = { top: 0, left: Math.floor(width / 4), bottom: height, right: width }
    let [absent, present] = [0, 0]
    for (const { row } of stored.rows) {
      for (let item = 0; item < batch; item++) {
        const pixel = await ask(stored, { of: 'pixel', row, place: { item, y, x } })
        const region = await ask(stored, { of: 'region', row, region: { item, ...all } })
        for (const tensor of tensors) {
          const values = Array.from({ length: channels }, (_, c) => hand.value(tensor, row, item, c, y, x))
          if (values[0] === undefined) {
            assert.ok(!(tensor in pixel.values) && !(tensor in region.values), `${tensor} of row ${row}`)
            absent++
            continue
          }
          present++
          assert.equal(pixel.values[tensor]?.length, channels)
          assert.ok(values.every((one, c) => near(pixel.values[tensor]![c]!, one!)), `${tensor} of row ${row}: ${pixel.values[tensor].join()} and not ${values.join()}`)
          for (let c = 0; c < channels; c++) {
            const inside: number[] = []
            for (let v = all.top; v < all.bottom; v++) for (let u = all.left; u < all.right; u++) inside.push(hand.value(tensor, row, item, c, v, u)!)
            const mean = inside.reduce((sum, one) => sum + one, 0) / inside.length
            const std = Math.sqrt(inside.reduce((sum, one) => sum + (one - mean) ** 2, 0) / inside.length)
            const told = region.values[tensor]![c]!
            const expected = { mean, std, min: Math.min(...inside), max: Math.max(...inside) }
            for (const key of ['mean', 'std', 'min', 'max'] as const) assert.ok(near(told[key], expected[key], 1e-4), `${key} of ${tensor} in row ${row}: ${told[key]} and not ${expected[key]}`)
          }
        }
      }
    }
    console.log(`${present} tensors of ${stored.rows.length} rows, ${absent} not defined`)
    assert.ok(present > 0 && absent > 0)
  })

  test(`along the rows of a run: ${name}`, async (t) => {
    const stored = await run(t, change)
    const hand = new ByHand(stored)
    const { shape: [batch, channels, height, width] } = stored.document
    for (const from of [0, 2, stored.rows.length]) {
      const rows = stored.rows.slice(from)
      const [item, y, x] = [batch - 1, height - 1, Math.floor(width / 2)]
      const course = await ask(stored, { of: 'course', from, place: { item, y, x } })
      assert.deepEqual([course.from, course.channels], [from, channels])
      for (const which of ['x', 'x0'] as const) assert.deepEqual([...course[which]], rows.flatMap(({ row }) => Array.from({ length: channels }, (_, c) => hand.recorded(row, which, item, c, y, x))))
      const changes = await ask(stored, { of: 'changes', from })
      assert.deepEqual([changes.from, changes.values.length], [from, rows.length])
      for (const [r, { row, lanes }] of rows.entries()) {
        const squares: number[] = []
        for (let k = 0; k < batch; k++) {
          if (row === 0 || lanes && lanes[k]!.row !== row) continue
          for (let c = 0; c < channels; c++) for (let v = 0; v < height; v++) for (let u = 0; u < width; u++) squares.push((hand.recorded(row, 'x0', k, c, v, u) - hand.recorded(row - 1, 'x0', k, c, v, u)) ** 2)
        }
        const expected = Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length)
        assert.ok(row === 0 ? Number.isNaN(changes.values[r]) : near(changes.values[r]!, expected), `row ${row}: ${changes.values[r]} and not ${expected}`)
      }
    }
  })

  test(`pictures show what is in the values: ${name}`, async (t) => {
    const stored = await run(t, change)
    const hand = new ByHand(stored)
    const { shape: [batch, channels, height, width] } = stored.document
    const columns = Math.ceil(Math.sqrt(batch))
    for (const { row } of stored.rows) {
      const answered = await ask(stored, { of: 'pictures', row, tensors: ['eps', 'delta'] })
      assert.deepEqual([answered.width, answered.height], [columns * width, Math.ceil(batch / columns) * height])
      assert.deepEqual(answered.pictures.map(({ tensor }) => tensor), (['eps', 'delta'] as const).filter((tensor) => Array.from({ length: batch }, (_, item) => hand.value(tensor, row, item, 0, 0, 0)).some((one) => one !== undefined)))
      for (const { tensor, rgba, scale } of answered.pictures) {
        const shown = channels < 3 ? 1 : 3
        let [within, count] = [0, 0]
        for (let item = 0; item < batch; item++) for (let c = 0; c < shown; c++) for (let v = 0; v < height; v++) for (let u = 0; u < width; u++) {
          const one = hand.value(tensor, row, item, c, v, u)
          const pixel = 4 * ((Math.floor(item / columns) * height + v) * columns * width + item % columns * width + u)
          if (one === undefined) { assert.equal(rgba[pixel + 3], 0); continue }
          within += Number(Math.abs(one) <= scale)
          count++
          assert.equal(rgba[pixel + 3], 255)
          if (shown === 3) assert.ok(Math.abs(rgba[pixel + c]! - Math.min(255, Math.max(0, (scale === 0 ? 1 : one / scale + 1) * 127.5))) <= 1)
          // Blue below zero, red above.
          else if (Math.abs(one) > scale / 10) assert.equal(rgba[pixel]! > rgba[pixel + 2]!, one > 0)
        }
        assert.ok(within / count >= 0.995, `${tensor} of row ${row}: ${within} of ${count} within ±${scale}`)
      }
    }
  })
}

test('the spectrum of x_T is that of its noise, and the result has most of its power in what is coarse', async (t) => {
  const stored = await run(t, (r) => { r.solver.steps = 5; r.noise.batch = 2 })
  const [first, last] = [0, stored.rows.length - 1]
  const noise = (await ask(stored, { of: 'spectrum', row: first, item: 1 })).x
  const mean = noise.reduce((sum, power) => sum + power, 0) / noise.length
  const { alpha, sigma } = stored.rows[first]!.level
  const { x, x0 } = await ask(stored, { of: 'spectrum', row: last, item: 1 })
  console.log(`power of x_T in rings: ${mean.toFixed(2)}, α² + σ² = ${(alpha ** 2 + sigma ** 2).toFixed(2)}; of the result ${x[1]!.toFixed(2)} in ring 2, ${x.at(-1)!.toFixed(4)} in the last`)
  assert.ok(Math.abs(mean - alpha ** 2 - sigma ** 2) < 0.3)
  assert.deepEqual(x, x0, 'the result is its own estimate')
  assert.ok(x.at(-1)! < x[1]! / 10)
})

suite('a recording that cannot be read where it is asked', () => {
  const recorded = async (): Promise<StoredRun> => {
    const at = document()
    return openRun(writeRun(temporary(), at, 4))
  }

  test('places outside of it are refused', async () => {
    const stored = await recorded()
    const place = { item: 0, y: 0, x: 0 }
    const region = { item: 0, top: 0, left: 0, bottom: 1, right: 1 }
    const outside: Question[] = [
      { of: 'pictures', row: 4, tensors: ['eps'] }, { of: 'pixel', row: 9, place }, { of: 'pixel', row: 0, place: { ...place, item: 2 } }, { of: 'pixel', row: 0, place: { ...place, y: 2 } },
      { of: 'course', from: 0, place: { ...place, x: 2 } }, { of: 'spectrum', row: 0, item: 2 }, { of: 'spectrum', row: 4, item: 0 },
      { of: 'region', row: 0, region: { ...region, bottom: 3 } }, { of: 'region', row: 0, region: { ...region, left: 1 } }, { of: 'region', row: 0, region: { ...region, item: 2 } },
    ]
    for (const question of outside) await assert.rejects(answer({ run: stored, row: (index) => stored.rows[index], unreadable: (error) => { throw error } }, question), RangeError, JSON.stringify(question))
  })

  test('a row that is not there any more fails its own questions, and the others are answered without it', async () => {
    const stored = await recorded()
    truncateSync(stored.statesPath, 3 * stored.document.states.rowBytes)
    for (const question of [{ of: 'pixel', row: 3, place: { item: 0, y: 0, x: 0 } }, { of: 'pictures', row: 3, tensors: ['eps', 'delta'] }, { of: 'spectrum', row: 3, item: 0 }] satisfies Question[]) {
      await assert.rejects(answer({ run: stored, row: (index) => stored.rows[index], unreadable: (error) => { throw error } }, question), (error) => error instanceof DpmError && error.reason === 'runFolder')
    }
    const told: unknown[] = []
    const course = await ask(stored, { of: 'course', from: 1, place: { item: 1, y: 1, x: 0 } }, (error) => { told.push(error) })
    assert.deepEqual([...course.x0], [value(1, 'x0', 6), value(2, 'x0', 6), NaN])
    const changes = await ask(stored, { of: 'changes', from: 1 }, (error) => { told.push(error) })
    assert.deepEqual([...changes.values], [100, 100, NaN])
    assert.ok(told.length === 2 && told.every((error) => error instanceof DpmError && error.message.startsWith('Row 3 ')))
  })

  test('the way of a pixel is read from its own bytes', async (t) => {
    const stored = await run(t, runs['colour, residual noise']!)
    const handle = await open(stored.statesPath)
    const shared = Object.getPrototypeOf(handle) as { read: (...given: never[]) => Promise<{ bytesRead: number }> }
    await handle.close()
    const { read } = shared
    let bytes = 0
    t.after(() => { shared.read = read })
    shared.read = async function (...given) {
      const result = await read.apply(this, given)
      bytes += result.bytesRead
      return result
    }
    await ask(stored, { of: 'course', from: 0, place: { item: 1, y: 3, x: 4 } })
    console.log(`${bytes} bytes of ${stored.rows.length * stored.document.states.rowBytes}`)
    assert.equal(bytes, stored.rows.length * 2 * 3 * 4)
  })
})
