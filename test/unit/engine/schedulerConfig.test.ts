import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { setPath } from '../../../src/recipe/path'
import { prepare } from '../../../src/recipe/prepare'
import { recipeErrors } from '../../../src/recipe/validate'
import { facts, recipe } from '../recipe/facts'
import { assumedScheduler, readSchedulerConfig } from '../../../src/recipe/schedulerConfig'

const read = (config: Record<string, unknown>): ReturnType<typeof readSchedulerConfig> => readSchedulerConfig(config, 'scheduler_config.json')

test('an empty configuration is DDPM: linear betas 1e-4 … 0.02 over 1,000 steps, ε-prediction', () => {
  assert.deepEqual(assumedScheduler.schedule, { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 })
  assert.equal(assumedScheduler.predictionType, 'epsilon')
  assert.equal(assumedScheduler.solverOffer, null)
})

test('schedule and prediction type are taken, unknown keys passed over', () => {
  const facts = read({ beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012, num_train_timesteps: 500, prediction_type: 'v_prediction', clip_sample: true, lambda_min_clipped: '-Infinity', new_key: { a: 1 } })
  assert.deepEqual(facts.schedule, { kind: 'discrete', betas: 'scaled_linear', trainSteps: 500, betaStart: 0.00085, betaEnd: 0.012, lambdaMin: -5.1 })
  assert.equal(facts.predictionType, 'v_prediction')
})

test('betas that are left out are those of the class', () => {
  const { schedule } = read({ _class_name: 'LCMScheduler' })
  assert.deepEqual(schedule, { kind: 'discrete', betas: 'scaled_linear', trainSteps: 1000, betaStart: 0.00085, betaEnd: 0.012, lambdaMin: -5.1 })
})

test('trained_betas are the schedule', () => {
  const { schedule } = read({ trained_betas: [0.1, 0.2, 0.3], beta_schedule: 'linear' })
  assert.equal(schedule.kind === 'discrete' && schedule.trainSteps, 3)
  assert.deepEqual(schedule.kind === 'discrete' && schedule.betas, [0.1, 0.2, 0.3])
})

