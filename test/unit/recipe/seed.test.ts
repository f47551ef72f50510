import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawSeed, itemSeed, parseSeed } from '../../../src/recipe/seed'
import { DpmError } from '../../../src/sampler/errors'

test('whole numbers up to 2^53 − 1 and decimal strings up to 2^64 − 1 are seeds', () => {
  assert.equal(parseSeed(0), 0n)
  assert.equal(parseSeed(2 ** 53 - 1), 9007199254740991n)
  assert.equal(parseSeed('18446744073709551615'), 2n ** 64n - 1n)
  assert.equal(parseSeed('007'), 7n)
})

for (const bad of [-1, 0.5, NaN, 2 ** 53, '', '-1', '1e3', ' 1', '0x10', '18446744073709551616', '99999999999999999999', 'random', null, undefined, true]) {
  test(`${JSON.stringify(bad) ?? 'undefined'} (${typeof bad}) is no seed`, () => {
    assert.throws(() => parseSeed(bad), (error) => error instanceof DpmError && error.field === 'noise.seed' && error.reason === 'recipeInvalid')
  })
}

test('item seeds wrap around at 2^64', () => {
  assert.equal(itemSeed(5n, 3), '8')
  assert.equal(itemSeed(2n ** 64n - 1n, 0), '18446744073709551615')
  assert.equal(itemSeed(2n ** 64n - 1n, 1), '0')
  assert.equal(itemSeed(2n ** 64n - 2n, 5), '3')
})

test('a drawn seed is a whole number below 2^32 and differs from the last', () => {
  const drawn = Array.from({ length: 200 }, drawSeed)
  assert.ok(drawn.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
  assert.ok(new Set(drawn).size > 190)
  assert.ok(drawn.some((seed) => seed >= 2 ** 31), 'the highest bit is drawn too')
})
