import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prepare, refuseIdleGuidance, type Prepared } from '../../../src/recipe/prepare'
import { setPath } from '../../../src/recipe/path'
import { DpmError } from '../../../src/sampler/errors'
import { scheduleOf } from '../../../src/sampler/schedule/schedule'
import type { ModelFacts } from '../../../src/recipe/model'
import { facts, recipe } from './facts'

/** The error of a recipe that cannot be prepared; its remedy must lead to one that can. */
function refusal(changes: Record<string, unknown>, model: ModelFacts = facts()): DpmError {
  let caught: unknown
  try { prepare(recipe(changes), model) } catch (error) { caught = error }
  assert.ok(caught instanceof DpmError, 'it was prepared')
  assert.equal(caught.reason, 'recipeInvalid')
  assert.ok(caught.remedy && 'set' in caught.remedy, 'it has a remedy')
  const mended = Object.entries(caught.remedy.set).reduce((made, [path, value]) => setPath(made, path, value), recipe(changes))
  assert.doesNotThrow(() => prepare(mended, model), 'the remedy leads to a recipe that can be prepared')
  return caught
}

test('the default recipe makes a plan of 20 evaluations on the model’s own schedule, unguided, without notes', () => {
  const made = prepare(recipe(), facts())
  assert.equal(made.plan.evaluations, 20)
  assert.deepEqual(made.schedule, made.ownSchedule)
  assert.deepEqual(made.labels, [3])
  assert.deepEqual(made.seeds, ['7'])
  assert.equal(made.guided, false)
  assert.equal(made.predictionType, 'epsilon')
  assert.deepEqual(made.notes, [])
})

test('what is prepared is plain data', () => {
  const made = prepare(recipe({ 'guidance.scale': 2, 'conditioning.classLabel': 1 }), facts())
  assert.deepEqual(structuredClone(made), made)
})

test('item k has seed + k modulo 2^64', () => {
  assert.deepEqual(prepare(recipe({ 'noise.seed': '18446744073709551614', 'noise.batch': 4 }), facts()).seeds, ['18446744073709551614', '18446744073709551615', '0', '1'])
})

test('a seed that is not drawn yet makes a plan without seeds', () => {
  assert.deepEqual(prepare(recipe({ 'noise.seed': 'random', 'noise.batch': 4 }), facts()).seeds, [])
})

const classes: [label: unknown, batch: number, labels: number[]][] = [
  [1, 2, [1, 1]],
  ['Large', 1, [1]],
  ['large', 1, [1]],
  ['2', 1, [2]],
  ['none', 2, [3, 3]],
  [3, 1, [3]],
  [[0, 'Double', 'none'], 5, [0, 2, 3, 0, 2]],
  [[0, 1, 2], 2, [0, 1]],
]
for (const [label, batch, labels] of classes) {
  test(`class ${JSON.stringify(label)} feeds ${labels.join(', ')} to a batch of ${batch}`, () => {
    assert.deepEqual(prepare(recipe({ 'conditioning.classLabel': label, 'noise.batch': batch }), facts()).labels, labels)
  })
}

test('a name that looks like a number is a name first', () => {
  const numbered = facts({ classes: { count: 3, names: ['2', '1', '0'], nullLabel: 3, nullLabelAssumed: false } })
  assert.deepEqual(prepare(recipe({ 'conditioning.classLabel': '2' }), numbered).labels, [0])
  assert.deepEqual(prepare(recipe({ 'conditioning.classLabel': 2 }), numbered).labels, [2])
})

test('an unknown class names those that exist', () => {
  const error = refusal({ 'conditioning.classLabel': ['Small', 'Huge'] })
  assert.equal(error.field, 'conditioning.classLabel')
  assert.equal(error.message, 'rings has no class “Huge”.')
  assert.equal(error.advice, 'Choose one of its 3 classes (an index from 0 to 2, or a name): Small, Large, Double; or none.')
  assert.equal(refusal({ 'conditioning.classLabel': 4 }).message, 'rings has no class 4.')
})

