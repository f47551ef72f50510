import { dpmSolvers } from './dpmSolvers'
import { DpmError } from './errors'
import { deis, ipndm, lms } from './methods/adamsBashforth'
import { churned } from './methods/churn'
import { dpm2, euler, heun, heunInVelocity } from './methods/heun'
import { plms, plmsStart, pseudoRungeKutta } from './methods/pndm'
import { singlestep } from './methods/singlestep'
import { unipc, type Residuals } from './methods/unipc'
import { multistepOrders, single, singlestepOrders, type Slot } from './orders'
import { adaptivePart, compat, lowers, number, tolerances, withOptions, type AlgorithmRow, type Option, type SlotPlace, type StepsRequest } from './row'
import { churn, stochasticAlgorithms } from './stochastic'
import { t } from './text'
import type { Algorithm, Form, Method, MethodOptions, NoiseSchedule } from './types'

const isFlow = ({ spec }: NoiseSchedule): boolean => spec.kind === 'flow'

const text = (options: MethodOptions, name: string): string | undefined => typeof options[name] === 'string' ? options[name] : undefined
const noOptions = (): string[] => []

/** What algorithms have in common that know one order and one method and have no options. */
const plain = {
  stochastic: false, form: (): Form => 'noise', methods: ['multistep'], variants: ['midpoint'], options: [], uses: noOptions,
} satisfies Partial<AlgorithmRow>

const singles = (_: StepsRequest, evaluations: number): Slot[] => Array.from({ length: evaluations }, () => single(1))
/** Steps of two evaluations on one interval, and one of one evaluation if their number is odd. */
const pairs = (_: StepsRequest, evaluations: number): Slot[] => singlestepOrders(evaluations, 2, 'greedy').map((order) => ({ order, evaluations: order, intervals: 1 }))

/** Methods that noise can lift before every step. */
const churning = (method: (slot: Slot, place: SlotPlace) => Method): Pick<AlgorithmRow, 'options' | 'uses' | 'method'> => ({
  options: churn, uses: () => churn.map(({ name }) => name), method: ({ options }, slot, place) => withOptions(churned(method(slot, place)), options),
})

const fourth: Option = { name: 'order', kind: 'number', whole: true, atLeast: 1, atMost: 4, usual: 4, about: t('Order of the formula, in place of solver.order: it goes up to 4.') }
const highestOrder = ({ order, options }: StepsRequest): number => number(options, 'order') ?? order

const residualsOf = (options: MethodOptions): Residuals => {
  const b = text(options, 'b')
  return options['compat'] === 'varyCoeff' ? 'varyCompat' : b === 'bh1' || b === 'vary' ? b : 'bh2'
}

/** PLMS spends two evaluations on its first step; with a Runge–Kutta start the first three steps spend four. */
function pndmSlots({ options }: StepsRequest, evaluations: number): Slot[] {
  if (evaluations === 1) return [single(1)]
  const start = options['start'] === 'rungeKutta' ? Math.min(3, Math.floor(evaluations / 4)) : 0
  if (start > 0) {
    const rest = evaluations - 4 * start
    return [...Array.from({ length: start }, () => ({ order: 2, evaluations: 4, intervals: 1 })), ...Array.from({ length: rest }, (_, i) => single(Math.min(4, start + i + 1)))]
  }
  return [{ order: 2, evaluations: 2, intervals: 1 }, ...Array.from({ length: evaluations - 2 }, (_, i) => single(Math.min(4, i + 2)))]
}

