import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RunDocument } from '../../../src/protocol/run'
import { imageName, isTemplate, nameBy, placeholderNames, runName, usualFileName } from '../../../src/run/imageName'
import { document, row } from './folder'

const named = (change: (made: RunDocument) => void = () => {}): RunDocument => {
  const made = structuredClone(document())
  change(made)
  return made
}

test('a run is named by its date, model, task, solver, steps and seed, as far as it has them', () => {
  const name = (change: (made: RunDocument) => void): string => runName(named(change))
  assert.equal(name(() => {}), '20260102-030405-rings-dpmsolver++-3-7')
  assert.equal(name((r) => { r.recipe.input.task = 'noise' }), '20260102-030405-rings-noise-3-7')
  assert.equal(name((r) => { r.recipe.input.task = 'reconstruct' }), '20260102-030405-rings-reconstruct-dpmsolver++-3-7')
  const { plan: { levels: [from, to] } } = document()
  const adaptive = { from: from!, to: to!, pair: 'dpm12', variant: 'midpoint', controller: { kind: 'pi', safety: 0.9 }, atol: 1, rtol: 1, first: 1, variable: 'lambda' } as const
  assert.equal(name((r) => { r.recipe.input.task = 'encode'; r.plan.adaptive = adaptive }), '20260102-030405-rings-encode-dpmsolver++-7')
})

test('every placeholder stands for what the run has', () => {
  const run = named((r) => { r.recipe.guidance.scale = 2.5 })
  const image = imageName(run, row(run, 1), 'x', placeholderNames.map((name) => `${name}=\${${name}}`).join('_'), 1)
  assert.equal(image, 'date_20260102-030405_model_rings_task_sample_algorithm_dpmsolver++_order_2_method_multistep_steps_3_spacing_logSNR_guidance_2.5_batch_2_seed_8_step_1.png')
})

test('a picture on the way says its step once, an estimate that it is one', () => {
  const run = named()
  assert.equal(imageName(run, row(run, 3), 'x', '${seed}'), '7.png')
  assert.equal(imageName(run, row(run, 2), 'x', '${seed}'), '7-step2.png')
  assert.equal(imageName(run, row(run, 2), 'x0', '${seed}.${step}'), '7.2-estimate.png')
  assert.equal(runName(run, '${step}-${seed}'), '7', 'a whole run has no step')
})

test('what is unsafe in a name is replaced, whatever the template and the model', () => {
  const { recipe } = document()
  const of = (template: string, model = 'm'): string => nameBy(template, { date: 'd', model, recipe, plan: {} })
  assert.deepEqual(['../../etc/passwd', 'a b:c*?"<>|', '.hidden', 'CON', 'con.txt', 'tail...', '-rf', '日本 ü', '/'].map((template) => of(template)), ['etc_passwd', 'a_b_c_', 'hidden', 'CON_', 'con_.txt', 'tail', 'rf', '日本_ü', 'image'])
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }), (template, model) => {
    const name = of(`${template}\${model}`, model)
    assert.match(name, /^[\p{L}\p{M}\p{N}+][\p{L}\p{M}\p{N}_.+-]*$/u)
    assert.ok(Buffer.byteLength(name) <= 200 && !name.endsWith('.') && !/^(con|nul|aux|prn)(\.|$)/i.test(name))
  }))
})

test('a template has only placeholders that there are', () => {
  for (const template of [usualFileName, ...placeholderNames.map((name) => `\${${name}}`), 'none']) assert.ok(isTemplate(template), template)
  for (const template of ['', ' ', '${x}', '${', '${}', '${model', '${constructor}', null, 4]) assert.ok(!isTemplate(template), String(template))
})