test('of a thousand classes twenty are named', () => {
  const many = facts({ classes: { count: 1000, names: Array.from({ length: 1000 }, (_, i) => `class${i}`), nullLabel: 1000, nullLabelAssumed: false } })
  const { advice } = refusal({ 'conditioning.classLabel': 'tench' }, many)
  assert.ok(advice.length < 400 && advice.includes('class19, … (1000 in all)'), advice)
})

test('a class is refused by a model without classes, none is not', () => {
  const free = facts({ classes: null })
  assert.equal(prepare(recipe(), free).labels, null)
  const error = refusal({ 'conditioning.classLabel': 1 }, free)
  assert.equal(error.message, 'rings takes no class labels, so class 1 cannot be chosen.')
})

test('none is refused where the network has no label for it', () => {
  const error = refusal({}, facts({ classes: { count: 2, names: ['a', 'b'], nullLabel: null, nullLabelAssumed: false } }))
  assert.equal(error.field, 'conditioning.classLabel')
  assert.match(error.message, /no label for “no class”/)
})

test('the recipe’s null label goes before the model’s', () => {
  const made = prepare(recipe({ 'model.nullClassLabel': 0 }), facts())
  assert.equal(made.nullLabel, 0)
  assert.deepEqual(made.labels, [0])
  const error = refusal({ 'model.nullClassLabel': 4 })
  assert.equal(error.field, 'model.nullClassLabel')
  assert.equal(error.message, 'model.nullClassLabel is 4, but the labels of rings end at 3.')
})

test('a null label that was assumed is said so, one that was set is not', () => {
  const assumed = facts({ classes: { count: 3, names: ['a', 'b', 'c'], nullLabel: 3, nullLabelAssumed: true } })
  assert.deepEqual(prepare(recipe(), assumed).notes, ['Label 3 is assumed to mean “no class”, because rings does not say which label does.'])
  assert.deepEqual(prepare(recipe({ 'model.nullClassLabel': 3 }), assumed).notes, [])
})

test('a scale of 1 is one branch, any other two', () => {
  const guided = (scale: number): boolean => prepare(recipe({ 'guidance.scale': scale, 'conditioning.classLabel': 1 }), facts()).guided
  assert.deepEqual([0, 0.5, 1, 2].map(guided), [true, true, false, true])
})

const idle: [what: string, changes: Record<string, unknown>, model: ModelFacts, why: RegExp][] = [
  ['class none', {}, facts(), /^Guidance needs a class/],
  ['a list of none', { 'conditioning.classLabel': ['none', 3], 'noise.batch': 3 }, facts(), /^Guidance needs a class/],
  ['a model without classes', {}, facts({ classes: null }), /takes no class labels/],
  ['a model without a null label', { 'conditioning.classLabel': 1 }, facts({ classes: { count: 2, names: ['a', 'b'], nullLabel: null, nullLabelAssumed: false } }), /no label for “no class”/],
]
for (const [what, changes, model, why] of idle) {
  test(`guidance is off with ${what}: the plan says why, and whoever has no form can refuse it`, () => {
    const asked = recipe({ 'guidance.scale': 3, ...changes })
    const made = prepare(asked, model)
    assert.equal(made.guided, false)
    assert.match(made.guidanceOff ?? '', why)
    assert.ok(made.notes.some((note) => note.startsWith('The guidance scale 3 is not applied.')))
    assert.throws(() => { refuseIdleGuidance(asked, made) }, (error) => error instanceof DpmError && error.field === 'guidance.scale' && error.message.startsWith('The guidance scale 3 cannot be applied: '))
    assert.doesNotThrow(() => { refuseIdleGuidance(setPath(asked, 'guidance.scale', 1), made) })
  })
}

test('guidance works on a batch of which one item has a class', () => {
  assert.equal(prepare(recipe({ 'guidance.scale': 3, 'conditioning.classLabel': ['none', 1], 'noise.batch': 2 }), facts()).guidanceOff, null)
})

