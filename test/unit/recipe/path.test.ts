import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { getPath, setPath } from '../../../src/recipe/path'

const key = fc.stringMatching(/^[a-z]{1,6}$/).filter((name) => !['constructor', 'prototype'].includes(name))
const path = fc.array(key, { minLength: 1, maxLength: 4 }).map((keys) => keys.join('.'))

test('what is set at a path is found there', () => {
  fc.assert(fc.property(path, fc.jsonValue(), fc.jsonValue(), (at, root, value) => {
    assert.deepEqual(getPath(setPath(root, at, value), at), value)
  }))
})

test('setting leaves the root it was given alone', () => {
  const root = Object.freeze({ solver: Object.freeze({ steps: 20, order: 2 }) })
  assert.deepEqual(setPath(root, 'solver.steps', 5), { solver: { steps: 5, order: 2 } })
  assert.equal(root.solver.steps, 20)
})

test('a path that would reach a prototype is refused, and nothing inherited is read', () => {
  for (const bad of ['__proto__.polluted', 'a.__proto__.b', 'constructor.prototype.x', 'prototype', '', 'a..b', '.']) {
    assert.throws(() => setPath({}, bad, 1), RangeError, bad)
  }
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.equal(getPath({}, 'constructor'), undefined)
  assert.equal(getPath({}, 'toString.name'), undefined)
})
