import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { prepare } from '../../../src/recipe/prepare'
import { scheduleOptionsOf } from '../../../src/recipe/scheduleOptions'
import { recipeSchema, schemaAt, type SchemaNode } from '../../../src/recipe/schema'
import { descriptionOf, valueDescriptionsOf } from '../../../src/recipe/schemaWords'
import { algorithms as algorithmNames } from '../../../src/recipe/solverName'
import { recipeErrors } from '../../../src/recipe/validate'
import { algorithms } from '../../../src/sampler/algorithms'
import { DpmError } from '../../../src/sampler/errors'
import { noiseGenerators } from '../../../src/sampler/random/source'
import type { Option } from '../../../src/sampler/row'
import { spacings } from '../../../src/sampler/spacing'
import type { NoiseChoice, Recipe } from '../../../src/recipe/recipe'
import { facts, recipe } from './facts'

const names = (path: string): string[] => (schemaAt(path)!.enum ?? []).map(String)

test('the choices of a recipe are what the sampler has, all of it', () => {
  assert.deepEqual(names('solver.algorithm').sort(), Object.keys(algorithms).sort())
  assert.deepEqual(names('schedule.spacing').sort(), Object.keys(spacings).sort())
  assert.deepEqual(names('noise.generator'), [...noiseGenerators])
  const rows = Object.values(algorithms)
  assert.deepEqual(new Set(names('solver.method')), new Set(rows.flatMap(({ methods }) => methods)))
  assert.deepEqual(new Set(names('solver.variant')), new Set(rows.flatMap(({ variants }) => variants)))
  schemaAt('solver.algorithm')!.enum!.forEach((name, i) => {
    const row = algorithms[name as keyof typeof algorithms]
    assert.equal(valueDescriptionsOf('solver.algorithm')[i], `${row.title}: ${row.about}`)
  })
})

test('what the schema allows and what it says, which the page loads one after the other, are all of its file', () => {
  const whole = JSON.parse(readFileSync('schemas/recipe.schema.json', 'utf8')) as SaidNode & { $schema?: string; title?: string }
  for (const ofTheFile of ['$schema', 'title', 'description'] as const) delete whole[ofTheFile]
  assert.deepEqual(joined(recipeSchema, ''), whole)
  assert.deepEqual(algorithmNames, Object.fromEntries(Object.entries(algorithms).map(([name, { title }]) => [name, title])))
})

interface SaidNode extends SchemaNode { description?: string; enumDescriptions?: readonly string[] }

/** A part of the schema with what is said of it. */
function joined(rules: SchemaNode, path: string): SaidNode {
  const [description, enumDescriptions] = [descriptionOf(path), valueDescriptionsOf(path)]
  const node: SaidNode = { ...rules, ...description ? { description } : {}, ...enumDescriptions.length > 0 ? { enumDescriptions } : {} }
  delete node.enumNames
  if (rules.properties) node.properties = Object.fromEntries(Object.entries(rules.properties).map(([name, child]) => [name, joined(child, path === '' ? name : `${path}.${name}`)]))
  return node
}

/** True where every value that the algorithm's own check lets pass is one that the schema allows. */
function covers(node: SchemaNode, option: Option): boolean {
  switch (option.kind) {
    case 'boolean': return node.type === 'boolean'
    case 'choice': return option.values.every((value) => node.enum?.includes(value))
    case 'statistic': return node.type === 'object'
    case 'number': {
      const least = Math.max(node.minimum ?? -Infinity, node.exclusiveMinimum ?? -Infinity)
      return least <= Math.max(option.above ?? -Infinity, option.atLeast ?? -Infinity) && (node.maximum ?? Infinity) >= (option.atMost ?? Infinity) && (node.type !== 'integer' || option.whole === true)
    }
  }
}

test('solver.options has every option of every algorithm with its values, and no other', () => {
  const properties = schemaAt('solver.options')!.properties!
  const options = Object.values(algorithms).flatMap((row) => row.options)
  assert.deepEqual(Object.keys(properties).sort(), [...new Set(options.map(({ name }) => name))].sort())
  for (const option of options) assert.ok(covers(properties[option.name]!, option), option.name)
  for (const name of Object.keys(properties)) assert.match(descriptionOf(`solver.options.${name}`), /\.$/, name)
})

test('every schedule option is read by a spacing or a noise schedule', () => {
  const all = names('schedule.noise').flatMap((noise) => names('schedule.spacing').flatMap((spacing) => scheduleOptionsOf({ noise: noise as NoiseChoice, spacing: spacing as Recipe['schedule']['spacing'] })))
  assert.deepEqual([...new Set(all)].sort(), Object.keys(schemaAt('schedule.options')!.properties!).sort())
})

/** Any value a schema allows. */
function valueOf(node: SchemaNode): fc.Arbitrary<unknown> {
  if (node.anyOf) return fc.oneof(...node.anyOf.map(valueOf))
  if (node.const !== undefined) return fc.constant(node.const)
  if (node.enum) return fc.constantFrom(...node.enum)
  const [min, max] = [node.minimum ?? (node.exclusiveMinimum === undefined ? -5 : node.exclusiveMinimum + 1e-3), node.maximum ?? 20]
  switch (node.type ?? 'object') {
    case 'boolean': return fc.boolean()
    case 'integer': return fc.integer({ min: Math.ceil(min), max: Math.min(max, 60) })
    case 'number': return fc.double({ min, max, noNaN: true })
    case 'array': return fc.array(valueOf(node.items!), { minLength: node.minItems ?? 0, maxLength: 6 })
    case 'string': return fc.constantFrom('', '/a.png')
    case 'object': return fc.record(Object.fromEntries(Object.entries(node.properties ?? {}).map(([name, child]) => [name, valueOf(child)])), { requiredKeys: [] })
  }
}

const varied = ['input', 'solver', 'schedule', 'noise.generator', 'guidance', 'model.predictionType']

test('any recipe that the schema allows is prepared, or refused at a field with advice: never anything else', () => {
  let [prepared, refused] = [0, 0]
  fc.assert(fc.property(fc.record(Object.fromEntries(varied.map((path) => [path, valueOf(schemaAt(path)!)])), { requiredKeys: [] }), (groups) => {
    const asked = Object.entries(groups).reduce<Record<string, unknown>>((made, [path, value]) => (
      path.includes('.') || typeof value !== 'object' ? { ...made, [path]: value } : { ...made, ...Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [`${path}.${key}`, inner])) }
    ), { 'conditioning.classLabel': 1 })
    const made = recipe(asked)
    assert.deepEqual(recipeErrors(made), [])
    try {
      const { plan } = prepare(made, facts())
      prepared++
      assert.ok(plan.levels.length >= 2 && plan.levels.every(({ lambda, alpha, sigma }) => !Number.isNaN(lambda) && Number.isFinite(alpha) && Number.isFinite(sigma)))
      for (const { update } of plan.steps) for (const { coefficient } of update) assert.ok(Number.isFinite(coefficient))
    } catch (error) {
      if (!(error instanceof DpmError)) throw error
      refused++
      assert.ok(error.field !== undefined && error.message.endsWith('.') && error.advice.length > 0, error.message)
    }
  }), { numRuns: 3000 })
  assert.ok(prepared > 100 && refused > 100, `${prepared} prepared, ${refused} refused`)
})
