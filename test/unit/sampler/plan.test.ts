import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DpmError } from '../../../src/sampler/errors'
import { multistepOrders, singlestepOrders } from '../../../src/sampler/orders'
import { makePlan } from '../../../src/sampler/plan'
import { scheduleOf } from '../../../src/sampler/schedule/schedule'
import type { NoiseSchedule, Plan, PlanRequest } from '../../../src/sampler/types'
import { close, evaluationsOf, linear, request, schedules, specs, vpLinear } from './bench'

const orders = (plan: Plan): number[] => plan.steps.map(({ order }) => order)
const repeat = (order: number, count: number): number[] => Array<number>(count).fill(order)

/** Any request that is not refused. */
const anyRequest: fc.Arbitrary<PlanRequest> = fc.record({
  algorithm: fc.constantFrom('dpmsolver', 'dpmsolver++'), order: fc.constantFrom(1, 2, 3), method: fc.constantFrom('multistep', 'singlestep', 'singlestepFixed'),
  steps: fc.integer({ min: 1, max: 120 }), orderSplit: fc.constantFrom('authors', 'greedy'), lowerOrderBelow: fc.nat(30), finalSigma: fc.constantFrom('zero', 'sigmaMin'),
  variant: fc.constantFrom('midpoint', 'taylor'), options: fc.constant({}), spacing: fc.constantFrom('logSNR', 'timeUniform', 'timeQuadratic'), tEnd: fc.constant('auto' as const),
} satisfies { [K in keyof Required<Omit<PlanRequest, 'snapToKnots' | 'spacingOptions' | 'tStart'>>]: fc.Arbitrary<PlanRequest[K]> })
  .filter(({ method, order, steps, finalSigma }) => !(method === 'multistep' && steps < order) && steps >= (finalSigma === 'zero' ? 2 : 1)
    && !(method === 'singlestepFixed' && steps - (finalSigma === 'zero' ? 1 : 0) < order))
const anySchedule: fc.Arbitrary<NoiseSchedule> = fc.constantFrom(...schedules.map(([, schedule]) => schedule))

/** Everything that must hold for a plan whatever was asked. */
function assertSound(plan: Plan, { steps, method, order, finalSigma }: PlanRequest, schedule: NoiseSchedule): void {
  const toZero = finalSigma === 'zero' ? 1 : 0
  const promised = method === 'singlestepFixed' ? Math.floor((steps - toZero) / order) * order + toZero : steps
  assert.equal(plan.evaluations, promised)
  assert.equal(evaluationsOf(plan), promised)
  assert.equal(plan.notes.some((note) => note.includes(`${promised} of the ${steps} evaluations`)), promised < steps)
  assert.equal(plan.levels.length, plan.steps.length + 1)
  plan.steps.forEach((step, i) => {
    assert.equal(step.from, plan.levels[i])
    assert.equal(step.to, plan.levels[i + 1])
    assert.equal(step.stages[0]?.level, step.from)
    assert.ok(step.to.lambda > step.from.lambda, `step ${i} does not go forward`)
    for (const [k, stage] of step.stages.entries()) assert.ok(k === 0 || (stage.level.lambda > step.stages[k - 1]!.level.lambda && stage.level.lambda < step.to.lambda))
    for (const { coefficient } of [...step.update, ...step.stages.flatMap(({ input }) => input)]) assert.ok(Number.isFinite(coefficient), `step ${i}: ${coefficient}`)
  })
  assert.equal(plan.levels[0]!.t, schedule.T)
  if (toZero) assert.deepEqual(plan.levels.at(-1), { t: 0, alpha: 1, sigma: 0, lambda: Infinity })
  assert.equal(plan.levels.at(-1 - toZero)!.t, schedule.tEnd)
}

test('a plan takes the evaluations it promises, goes strictly forward and has finite coefficients, for any request on any schedule', () => {
  fc.assert(fc.property(anyRequest, anySchedule, (asked, schedule) => { assertSound(makePlan(asked, schedule), asked, schedule) }), { numRuns: 2000 })
})

