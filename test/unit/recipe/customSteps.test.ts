import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { added, asCustom, customSteps, fieldsOf, middleAfter, moved, removed, spacingOff, withOwnSteps } from '../../../src/recipe/customSteps'
import type { ModelFacts } from '../../../src/recipe/model'
import { setPath } from '../../../src/recipe/path'
import { prepare } from '../../../src/recipe/prepare'
import type { Recipe } from '../../../src/recipe/recipe'
import { algorithms } from '../../../src/sampler/algorithms'
import type { DpmError } from '../../../src/sampler/errors'
import { facts, recipe } from './facts'

const withFields = (given: Recipe, set: Record<string, unknown>): Recipe => Object.entries(set).reduce((result, [path, value]) => setPath(result, path, value), given)
const plan = (given: Recipe, model: ModelFacts) => prepare(given, model).plan
/** The largest difference of a step's coefficients, relative to the largest of them. */
function difference(before: Recipe, after: Recipe, model: ModelFacts): number {
  const [a, b] = [plan(before, model).steps, plan(after, model).steps]
  assert.equal(b.length, a.length, JSON.stringify([before.solver, before.schedule.spacing]))
  return Math.max(...a.flatMap((step, k) => {
    const of = ({ update, stages }: typeof step): number[] => [...update, ...stages.flatMap(({ input }) => input)].map(({ coefficient }) => coefficient)
    const size = Math.max(...of(step).map(Math.abs))
    // A term that is 0 in the middle of a step is left out; a rounding off the middle it is not.
    const [one, other] = [step, b[k]!].map((own) => of(own).filter((coefficient) => Math.abs(coefficient) > 1e-13 * size))
    assert.equal(other!.length, one!.length, `step ${k} of ${JSON.stringify(before.solver)}`)
    return one!.map((value, j) => Math.abs(value - other![j]!) / size)
  }))
}
const custom = (set: Record<string, unknown> = {}, model = facts()) => {
  const given = recipe({ 'solver.steps': 8, ...set })
  const made = withFields(given, asCustom(given, model))
  return { given, made, steps: customSteps(made, model)! }
}
const lambdas = (given: Recipe, model = facts()): number[] => customSteps(given, model)!.points.map(({ lambda }) => lambda)
const rising = (list: readonly number[]): boolean => list.every((value, i) => i === 0 || value > list[i - 1]!)

