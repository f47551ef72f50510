import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complete, defaultRecipe } from '../../../src/recipe/defaults'
import { setPath } from '../../../src/recipe/path'
import { parseRecipe, recipeErrors, recipeWarnings } from '../../../src/recipe/validate'
import { DpmError } from '../../../src/sampler/errors'

const defaults = {
  version: 1,
  model: { path: 'digits', nullClassLabel: 'auto', predictionType: 'auto' },
  conditioning: { classLabel: 'none' },
  input: { task: 'sample', image: '', mask: '', way: 'direct' },
  solver: {
    algorithm: 'dpmsolver++', order: 2, method: 'multistep', steps: 20, orderSplit: 'authors', lowerOrderBelow: 15, finalSigma: 'zero', variant: 'midpoint',
    thresholding: false, thresholdingRatio: 0.995, thresholdingForm: 'authors', thresholdingMax: 1, options: {},
  },
  schedule: {
    noise: 'model', spacing: 'logSNR', tStart: 'auto', tEnd: 'auto', lambdaMin: -5.1, betas: [], zeroTerminalSnr: false, karrasRho: 7, timesteps: [], options: {},
  },
  noise: { seed: 'random', batch: 1, generator: 'philox4x32-10/v1' },
  guidance: { scale: 1, rescale: 0, interval: [], classifier: '', classifierScale: 1 },
}

test('the defaults are the published ones, complete and valid', () => {
  assert.deepEqual(defaultRecipe(), defaults)
  assert.deepEqual(recipeErrors(defaultRecipe()), [])
})

test('no two default recipes share an object', () => {
  const first = defaultRecipe()
  first.schedule.betas.push(0.5)
  assert.deepEqual(defaultRecipe(), defaults)
})

const refused: [path: string, value: unknown, message: string][] = [
  ['version', 2, 'version must be 1, not 2.'],
  ['model.path', '', 'model.path must be a text that is not empty, not an empty text.'],
  ['model.nullClassLabel', -1, 'model.nullClassLabel must be auto or a whole number of at least 0, not -1.'],
  ['model.predictionType', 'eps', 'model.predictionType must be auto, epsilon, sample, v_prediction, score or flow, not “eps”.'],
  ['conditioning.classLabel', 1.5, 'conditioning.classLabel must be a whole number of at least 0, a text that is not empty or a list that is not empty, each item a whole number of at least 0 or a text that is not empty, not 1.5.'],
  ['solver.algorithm', 'dpm', 'solver.algorithm must be dpmsolver++, dpmsolver, sde-dpmsolver++, sde-dpmsolver, unipc, deis, ddim, ddpm, euler, eulerAncestral, heun, dpm2, dpm2Ancestral, dpmpp2sAncestral, dpmppSde, lms, ipndm, pndm, eulerMaruyama, analyticDpm or rk45, not “dpm”.'],
  ['solver.order', 4, 'solver.order must be 1, 2 or 3, not 4.'],
  ['solver.method', 'fast', 'solver.method must be multistep, singlestep, singlestepFixed or adaptive, not “fast”.'],
  ['solver.steps', 0, 'solver.steps must be a whole number from 1 to 1000, not 0.'],
  ['solver.steps', 2.5, 'solver.steps must be a whole number from 1 to 1000, not 2.5.'],
  ['solver.steps', '20', 'solver.steps must be a whole number from 1 to 1000, not “20”.'],
  ['solver.orderSplit', 'even', 'solver.orderSplit must be authors or greedy, not “even”.'],
  ['solver.lowerOrderBelow', -1, 'solver.lowerOrderBelow must be a whole number of at least 0, not -1.'],
  ['solver.finalSigma', 'none', 'solver.finalSigma must be zero, sigmaMin or denoise, not “none”.'],
  ['solver.variant', 'heun', 'solver.variant must be midpoint or taylor, not “heun”.'],
  ['solver.thresholding', 1, 'solver.thresholding must be true or false, not 1.'],
  ['solver.thresholdingMax', 0, 'solver.thresholdingMax must be a number above 0 and at most 1000, not 0.'],
  ['solver.options', [], 'solver.options must be an object, not [].'],
  ['solver.options.r1', 2, 'solver.options.r1 must be a number above 0 and at most 1, not 2.'],
  ['schedule.noise', 've', 'schedule.noise must be model, linear, scaledLinear, squaredcosCapV2, betas, vpLinear, vpCosine, edm or flow, not “ve”.'],
  ['schedule.spacing', 'cosine', 'schedule.spacing must be logSNR, timeUniform, timeQuadratic, timePower, karras, exponential, polyexponential, beta, leading, trailing, linspace, ays, custom or tuned, not “cosine”.'],
  ['schedule.tEnd', 0, 'schedule.tEnd must be auto or a number above 0, not 0.'],
  ['schedule.lambdaMin', null, 'schedule.lambdaMin must be none or a number, not null.'],
  ['schedule.betas', [0.1, 2], 'schedule.betas must be a list, each item a number above 0 and at most 1, not [0.1,2].'],
  ['noise.seed', -1, 'noise.seed must be random, a whole number from 0 to 9007199254740991 or a string of up to 20 decimal digits, not -1.'],
  ['noise.seed', 2 ** 53, 'noise.seed must be random, a whole number from 0 to 9007199254740991 or a string of up to 20 decimal digits, not 9007199254740992.'],
  ['noise.seed', '18446744073709551616', 'noise.seed must be a whole number from 0 to 18446744073709551615, not "18446744073709551616".'],
  ['noise.batch', 65, 'noise.batch must be a whole number from 1 to 64, not 65.'],
  ['noise.generator', 'mt19937', 'noise.generator must be philox4x32-10/v1, torch-cpu or torch-cuda, not “mt19937”.'],
  ['guidance.scale', -0.5, 'guidance.scale must be a number of at least 0, not -0.5.'],
  ['solver', 3, 'solver must be an object, not 3.'],
]
for (const [path, value, message] of refused) {
  test(`${path} = ${JSON.stringify(value)} is refused with its path, what was given and what is allowed`, () => {
    const errors = recipeErrors(setPath(defaultRecipe() as unknown, path, value))
    assert.equal(errors.length, 1)
    assert.equal(errors[0]!.message, message)
    assert.equal(errors[0]!.field, path)
    assert.equal(errors[0]!.reason, 'recipeInvalid')
  })
}

