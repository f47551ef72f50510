import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRecipe } from '../../../src/recipe/defaults'
import { shortSolverName, solverName } from '../../../src/recipe/solverName'

test('a solver has one name, in full and where there is little room', () => {
  const { solver } = defaultRecipe()
  for (const [set, name, short] of [
    [{}, 'DPM-Solver++ 2M', '++2M'], [{ algorithm: 'dpmsolver', order: 3, method: 'singlestep' }, 'DPM-Solver 3S', '3S'], [{ method: 'singlestepFixed' }, 'DPM-Solver++ 2F', '++2F'],
  ] as const) assert.deepEqual([solverName({ ...solver, ...set }), shortSolverName({ ...solver, ...set })], [name, short])
})
