import type { Level, NoiseSchedule, Step, Term } from '../types'

/** An embedded pair with the first-same-as-last property: nodes c, weights a of the stages, weights b of the solution and e of the error estimate. */
interface Tableau { order: number; c: readonly number[]; a: readonly (readonly number[])[]; b: readonly number[]; e: readonly number[] }

export type RungeKuttaPair = 'rk45' | 'rk23'

/** Dormand and Prince 1980, order 5 with a fourth-order estimate; Bogacki and Shampine 1989, order 3 with a second-order one. */
const tableaus: Readonly<Record<RungeKuttaPair, Tableau>> = {
  rk45: {
    order: 5, c: [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1],
    a: [
      [], [1 / 5], [3 / 40, 9 / 40], [44 / 45, -56 / 15, 32 / 9], [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
      [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    ],
    b: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84], e: [-71 / 57600, 0, 71 / 16695, -71 / 1920, 17253 / 339200, -22 / 525, 1 / 40],
  },
  rk23: { order: 3, c: [0, 1 / 2, 3 / 4], a: [[], [1 / 2], [0, 3 / 4]], b: [2 / 9, 1 / 3, 4 / 9], e: [5 / 72, -1 / 12, -1 / 9, 1 / 8] },
}

export const orderOf = (pair: RungeKuttaPair): number => tableaus[pair].order

/**
 * In which variable the probability-flow ODE is integrated: the schedule's own time, dx/dt = f x + g²/(2σ) ε with f = d log α/dt, g² = −2σ² dλ/dt
 * (Song et al. 2021, arXiv 2011.13456, eq. 13), or λ: dx/dλ = (d log α/dλ) x − σ ε.
 */
export type Variable = 't' | 'lambda'

/** dx/d(variable) = state·x + noise·ε at a level. */
export interface Rate { state: number; noise: number }

export function rateAt(schedule: NoiseSchedule, { t, sigma }: Level, variable: Variable): Rate {
  const slope = schedule.slope(t)
  return variable === 't' ? { state: slope.logAlpha, noise: -sigma * slope.lambda } : { state: slope.logAlpha / slope.lambda, noise: -sigma }
}

/** What x is made of at a stage: a multiple of the state and of every output so far. */
interface Sum { state: number; outputs: number[] }

/**
 * One step of the pair, noise form. The output at `from` is the newest remembered one: the last stage lies at `to`, on the solution itself, and serves the next
 * step. `embedded` is the solution less its error estimate.
 */
export function rungeKuttaStep(pair: RungeKuttaPair, schedule: NoiseSchedule, from: Level, to: Level, variable: Variable): Step {
  const { order, c, a, b, e } = tableaus[pair]
  const h = to[variable] - from[variable]
  const levels = [...c.map((share) => share === 0 ? from : share === 1 ? to : variable === 't' ? schedule.level(from.t + share * h) : schedule.levelAtLambda(from.lambda + share * h)), to]
  const slopes: Sum[] = []

  /** x + h Σ w_j k_j */
  function along(weights: readonly number[], begin: Sum = { state: 1, outputs: [] }): Sum {
    return weights.reduce<Sum>((sum, weight, j) => ({
      state: sum.state + h * weight * slopes[j]!.state, outputs: slopes[j]!.outputs.map((output, i) => (sum.outputs[i] ?? 0) + h * weight * output).concat(sum.outputs.slice(slopes[j]!.outputs.length)),
    }), begin)
  }
  /** k_i = state·(the sum) + noise·(its own output). */
  function slope(i: number, x: Sum): void {
    const rate = rateAt(schedule, levels[i]!, variable)
    slopes.push({ state: rate.state * x.state, outputs: [...x.outputs.map((output) => rate.state * output), ...Array<number>(i - x.outputs.length).fill(0), rate.noise] })
  }
  const inputs: Sum[] = []
  c.forEach((_, i) => {
    inputs.push(along(a[i]!))
    slope(i, inputs[i]!)
  })
  const solution = along(b)
  inputs.push(solution)
  slope(c.length, solution)
  const error = along(e, { state: 0, outputs: [] })

  return {
    from, to, order, estimate: -1,
    stages: inputs.slice(1).map((input, k) => ({ level: levels[k + 1]!, input: terms(input) })),
    update: terms(solution),
    embedded: terms({ state: solution.state - error.state, outputs: error.outputs.map((output, i) => (solution.outputs[i] ?? 0) - output) }),
    error: terms(error),
    remember: [c.length - 1],
  }
}

/** Output 0 is the remembered one, output i + 1 that of stage i. */
const terms = ({ state, outputs }: Sum): Term[] => [
  { of: 'state', coefficient: state }, ...outputs.map((coefficient, i): Term => ({ of: i === 0 ? { past: 0 } : { stage: i - 1 }, coefficient })),
]