test('applying the remedy of an error makes the recipe valid', () => {
  for (const [path, value] of refused.filter(([path]) => path !== 'solver' && path !== 'solver.options.r1')) {
    const broken: unknown = setPath(defaultRecipe() as unknown, path, value)
    const remedy = recipeErrors(broken)[0]!.remedy
    assert.ok(remedy && 'set' in remedy, path)
    const mended = Object.entries(remedy.set).reduce((made, [field, fixed]) => setPath(made, field, fixed), broken)
    assert.deepEqual(recipeErrors(mended), [], path)
  }
})

test('each wrong field is reported once, in the order of the schema', () => {
  const errors = recipeErrors({ noise: { batch: 0 }, solver: { steps: 0, order: 9 }, conditioning: { classLabel: [-1, 1.5] } })
  assert.deepEqual(errors.map(({ field }) => field), ['conditioning.classLabel', 'solver.order', 'solver.steps', 'noise.batch'])
})

test('what is no object is refused', () => {
  for (const raw of [null, 3, 'digits', [], undefined]) assert.match(recipeErrors(raw)[0]!.message, /^A recipe must be an object/)
})

test('a missing field comes from the defaults given, then from the schema', () => {
  const mine = setPath(defaultRecipe(), 'solver.steps', 12)
  const { recipe, warnings } = parseRecipe({ solver: { order: 3 } }, mine)
  assert.deepEqual(recipe, setPath(mine, 'solver.order', 3))
  assert.deepEqual(warnings, [])
})

test('an unknown field is a warning and is left out', () => {
  const { recipe, warnings } = parseRecipe({ solver: { steps: 5, temperature: 1 }, output: { save: ['png'] } })
  assert.deepEqual(warnings, ['solver.temperature is not a field of a recipe and was left out.', 'output is not a field of a recipe and was left out.'])
  assert.deepEqual(recipe, setPath(defaultRecipe(), 'solver.steps', 5))
})

test('parseRecipe throws the first error as a DpmError', () => {
  assert.throws(() => parseRecipe({ solver: { steps: 0 } }), (error) => error instanceof DpmError && error.field === 'solver.steps')
})

test('a recipe from outside cannot reach a prototype', () => {
  const raw: unknown = JSON.parse('{"__proto__": {"polluted": 1}, "solver": {"__proto__": {"steps": 3}, "constructor": {"prototype": {"polluted": 1}}}}')
  const { recipe } = parseRecipe(raw)
  assert.deepEqual(recipe, defaultRecipe())
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.equal(recipeWarnings(raw).length, 3)
})

test('complete takes nothing from the prototype of what it is given', () => {
  const inherited = Object.create({ solver: { steps: 3 } }) as object
  assert.equal(complete(inherited).solver.steps, 20)
})