/** Every algorithm that can be run, by its name in recipes: plans, order tests and forms are made from these rows. */
export const algorithms: Readonly<Record<Algorithm, AlgorithmRow>> = {
  ...dpmSolvers,
  'unipc': {
    ...plain, title: 'UniPC', about: t('Predictor and corrector of one framework, one evaluation a step: a high order in few steps.'), orders: [1, 2, 3],
    form: (options) => options['form'] === 'noise' ? 'noise' : 'data',
    options: [
      { name: 'b', kind: 'choice', values: ['bh1', 'bh2', 'vary'], usual: 'bh2', about: t('How residuals are weighed: by B(h) = h, by B(h) = e^h − 1, or exactly.') },
      { name: 'form', kind: 'choice', values: ['data', 'noise'], usual: 'data', about: t('The prediction it works on: x̂₀ or ε̂.') },
      compat('varyCoeff'),
    ],
    uses: () => ['b', 'form', 'compat'],
    slots: (request, evaluations, evaluatesEnd) => multistepOrders(evaluations, request.order, lowers(request)).map((order, i, all) => ({
      order, intervals: 1, evaluations: (i === 0 ? 1 : 0) + (i < all.length - 1 || evaluatesEnd ? 1 : 0),
    })),
    method: ({ options }, slot, { index }) => {
      const form = options['form'] === 'noise' ? 'noise' : 'data'
      return unipc(form, slot.order, residualsOf(options), slot.evaluations > (index === 0 ? 1 : 0))
    },
  },
  'deis': {
    ...plain, title: 'DEIS', about: t('Exponential integrator with a polynomial in λ through earlier noise predictions.'), orders: [1, 2, 3],
    slots: (request, evaluations) => multistepOrders(evaluations, request.order, lowers(request)).map(single), method: (_, slot) => deis(slot.order),
  },
  'euler': { ...plain, title: 'Euler', about: t('Euler’s method in σ/α. The same numbers as DDIM.'), orders: [1], slots: singles, ...churning(() => euler) },
  'heun': {
    ...plain, title: 'Heun', about: t('The mean of the slopes at both ends of a step: two evaluations a step.'), orders: [2], methods: ['singlestep'],
    slots: pairs, ...churning((slot, { schedule }) => isFlow(schedule) ? slot.order === 1 ? singlestep('data', 1) : heunInVelocity : slot.order === 1 ? euler : heun),
    // Flow matching's own way: steps in σ with the slope ε − x₀, which is finite at α = 0.
    form: (_, schedule) => isFlow(schedule) ? 'data' : 'noise', startsSilent: isFlow,
  },
  'dpm2': {
    ...plain, title: 'DPM2', about: t('The slope in the middle of a step: two evaluations a step. The same numbers as DPM-Solver-2.'), orders: [2], methods: ['singlestep'],
    slots: pairs, ...churning((slot) => slot.order === 1 ? euler : dpm2),
  },
  'lms': {
    ...plain, title: 'LMS', about: t('Adams–Bashforth in σ/α on the levels as they lie.'), orders: [1, 2, 3], options: [fourth], uses: () => ['order'],
    slots: (request, evaluations) => multistepOrders(evaluations, highestOrder(request), false).map(single), method: (_, slot) => lms(slot.order),
  },
  'ipndm': {
    ...plain, title: 'iPNDM', about: t('Adams–Bashforth on equal steps, whatever the steps are, with DDIM’s step.'), orders: [1, 2, 3], options: [fourth], uses: () => ['order'],
    slots: (request, evaluations) => multistepOrders(evaluations, highestOrder(request), false).map(single), method: (_, slot) => ipndm(slot.order),
  },
  'pndm': {
    ...plain, title: 'PNDM', about: t('Pseudo linear multistep method: Adams–Bashforth on equal steps with DDIM’s step.'), orders: [2],
    options: [{ name: 'start', kind: 'choice', values: ['plms', 'rungeKutta'], usual: 'plms', about: t('How it begins: one step of two evaluations, or three of four.') }],
    uses: () => ['start'], slots: pndmSlots,
    method: ({ options }, slot) => slot.evaluations === 1 ? plms(slot.order) : options['start'] === 'rungeKutta' && slot.evaluations === 4 ? pseudoRungeKutta : plmsStart,
  },
  'rk45': {
    ...plain, title: 'RK45', about: t('The probability-flow ODE by Dormand and Prince’s method with steps of its own choice.'), orders: [], methods: ['adaptive'],
    options: [
      ...tolerances(1e-5, 1e-5),
      { name: 'variable', kind: 'choice', values: ['t', 'lambda'], usual: 't', about: t('In what it steps: the schedule’s time, or λ.') },
    ],
    uses: () => ['atol', 'rtol', 'variable'],
    adaptive: (request) => ({
      ...adaptivePart(request, 1e-5, 1e-5), pair: 'rk45', controller: { kind: 'scipy' }, variable: request.options['variable'] === 'lambda' ? 'lambda' : 't',
    }),
    slots: () => { throw new RangeError('an adaptive run finds its steps while it runs') }, method: () => { throw new RangeError('an adaptive run finds its steps while it runs') },
  },
  ...stochasticAlgorithms,
}

/** Names of the options that some algorithm has. */
export const optionNames: readonly string[] = [...new Set(Object.values(algorithms).flatMap(({ options }) => options.map(({ name }) => name)))]

/** @throws DpmError recipeInvalid where there is no such algorithm */
export function rowOf(algorithm: Algorithm): AlgorithmRow {
  if (Object.hasOwn(algorithms, algorithm)) return algorithms[algorithm]
  throw new DpmError({ reason: 'recipeInvalid', field: 'solver.algorithm', message: t('There is no algorithm {0}.', algorithm), advice: t('Choose another algorithm.'), remedy: { title: t('Use DPM-Solver++'), set: { 'solver.algorithm': 'dpmsolver++' } } })
}