describe('orders', () => {
  test('singlestep of order 3 splits as the authors’ code and as the paper’s text do', () => {
    const table: [number, number[], number[]][] = [
      [1, [1], [1]], [2, [2], [2]], [3, [2, 1], [3]], [4, [3, 1], [3, 1]], [5, [3, 2], [3, 2]], [6, [3, 2, 1], [3, 3]],
      [12, [3, 3, 3, 2, 1], [3, 3, 3, 3]], [20, [...repeat(3, 6), 2], [...repeat(3, 6), 2]],
    ]
    for (const [n, authors, greedy] of table) {
      assert.deepEqual(singlestepOrders(n, 3, 'authors'), authors, `authors ${n}`)
      assert.deepEqual(singlestepOrders(n, 3, 'greedy'), greedy, `greedy ${n}`)
    }
  })

  test('singlestep of orders 1 and 2 splits the same under both rules', () => {
    for (let n = 1; n < 30; n++) {
      for (const split of ['authors', 'greedy'] as const) {
        assert.deepEqual(singlestepOrders(n, 2, split), [...repeat(2, Math.floor(n / 2)), ...repeat(1, n % 2)])
        assert.deepEqual(singlestepOrders(n, 1, split), repeat(1, n))
      }
    }
  })

  test('multistep starts low, and ends low only where it is asked to', () => {
    assert.deepEqual(multistepOrders(5, 2, false), [1, 2, 2, 2, 2])
    assert.deepEqual(multistepOrders(5, 2, true), [1, 2, 2, 2, 1])
    assert.deepEqual(multistepOrders(1, 2, true), [1])
    assert.deepEqual(multistepOrders(6, 3, true), [1, 2, 3, 3, 2, 1])
  })

  test('lowerOrderBelow compares the evaluations asked for as “fewer than”, 0 never lowers', () => {
    const last = (steps: number, lowerOrderBelow: number): number | undefined => orders(makePlan(request({ steps, lowerOrderBelow }), linear)).at(-1)
    assert.deepEqual([last(14, 15), last(15, 15), last(2, 0), last(9, 10), last(10, 10)], [1, 2, 2, 1, 2])
  })

  test('with a final σ of zero the split is of one evaluation fewer, and the last step is of order 1', () => {
    assert.deepEqual(orders(makePlan(request({ method: 'singlestep', order: 3, steps: 13, finalSigma: 'zero' }), linear)), [3, 3, 3, 2, 1, 1])
    assert.deepEqual(orders(makePlan(request({ method: 'singlestep', order: 3, steps: 13, finalSigma: 'zero', orderSplit: 'greedy' }), linear)), [3, 3, 3, 3, 1])
    assert.deepEqual(orders(makePlan(request({ method: 'singlestepFixed', order: 3, steps: 10, finalSigma: 'zero' }), linear)), [3, 3, 3, 1])
    assert.deepEqual(orders(makePlan(request({ steps: 20, finalSigma: 'zero' }), linear)), [1, ...repeat(2, 18), 1])
  })

  test('third-order multistep begins with a step of order 3 across three intervals, of order 2 across two where the end is lowered; as the peers do only where asked', () => {
    const of = (steps: number, options = {}): Plan => makePlan(request({ order: 3, steps, options }), linear)
    assert.deepEqual(orders(of(15)), repeat(3, 13))
    assert.deepEqual(orders(of(8)), [2, 3, 3, 3, 3, 2, 1])
    assert.deepEqual(orders(of(3)), [2, 1])
    assert.deepEqual(orders(of(8, { compat: 'peers3M' })), [1, 2, 3, 3, 3, 3, 2, 1])
    const [start] = of(15).steps
    const grid = makePlan(request({ order: 1, steps: 15 }), linear).levels
    start!.stages.forEach(({ level }, i) => { assert.ok(close(level.lambda, grid[i]!.lambda, 1e-12)) })
    assert.equal(start!.to.lambda, grid[3]!.lambda)
  })
})