suite('custom steps', () => {
  test('made of any plan keep its coefficients to 1e-12', () => {
    let worst = 0
    let tried = 0
    for (const [algorithm, row] of Object.entries(algorithms)) {
      for (const order of row.orders.length > 1 ? row.orders : [row.orders[0] ?? 2]) for (const method of row.methods) {
        if (method === 'adaptive') continue
        for (const spacing of ['logSNR', 'timeUniform', 'karras', 'trailing']) for (const finalSigma of ['zero', 'sigmaMin', 'denoise']) {
          const given = recipe({ 'solver.algorithm': algorithm, 'solver.order': order, 'solver.method': method, 'schedule.spacing': spacing, 'solver.finalSigma': finalSigma, 'solver.steps': 20, 'solver.options': algorithm === 'analyticDpm' ? { statistic: { lambda: [0], meanSquare: [0.5] } } : {} })
          const fields = asCustom(given, facts())
          assert.equal(fields['solver.steps'], 20, `${algorithm} ${order} ${method} ${spacing} ${finalSigma}`)
          const off = difference(given, withFields(given, fields), facts())
          assert.ok(off <= 1e-12, `${algorithm} ${order} ${method} ${spacing} ${finalSigma}: ${off}`)
          worst = Math.max(worst, off)
          tried++
        }
      }
    }
    console.log(`  ${tried} plans, largest difference ${worst.toExponential(1)}`)
  })

  test('also on other schedules, without signal at the start, at whole times, and on the way back', () => {
    const image = { 'input.image': 'a.png' }
    const cases: [Record<string, unknown>, ModelFacts][] = [
      [{ 'schedule.noise': 'edm', 'schedule.spacing': 'karras' }, facts()], [{ 'schedule.noise': 'vpCosine' }, facts()], [{ 'schedule.noise': 'flow', 'solver.finalSigma': 'sigmaMin' }, facts()],
      [{ 'schedule.zeroTerminalSnr': true }, facts({ predictionType: 'v_prediction' })], [{}, facts({ integerTime: true })], [{ 'solver.method': 'singlestep', 'solver.order': 3 }, facts({ integerTime: true })],
      [{ ...image, 'input.task': 'encode' }, facts()], [{ ...image, 'input.task': 'reconstruct', 'solver.method': 'singlestep' }, facts()], [{ ...image, 'schedule.tStart': 0.6 }, facts()],
    ]
    for (const [set, model] of cases) {
      const given = recipe({ 'solver.steps': 12, ...set })
      const off = difference(given, withFields(given, asCustom(given, model)), model)
      assert.ok(off <= 1e-12, `${JSON.stringify(set)}: ${off}`)
    }
  })

  test('a list that begins without any signal is taken as it is', () => {
    const model = facts({ predictionType: 'v_prediction' })
    const given = recipe({ 'schedule.zeroTerminalSnr': true, 'schedule.spacing': 'custom', 'schedule.timesteps': [999, 700, 300, 100], 'solver.steps': 4 })
    const levels = plan(given, model).levels.map(({ lambda }) => lambda)
    assert.deepEqual([levels.length, levels[0], rising(levels)], [5, -Infinity, true])
    const steps = customSteps(given, model)!
    assert.deepEqual(moved(steps, 0, 0), [999, 700, 300, 100], 'it stays where there is no signal')
    assert.notDeepEqual(moved(steps, 1, steps.points[1]!.lambda - 0.5), steps.values)
  })

  test('a point goes where it is moved to, and no farther than its neighbours and the ends', () => {
    for (const model of [facts(), facts({ integerTime: true })]) {
      const { made, steps } = custom({}, model)
      const range = steps.most - steps.least
      const set = (values: readonly number[]): number[] => lambdas(withFields(made, fieldsOf(made, model, { of: steps.of, values })), model)
      const before = lambdas(made, model)
      const near = set(moved(steps, 3, before[3]! + 0.02 * range))
      assert.ok(Math.abs(near[3]! - before[3]! - 0.02 * range) < (model.integerTime ? 0.02 : 1e-4) * range)
      assert.deepEqual(near.filter((_, i) => i !== 3), before.filter((_, i) => i !== 3))
      for (const index of before.keys()) for (const lambda of [-1e3, 1e3, steps.least, steps.most, NaN]) {
        const after = set(moved(steps, index, lambda))
        assert.ok(rising(after) && after.length === before.length && after[0]! >= steps.least - 1e-9 && after.at(-1)! <= steps.most + 1e-9, `${index} to ${lambda}: ${after}`)
        assert.ok(prepare(withFields(made, fieldsOf(made, model, { of: steps.of, values: moved(steps, index, lambda) })), model).plan)
      }
    }
  })

  test('where whole times are all that the network takes a small step is to the next one', () => {
    const model = facts({ integerTime: true })
    const { steps } = custom({}, model)
    const [left, right] = [-1e-6, 1e-6].map((by) => moved(steps, 3, steps.points[3]!.lambda + by))
    assert.deepEqual([left![3]! - steps.values[3]!, right![3]! - steps.values[3]!], [1, -1])
  })

  test('what is moved to is written with few digits', () => {
    const { steps } = custom()
    const value = moved(steps, 3, steps.points[3]!.lambda + 0.123456)[3]!
    assert.ok(String(value).length <= 7, String(value))
  })

  test('steps follow the points that are added and removed; one point stays', () => {
    for (const set of [{}, { 'solver.finalSigma': 'sigmaMin' }, { 'solver.finalSigma': 'denoise' }, { 'solver.algorithm': 'unipc' }]) {
      const { made, steps } = custom(set)
      const { values, index } = added(steps, middleAfter(steps, 2))
      const more = withFields(made, fieldsOf(made, facts(), { of: steps.of, values }))
      assert.deepEqual([index, values.length, more.solver.steps], [3, 9, 9])
      assert.ok(rising(plan(more, facts()).levels.map(({ lambda }) => lambda)))
      const fewer = withFields(made, fieldsOf(made, facts(), { of: steps.of, values: removed(steps, 2) }))
      assert.equal(fewer.solver.steps, 7)
      assert.equal(plan(fewer, facts()).evaluations, plan(made, facts()).evaluations - 1)
      assert.deepEqual(added(steps, steps.points[4]!.lambda).index, -1, 'there is one already')
    }
    const { steps } = custom()
    assert.deepEqual(removed({ ...steps, values: [5] }, 0), [5])
  })

  test('a list of σ stays one, and a list without steps of its own gets them', () => {
    const given = recipe({ 'schedule.spacing': 'custom', 'schedule.options': { sigmas: [10, 3, 1, 0.3, 0.1, 0] }, 'solver.steps': 9 })
    const own = withOwnSteps(given, facts())
    assert.equal(own.solver.steps, 5)
    assert.ok(plan(own, facts()))
    const steps = customSteps(own, facts())!
    assert.equal(steps.of, 'sigmas')
    const after = withFields(own, fieldsOf(own, facts(), { of: 'sigmas', values: moved(steps, 1, steps.points[1]!.lambda + 0.1) }))
    assert.deepEqual([after.schedule.timesteps, (after.schedule.options['sigmas'] as number[]).length], [[], 5])
    assert.ok(Math.abs(lambdas(after)[1]! - steps.points[1]!.lambda - 0.1) < 1e-3)
    const same = recipe({ 'solver.steps': 9 })
    assert.equal(withOwnSteps(same, facts()), same)
  })

  test('where no spacing is asked there are none, and why is said', () => {
    for (const set of [{ 'solver.method': 'adaptive', 'solver.order': 3 }, { 'input.task': 'noise', 'input.image': 'a.png' }]) {
      const given = recipe(set)
      assert.ok(spacingOff(given))
      assert.throws(() => asCustom(given, facts()), (error: DpmError) => error.reason === 'recipeInvalid')
      assert.equal(customSteps(setPath(given, 'schedule.spacing', 'custom'), facts()), null)
    }
    assert.equal(customSteps(recipe({ 'schedule.spacing': 'custom' }), facts()), null, 'an empty list')
    assert.equal(customSteps(recipe({ 'schedule.spacing': 'custom', 'schedule.timesteps': [1, 2, 3] }), facts()), null, 'the wrong way')
  })
})
