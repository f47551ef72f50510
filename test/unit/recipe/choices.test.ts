import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { choicesOf, scheduleChoices } from '../../../src/recipe/choices'
import { getPath, withoutPath } from '../../../src/recipe/path'
import { prepare } from '../../../src/recipe/prepare'
import type { Recipe } from '../../../src/recipe/recipe'
import { schemaAt } from '../../../src/recipe/schema'
import { algorithms } from '../../../src/sampler/algorithms'
import { facts, recipe } from './facts'

const model = facts({ statistic: { lambda: [-4, 0, 4], meanSquare: [1, 0.5, 0.1] }, learnsVariance: true })
const valuesOf = (path: string): readonly (string | number)[] => schemaAt(path)!.enum!
const names = Object.keys(algorithms)

/** The plan without the notes, which may name an option that stands there. */
function planOf(made: Recipe): string | undefined {
  try {
    const { plan, schedule } = prepare(made, model)
    return JSON.stringify([plan.levels, plan.steps, plan.adaptive, schedule])
  } catch { return undefined }
}

function* recipes(): Generator<Recipe> {
  for (const algorithm of names) for (const method of valuesOf('solver.method')) for (const order of valuesOf('solver.order')) for (const spacing of ['logSNR', 'karras']) {
    yield recipe({ 'solver.algorithm': algorithm, 'solver.method': method, 'solver.order': order, 'schedule.spacing': spacing, 'solver.steps': 10, 'solver.finalSigma': 'sigmaMin', 'solver.lowerOrderBelow': 0 })
  }
}

suite('what a recipe leaves to be chosen', () => {
  test('an option that stands at its usual value does what one that is left out does', () => {
    let compared = 0
    for (const made of recipes()) {
      const plan = planOf(made)
      if (plan === undefined) continue
      for (const option of choicesOf(made).options) {
        if (option.kind === 'statistic' || option.usual === undefined) continue
        compared++
        assert.equal(planOf({ ...made, solver: { ...made.solver, options: { [option.name]: option.usual } } }), plan, `${made.solver.algorithm} ${made.solver.method} ${made.solver.order}: ${option.name}`)
      }
    }
    console.log(`${compared} plans with an option at its usual value`)
    assert.ok(compared > 300)
  })

  test('so do the options of spacings and noise schedules', () => {
    let compared = 0
    for (const noise of valuesOf('schedule.noise')) for (const spacing of valuesOf('schedule.spacing')) {
      const made = recipe({ 'schedule.noise': noise, 'schedule.spacing': spacing, 'solver.steps': 10 })
      const plan = planOf(made)
      if (plan === undefined) continue
      for (const { name, usual } of scheduleChoices(made.schedule)) {
        if (usual === undefined) continue
        compared++
        assert.equal(planOf({ ...made, schedule: { ...made.schedule, options: { [name]: usual } } }), plan, `${noise} ${spacing}: ${name}`)
      }
    }
    assert.ok(compared > 100, String(compared))
  })

  test('lowering the order is offered where it changes the plan, and only there', () => {
    for (const made of recipes()) {
      const plan = planOf(made)
      if (plan === undefined) continue
      const lowered = planOf({ ...made, solver: { ...made.solver, lowerOrderBelow: 1000 } })
      assert.equal(choicesOf(made).lowers, lowered !== plan, `${made.solver.algorithm} ${made.solver.method} ${made.solver.order}`)
    }
  })

  test('a field with one choice is of no effect, whatever the recipe says', () => {
    for (const name of names) {
      const made = recipe({ 'solver.algorithm': name })
      const { orders, methods, variants } = choicesOf(made)
      for (const [path, values] of [['solver.order', orders], ['solver.method', methods], ['solver.variant', variants]] as const) {
        if (values.length > 1) continue
        const plans = valuesOf(path).map((value) => planOf(recipe({ 'solver.algorithm': name, [path]: value })))
        assert.equal(new Set(plans).size, 1, `${name} ${path}`)
      }
    }
  })
})

test('what is taken out of a path is gone, and nothing else', () => {
  const root = { solver: { options: { r1: 0.5, r2: 0.7 }, steps: 20 }, version: 1 }
  assert.deepEqual(withoutPath(root, 'solver.options.r1'), { solver: { options: { r2: 0.7 }, steps: 20 }, version: 1 })
  assert.equal(withoutPath(root, 'solver.options.eta'), root)
  assert.deepEqual(withoutPath(root, 'version'), { solver: root.solver })
  assert.equal(getPath(root, 'solver.options.r1'), 0.5)
})
