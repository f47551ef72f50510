import type { PlanRequest } from '../../src/sampler/types'

/** A method, the order its paper claims, and the order to expect: another one has its reason. */
export interface OrderCase {
  name: string
  request: Partial<PlanRequest>
  claimed: number
  expected: number
  why?: string
  /** How much noise the SDE has whose limit without noise the method solves; 0: the probability-flow ODE. */
  eta: 0 | 1
  /** Evaluations of the runs the slope is taken from; `tolerances` instead where the run finds its steps by itself. */
  evaluations?: readonly number[]
  tolerances?: readonly number[]
  /** Steps of one width in the variable of an adaptive method, not those it would choose. */
  equalSteps?: readonly number[]
  /** The schedules it is measured on, not all: equal steps of t need a smooth schedule (a discrete one has a corner at every training step) whose time goes evenly. */
  on?: readonly string[]
}

const ode = (name: string, claimed: number, request: Partial<PlanRequest>, more: Partial<OrderCase> = {}): OrderCase => ({ name, request, claimed, expected: claimed, eta: 0, ...more })
const forms = [['DPM-Solver', 'dpmsolver'], ['DPM-Solver++', 'dpmsolver++']] as const

const lowStart = 'The first step is of first order: an error of O(h²), once.'

const dpmSolvers = forms.flatMap(([title, algorithm]): OrderCase[] => [
  ode(`${title}-1`, 1, { algorithm, order: 1 }),
  ...([2, 3] as const).flatMap((order) => (['midpoint', 'taylor'] as const).map((variant) => ode(`${title} ${order}S, ${variant}`, order, { algorithm, order, method: 'singlestepFixed', variant }))),
  ode(`${title} 3S, r1 = 1/4`, 3, { algorithm, order: 3, method: 'singlestepFixed', options: { r1: 0.25 } }),
  ode(`${title} fast, authors’ split`, 3, { algorithm, order: 3, method: 'singlestep' }, { expected: 2, why: 'The last two steps are of orders 2 and 1 and as wide as the others: an error of O(h²), once.' }),
  ode(`${title} fast, greedy split`, 3, { algorithm, order: 3, method: 'singlestep', orderSplit: 'greedy' }),
  ...(['midpoint', 'taylor'] as const).map((variant) => ode(`${title} 2M, ${variant}`, 2, { algorithm, order: 2, variant })),
  ode(`${title} 3M`, 3, { algorithm, order: 3 }),
  ode(`${title} 3M (compat peers3M)`, 3, { algorithm, order: 3, options: { compat: 'peers3M' } }, { expected: 2, why: 'The second difference lacks a factor 2 against its weight.' }),
  ode(`${title}-12, adaptive`, 2, { algorithm, order: 2, method: 'adaptive' }, { tolerances: [1e-3, 1e-4, 1e-5, 1e-6, 1e-7] }),
  ode(`${title}-23, adaptive`, 3, { algorithm, order: 3, method: 'adaptive' }, { tolerances: [1e-5, 1e-6, 1e-7, 1e-8, 1e-9] }),
])

const unipcs = ([1, 2, 3] as const).flatMap((order) => (['noise', 'data'] as const).flatMap((form): OrderCase[] => [
  ...['bh1', 'bh2', 'vary'].map((b) => ode(`UniPC-${order} ${b}, ${form}`, order + 1, { algorithm: 'unipc', order, options: { b, form } }, order === 3
    ? { expected: 3, why: 'The first step is of order 1, corrected to 2: an error of O(h³), once.' } : {})),
  ode(`UniPC-${order} bh2, ${form}, lower order at the end`, order + 1, { algorithm: 'unipc', order, options: { b: 'bh2', form }, lowerOrderBelow: 10_000 }, order === 1
    ? {} : { expected: 2, why: 'The last step is of first order and not corrected: an error of O(h²), once.' }),
  ode(`UniPC-${order} (compat varyCoeff), ${form}`, order + 1, { algorithm: 'unipc', order, options: { form, compat: 'varyCoeff' } }, order === 1
    ? {} : { expected: 1, why: 'The corrector weighs its newest residual with a coefficient left over from a loop.' }),
]))

