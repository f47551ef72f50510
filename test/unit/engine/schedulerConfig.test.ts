import assert from 'node:assert/strict'
import { test } from 'node:test'
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
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler' }, /FlowMatchEulerDiscreteScheduler/],
    [{ _class_name: 'EDMDPMSolverMultistepScheduler' }, /EDMDPMSolverMultistepScheduler/],
    [{ use_flow_sigmas: true }, /use_flow_sigmas/],
    [{ prediction_type: 'flow_prediction' }, /"flow_prediction".*epsilon, sample and v_prediction/],
    [{ beta_schedule: 'sigmoid' }, /"sigmoid".*squaredcos_cap_v2/],
    [{ rescale_betas_zero_snr: true }, /rescale_betas_zero_snr/],
    [{ num_train_timesteps: 'many' }, /num_train_timesteps.*"many"/],
    [{ trained_betas: [0.1, 'x'] }, /trained_betas/],
    [{ num_train_timesteps: 0 }, /scheduler_config\.json describes a noise schedule that cannot be: .*0 training steps/],
    [{ beta_end: 1.5 }, /scheduler_config\.json describes .* not above 0 and at most 1/],
    [{ trained_betas: [0.5, 0.99999999] }, /scheduler_config\.json describes .*1 of the 2 knots/],
  ]
  for (const [config, message] of refused) assert.throws(() => read(config), { name: 'DpmError', reason: 'modelUnsupported', message }, JSON.stringify(config))
})

test('the solver is offered as recipe fields, with the defaults of its class', () => {
  assert.deepEqual(read({ _class_name: 'DPMSolverMultistepScheduler' }).solverOffer, {
    'solver.algorithm': 'dpmsolver++', 'solver.order': 2, 'solver.method': 'multistep', 'solver.finalSigma': 'zero', 'solver.lowerOrderBelow': 15,
  })
  assert.deepEqual(read({ _class_name: 'DPMSolverMultistepScheduler', lower_order_final: false, final_sigmas_type: 'sigma_min', solver_order: 1 }).solverOffer, {
    'solver.algorithm': 'dpmsolver++', 'solver.order': 1, 'solver.method': 'multistep', 'solver.finalSigma': 'sigmaMin', 'solver.lowerOrderBelow': 0,
  })
  assert.deepEqual(read({ _class_name: 'DPMSolverSinglestepScheduler', solver_order: 3, algorithm_type: 'dpmsolver' }).solverOffer, {
    'solver.algorithm': 'dpmsolver', 'solver.order': 3, 'solver.method': 'singlestep', 'solver.finalSigma': 'zero',
  })
})

test('a solver that is not here is said in a note and not offered', () => {
  for (const config of [{ algorithm_type: 'sde-dpmsolver++' }, { solver_order: 3 }, { solver_order: 4 }, { solver_type: 'heun' }, { solver_type: 'heun', use_karras_sigmas: true }]) {
    const { solverOffer, notes } = read({ _class_name: 'DPMSolverMultistepScheduler', ...config })
    assert.equal(solverOffer, null)
    assert.match(notes.join(' '), /is not among those offered/)
  }
  assert.deepEqual(read({ _class_name: 'PNDMScheduler' }).notes, [])
  assert.notEqual(read({ _class_name: 'DPMSolverMultistepScheduler', solver_order: 1, solver_type: 'heun' }).solverOffer, null, 'order 1 has no types')
})

test('DDIM is offered as what it is, order 1', () => {
  assert.deepEqual(read({ _class_name: 'DDIMScheduler' }).solverOffer, { 'solver.algorithm': 'dpmsolver++', 'solver.order': 1, 'solver.method': 'multistep', 'solver.finalSigma': 'zero' })
  assert.equal(read({ _class_name: 'DDIMScheduler', set_alpha_to_one: false }).solverOffer?.['solver.finalSigma'], 'sigmaMin')
  assert.deepEqual(read({ _class_name: 'DDIMScheduler' }).notes, ['Of the model’s solver, clip_sample is not taken over.'])
  assert.deepEqual(read({ _class_name: 'DDIMScheduler', clip_sample: false }).notes, [])
})

test('what of a solver that is offered is not taken over is said in a note', () => {
  const notes = (config: Record<string, unknown>): string[] => read({ _class_name: 'DPMSolverMultistepScheduler', ...config }).notes
  assert.deepEqual(notes({}), [])
  assert.deepEqual(notes({ use_karras_sigmas: true, timestep_spacing: 'trailing' }), ['Of the model’s solver, use_karras_sigmas and timestep_spacing trailing are not taken over.'])
  for (const key of ['use_exponential_sigmas', 'use_beta_sigmas', 'use_lu_lambdas']) assert.match(notes({ [key]: true }).join(' '), new RegExp(key))
  assert.match(notes({ euler_at_final: true, final_sigmas_type: 'sigma_min' }).join(' '), /euler_at_final/)
  assert.deepEqual(notes({ euler_at_final: true }), [], 'the step to σ = 0 is of order 1 anyway')
})