test('another schedule places the levels, the network’s own stays its own, and a note says so', () => {
  const made = prepare(recipe({ 'schedule.noise': 'vpLinear' }), facts())
  assert.deepEqual(made.schedule, { kind: 'vpLinear', beta0: 0.1, beta1: 20 })
  assert.deepEqual(made.ownSchedule, facts().schedule)
  assert.equal(made.plan.levels[0]!.lambda, scheduleOf(made.schedule).level(1).lambda)
  assert.deepEqual(made.notes, ['The levels are placed by the continuous linear schedule (β 0.1 … 20); rings is asked at equal λ in its own, the discrete linear schedule of 1,000 steps.'])
})

test('the model’s own schedule by another name makes no note', () => {
  assert.deepEqual(prepare(recipe({ 'schedule.noise': 'linear' }), facts()).notes, [])
})

test('each schedule that can be chosen makes a plan', () => {
  for (const noise of ['linear', 'scaledLinear', 'squaredcosCapV2', 'vpLinear', 'vpCosine']) {
    assert.equal(prepare(recipe({ 'schedule.noise': noise }), facts()).plan.evaluations, 20, noise)
  }
})

test('levels beyond the network’s training are counted in a note', () => {
  const short = facts({ schedule: { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.005, lambdaMin: -5.1 } })
  const note = prepare(recipe({ 'schedule.noise': 'linear' }), short).notes[1]
  assert.match(note ?? '', /^\d+ of the 20 evaluations lie at more or less noise than rings was trained with/)
})

test('an end below the first knot of the model’s own schedule is counted too', () => {
  assert.deepEqual(prepare(recipe({ 'schedule.tEnd': 0.0005 }), facts()).notes, ['1 of the 20 evaluations lies at more or less noise than rings was trained with; it is asked at the nearest level it knows.'])
  assert.deepEqual(prepare(recipe({ 'schedule.tEnd': 0.001 }), facts()).notes, [])
})

test('a schedule that cannot be has a remedy that works', () => {
  const refused: [changes: Record<string, unknown>, field: string, remedy: string][] = [
    [{ 'schedule.noise': 'betas', 'schedule.betas': [0.5, 0.99999999] }, 'schedule.lambdaMin', 'Use the Model’s Schedule'],
    [{ 'schedule.noise': 'betas', 'schedule.betas': [0.01, 0.5, 1], 'schedule.lambdaMin': 'none' }, 'solver.algorithm', 'Use DPM-Solver'],
    [{ 'schedule.lambdaMin': 6 }, 'schedule.lambdaMin', 'Use lambdaMin -5.1'],
  ]
  for (const [changes, field, remedy] of refused) {
    const error = refusal(changes)
    assert.deepEqual([error.field, error.remedy?.title], [field, remedy])
  }
})

test('given betas make a schedule; missing or idle ones are named', () => {
  const betas = Array.from({ length: 100 }, (_, i) => 0.001 + 0.001 * i)
  assert.deepEqual(prepare(recipe({ 'schedule.noise': 'betas', 'schedule.betas': betas }), facts()).schedule, { kind: 'discrete', betas, trainSteps: 100, betaStart: 0, betaEnd: 0, lambdaMin: -5.1 })
  assert.equal(refusal({ 'schedule.noise': 'betas' }).message, 'schedule.noise is betas, but schedule.betas lists none.')
  assert.equal(refusal({ 'schedule.noise': 'betas', 'schedule.betas': [0.5] }).field, 'schedule.betas')
  assert.deepEqual(prepare(recipe({ 'schedule.betas': betas }), facts()).notes, ['“Schedule: Betas” is not used, because “Schedule: Noise” is model.'])
})

