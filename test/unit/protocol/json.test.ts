import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonNumber, parseJson, stringifyJson } from '../../../src/protocol/json'

test('numbers that are not finite are words in the text and numbers again after reading', () => {
  const row = { level: { t: 0, sigma: 0, lambda: Infinity }, x: { min: NaN, max: -Infinity, mean: 0.25 } }
  const text = stringifyJson(row)
  assert.equal(text, '{"level":{"t":0,"sigma":0,"lambda":"Infinity"},"x":{"min":"NaN","max":"-Infinity","mean":0.25}}')
  assert.deepEqual(parseJson(text), row)
})

test('names and labels that happen to be such words stay text', () => {
  const document = { name: 'Infinity', classes: { names: ['NaN', 'cat'] }, classLabel: '-Infinity' }
  assert.deepEqual(parseJson(stringifyJson(document)), document)
})

test('jsonNumber leaves finite numbers alone', () => {
  assert.deepEqual([1.5, -0.25, Infinity, -Infinity, NaN].map(jsonNumber), [1.5, -0.25, 'Infinity', '-Infinity', 'NaN'])
})
