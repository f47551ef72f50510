import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fields } from '../../../src/recipe/fields'
import { fieldPaths, schemaAt, type SchemaNode } from '../../../src/recipe/schema'
import { descriptionOf, valueDescriptionsOf } from '../../../src/recipe/schemaWords'
import { isObject } from '../../../src/recipe/path'
import { readManifest } from '../manifestFile'

interface Setting { type: string | string[]; default: unknown; enum?: unknown[]; minimum?: number; maximum?: number }
const manifest = readManifest<{ contributes: { configuration: { properties: Record<string, Setting> }[] } }>()
const settings = Object.assign({}, ...manifest.contributes.configuration.map(({ properties }) => properties)) as Record<string, Setting>

/** Where a setting's default is another than the recipe's, on purpose. */
const otherDefaults: Record<string, unknown> = {
  'model.path': '', // empty: the bundled digits
  'seed.value': 0, // read in the mode “fixed” only; the default mode draws a random one
}

test('the table holds every field of the schema, in its order, and nothing else', () => {
  assert.deepEqual(fields.map(({ path }) => path), fieldPaths())
})

test('every field has a description and a default in the schema, and every choice is described', () => {
  for (const { path } of fields) {
    const node = schemaAt(path)!
    assert.ok(descriptionOf(path), path)
    assert.notEqual(node.default, undefined, path)
    if (valueDescriptionsOf(path).length > 0) assert.equal(valueDescriptionsOf(path).length, node.enum?.length, path)
  }
})

test('no two fields share a setting or a flag', () => {
  for (const name of ['setting', 'flag'] as const) {
    const named = fields.map((field) => field[name]).filter((value) => value !== null)
    assert.equal(new Set(named).size, named.length)
  }
})

for (const { path, setting } of fields) {
  if (setting === null) continue
  test(`dpmSolver.${setting} agrees with the schema of ${path}`, () => {
    const contributed = settings[`dpmSolver.${setting}`]
    const node: SchemaNode = schemaAt(path)!
    assert.ok(contributed, `package.json contributes no dpmSolver.${setting}`)
    assert.deepEqual(contributed.default, setting in otherDefaults ? otherDefaults[setting] : node.default)
    if (node.enum) assert.deepEqual(contributed.enum, node.enum)
    const ranges = [node, ...node.anyOf ?? []].filter((part) => part.minimum !== undefined && part.type !== 'array')
    for (const { minimum, maximum } of ranges) {
      assert.equal(contributed.minimum, minimum)
      if (maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER) assert.equal(contributed.maximum, maximum)
    }
  })
}

test('every setting of the recipe groups is in the table', () => {
  const known = new Set<string>(fields.map(({ setting }) => `dpmSolver.${setting}`))
  const ofRecipe = Object.keys(settings).filter((key) => /^dpmSolver\.(model|solver|schedule)\./.test(key) && key !== 'dpmSolver.model.searchFolders')
  assert.ok(isObject(settings) && ofRecipe.length > 10)
  for (const key of ofRecipe) assert.ok(known.has(key), key)
})
