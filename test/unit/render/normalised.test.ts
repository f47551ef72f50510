import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalised } from '../../../src/render/normalised'

const x = Float32Array.of(1, 2, 3, 4)

test('each item is divided by the scale of its own level', () => {
  assert.deepEqual([...normalised(x, [2, 1, 1, 2], [{ alpha: 3, sigma: 4 }, { alpha: 0, sigma: 2 }])], [1 / 5, 2 / 5, 1.5, 2].map(Math.fround))
  assert.deepEqual([...normalised(x, [2, 1, 1, 2], [{ alpha: 0, sigma: 2 }])], [0.5, 1, 1.5, 2])
})

test('a state of the scale of pictures is itself, not a copy', () => {
  assert.equal(normalised(x, [2, 1, 1, 2], [{ alpha: 0.6, sigma: 0.8 }]), x)
  assert.equal(normalised(x, [2, 1, 1, 2], [{ alpha: 1, sigma: 0 }, { alpha: 0.999, sigma: 0.001 }]), x)
})
