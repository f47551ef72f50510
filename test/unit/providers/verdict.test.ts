import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from '../../../scripts/providers/verdict'

const right = { noise: 2e-6, image: 6e-5 }
const endured = { image: 1e-5, imageAfter: 1e-5 }

test('a provider is wrong where it opens and then fails, gives other numbers, or gives none', () => {
  const wrong: Parameters<typeof judge>[] = [
    [[], [{ opened: true, error: 'The engine ended.' }], undefined],
    [[right], [], { ...endured, error: 'no answer within 15 minutes' }],
    [[right, { noise: 0.1, image: 1e-3 }], [], endured],
    [[{ noise: NaN, image: NaN }, right], [], endured],
    [[right], [], { image: 1e-5, imageAfter: 1.2 }],
    [[right], [], { image: NaN, imageAfter: 1e-5 }],
  ]
  for (const given of wrong) assert.equal(judge(...given).wrong, true, JSON.stringify(given))
})

test('a provider that does not open is not wrong, nor is half precision', () => {
  assert.deepEqual(judge([], [{ opened: false, error: 'no adapter' }], undefined), { wrong: false, words: 'does not open here' })
  assert.deepEqual(judge([right], [], endured), { wrong: false, words: 'right, to what float32 keeps' })
  assert.deepEqual(judge([{ noise: 9e-3, image: 0.05 }], [], endured), { wrong: false, words: 'right, to what half precision keeps' })
})