const others: OrderCase[] = [
  ode('DDIM', 1, { algorithm: 'ddim' }), ode('Euler', 1, { algorithm: 'euler' }), ode('Heun', 2, { algorithm: 'heun' }), ode('DPM2', 2, { algorithm: 'dpm2' }),
  ...([1, 2, 3] as const).map((order) => ode(`DEIS-${order}`, order, { algorithm: 'deis', order }, order === 3 ? { expected: 2, why: lowStart } : {})),
  ...[1, 2, 3, 4].map((order) => ode(`LMS-${order}`, order, { algorithm: 'lms', options: { order } }, order > 2 ? { expected: 2, why: lowStart } : {})),
  ...[1, 2, 3, 4].map((order) => ode(`iPNDM-${order}`, order, { algorithm: 'ipndm', options: { order } }, order > 2
    ? { expected: 2, why: 'Its coefficients are for steps that are equal in σ/α, which these are not: an error of O(h³) in every step.' } : {})),
  ode('PNDM', 2, { algorithm: 'pndm' }), ode('PNDM, Runge–Kutta start', 2, { algorithm: 'pndm', options: { start: 'rungeKutta' } }),
  // Steps of one width: those it chooses by itself make too rough a line.
  ode('RK45 in t', 5, { algorithm: 'rk45' }, { equalSteps: [96, 128, 192], on: ['vpLinear', 'vpCosine', 'flow'] }),
  ode('RK45 in λ', 5, { algorithm: 'rk45', options: { variable: 'lambda' } }, { equalSteps: [48, 64, 96, 128] }),
]

/** Without noise, against the exact solution of the SDE's drift. */
const sde = (name: string, claimed: number, request: Partial<PlanRequest>, more: Partial<OrderCase> = {}): OrderCase => (
  { name, claimed, expected: claimed, eta: 1, ...more, request: { ...request, options: { ...request.options, sNoise: 0 } } }
)
const goesTooFar = 'Going beyond a level and back by noise solves the reverse SDE to first order only, whatever the ODE step inside.'

const stochastic: OrderCase[] = [
  ...([['SDE-DPM-Solver', 'sde-dpmsolver'], ['SDE-DPM-Solver++', 'sde-dpmsolver++']] as const).flatMap(([title, algorithm]): OrderCase[] => [
    ...([1, 2, 3] as const).map((order) => sde(`${title} ${order}M`, order, { algorithm, order })),
    ...([2, 3] as const).map((order) => sde(`${title} ${order}S`, order, { algorithm, order, method: 'singlestepFixed' })),
  ]),
  sde('SDE-DPM-Solver++ 3M (compat peersSde3)', 3, { algorithm: 'sde-dpmsolver++', order: 3, options: { compat: 'peersSde3' } }, {
    expected: 1, why: 'The ½ in the weight of the second difference has the wrong sign.', evaluations: [192, 384, 768],
  }),
  sde('DDPM', 1, { algorithm: 'ddpm' }), sde('DDIM, η = 1', 1, { algorithm: 'ddim', options: { eta: 1 } }), sde('Euler–Maruyama', 1, { algorithm: 'eulerMaruyama' }), sde('Euler ancestral', 1, { algorithm: 'eulerAncestral' }),
  sde('DPM2 ancestral', 2, { algorithm: 'dpm2Ancestral' }, { expected: 1, why: goesTooFar }),
  sde('DPM-Solver++ (2S) ancestral', 2, { algorithm: 'dpmpp2sAncestral' }, { expected: 1, why: goesTooFar }),
  sde('DPM-Solver++ (SDE)', 2, { algorithm: 'dpmppSde' }),
]

export const cases: readonly OrderCase[] = [...dpmSolvers, ...unipcs, ...others, ...stochastic]