test('what cannot be sampled is refused with the key and what it says', () => {
  const refused: [Record<string, unknown>, RegExp][] = [
    [{ _class_name: 'KarrasVeScheduler' }, /KarrasVeScheduler, whose networks are fed \(x \+ 1\)\/2/],
    [{ _class_name: 'ScoreSdeVeScheduler' }, /ScoreSdeVeScheduler, whose networks are told σ itself/],
    [{ _class_name: 'ScoreSdeVpScheduler' }, /ScoreSdeVpScheduler, whose networks are told t·\(steps − 1\)/],
    [{ _class_name: 'CosineDPMSolverMultistepScheduler' }, /arctan/],
    [{ _class_name: 'UnCLIPScheduler' }, /UnCLIPScheduler/],
    [{ _class_name: 'EDMEulerScheduler', sigma_schedule: 'linear' }, /sigma_schedule "linear"/],
    [{ _class_name: 'EDMEulerScheduler', prediction_type: 'sample' }, /"sample".*epsilon and v_prediction/],
    [{ _class_name: 'EDMEulerScheduler', sigma_max: 0.001 }, /describes a noise schedule that cannot be: .*sigmaMax/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler', invert_sigmas: true }, /invert_sigmas/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: -1 }, /flow shift of -1/],
    [{ prediction_type: 'flow_prediction' }, /"flow_prediction".*epsilon, sample, v_prediction and score/],
    [{ beta_schedule: 'laplace' }, /"laplace".*squaredcos_cap_v2/],
    [{ num_train_timesteps: 'many' }, /num_train_timesteps.*"many"/],
    [{ trained_betas: [0.1, 'x'] }, /trained_betas/],
    [{ num_train_timesteps: 0 }, /scheduler_config\.json describes a noise schedule that cannot be: .*0 training steps/],
    [{ beta_end: 1.5 }, /scheduler_config\.json describes .* not above 0 and at most 1/],
    [{ trained_betas: [0.5, 0.99999999] }, /scheduler_config\.json describes .*1 of the 2 knots/],
  ]
  for (const [config, message] of refused) assert.throws(() => read(config), { name: 'DpmError', reason: 'modelUnsupported', message }, JSON.stringify(config))
})

test('EDM: σ from and to, the standard deviation of the data, and the sign of the prediction', () => {
  const edm = read({ _class_name: 'EDMEulerScheduler' })
  assert.deepEqual(edm.schedule, { kind: 'edm', sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5 })
  assert.deepEqual([edm.sigmaData, edm.predictionType], [0.5, 'epsilon'])
  const other = read({ _class_name: 'EDMDPMSolverMultistepScheduler', sigma_data: 1, sigma_max: 120, prediction_type: 'v_prediction' })
  assert.deepEqual(other.schedule, { kind: 'edm', sigmaMin: 0.002, sigmaMax: 120, sigmaData: 1 })
  assert.deepEqual([other.sigmaData, other.predictionType], [1, 'v_prediction'])
})

test('flow matching: the shift, fixed or by the size of the image, and the velocity', () => {
  const fixed = read({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 })
  assert.deepEqual([fixed.schedule, fixed.predictionType, fixed.dynamicShift], [{ kind: 'flow', shift: 3, trainSteps: 1000 }, 'flow', null])
  const dynamic = read({ _class_name: 'FlowMatchEulerDiscreteScheduler', use_dynamic_shifting: true, base_shift: 0.4, time_shift_type: 'linear' })
  assert.deepEqual(dynamic.dynamicShift, { baseLength: 256, maxLength: 4096, baseShift: 0.4, maxShift: 1.15, form: 'linear' })
  const solver = read({ _class_name: 'DPMSolverMultistepScheduler', use_flow_sigmas: true, flow_shift: 2, prediction_type: 'flow_prediction' })
  assert.deepEqual([solver.schedule, solver.predictionType], [{ kind: 'flow', shift: 2, trainSteps: 1000 }, 'flow'])
  assert.equal(solver.solverOffer?.['schedule.spacing'], 'timeUniform')
})

test('a schedule without signal at its end keeps that end, and sigmoid betas are what they are', () => {
  const { schedule } = read({ rescale_betas_zero_snr: true, prediction_type: 'v_prediction' })
  assert.deepEqual(schedule, { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: null, zeroTerminalSnr: true })
  const prepared = prepare(recipe(), facts({ schedule, predictionType: 'v_prediction' }))
  assert.equal(prepared.plan.levels[0]!.alpha, 0)
  const { schedule: sigmoid } = read({ beta_schedule: 'sigmoid', num_train_timesteps: 3, beta_start: 0.1, beta_end: 0.3 })
  const betas = sigmoid.kind === 'discrete' ? sigmoid.betas : []
  assert.ok(Array.isArray(betas) && Math.abs(betas[1]! - 0.2) < 1e-12 && betas[0]! > 0.1 && betas[0]! < 0.101 && betas[2]! < 0.3)
})

/** Of every class that has a counterpart: a configuration, and what is offered for it beside the fields that say “nothing special”. */
const offered: [config: Record<string, unknown>, offer: Record<string, unknown>][] = [
  [{ _class_name: 'DDIMScheduler', clip_sample: false }, { 'solver.algorithm': 'ddim', 'solver.finalSigma': 'zero', 'schedule.spacing': 'leading' }],
  [{ _class_name: 'DDIMScheduler', set_alpha_to_one: false, steps_offset: 1, timestep_spacing: 'trailing' }, {
    'solver.algorithm': 'ddim', 'solver.finalSigma': 'sigmaMin', 'schedule.spacing': 'trailing', 'solver.thresholding': true, 'solver.thresholdingForm': 'clip', 'solver.thresholdingMax': 1, 'solver.options': { epsilon: 'raw' },
  }],
  [{ _class_name: 'DDPMScheduler', variance_type: 'fixed_large', clip_sample_range: 2 }, {
    'solver.algorithm': 'ddpm', 'solver.finalSigma': 'zero', 'schedule.spacing': 'leading', 'solver.options': { variance: 'large' }, 'solver.thresholding': true, 'solver.thresholdingForm': 'clip', 'solver.thresholdingMax': 2,
  }],
  [{ _class_name: 'DDPMScheduler', variance_type: 'learned_range', thresholding: true, sample_max_value: 1.5, dynamic_thresholding_ratio: 0.99 }, {
    'solver.algorithm': 'ddpm', 'solver.finalSigma': 'zero', 'schedule.spacing': 'leading', 'solver.options': { variance: 'learned' },
    'solver.thresholding': true, 'solver.thresholdingForm': 'diffusers', 'solver.thresholdingMax': 1.5, 'solver.thresholdingRatio': 0.99,
  }],
  [{ _class_name: 'PNDMScheduler', skip_prk_steps: true, steps_offset: 1 }, { 'solver.algorithm': 'pndm', 'solver.finalSigma': 'sigmaMin', 'schedule.spacing': 'leading', 'schedule.options': { offset: 1 } }],
  [{ _class_name: 'PNDMScheduler' }, { 'solver.algorithm': 'pndm', 'solver.finalSigma': 'sigmaMin', 'schedule.spacing': 'leading', 'solver.options': { start: 'rungeKutta' } }],
  [{ _class_name: 'LMSDiscreteScheduler' }, { 'solver.algorithm': 'lms', 'solver.order': 3, 'solver.options': { order: 4 }, 'solver.finalSigma': 'zero', 'schedule.spacing': 'linspace' }],
  [{ _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'leading', steps_offset: 1 }, { 'solver.algorithm': 'euler', 'solver.finalSigma': 'zero', 'schedule.spacing': 'leading', 'schedule.options': { offset: 1 } }],
  [{ _class_name: 'EulerAncestralDiscreteScheduler', timestep_spacing: 'trailing' }, { 'solver.algorithm': 'eulerAncestral', 'solver.finalSigma': 'zero', 'schedule.spacing': 'trailing' }],
  [{ _class_name: 'HeunDiscreteScheduler', use_karras_sigmas: true }, { 'solver.algorithm': 'heun', 'solver.finalSigma': 'zero', 'schedule.spacing': 'karras', 'schedule.karrasRho': 7 }],
  [{ _class_name: 'KDPM2DiscreteScheduler', use_exponential_sigmas: true }, { 'solver.algorithm': 'dpm2', 'solver.finalSigma': 'zero', 'schedule.spacing': 'exponential' }],
  [{ _class_name: 'KDPM2AncestralDiscreteScheduler' }, { 'solver.algorithm': 'dpm2Ancestral', 'solver.finalSigma': 'zero', 'schedule.spacing': 'linspace' }],
  [{ _class_name: 'DPMSolverSDEScheduler', use_beta_sigmas: true }, { 'solver.algorithm': 'dpmppSde', 'solver.finalSigma': 'zero', 'schedule.spacing': 'beta', 'schedule.options': { alpha: 0.6, beta: 0.6, betaOf: 'sigma' } }],
  [{ _class_name: 'DPMSolverMultistepScheduler' }, {
    'solver.algorithm': 'dpmsolver++', 'solver.order': 2, 'solver.method': 'multistep', 'solver.variant': 'midpoint', 'solver.finalSigma': 'zero', 'solver.lowerOrderBelow': 15,
    'schedule.spacing': 'linspace', 'schedule.options': { extraPoint: true },
  }],
  [{ _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'dpmsolver', solver_type: 'heun', lower_order_final: false, final_sigmas_type: 'sigma_min', euler_at_final: true, use_lu_lambdas: true, lambda_min_clipped: -5.1 }, {
    'solver.algorithm': 'dpmsolver', 'solver.order': 2, 'solver.method': 'multistep', 'solver.variant': 'taylor', 'solver.finalSigma': 'sigmaMin', 'solver.lowerOrderBelow': 0, 'solver.options': { eulerAtEnd: true },
    'schedule.spacing': 'logSNR', 'schedule.lambdaMin': -5.1,
  }],
  [{ _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++', use_karras_sigmas: true }, {
    'solver.algorithm': 'sde-dpmsolver++', 'solver.order': 2, 'solver.method': 'multistep', 'solver.variant': 'midpoint', 'solver.finalSigma': 'zero', 'solver.lowerOrderBelow': 15, 'schedule.spacing': 'karras', 'schedule.karrasRho': 7,
  }],
  [{ _class_name: 'DPMSolverSinglestepScheduler', solver_order: 3, algorithm_type: 'dpmsolver', timestep_spacing: 'trailing' }, {
    'solver.algorithm': 'dpmsolver', 'solver.order': 3, 'solver.method': 'singlestep', 'solver.variant': 'midpoint', 'solver.finalSigma': 'zero', 'schedule.spacing': 'linspace', 'schedule.options': { extraPoint: true },
  }],
  [{ _class_name: 'DEISMultistepScheduler', solver_order: 3 }, { 'solver.algorithm': 'deis', 'solver.order': 3, 'solver.finalSigma': 'sigmaMin', 'solver.lowerOrderBelow': 15, 'schedule.spacing': 'linspace', 'schedule.options': { extraPoint: true } }],
  [{ _class_name: 'UniPCMultistepScheduler', solver_type: 'bh1', predict_x0: false, timestep_spacing: 'leading', steps_offset: 2 }, {
    'solver.algorithm': 'unipc', 'solver.order': 2, 'solver.finalSigma': 'zero', 'solver.lowerOrderBelow': 1001, 'solver.options': { b: 'bh1', form: 'noise' }, 'schedule.spacing': 'leading', 'schedule.options': { extraPoint: true, offset: 2 },
  }],
  [{ _class_name: 'EDMEulerScheduler', rho: 5 }, { 'solver.algorithm': 'euler', 'solver.finalSigma': 'zero', 'schedule.spacing': 'karras', 'schedule.karrasRho': 5 }],
  [{ _class_name: 'EDMDPMSolverMultistepScheduler', sigma_schedule: 'exponential', sigma_max: 80 }, {
    'solver.algorithm': 'dpmsolver++', 'solver.order': 2, 'solver.method': 'multistep', 'solver.variant': 'midpoint', 'solver.finalSigma': 'zero', 'solver.lowerOrderBelow': 15, 'schedule.spacing': 'exponential',
  }],
  [{ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 }, { 'solver.algorithm': 'euler', 'solver.finalSigma': 'zero', 'schedule.spacing': 'timeUniform' }],
  [{ _class_name: 'FlowMatchHeunDiscreteScheduler' }, { 'solver.algorithm': 'heun', 'solver.finalSigma': 'zero', 'schedule.spacing': 'timeUniform' }],
]

test('the solver of every class that has a counterpart is offered as recipe fields, with the defaults of its signature', () => {
  for (const [config, offer] of offered) {
    const { solverOffer, notes } = read(config)
    assert.deepEqual(solverOffer, { 'solver.thresholding': false, 'solver.options': {}, 'schedule.options': {}, ...offer }, JSON.stringify(config))
    assert.deepEqual(notes, [], JSON.stringify(config))
  }
})

/** What a configuration says of the network, as the facts of a model that has it. */
function modelWith(config: Record<string, unknown>): ReturnType<typeof facts> {
  const { schedule, predictionType, sigmaData, solverOffer, notes } = read(config)
  return facts({ schedule, predictionType, sigmaData, solverOffer, notes, learnsVariance: config['variance_type'] === 'learned_range' })
}

test('whatever is offered is a recipe that can be run', () => {
  const schedules = [{}, { beta_schedule: 'scaled_linear' }, { beta_schedule: 'squaredcos_cap_v2' }, { rescale_betas_zero_snr: true, prediction_type: 'v_prediction' }, { num_train_timesteps: 400 }]
  const changes = fc.record({
    solver_order: fc.constantFrom(1, 2, 3), algorithm_type: fc.constantFrom('dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++'), solver_type: fc.constantFrom('midpoint', 'heun', 'bh1', 'bh2', 'logrho'),
    final_sigmas_type: fc.constantFrom('zero', 'sigma_min'), lower_order_final: fc.boolean(), euler_at_final: fc.boolean(), thresholding: fc.boolean(), clip_sample: fc.boolean(), set_alpha_to_one: fc.boolean(),
    timestep_spacing: fc.constantFrom('leading', 'trailing', 'linspace'), steps_offset: fc.constantFrom(0, 1), predict_x0: fc.boolean(), skip_prk_steps: fc.boolean(),
    variance_type: fc.constantFrom('fixed_small', 'fixed_large_log', 'learned_range'), use_karras_sigmas: fc.boolean(), use_exponential_sigmas: fc.boolean(), use_beta_sigmas: fc.boolean(), use_lu_lambdas: fc.boolean(),
  }, { requiredKeys: [] })
  fc.assert(fc.property(fc.constantFrom(...offered.map(([config]) => String(config['_class_name']))), fc.constantFrom(...schedules), changes, fc.integer({ min: 6, max: 50 }), (name, schedule, change, steps) => {
    const model = modelWith({ _class_name: name, ...schedule, ...change, ...(name.startsWith('EDM') ? { prediction_type: 'epsilon' } : {}) })
    assert.ok(model.solverOffer)
    const made = Object.entries(model.solverOffer).reduce((all, [path, value]) => setPath(all, path, value), recipe({ 'solver.steps': steps }))
    assert.deepEqual(recipeErrors(made), [])
    const { plan, notes } = prepare(made, model)
    assert.ok(plan.steps.length > 0)
    assert.deepEqual(notes.filter((note) => /not used|no such parameter/.test(note)), [])
  }), { numRuns: 400 })
})

test('a solver that is not here is said in a note and not offered', () => {
  for (const config of [
    { _class_name: 'LCMScheduler' }, { _class_name: 'TCDScheduler' }, { _class_name: 'SASolverScheduler' }, { _class_name: 'DDIMInverseScheduler' }, { _class_name: 'FlowMatchLCMScheduler' },
    { _class_name: 'DPMSolverMultistepScheduler', solver_order: 4 }, { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'deis' }, { _class_name: 'DPMSolverMultistepScheduler', solver_type: 'other' },
    { _class_name: 'UniPCMultistepScheduler', solver_order: 4 }, { _class_name: 'DEISMultistepScheduler', solver_order: 0 },
  ]) {
    const { solverOffer, notes } = read(config)
    assert.equal(solverOffer, null, JSON.stringify(config))
    assert.match(notes.join(' '), /is not among those offered/)
  }
})

test('what of a solver that is offered is not taken over is said in a note', () => {
  const notes = (config: Record<string, unknown>): string => read(config).notes.join(' ')
  assert.equal(notes({ _class_name: 'EulerDiscreteScheduler', sigma_min: 0.1, sigma_max: 10 }), 'Of the model’s solver, sigma_min and sigma_max are not taken over.')
  assert.equal(notes({ _class_name: 'DDPMScheduler', variance_type: 'learned' }), 'Of the model’s solver, variance_type learned is not taken over.')
  assert.equal(notes({ _class_name: 'UniPCMultistepScheduler', disable_corrector: [0] }), 'Of the model’s solver, disable_corrector is not taken over.')
  assert.match(notes({ _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++', euler_at_final: true, final_sigmas_type: 'sigma_min' }), /euler_at_final/)
  assert.match(notes({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift_terminal: 0.1, use_karras_sigmas: true }), /use_karras_sigmas and shift_terminal are not/)
  assert.match(notes({ _class_name: 'DPMSolverMultistepScheduler', solver_order: 3 }), /third order here; solver\.options\.compat peers3M/)
  assert.equal(notes({ _class_name: 'DPMSolverMultistepScheduler', euler_at_final: true }), '', 'the step to σ = 0 is of order 1 anyway')
})
