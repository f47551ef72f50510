import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usageError } from '../../../src/cli/failure'
import { planTable } from '../../../src/cli/plan'
import { classesInWords, duration, providerInWords, solverInWords, table } from '../../../src/cli/words'
import { prepare } from '../../../src/recipe/prepare'
import { CommanderError } from 'commander'
import { facts, recipe } from '../recipe/facts'
import { document } from '../run/folder'

test('what ran is said with the orders that the steps really had', () => {
  const asked = recipe({ 'solver.algorithm': 'dpmsolver', 'solver.method': 'singlestep', 'solver.order': 3, 'solver.steps': 10, 'schedule.spacing': 'timeUniform' })
  assert.equal(solverInWords(asked, prepare(asked, facts()).plan), 'DPM-Solver singlestep, order 3 (steps of order 2×3, 2, 2×1), spacing timeUniform, final σ zero')
})

test('the provider that runs is named, and each other one with its reason', () => {
  const { engine } = document()
  assert.equal(providerInWords({ engine }), 'cpu')
  const tried = [{ provider: 'cuda', error: 'no library' }, { provider: 'webgpu', error: 'no adapter' }, { provider: 'cpu' }]
  assert.equal(providerInWords({ engine: { ...engine, tried } }), 'cpu (not cuda: no library; not webgpu: no adapter)')
})

test('classes are named once where they are all the same, and at most twelve', () => {
  const { model } = document()
  assert.equal(classesInWords({ labels: [1, 1, 1], model }), 'Large')
  assert.equal(classesInWords({ labels: [0, 3, 2], model }), 'Small, none, Double')
  assert.equal(classesInWords({ labels: Array.from({ length: 14 }, (_, k) => k % 2), model })?.split(', ').length, 13)
  assert.equal(classesInWords({ labels: null, model }), null)
})

test('durations below a second are milliseconds', () => {
  assert.deepEqual([0.5, 12.34, 999, 1234].map(duration), ['0.5 ms', '12 ms', '999 ms', '1.23 s'])
})

test('a table’s columns are as wide as their widest cell, Greek letters included', () => {
  assert.equal(table(['i', 'λ'], [['0', '−5.06'], ['10', '∞']]), ' i      λ\n 0  −5.06\n10      ∞\n')
})

test('the plan’s table has a line for each level; the last one starts no step', () => {
  const lines = planTable(prepare(recipe({ 'solver.steps': 4 }), facts()).plan).trimEnd().split('\n')
  assert.equal(lines.length, 1 + 5)
  assert.match(lines[0]!, /^i +t +λ +h +α +σ +order +evaluations$/)
  assert.match(lines[4]!, /∞ .* 1 +1$/)
  assert.match(lines[5]!, /^4 +0\.00000 +∞ +1\.00000 +0\.00000 *$/)
})

test('what commander says in its own words becomes a sentence', () => {
  const said = (code: string, message: string): string => usageError(new CommanderError(1, code, message)).message
  assert.equal(said('commander.invalidArgument', "error: option '--x <n>' argument 'a' is invalid. Not a number.\nmore"), 'Option \'--x <n>\' argument \'a\' is invalid. Not a number.')
  assert.equal(said('commander.somethingNew', 'error: no'), 'No.')
})