describe('where levels lie', () => {
  const spread = (values: readonly number[]): number => {
    const h = values.slice(1).map((value, i) => value - values[i]!)
    return (Math.max(...h) - Math.min(...h)) / Math.max(...h.map(Math.abs))
  }

  test('logSNR: equal steps of λ; timeUniform: of t; timeQuadratic: of √t, on every schedule', () => {
    for (const [name, schedule] of schedules) {
      const levels = (spacing: PlanRequest['spacing']): Plan['levels'] => makePlan(request({ spacing, steps: 17 }), schedule).levels
      assert.ok(spread(levels('logSNR').map(({ lambda }) => lambda)) < 1e-12, name)
      assert.ok(spread(levels('timeUniform').map(({ t }) => t)) < 1e-12, name)
      assert.ok(spread(levels('timeQuadratic').map(({ t }) => Math.sqrt(t))) < 1e-12, name)
    }
  })

  test('logSNR puts the inner evaluations of singlestep at r = 1/2 and 1/3, 2/3; the options move them in steps of the order asked for', () => {
    const shares = (changes: Partial<PlanRequest>): number[][] => makePlan(request({ method: 'singlestep', ...changes }), vpLinear).steps
      .map(({ from, to, stages }) => stages.slice(1).map(({ level }) => (level.lambda - from.lambda) / (to.lambda - from.lambda)))
    const near = (got: number[][], expected: number[][]): void => {
      assert.deepEqual(got.map((step) => step.length), expected.map((step) => step.length))
      got.flat().forEach((r, i) => { assert.ok(close(r, expected.flat()[i]!, 1e-12), `${r}`) })
    }
    near(shares({ order: 3, steps: 8 }), [[1 / 3, 2 / 3], [1 / 3, 2 / 3], [1 / 2]])
    near(shares({ order: 3, steps: 8, options: { r1: 0.2, r2: 0.7 } }), [[0.2, 0.7], [0.2, 0.7], [1 / 2]])
    near(shares({ order: 2, steps: 5, options: { r1: 0.3 } }), [[0.3], [0.3], []])
  })

  test('with other spacings the inner evaluations are points of the spacing’s own grid, one interval for each evaluation', () => {
    for (const method of ['singlestep', 'singlestepFixed'] as const) {
      const plan = makePlan(request({ method, order: 3, steps: 12, spacing: 'timeUniform', orderSplit: 'greedy' }), vpLinear)
      const times = [...plan.steps.flatMap(({ stages }) => stages.map(({ level }) => level.t)), vpLinear.tEnd]
      assert.ok(spread(times) < 1e-12)
    }
  })

  test('tEnd is where it is asked to be', () => {
    const plan = makePlan(request({ tEnd: 0.02 }), linear)
    assert.equal(plan.levels.at(-1)?.t, 0.02)
  })
})

describe('levels snapped to knots', () => {
  const knotsOf = (plan: Plan, own: NoiseSchedule, placedBy: NoiseSchedule): number[] => [...plan.steps.flatMap(({ stages }) => stages.map(({ level }) => level)), plan.steps.at(-1)!.to]
    .filter(({ sigma }) => sigma > 0).map((level) => own.label((own === placedBy ? level : own.levelAtLambda(level.lambda)).t))

  test('every evaluation, inner ones too, has a whole label, none twice, for any request with room for it', () => {
    const discrete = schedules.map(([, schedule]) => schedule).filter(({ knots }) => (knots ?? 0) > 200)
    fc.assert(fc.property(anyRequest, fc.constantFrom(...discrete), (asked, schedule) => {
      const plan = makePlan({ ...asked, snapToKnots: true }, schedule)
      assertSound(plan, asked, schedule)
      const labels = knotsOf(plan, schedule, schedule)
      for (const label of labels) assert.ok(Math.abs(label - Math.round(label)) < 1e-9)
      assert.equal(new Set(labels.map(Math.round)).size, labels.length)
    }), { numRuns: 500 })
  })

  test('where another schedule places the levels, they snap to the network’s knots', () => {
    const plan = makePlan(request({ method: 'singlestep', order: 3, steps: 20, snapToKnots: true }), vpLinear, linear)
    const labels = knotsOf(plan, linear, vpLinear)
    for (const label of labels) assert.ok(Math.abs(label - Math.round(label)) < 1e-6, `${label}`)
    for (const level of plan.levels) assert.ok(close(vpLinear.level(level.t).lambda, level.lambda, 1e-9))
  })

  test('levels that would share a knot are spread, and a note says so', () => {
    const plan = makePlan(request({ steps: 300, snapToKnots: true }), linear)
    assert.match(plan.notes.join(' '), /levels moved to a neighbouring one/)
    assert.deepEqual(makePlan(request({ steps: 10, snapToKnots: true }), linear).notes, [])
  })

  test('more evaluations than knots are refused, and the remedy is possible', () => {
    const small = scheduleOf(specs['given']!)
    assert.equal(small.knots, 7)
    for (const [finalSigma, possible] of [['sigmaMin', 6], ['zero', 7]] as const) {
      const refused = refusal(() => makePlan(request({ steps: 12, snapToKnots: true, finalSigma }), small))
      assert.deepEqual(refused.remedy, { title: `Use ${possible} Steps`, set: { 'solver.steps': possible } })
      assert.equal(makePlan(request({ steps: possible, snapToKnots: true, finalSigma }), small).evaluations, possible)
    }
  })

  test('where fewer evaluations do not help, no number of them is offered', () => {
    const few = scheduleOf({ kind: 'discrete', betas: [0.5, 0.9], trainSteps: 2, betaStart: 0, betaEnd: 0, lambdaMin: -5.1 })
    for (const changes of [{}, { method: 'singlestepFixed', order: 3 }, { method: 'singlestepFixed', order: 2, finalSigma: 'zero' }, { order: 1, tEnd: 0.99 }] satisfies Partial<PlanRequest>[]) {
      const refused = refusal(() => makePlan(request({ steps: 12, snapToKnots: true, ...changes }), few))
      assert.deepEqual([refused.reason, refused.remedy], ['modelUnsupported', { title: 'Select Model…', command: 'selectModel' }])
    }
  })
})

