import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setPath } from '../../../src/recipe/path'
import { folderWith, half, network } from './testModels'
import { clientFor, cpu, readFolder, recipe, start } from './withClient'

const classes = [
  'DDIM', 'DDPM', 'PNDM', 'LMSDiscrete', 'EulerDiscrete', 'EulerAncestralDiscrete', 'HeunDiscrete', 'KDPM2Discrete', 'KDPM2AncestralDiscrete', 'DPMSolverSDE', 'DPMSolverMultistep', 'DPMSolverSinglestep',
  'DEISMultistep', 'UniPCMultistep', 'EDMEuler', 'EDMDPMSolverMultistep', 'FlowMatchEulerDiscrete', 'FlowMatchHeunDiscrete',
]

test('the model’s own solver, taken as it is offered, runs to its end for every class of scheduler', async (t) => {
  const client = clientFor(t)
  for (const name of classes) {
    const path = folderWith({ 'unet/model.onnx': half(), 'scheduler/scheduler_config.json': { _class_name: `${name}Scheduler` } })
    const { facts } = await client.inspect(path, cpu)
    assert.ok(facts.solverOffer, name)
    const offered = Object.entries(facts.solverOffer).reduce((all, [field, value]) => setPath(all, field, value), recipe((r) => { r.model.path = path; r.solver.steps = 12 }))
    const run = start(offered)
    const end = await client.run(run)
    assert.deepEqual([end.outcome, end.error], ['finished', undefined], name)
    assert.ok(readFolder(run.folder).states.every(Number.isFinite), name)
  }
})

test('a network with a learned variance runs DDPM as its scheduler says, and its statistic is that of its prediction', async (t) => {
  const client = clientFor(t)
  const both = network(
    [{ op: 'Mul', inputs: ['sample', 'a'], output: 'e' }, { op: 'Mul', inputs: ['sample', 'zero'], output: 'v' }, { op: 'Concat', inputs: ['e', 'v'], output: 'out_sample', ints: { axis: 1 } }],
    { constants: [{ name: 'a', values: [0.5] }, { name: 'zero', values: [0] }], outputs: [{ name: 'out_sample', dims: ['batch', 2, 4, 4] }] },
  )
  const path = folderWith({ 'unet/model.onnx': both, 'scheduler/scheduler_config.json': { _class_name: 'DDPMScheduler', variance_type: 'learned_range' } })
  const { facts } = await client.inspect(path, cpu)
  assert.deepEqual(facts.solverOffer?.['solver.options'], { variance: 'learned' })
  const offered = Object.entries(facts.solverOffer).reduce((all, [field, value]) => setPath(all, field, value), recipe((r) => { r.model.path = path; r.solver.steps = 12 }))
  assert.equal((await client.run(start(offered))).outcome, 'finished')
  const ask = async (model: string): Promise<unknown> => (await client.estimate({ estimateId: 'e', model: { ...recipe().model, path: model }, images: null, count: 8, levels: 4, seed: '1', engine: cpu }, () => {}, new AbortController().signal)).statistic
  assert.deepEqual(await ask(path), await ask(folderWith({ 'unet/model.onnx': half() })))
})
