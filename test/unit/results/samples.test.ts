import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { exactCell, type Cell } from '../../../scripts/results/cells'
import { recordSize } from '../../../scripts/results/judge'
import { floats, Samples } from '../../../scripts/results/samples'
import { makePlan } from '../../../src/sampler/plan'
import { scheduleOf } from '../../../src/sampler/schedule/schedule'
import type { Plan } from '../../../src/sampler/types'

const schedule = scheduleOf({ kind: 'vpLinear', beta0: 0.1, beta1: 20 })
const planOf = ({ request }: Cell): Plan => makePlan(request, schedule)

const numbers = (count: number, from: number): Float32Array => Float32Array.from({ length: count }, (_, i) => from + i)

test('samples that an interruption cut off are drawn again, and nothing is counted twice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dpm-results-'))
  try {
    const samples = new Samples(folder, 'models', planOf)
    const cell = exactCell(1)
    const pixels = 6
    assert.equal(samples.count(cell, pixels), 0)
    samples.append(cell, 0, numbers(2 * recordSize, 0), numbers(2 * pixels, 0))
    samples.append(cell, 2, numbers(3 * recordSize, 1000), numbers(3 * pixels, 1000))
    assert.equal(samples.count(cell, pixels), 5)
    // Images are written first; here the last record is missing a part, as after a crash.
    truncateSync(samples.path(cell, 'records'), statSync(samples.path(cell, 'records')).size - 5)
    assert.equal(samples.count(cell, pixels), 4)
    samples.append(cell, 4, numbers(recordSize, 5000), numbers(pixels, 5000))
    assert.equal(samples.count(cell, pixels), 5)
    assert.deepEqual(samples.records(cell, 5).subarray(4 * recordSize), numbers(recordSize, 5000))
    assert.deepEqual(floats(samples.path(cell, 'images'), 2 * pixels, 2 * pixels), numbers(2 * pixels, 1000))
    assert.deepEqual(floats(samples.path(cell, 'images'), 4 * pixels, pixels), numbers(pixels, 5000))
    assert.throws(() => samples.records(cell, 6), RangeError)
    assert.throws(() => { samples.append(cell, 6, numbers(recordSize, 0)) }, /lost samples/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('other guidance, other steps and other models have samples of their own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dpm-results-'))
  try {
    const paths = [new Samples(folder, 'a', planOf).path(exactCell(1), 'records'), new Samples(folder, 'a', planOf).path(exactCell(8), 'records'), new Samples(folder, 'a', planOf).path(exactCell(1, 7), 'records'), new Samples(folder, 'b', planOf).path(exactCell(1), 'records')]
    assert.equal(new Set(paths).size, 4)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
