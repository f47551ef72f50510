import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { defaultRecipe } from '../../../src/recipe/defaults'
import { setPath } from '../../../src/recipe/path'
import { editRecipe, followDefaults, seedAfter, withSeed } from '../../../src/run/recipeForm'
import { DpmError } from '../../../src/sampler/errors'

const recipe = defaultRecipe()
const edited = (fields: Record<string, unknown>) => Object.entries(fields).reduce((result, [path, value]) => setPath(result, path, value), recipe)

suite('the form’s recipe', () => {
  test('fields at their default follow it, edited ones stay', () => {
    const form = edited({ 'solver.order': 3 })
    const after = edited({ 'solver.order': 1, 'solver.steps': 50, 'conditioning.classLabel': [1, 2] })
    const followed = followDefaults(form, recipe, after)
    assert.equal(followed.solver.order, 3)
    assert.equal(followed.solver.steps, 50)
    assert.deepEqual(followed.conditioning.classLabel, [1, 2])
  })

  test('a default that did not change leaves the form alone', () => {
    const form = edited({ 'solver.order': 3, 'noise.seed': 7 })
    assert.deepEqual(followDefaults(form, recipe, recipe), form)
  })

  test('only fields there are can be set, to values they take', () => {
    assert.equal(editRecipe(recipe, { 'solver.steps': 5 }).solver.steps, 5)
    for (const fields of [{ 'solver.steps': 0 }, { 'solver.nothing': 1 }, { '__proto__.x': 1 }, { solver: {} }]) {
      assert.throws(() => editRecipe(recipe, fields), (error) => error instanceof DpmError && error.reason === 'recipeInvalid', JSON.stringify(fields))
    }
  })

  test('a random seed is drawn below 2^32; a fixed one stays unless a new one is asked for', () => {
    const drawn = withSeed(recipe, false).noise.seed
    assert.ok(typeof drawn === 'number' && Number.isInteger(drawn) && drawn >= 0 && drawn < 2 ** 32)
    const fixed = edited({ 'noise.seed': 2 ** 40 })
    assert.equal(withSeed(fixed, false).noise.seed, 2 ** 40)
    assert.notEqual(withSeed(fixed, true).noise.seed, 2 ** 40)
  })

  test('the seed after a run is the one after its last image, modulo 2^64', () => {
    assert.equal(seedAfter(edited({ 'noise.seed': 5, 'noise.batch': 4 })), 9)
    assert.equal(seedAfter(edited({ 'noise.seed': Number.MAX_SAFE_INTEGER })), '9007199254740992')
    assert.equal(seedAfter(edited({ 'noise.seed': '18446744073709551615', 'noise.batch': 3 })), 2)
  })
})
