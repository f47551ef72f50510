import type { Level, Method, MethodContext, Stage, Step, Term } from '../types'
import { ipndm } from './adamsBashforth'
import { propagator } from './propagator'

// Of the options it reads how to begin: `plms` is one step with two evaluations, `rungeKutta` three steps with four each.

const term = (of: Term['of'], coefficient: number): Term => ({ of, coefficient })
/** The transfer part φ of the paper (eq. 11), which is DDIM's step, from `from` to a level with a mixture of outputs as ε. */
function transfer(from: Level, to: Level, mixture: readonly (readonly [of: Term['of'], weight: number])[]): Term[] {
  const p = propagator('noise', from, to)
  return [term('state', p.state), ...mixture.map(([of, weight]) => term(of, p.phi1 * weight))]
}
const table = ({ from, to }: MethodContext, order: number, stages: Stage[], update: Term[]): Step => ({ from, to, order, stages, update, remember: [0], estimate: 0 })
const atStart = ({ from }: MethodContext): Stage => ({ level: from, input: [term('state', 1)] })

/**
 * PNDM (Liu et al. 2022, arXiv 2202.09778): the pseudo linear multistep method, whose gradient part is Adams–Bashforth on equal steps (eq. 12) of order 4, lower
 * while the history is short, and whose transfer part is DDIM's step.
 */
export const plms = ipndm

/** The first step of PLMS: the mean of the outputs at both ends, the second at DDIM's end point (the pseudo improved Euler method, appendix). */
export const plmsStart: Method = (at) => table(at, 2, [atStart(at), { level: at.to, input: transfer(at.from, at.to, [[{ stage: 0 }, 1]]) }],
  transfer(at.from, at.to, [[{ stage: 0 }, 1 / 2], [{ stage: 1 }, 1 / 2]]))

/** The pseudo Runge–Kutta method (eq. 13), with the inner level where it is placed, else in the middle in λ: three such steps begin PNDM. */
export const pseudoRungeKutta: Method = (at) => {
  const { from, to, inner } = at
  const middle = inner?.[0] ?? at.levelAtLambda((from.lambda + to.lambda) / 2)
  return table(at, 2, [
    atStart(at),
    { level: middle, input: transfer(from, middle, [[{ stage: 0 }, 1]]) },
    { level: middle, input: transfer(from, middle, [[{ stage: 1 }, 1]]) },
    { level: to, input: transfer(from, to, [[{ stage: 2 }, 1]]) },
  ], transfer(from, to, [[{ stage: 0 }, 1 / 6], [{ stage: 1 }, 1 / 3], [{ stage: 2 }, 1 / 3], [{ stage: 3 }, 1 / 6]]))
}
