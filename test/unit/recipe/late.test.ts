import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { recipes } from '../../../src/recipe/door'
import { reportOf } from '../../../src/sampler/errors'
import { facts, recipe } from './facts'

test('dist/extension.js has neither the planner nor the schema and its checks: it requires dist/recipes.js, which has them', () => {
  const [host, later] = ['dist/extension.js', 'dist/recipes.js'].map((file) => readFileSync(file, 'utf8')) as [string, string]
  for (const part of ['// src/sampler/methods/', '// src/recipe/prepare.ts', '// src/recipe/schema.ts', '// schema-rules:', '// schema-validator:']) {
    assert.ok(!host.includes(part), `${part} is in the host’s file`)
    assert.ok(later.includes(part), `${part} is not in the later one`)
  }
  assert.match(host, /require\("\.\/recipes\.js"\)/)
})

test('what the later file makes, says and refuses is what a bundle with it inside does, and its errors keep their reason', () => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the built file itself
  const later = require(resolve('dist/recipes.js')) as ReturnType<typeof recipes>
  const inside = recipes()
  assert.notEqual(later.prepare, inside.prepare)
  assert.deepEqual(Object.keys(later).sort(), Object.keys(inside).sort())
  assert.deepEqual(later.defaultRecipe(), inside.defaultRecipe())
  assert.deepEqual(later.prepare(recipe(), facts()), inside.prepare(recipe(), facts()))
  assert.deepEqual(later.recipeErrors({ solver: { steps: 0 } }), inside.recipeErrors({ solver: { steps: 0 } }))
  const refused = recipe({ 'noise.seed': -1 })
  const reports = [later, inside].map(({ prepare }) => { try { return prepare(refused, facts()) } catch (error) { return reportOf(error) } })
  assert.deepEqual(reports[0], reports[1])
  assert.equal((reports[0] as { reason?: string }).reason, 'recipeInvalid')
})
