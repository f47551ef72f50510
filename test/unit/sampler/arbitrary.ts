import fc from 'fast-check'
import { algorithms } from '../../../src/sampler/algorithms'
import { DpmError } from '../../../src/sampler/errors'
import { makePlan } from '../../../src/sampler/plan'
import type { AlgorithmRow, Option } from '../../../src/sampler/row'
import type { Algorithm, NoiseSchedule, Plan, PlanRequest, Spacing } from '../../../src/sampler/types'
import { otherSchedules, schedules } from './bench'

export const names = Object.keys(algorithms) as Algorithm[]
export const rowOf = (name: Algorithm): AlgorithmRow => algorithms[name]
const allSchedules = [...schedules, ...otherSchedules]
const spacings: Spacing[] = ['logSNR', 'timeUniform', 'timeQuadratic', 'timePower', 'karras', 'exponential', 'polyexponential', 'beta', 'leading', 'trailing', 'linspace', 'ays']

/** Any value an option may have. */
function valueOf(option: Option): fc.Arbitrary<unknown> {
  switch (option.kind) {
    case 'choice': return fc.constantFrom(...option.values)
    case 'boolean': return fc.boolean()
    case 'statistic': return fc.constant({ lambda: [-5, 0, 5], meanSquare: [1, 0.5, 0.1] })
    case 'number': {
      const low = Math.max(option.atLeast ?? -Infinity, option.above === undefined ? -Infinity : option.above + 1e-3)
      const [min, max] = [low === -Infinity ? 0 : low, option.atMost ?? Math.max(2, 2 * option.usual)]
      return option.whole ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true })
    }
  }
}

/** Any request an algorithm's row allows, its options all, some or none. */
export const anyOf = (name: Algorithm): fc.Arbitrary<PlanRequest> => {
  const { orders, methods, variants, options } = rowOf(name)
  const given = fc.record(Object.fromEntries(options.map((option) => [option.name, valueOf(option)])), { requiredKeys: name === 'analyticDpm' ? ['statistic'] : [] })
  return fc.record({
    algorithm: fc.constant(name), order: fc.constantFrom(...(orders.length > 0 ? orders : [2 as const])), method: fc.constantFrom(...methods), variant: fc.constantFrom(...variants),
    steps: fc.integer({ min: 1, max: 40 }), orderSplit: fc.constantFrom('authors', 'greedy'), lowerOrderBelow: fc.nat(30), finalSigma: fc.constantFrom('zero', 'sigmaMin', 'denoise'),
    spacing: fc.constantFrom(...spacings), tEnd: fc.constant('auto' as const), options: given,
  })
}
export const anySchedule: fc.Arbitrary<NoiseSchedule> = fc.constantFrom(...allSchedules.map(([, schedule]) => schedule))

/** The plan, or nothing where it is refused: each refusal is tested by its own name. */
export function planOf(asked: PlanRequest, schedule: NoiseSchedule, make = makePlan): Plan | undefined {
  try {
    return make(asked, schedule)
  } catch (error) {
    if (error instanceof DpmError) return undefined
    throw error
  }
}