test('lambdaMin cuts the noisiest knots off the model’s own schedule, none keeps them', () => {
  const cosine = facts({ schedule: { kind: 'discrete', betas: 'squaredcos_cap_v2', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 } })
  const start = (lambdaMin: unknown): number => prepare(recipe({ 'schedule.lambdaMin': lambdaMin }), cosine).plan.levels[0]!.lambda
  assert.ok(start(-5.1) >= -5.1 && start(-5.1) < -4.9)
  assert.ok(start('none') < -8)
  assert.ok(start(-3) >= -3 && start(-3) < -2.9)
})

test('a network with integer time gets levels on its knots, whichever schedule placed them', () => {
  for (const noise of ['model', 'vpCosine', 'squaredcosCapV2']) {
    const { plan, ownSchedule } = prepare(recipe({ 'schedule.noise': noise, 'solver.finalSigma': 'sigmaMin' }), facts({ integerTime: true }))
    const own = scheduleOf(ownSchedule)
    for (const { lambda } of plan.levels) {
      const label = own.label(own.levelAtLambda(lambda).t)
      assert.ok(Math.abs(label - Math.round(label)) < 1e-6, `${noise}: ${label}`)
    }
  }
})

test('a graph of a fixed batch size takes multiples of it; guidance counts twice', () => {
  const four = facts({ fixedBatch: 4 })
  const guided = { 'guidance.scale': 2, 'conditioning.classLabel': 1 }
  for (const batch of [4, 8]) assert.doesNotThrow(() => prepare(recipe({ 'noise.batch': batch }), four))
  assert.doesNotThrow(() => prepare(recipe({ 'noise.batch': 2, ...guided }), four))
  const error = refusal({ 'noise.batch': 5 }, four)
  assert.equal(error.field, 'noise.batch')
  assert.equal(error.message, 'rings was exported for 4 images at once, which a batch of 5 does not fill.')
  assert.deepEqual(error.remedy, { title: 'Use a Batch of 8', set: { 'noise.batch': 8 } })
  assert.deepEqual(refusal({ 'noise.batch': 3, ...guided }, four).remedy, { title: 'Use a Batch of 4', set: { 'noise.batch': 4 } })
  assert.doesNotThrow(() => prepare(recipe(), facts({ fixedBatch: 1 })))
})

test('a prediction type that contradicts the model is followed and said', () => {
  const made: Prepared = prepare(recipe({ 'model.predictionType': 'sample' }), facts())
  assert.equal(made.predictionType, 'sample')
  assert.deepEqual(made.notes, ['The network’s output is read as sample, although rings says epsilon.'])
  assert.deepEqual(prepare(recipe({ 'model.predictionType': 'sample' }), facts({ predictionTypeAssumed: true })).notes, [])
})

const impossible: [what: string, changes: Record<string, unknown>, field: string][] = [
  ['one step that should end at σ = 0', { 'solver.steps': 1, 'solver.order': 1 }, 'solver.steps'],
  ['multistep with fewer steps than its order', { 'solver.steps': 1, 'solver.finalSigma': 'sigmaMin' }, 'solver.steps'],
  ['singlestep-fixed with fewer steps than its order', { 'solver.steps': 2, 'solver.order': 3, 'solver.method': 'singlestepFixed', 'solver.finalSigma': 'sigmaMin' }, 'solver.steps'],
  ['adaptive steps of order 1', { 'solver.order': 1, 'solver.method': 'adaptive' }, 'solver.order'],
  ['an end after the beginning', { 'schedule.noise': 'vpCosine', 'schedule.tEnd': 0.999 }, 'schedule.tEnd'],
  ['an option that does not exist', { 'solver.options': { etta: 1 } }, 'solver.options.etta'],
  ['an option beyond its algorithm’s bounds', { 'solver.algorithm': 'lms', 'solver.options': { order: 5 } }, 'solver.options.order'],
  ['a schedule option that does not exist', { 'schedule.options': { rhoo: 7 } }, 'schedule.options.rhoo'],
  ['custom times that are missing', { 'schedule.spacing': 'custom' }, 'schedule.timesteps'],
  ['a learned variance of a network without one', { 'solver.algorithm': 'ddpm', 'solver.options': { variance: 'learned' } }, 'solver.options.variance'],
  ['guidance between one number', { 'guidance.interval': [1] }, 'guidance.interval'],
  ['guidance between two numbers the wrong way round', { 'guidance.interval': [5, 1] }, 'guidance.interval'],
  ['a task that needs an image', { 'input.task': 'encode' }, 'input.image'],
  ['a mask without an image', { 'input.mask': '/mask.png' }, 'input.image'],
  ['encoding by a method that adds noise', { 'input.task': 'encode', 'input.image': '/a.png', 'solver.algorithm': 'ddpm' }, 'solver.algorithm'],
  ['encoding and decoding with adaptive steps', { 'input.task': 'reconstruct', 'input.image': '/a.png', 'solver.method': 'adaptive' }, 'input.task'],
  ['an end before an image that is made anew begins', { 'input.image': '/a.png', 'schedule.tEnd': 0.6 }, 'schedule.tEnd'],
  ['a start below the end', { 'schedule.tStart': 0.0005 }, 'schedule.tStart'],

]
for (const [what, changes, field] of impossible) {
  test(`${what} is refused at ${field}, with a remedy that works`, () => {
    assert.equal(refusal(changes).field, field)
  })
}