function refusal(make: () => unknown): DpmError {
  try {
    make()
  } catch (error) {
    assert.ok(error instanceof DpmError)
    return error
  }
  assert.fail('it was not refused')
}

describe('what no plan can be made of is refused at its field, and the remedy makes a plan', () => {
  const cases: [string, Partial<PlanRequest>, string][] = [
    ['multistep with fewer steps than its order', { steps: 1 }, 'solver.steps'],
    ['one step with a final σ of zero', { steps: 1, order: 1, finalSigma: 'zero' }, 'solver.steps'],
    ['one singlestep step with a final σ of zero', { steps: 1, order: 3, method: 'singlestep', finalSigma: 'zero' }, 'solver.steps'],
    ['singlestep-fixed with fewer steps than its order', { steps: 2, order: 3, method: 'singlestepFixed' }, 'solver.steps'],
    ['singlestep-fixed that the final step leaves too few evaluations', { steps: 3, order: 3, method: 'singlestepFixed', finalSigma: 'zero' }, 'solver.steps'],
    ['an order that no algorithm has', { order: 4 as 3 }, 'solver.order'],
    ['a method the algorithm does not have', { method: 'adaptive', algorithm: 'sde-dpmsolver' }, 'solver.method'],
    ['adaptive steps of order 1', { method: 'adaptive', order: 1 }, 'solver.order'],
    ['adaptive steps for a network that takes whole time steps', { method: 'adaptive', snapToKnots: true }, 'solver.method'],
    ['an option of another kind', { algorithm: 'unipc', options: { b: 'bh3' } }, 'solver.options.b'],
    ['no steps', { steps: 0 }, 'solver.steps'],
    ['a broken number of steps', { steps: 2.5 }, 'solver.steps'],
    ['an end beyond the start', { tEnd: 1 }, 'schedule.tEnd'],
    ['an end at 0', { tEnd: 0 }, 'schedule.tEnd'],
    ['an end below what a discrete schedule reaches', { tEnd: 1e-6 }, 'schedule.tEnd'],
    ['an unknown option', { options: { rho: 7 } }, 'solver.options.rho'],
    ['an inner evaluation outside the step', { method: 'singlestep', options: { r1: 1.5 } }, 'solver.options.r1'],
    ['inner evaluations in the wrong order', { method: 'singlestep', order: 3, options: { r1: 0.8, r2: 0.5 } }, 'solver.options.r1'],
    ['inner evaluations that rounding alone keeps apart', { method: 'singlestep', order: 3, options: { r1: 0.5, r2: 0.5 + 1e-12 } }, 'solver.options.r1'],
  ]
  for (const [what, changes, field] of cases) {
    test(what, () => {
      const refused = refusal(() => makePlan(request(changes), linear))
      assert.equal(refused.reason, 'recipeInvalid')
      assert.equal(refused.field, field)
      assert.ok(refused.message.length > 0 && refused.advice.length > 0)
      assert.ok(refused.remedy && 'set' in refused.remedy)
      const { set } = refused.remedy
      const mended = Object.fromEntries(Object.entries(set).map(([path, value]) => [path.split('.')[1]!, value]))
      makePlan(request({ ...changes, ...mended }), linear)
    })
  }

  test('the smallest plans that are possible are not refused', () => {
    for (const changes of [
      { steps: 1, order: 1 }, { steps: 2, order: 2 }, { steps: 2, order: 2, finalSigma: 'zero' }, { steps: 2, order: 1, finalSigma: 'zero' },
      { steps: 1, order: 3, method: 'singlestep' }, { steps: 2, order: 3, method: 'singlestep', finalSigma: 'zero' },
      { steps: 3, order: 3, method: 'singlestepFixed' }, { steps: 4, order: 3, method: 'singlestepFixed', finalSigma: 'zero' },
    ] satisfies Partial<PlanRequest>[]) assert.equal(makePlan(request(changes), linear).evaluations, changes.steps)
  })
})

test('options that the method does not use are named in a note, not silently ignored', () => {
  const notes = (changes: Partial<PlanRequest>): string => makePlan(request({ options: { r1: 0.4, r2: 0.8 }, ...changes }), linear).notes.join(' ')
  assert.match(notes({}), /r1 and r2 are not used/)
  assert.match(notes({ method: 'singlestep', order: 2 }), /r2 is not used/)
  assert.match(notes({ method: 'singlestep', order: 3, spacing: 'timeUniform' }), /r1 and r2 are not used: the spacing timeUniform/)
  assert.equal(notes({ method: 'singlestep', order: 3 }), '')
})
