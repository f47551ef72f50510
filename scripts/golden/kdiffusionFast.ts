import { ancestralSplit } from '../../src/sampler/methods/ancestral'
import { singlestep } from '../../src/sampler/methods/singlestep'
import { singlestepOrders } from '../../src/sampler/orders'
import { sample } from '../../src/sampler/sample'
import type { FloatArray, Level, Step } from '../../src/sampler/types'
import { kdiffusionAdaptive } from './adaptive'
import type { Compared } from './compare'
import { explicitNoise } from './explicitNoise'
import { number, numbers, optionalNumber, text, type Data } from './file'
import { veLevel } from './kdiffusion'
import type { Unsupported } from './kinds'
import { modelOfCase } from './official'
import { torchLinspace } from './torch'

/** The peer's time is −log σ, our λ where α = 1. */
const levelAt = (lambda: number): Level => veLevel(Math.exp(-lambda))

/** DPM-Solver-fast and -adaptive. */
export async function kdiffusionFastAdaptive(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  switch (text(golden, 'fn')) {
    case 'sample_dpm_fast': return fast(golden, header)
    case 'sample_dpm_adaptive': return kdiffusionAdaptive(golden, header)
    default: return { unsupported: text(golden, 'fn') }
  }
}

/** With eta every step goes beyond its level, to less noise, and new noise lifts the state back. */
async function fast(golden: Data, header: Data): Promise<Compared[]> {
  const [start, end] = [-Math.log(number(golden, 'sigma_max')), -Math.log(number(golden, 'sigma_min'))]
  const eta = optionalNumber(golden, 'eta') ?? 0
  const orders = singlestepOrders(number(golden, 'n'), 3, 'authors')
  // The root of a difference of σ² that should be 0 shows every last bit: the grid has to end where the peer's does.
  const levels = torchLinspace(start, end, orders.length + 1).map(levelAt)
  const steps = orders.map((order, index): Step => {
    const [from, to] = [levels[index]!, levels[index + 1]!]
    const down = levelAt(Math.min(end, -Math.log(ancestralSplit(from, to, eta).down)))
    const step = singlestep('noise', order)({ from, to: down, index, count: orders.length, past: [], levelAtLambda: levelAt }, {})
    const up = Math.sqrt(Math.max(0, to.sigma ** 2 - down.sigma ** 2))
    return { ...step, to, update: eta === 0 ? step.update : [...step.update, { of: { draw: index + 1 }, coefficient: up }] }
  })
  const { model, x } = modelOfCase(golden, header)
  const network = model.network('sample')
  const calls: number[] = []
  let end_: FloatArray = x
  const run = sample({
    plan: { form: 'noise', steps }, prediction: 'sample', x: x.map((value) => value * levels[0]!.sigma), label: ({ sigma }) => sigma,
    ...(eta === 0 ? {} : { noise: explicitNoise(golden) }),
    evaluate: (state, point) => {
      calls.push(point.level.sigma)
      return network(state, point)
    },
  })
  for await (const row of run) end_ = row.x
  return [
    { what: 'x', got: end_, expected: numbers(golden, 'x') },
    { what: 'calls', got: [calls.length], expected: [number(golden, 'calls')], exact: true },
    // Only the first evaluations are listed.
    { what: 'call_sigma', got: calls.slice(0, numbers(golden, 'call_sigma').length), expected: numbers(golden, 'call_sigma') },
  ]
}