test('Analytic-DPM without a statistic is refused, with the command that estimates one; the model’s own is taken', () => {
  const made = recipe({ 'solver.algorithm': 'analyticDpm' })
  assert.throws(() => prepare(made, facts()), { field: 'solver.options.statistic', remedy: { title: 'Estimate Variance…', command: 'estimateVariance' } })
  assert.doesNotThrow(() => prepare(made, facts({ statistic: { lambda: [-5, 5], meanSquare: [1, 0.1] } })))
})

test('evaluations that a method cannot use are in the notes', () => {
  const made = prepare(recipe({ 'solver.order': 3, 'solver.method': 'singlestepFixed', 'solver.finalSigma': 'sigmaMin' }), facts())
  assert.equal(made.plan.evaluations, 18)
  assert.match(made.notes[0] ?? '', /18 of the 20/)
})

test('options of inner evaluations are judged only where there are some', () => {
  for (const changes of [{ 'solver.algorithm': 'unipc', 'solver.order': 3 }, { 'solver.order': 3 }, { 'solver.method': 'adaptive', 'solver.order': 3 }]) {
    assert.match(prepare(recipe({ 'solver.options': { r1: 0.7 }, ...changes }), facts()).notes.join(' '), /r1 is not used/)
  }
  assert.equal(refusal({ 'solver.options': { r1: 0.7 }, 'solver.order': 3, 'solver.method': 'singlestep' }).field, 'solver.options.r1')
})

test('noising an image asks no network, so nothing of one is in its way', () => {
  const noise = { 'input.task': 'noise', 'input.image': '/a.png', 'solver.steps': 7 }
  const made = prepare(recipe({ ...noise, 'noise.batch': 5, 'guidance.scale': 3, 'solver.algorithm': 'ddpm', 'solver.options': { variance: 'learned' } }), facts({ fixedBatch: 4 }))
  assert.deepEqual([made.plan.evaluations, made.plan.levels.length, made.guided, made.notes], [0, 8, false, []])
  assert.deepEqual(prepare(recipe({ ...noise, 'guidance.classifier': '/c.onnx' }), facts({ classes: null })).notes, [])
})

