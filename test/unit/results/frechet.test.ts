import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { eigen, frechet, moments, squareRoot, type Moments } from '../../../scripts/results/frechet'
import { referenceMoments } from '../../../scripts/results/lab'
import { drawNormals } from '../../../src/sampler/noise'

const close = (a: number, b: number, tolerance: number): void => { assert.ok(Math.abs(a - b) <= tolerance, `${a} for ${b}`) }

/** A symmetric matrix without negative eigenvalues. */
function covariance(size: number, seed: bigint): Float64Array { return moments(drawNormals(seed, 0, 3 * size * size), size).covariance }

test('eigenvectors are orthonormal and make the matrix again; the square root squared is the matrix', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.bigInt({ min: 0n, max: 1000n }), (size, seed) => {
    const matrix = covariance(size, seed)
    const { values, vectors } = eigen(matrix, size)
    const root = squareRoot(matrix, size)
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let [again, squared, unit] = [0, 0, 0]
        for (let k = 0; k < size; k++) {
          again += values[k]! * vectors[i * size + k]! * vectors[j * size + k]!
          squared += root[i * size + k]! * root[k * size + j]!
          unit += vectors[i * size + k]! * vectors[j * size + k]!
        }
        close(again, matrix[i * size + j]!, 1e-12)
        close(squared, matrix[i * size + j]!, 1e-12)
        close(unit, i === j ? 1 : 0, 1e-12)
      }
    }
  }), { numRuns: 30 })
})

test('the Fréchet distance is what the formula gives where both covariances are diagonal, the same in both directions, and 0 of equals', () => {
  const diagonal = (mean: number[], deviations: number[]): Moments => ({ mean: Float64Array.from(mean), covariance: Float64Array.from(deviations.flatMap((s, i) => deviations.map((_, j) => i === j ? s * s : 0))) })
  const [a, b] = [diagonal([0, 1, 2], [1, 2, 3]), diagonal([1, 1, 4], [2, 0.5, 3])]
  close(frechet(a, b), 1 + 0 + 4 + 1 + 1.5 ** 2, 1e-12)
  const [c, d] = [1n, 2n].map((seed): Moments => ({ mean: drawNormals(seed, 1, 6), covariance: covariance(6, seed) })) as [Moments, Moments]
  close(frechet(c, d), frechet(d, c), 1e-12)
  assert.ok(frechet(c, d) > 0.1)
  const real = referenceMoments('.')
  close(frechet(real, real), 0, 1e-9)
})

test('mean and covariance are those of the values', () => {
  const { mean, covariance: spread } = moments([1, 2, 3, 6, 5, 1], 2)
  assert.deepEqual([...mean], [3, 3])
  assert.deepEqual([...spread].map((value) => Number(value.toFixed(12))), [4, -1, -1, 7])
})
