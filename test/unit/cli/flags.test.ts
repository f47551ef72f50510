import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineFrom, keepFrom, recipeFlags, recipeFrom } from '../../../src/cli/flags'
import { defaultRecipe } from '../../../src/recipe/defaults'
import { fields } from '../../../src/recipe/fields'
import { setPath } from '../../../src/recipe/path'
import { schemaAt } from '../../../src/recipe/schema'
import { DpmError } from '../../../src/sampler/errors'

const withFields = (changes: Record<string, unknown>): unknown => Object.entries(changes).reduce<unknown>((made, [path, value]) => setPath(made, path, value), defaultRecipe())
const refused = (values: Record<string, unknown>, message: RegExp): void => {
  assert.throws(() => recipeFrom(values), (error) => error instanceof DpmError && error.reason === 'recipeInvalid' && message.test(error.message), String(message))
}

test('without options the recipe is the default one', () => {
  assert.deepEqual(recipeFrom({ set: [] }), defaultRecipe())
})

test('every field with a flag has an option that tells its default and its choices', () => {
  assert.deepEqual(recipeFlags.map(({ path }) => path), fields.filter(({ flag }) => flag !== null).map(({ path }) => path))
  for (const { path, description } of recipeFlags) {
    const node = schemaAt(path)!
    assert.ok(description.endsWith(`(default: ${String(node.default)})`), path)
    for (const choice of node.enum ?? []) assert.ok(description.includes(String(choice)), `${path}: ${choice}`)
  }
})

test('text becomes a number where the field takes numbers, and stays text where it does not', () => {
  const values = {
    model: '42', nullLabel: '3', algorithm: 'dpmsolver', order: '3', method: 'singlestep', steps: '12', orderSplit: 'greedy', lowerOrderBelow: '0', finalSigma: 'sigmaMin',
    schedule: 'vpCosine', spacing: 'timeUniform', tEnd: '1e-3', seed: '77', batch: '4', guidance: '2.5', classLabel: '3',
  }
  assert.deepEqual(recipeFrom(values), withFields({
    'model.path': '42', 'model.nullClassLabel': 3, 'solver.algorithm': 'dpmsolver', 'solver.order': 3, 'solver.method': 'singlestep', 'solver.steps': 12, 'solver.orderSplit': 'greedy',
    'solver.lowerOrderBelow': 0, 'solver.finalSigma': 'sigmaMin', 'schedule.noise': 'vpCosine', 'schedule.spacing': 'timeUniform', 'schedule.tEnd': 0.001, 'noise.seed': 77, 'noise.batch': 4,
    'guidance.scale': 2.5, 'conditioning.classLabel': 3,
  }))
})

test('a seed keeps all its digits', () => {
  assert.equal(recipeFrom({ seed: '18446744073709551615' }).noise.seed, '18446744073709551615')
  assert.equal(recipeFrom({ seed: '9007199254740993' }).noise.seed, '9007199254740993')
  assert.equal(recipeFrom({ seed: 'random' }).noise.seed, 'random')
})

const labels: [text: string, label: unknown][] = [
  ['none', 'none'], ['3', 3], ['Food & Drink', 'Food & Drink'], ['0,1, 2', [0, 1, 2]], ['1,none,Flags', [1, 'none', 'Flags']], ['["a, b", 2]', ['a, b', 2]],
]
for (const [text, label] of labels) {
  test(`--class-label ${text} is ${JSON.stringify(label)}`, () => { assert.deepEqual(recipeFrom({ classLabel: text }).conditioning.classLabel, label) })
}

test('--set reaches every field, the last word counts', () => {
  assert.deepEqual(recipeFrom({ steps: '8', set: ['solver.steps=9', 'schedule.lambdaMin=none', 'schedule.betas=[0.1, 0.2]', 'solver.options={"r1": 0.4}', 'model.predictionType=sample', 'conditioning.classLabel=1,2'] }), withFields({
    'solver.steps': 9, 'schedule.lambdaMin': 'none', 'schedule.betas': [0.1, 0.2], 'solver.options': { r1: 0.4 }, 'model.predictionType': 'sample', 'conditioning.classLabel': [1, 2],
  }))
  assert.deepEqual(recipeFrom({ set: ['solver.options.eulerAtEnd=true', 'schedule.options.power=3', 'schedule.zeroTerminalSnr=true', 'schedule.timesteps=[999,500,1]'] }), withFields({
    'solver.options': { eulerAtEnd: true }, 'schedule.options': { power: 3 }, 'schedule.zeroTerminalSnr': true, 'schedule.timesteps': [999, 500, 1],
  }))
  assert.deepEqual(recipeFrom({ set: ['solver.options.r1=0.25', 'model.path=a=b'] }), withFields({ 'solver.options': { r1: 0.25 }, 'model.path': 'a=b' }))
})

test('what cannot be set is refused in one sentence', () => {
  refused({ set: ['solver.steps'] }, /^--set takes path=value, not “solver.steps”\.$/)
  refused({ set: ['=3'] }, /^--set takes path=value/)
  refused({ set: ['solver.stepz=3'] }, /^“solver.stepz” is not a field of a recipe\.$/)
  refused({ set: ['solver=3'] }, /^“solver” is not a field of a recipe\.$/)
  refused({ set: ['__proto__.polluted=1'] }, /is not a field of a recipe/)
  refused({ set: ['solver.options.__proto__=1'] }, /is not a field of a recipe/)
  refused({ set: ['solver.options.constructor=1'] }, /is not a field of a recipe/)
  refused({ set: ['schedule.betas=0.1'] }, /^schedule.betas must be a list/)
  refused({ steps: '1e999' }, /^solver.steps must be a whole number/)
  refused({ steps: '' }, /^solver.steps must be a whole number from 1 to 1000, not an empty text\.$/)
  refused({ guidance: 'NaN' }, /^guidance.scale must be a number/)
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('which steps keep their states is checked', () => {
  assert.deepEqual([keepFrom({}), keepFrom({ keep: 'everyN' }), keepFrom({ keep: 'lastOnly', keepEvery: '3' })], [{ keep: 'all', every: 5 }, { keep: 'everyN', every: 5 }, { keep: 'lastOnly', every: 3 }])
  for (const values of [{ keep: 'some' }, { keep: 'everyn' }, { keepEvery: '0' }, { keepEvery: '1.5' }, { keepEvery: 'ten' }]) assert.throws(() => keepFrom(values), DpmError, JSON.stringify(values))
})

test('provider and threads are checked', () => {
  assert.deepEqual(engineFrom({}), { provider: 'auto', intraOpThreads: 0 })
  assert.deepEqual(engineFrom({ provider: 'cpu', threads: '2' }), { provider: 'cpu', intraOpThreads: 2 })
  assert.deepEqual(engineFrom({ server: 'http://host:8000' }), { provider: 'auto', intraOpThreads: 0, server: 'http://host:8000' })
  assert.deepEqual(engineFrom({ provider: 'webgpu', device: '1', providerOption: ['preferredLayout=NCHW', 'forceCpuNodeNames=["a"]', 'enableRobustness=true'] }), {
    provider: 'webgpu', intraOpThreads: 0, deviceId: 1, providerOptions: { preferredLayout: 'NCHW', forceCpuNodeNames: ['a'], enableRobustness: true },
  })
  for (const values of [{ device: 'first' }, { providerOption: ['preferredLayout'] }, { provider: 'gpu' }, { threads: '-1' }, { threads: 'all' }, { threads: '' }]) assert.throws(() => engineFrom(values), DpmError)
})
