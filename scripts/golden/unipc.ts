import { makePlan } from '../../src/sampler/plan'
import type { MethodOptions } from '../../src/sampler/types'
import type { Compared } from './compare'
import { number, numbers, type Data } from './file'
import { modelOfCase, named, scheduleOfCase, spacingOf } from './official'
import { callsOf, solve } from './solve'

const residuals: Readonly<Record<string, MethodOptions>> = { bh1: { b: 'bh1' }, bh2: { b: 'bh2' }, vary_coeff: { compat: 'varyCoeff' } }
const forms: Readonly<Record<string, MethodOptions>> = { data_prediction: { form: 'data' }, noise_prediction: { form: 'noise' } }

/** Final states of the UniPC authors' code and, where a case has them, every state and evaluation. It lowers the order at the end of runs of any length. */
export async function unipc(golden: Data, header: Data): Promise<Compared[]> {
  const at = scheduleOfCase(golden, header)
  const { model, x } = modelOfCase(golden, header, at.schedule)
  const plan = makePlan({
    algorithm: 'unipc', order: number(golden, 'order') as 1 | 2 | 3, method: 'multistep', steps: number(golden, 'steps'), orderSplit: 'authors', lowerOrderBelow: Infinity,
    finalSigma: 'sigmaMin', variant: 'midpoint', options: { ...named(residuals, golden, 'variant'), ...named(forms, golden, 'algorithm_type') },
    spacing: spacingOf(golden), tEnd: at.t0,
  }, at.schedule)
  // A trace lists the first item only.
  const traced = 'intermediates' in golden
  const run = await solve(plan, x, model.network('epsilon'), at)
  const first = (values: ArrayLike<number>): number[] => Array.from(values).slice(0, model.size)
  return [
    { what: 'x', got: numbers(golden, 'x').length === model.size ? first(run.x) : run.x, expected: numbers(golden, 'x') },
    ...callsOf(golden, run),
    ...(traced ? [
      { what: 'intermediates', got: run.states.flatMap(first), expected: numbers(golden, 'intermediates') },
      { what: 'call_t', got: run.calls.map(({ level }) => level.t), expected: numbers(golden, 'call_t') },
      { what: 'call_x', got: run.calls.flatMap((call) => first(call.x)), expected: numbers(golden, 'call_x') },
    ] : []),
  ]
}