test('what a run does not read is named', () => {
  const image = { 'input.image': '/a.png' }
  for (const [changes, notes] of [
    [{ ...image, 'input.task': 'encode', 'input.mask': '/m.png' }, ['“Input: Mask” is not used, because “Input: Task” is encode.']],
    [{ ...image, 'input.task': 'noise', 'schedule.tStart': 0.5, 'schedule.tEnd': 0.1, 'solver.thresholding': true }, ['Schedule: T Start', 'Schedule: T End', 'Solver: Thresholding'].map((title) => `“${title}” is not used, because “Input: Task” is noise.`)],
    [{ ...image, 'input.task': 'reconstruct', 'solver.finalSigma': 'denoise' }, ['“Solver: Final Sigma” is not used, because “Input: Task” is reconstruct.']],
    [{ 'guidance.rescale': 0.7, 'guidance.interval': [0, 1] }, ['Rescale', 'Interval'].map((title) => `“Solver: Guidance ${title}” is not used, because “Solver: Guidance Scale” is 1.`)],
    [{ 'schedule.timesteps': [900, 1] }, ['“Schedule: Timesteps” is not used, because “Schedule: Spacing” is logSNR.']],
    [{ 'schedule.options': { power: 3, shift: 2 } }, ['“Schedule: Options” has power and shift, which the spacing logSNR and the noise schedule model do not use.']],
  ] as [Record<string, unknown>, string[]][]) assert.deepEqual(prepare(recipe(changes), facts()).notes, notes)
})

test('a statistic of another model is refused, with that of the model where it has one', () => {
  const statistic = { lambda: [-5, 5], meanSquare: [1, 0.5] }
  const asked = { 'solver.algorithm': 'analyticDpm', 'solver.options': { eta: 0.5, statistic: { ...statistic, model: 'digits' } } }
  const error = refusal(asked, facts({ statistic }))
  assert.deepEqual([error.field, error.remedy], ['solver.options.statistic', { title: 'Use the Model’s Statistic', set: { 'solver.options': { eta: 0.5 } } }])
  assert.throws(() => prepare(recipe(asked), facts()), (other) => other instanceof DpmError && other.report().remedy?.title === 'Estimate Variance…')
  assert.doesNotThrow(() => prepare(recipe(asked), facts({ path: 'digits' })))
})

test('a formula takes no picture, times lie within the schedule, and adaptive steps of who has none are named', () => {
  assert.equal(refusal({ 'input.image': '/a.png' }, facts({ kind: 'analytic' })).field, 'input.image')
  for (const asked of [{ 'input.image': '/a.png' }, { 'input.task': 'noise' }, { 'input.image': '/a.png', 'input.mask': '/m.png' }]) {
    const { field, message } = refusal(asked, facts({ shape: [4, 8, 8] }))
    assert.deepEqual([field, message], ['input.image', 'rings works on 4 channels; a picture gives 1 or 3.'])
  }
  const custom = { 'schedule.spacing': 'custom', 'solver.order': 1, 'solver.steps': 3 }
  assert.match(refusal({ ...custom, 'schedule.timesteps': [5000, 400, 3] }).message, /^The time 5000 lies beyond the noise schedule/)
  assert.match(refusal({ ...custom, 'schedule.timesteps': [900, 400, 3], 'schedule.options': { sigmas: [3, 2, 1] } }).message, /both are given/)
  assert.match(refusal({ ...custom, 'schedule.timesteps': [900, 3] }).message, /^2 times are given, and these steps take 3\.$/)
  assert.deepEqual(prepare(recipe({ 'solver.algorithm': 'euler', 'solver.method': 'adaptive' }), facts()).notes, ['Euler takes a given number of steps: the method adaptive is not used.'])
})

test('estimates of latents are not thresholded, and the notes say why', () => {
  const asked = recipe({ 'solver.thresholding': true })
  const thresholded = (model: ModelFacts): unknown[] => { const { thresholding, notes } = prepare(asked, model); return [thresholding, notes.filter((note) => note.includes('hresholding'))] }
  assert.deepEqual(thresholded(facts({ shape: [3, 8, 8] })), [true, []])
  assert.deepEqual(thresholded(facts({ shape: [4, 8, 8], latents: 'sd' })), [false, ['Thresholding is not applied. Thresholding is meant for pixels in [−1, 1], and rings samples latents.']])
  assert.equal(prepare(recipe(), facts()).thresholding, false)
})
