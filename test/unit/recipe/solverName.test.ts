import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRecipe } from '../../../src/recipe/defaults'
import { algorithms as titles, ofMethods, ofOrders, shortSolverName, solverName } from '../../../src/recipe/solverName'
import { algorithms as rows } from '../../../src/sampler/algorithms'

test('a solver has one name, in full and where there is little room', () => {
  const { solver } = defaultRecipe()
  for (const [set, name, short] of [
    [{}, 'DPM-Solver++ 2M', '++2M'], [{ algorithm: 'dpmsolver', order: 3, method: 'singlestep' }, 'DPM-Solver 3S', '3S'], [{ method: 'singlestepFixed' }, 'DPM-Solver++ 2F', '++2F'],
    [{ order: 3, method: 'adaptive' }, 'DPM-Solver++ 3 adaptive', '++3 adaptive'], [{ algorithm: 'sde-dpmsolver++' }, 'SDE-DPM-Solver++ 2M', 'SDE++2M'],
    [{ algorithm: 'unipc', order: 3 }, 'UniPC 3', 'UniPC 3'], [{ algorithm: 'heun' }, 'Heun', 'Heun'],
  ] as const) assert.deepEqual([solverName({ ...solver, ...set }), shortSolverName({ ...solver, ...set })], [name, short])
})

test('names, and what has several methods or orders, are the registry’s', () => {
  for (const [name, row] of Object.entries(rows)) {
    assert.equal(titles[name as keyof typeof titles], row.title)
    assert.equal(ofMethods.includes(name as keyof typeof titles), row.methods.length > 1, name)
    assert.equal(ofOrders.includes(name as keyof typeof titles), row.orders.length > 1, name)
  }
  assert.equal(Object.keys(titles).length, Object.keys(rows).length)
})
