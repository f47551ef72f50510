import '../../../src/engine/environment'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { cells, exactCell, nameOf, type Cell } from '../../../scripts/results/cells'
import { readDocument } from '../../../scripts/results/document'
import { firstSamples, type Figures } from '../../../scripts/results/figures'
import { judge, recordSize, rmsAt } from '../../../scripts/results/judge'
import { filesIn, withLab } from '../../../scripts/results/lab'
import { hashOf } from '../../../scripts/results/samples'
import { withResults } from '../../../scripts/results/table'

const document = readDocument('.')
assert.ok(document, 'docs/figures/results.json is missing')

const keyOf = ({ method, spacing, guidance, nfe }: Pick<Cell, 'method' | 'spacing' | 'guidance' | 'nfe'>): string => [guidance, method, spacing, nfe].join('/')
const figures = new Map(document.cells.map((own) => [keyOf(own), own]))
const figuresOf = (guidance: number, method: string, spacing: Cell['spacing'], nfe: number): Figures => {
  const own = figures.get(keyOf({ guidance, method, spacing, nfe }))
  assert.ok(own, `no figures of ${method} with ${nfe} evaluations`)
  return own
}

describe('the results that are told', () => {
  test('are those in docs/figures/results.json', () => {
    const readme = readFileSync('README.md', 'utf8')
    assert.equal(readme, withResults(readme, document), 'run npm run results')
  })

  test('are of every cell, and of the models that are here', () => {
    assert.deepEqual(document.cells.map(keyOf), cells.map(keyOf))
    const files = filesIn('.')
    assert.equal(document.model.sha256, hashOf(join(files.models, 'digits/unet/model.onnx')))
    assert.equal(document.features.sha256, hashOf(files.features))
  })

  test('with much guidance, DPM-Solver of third order breaks in few steps and DPM-Solver++ holds', () => {
    const [breaks, holds] = [figuresOf(8, 'DPM-Solver-3 (fast)', 'logSNR', 10), figuresOf(8, 'DPM-Solver++ 2M', 'logSNR', 10)]
    assert.ok(breaks.accuracy < 0.7 && holds.accuracy > 0.95, `${breaks.accuracy}, ${holds.accuracy}`)
    assert.ok(breaks.rms! > 3 * holds.rms!, `${breaks.rms}, ${holds.rms}`)
  })
})

/** Numbers differ between processors by rounding alone, which the way through a run enlarges. */
const tolerance = 2e-3

test('a small sample, drawn again, is as far from the exact ODE as stored', async (t) => {
  const few = (guidance: number): number => guidance === 1 ? firstSamples : 6
  const again: [guidance: number, method: string, spacing: Cell['spacing'], nfe: number][] = [
    [1, 'DDIM', 'logSNR', 10], [1, 'DPM-Solver++ 2M', 'timeUniform', 10], [1, 'UniPC-2', 'logSNR', 20], [8, 'DPM-Solver++ 2M', 'logSNR', 15],
  ]
  await withLab('.', async (lab) => {
    const exact = new Map<number, Float32Array>()
    for (const [guidance, method, spacing, nfe] of again) {
      const cell = cells.find((one) => keyOf(one) === keyOf({ guidance, method, spacing, nfe }))!
      const count = few(guidance)
      const solution = exact.get(guidance) ?? (await lab.draw(exactCell(guidance), 0, count)).images
      exact.set(guidance, solution)
      const { records } = await judge(lab, cell, 0, count, solution)
      const stored = figuresOf(guidance, method, spacing, nfe).firstRms!
      const off = Array.from({ length: count }, (_, k) => Math.abs(records[k * recordSize + rmsAt]! - stored[k]!))
      t.diagnostic(`${nameOf(cell)}: at most ${Math.max(...off).toExponential(1)} from what is stored`)
      assert.ok(Math.max(...off) <= tolerance, `${nameOf(cell)}: ${off.map((value) => value.toFixed(4)).join(' ')}`)
    }
  })
})
