import { quirks, type QuirkName } from './compat'
import { assertNever } from './errors'
import { deis, ipndm, lms } from './methods/adamsBashforth'
import { churned } from './methods/churn'
import { dpm2, euler, heun, heunInVelocity } from './methods/heun'
import { multistep, multistepStart } from './methods/multistep'
import { plms, plmsStart, pseudoRungeKutta } from './methods/pndm'
import { singlestep } from './methods/singlestep'
import { unipc, type Residuals } from './methods/unipc'
import { fixedOrders, multistepOrders, single, singlestepOrders, thirdOrderSlots, type Slot } from './orders'
import { churn, stochasticAlgorithms } from './stochastic'
import type { AdaptivePlan, Algorithm, Form, Method, MethodOptions, NoiseSchedule, PlanRequest, SamplingMethod, Variant } from './types'

/** What of a request decides the steps between two given levels. `steps` is only compared with lowerOrderBelow. */
export type StepsRequest = Omit<PlanRequest, 'finalSigma' | 'tEnd'>

/** One parameter of `solver.options`, as data: the check of a recipe and the panel's form are made from it. */
export type Option = { name: string; about: string } & (
  | { kind: 'number'; above?: number; atLeast?: number; atMost?: number; whole?: boolean; usual: number }
  | { kind: 'choice'; values: readonly string[]; usual: string | undefined }
  | { kind: 'boolean'; usual: boolean }
  | { kind: 'statistic' }
)

/** What a slot's method has to know of its neighbourhood. */
export interface SlotPlace { index: number; last: boolean; schedule: NoiseSchedule }

/** One algorithm: what it offers, how it divides the evaluations, and the method of each of its steps. */
export interface AlgorithmRow {
  /** The name people know it by. */
  title: string
  about: string
  stochastic: boolean
  form(options: MethodOptions, schedule: NoiseSchedule): Form
  /** The method can begin where there is no signal at all; else a first-order step leads away from there. */
  startsSilent?(schedule: NoiseSchedule): boolean
  /** The choices of `solver.order`, `method` and `variant`; a request's value is used where there are several, else the only one. */
  orders: readonly (1 | 2 | 3)[]
  methods: readonly SamplingMethod[]
  variants: readonly Variant[]
  /** All options of the algorithm; `uses` tells which of them count in a request. */
  options: readonly Option[]
  uses(request: StepsRequest): readonly string[]
  /**
   * How the evaluations are divided into steps.
   * @param evaluatesEnd a first-order step to σ = 0 follows: a predictor–corrector evaluates at the end of its last step, in place of that step
   */
  slots(request: StepsRequest, evaluations: number, evaluatesEnd: boolean): Slot[]
  /** Where the method is `adaptive`: what finds the steps while the run goes. */
  adaptive?(request: StepsRequest): Omit<AdaptivePlan, 'from' | 'to'>
  method(request: StepsRequest, slot: Slot, place: SlotPlace): Method
}

const r1: Option = { name: 'r1', kind: 'number', above: 0, atMost: 1, usual: 1 / 3, about: 'Where the first inner evaluation lies, as a share of the step in λ: usually 1/2 in order 2, 1/3 in order 3.' }
const r2: Option = { name: 'r2', kind: 'number', above: 0, atMost: 1, usual: 2 / 3, about: 'Where the second inner evaluation of order 3 lies, as a share of the step in λ.' }
const compat = (...names: QuirkName[]): Option => ({
  name: 'compat', kind: 'choice', values: names, usual: undefined,
  about: `Behave as other programs do where that is not what the mathematics asks for: ${names.map((name) => `${name} (${quirks[name].of})`).join(', ')}.`,
})

const eulerAtEnd: Option = { name: 'eulerAtEnd', kind: 'boolean', usual: false, about: 'Multistep that ends above σ = 0: its last step is of first order, however many there are.' }

const tolerances = (atol: number, rtol: number): Option[] => [
  { name: 'atol', kind: 'number', above: 0, usual: atol, about: 'Adaptive steps: the error of a step that is allowed whatever the size of the state.' },
  { name: 'rtol', kind: 'number', above: 0, atMost: 1, usual: rtol, about: 'Adaptive steps: the error of a step that is allowed as a share of the state.' },
]
const controllers: Option = {
  name: 'controller', kind: 'choice', values: ['pi', 'authors'], usual: 'pi',
  about: 'How adaptive steps grow and shrink: from this error and the one before, or from this one alone as the DPM-Solver authors’ code does.',
}

/** What adaptive runs have in common. */
function adaptivePart({ variant, options }: StepsRequest, atol: number, rtol: number): Omit<AdaptivePlan, 'from' | 'to' | 'pair' | 'variable'> {
  return {
    variant, atol: number(options, 'atol') ?? atol, rtol: number(options, 'rtol') ?? rtol, first: 0.05,
    controller: options['controller'] === 'authors' ? { kind: 'authors', theta: 0.9, singlePrecision: false } : { kind: 'pi', safety: 0.9 },
  }
}

const isFlow = ({ spec }: NoiseSchedule): boolean => spec.kind === 'flow'

const lowers = ({ steps, lowerOrderBelow }: StepsRequest): boolean => steps < lowerOrderBelow
const text = (options: MethodOptions, name: string): string | undefined => typeof options[name] === 'string' ? options[name] : undefined
const number = (options: MethodOptions, name: string): number | undefined => typeof options[name] === 'number' ? options[name] : undefined
const noOptions = (): string[] => []

/** DPM-Solver and DPM-Solver++: singlestep and multistep in one of the forms. */
function dpmSolver(form: Form, title: string, about: string): AlgorithmRow {
  return {
    title, about, stochastic: false, form: () => form,
    orders: [1, 2, 3], methods: ['multistep', 'singlestep', 'singlestepFixed', 'adaptive'], variants: ['midpoint', 'taylor'],
    options: [r1, r2, eulerAtEnd, ...tolerances(0.0078, 0.05), controllers, compat('peers3M')],
    adaptive: (request) => ({ ...adaptivePart(request, 0.0078, 0.05), pair: request.order === 2 ? 'dpm12' : 'dpm23', variable: 'lambda' }),
    uses({ method, order, spacing }) {
      if (method === 'adaptive') return ['atol', 'rtol', 'controller']
      if (method === 'multistep') return order === 1 ? [] : order === 2 ? ['eulerAtEnd'] : ['compat', 'eulerAtEnd']
      return spacing !== 'logSNR' ? [] : order === 1 ? [] : order === 2 ? ['r1'] : ['r1', 'r2']
    },
    slots(request, evaluations, evaluatesEnd) {
      const { method, order, orderSplit, spacing, options } = request
      const euler = options['eulerAtEnd'] === true && !evaluatesEnd
      const ended = (slots: Slot[]): Slot[] => slots.map((slot, i) => euler && i === slots.length - 1 && slot.evaluations === 1 ? single(1) : slot)
      const inner = (orders: readonly number[]): Slot[] => orders.map((own) => ({ order: own, evaluations: own, intervals: spacing === 'logSNR' ? 1 : own }))
      switch (method) {
        case 'multistep': return ended(order === 3 && options['compat'] !== 'peers3M'
          ? thirdOrderSlots(evaluations, lowers(request)) : multistepOrders(evaluations, order, lowers(request)).map(single))
        case 'singlestep': return inner(singlestepOrders(evaluations, order, orderSplit))
        case 'singlestepFixed': return inner(fixedOrders(evaluations, order))
        case 'adaptive': throw new RangeError('an adaptive run finds its steps while it runs')
        default: return assertNever(method)
      }
    },
    method({ method, order, variant, options }, slot) {
      if (method === 'multistep') return slot.evaluations === 1 ? withOptions(multistep(form, slot.order, variant), options) : multistepStart(form, slot.order)
      // The options are of the order asked for: a step that makes up the number of evaluations keeps its own r1.
      return withOptions(singlestep(form, slot.order, variant), slot.order === order ? options : {})
    },
  }
}

const withOptions = (method: Method, options: MethodOptions): Method => (at) => method(at, options)

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

const fourth: Option = { name: 'order', kind: 'number', whole: true, atLeast: 1, atMost: 4, usual: 4, about: 'Order of the formula, in place of solver.order: it goes up to 4.' }
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
export const algorithms: Readonly<Partial<Record<Algorithm, AlgorithmRow>>> = {
  'dpmsolver++': dpmSolver('data', 'DPM-Solver++', 'Works on the data prediction x̂₀. Stable with guidance; order 1 is DDIM.'),
  'dpmsolver': dpmSolver('noise', 'DPM-Solver', 'Works on the noise prediction ε̂. For unguided sampling in few steps; order 1 is DDIM.'),
  'unipc': {
    ...plain, title: 'UniPC', about: 'Predictor and corrector of one framework, one evaluation a step: a high order in few steps.', orders: [1, 2, 3],
    form: (options) => options['form'] === 'noise' ? 'noise' : 'data',
    options: [
      { name: 'b', kind: 'choice', values: ['bh1', 'bh2', 'vary'], usual: 'bh2', about: 'How residuals are weighed: by B(h) = h, by B(h) = e^h − 1, or exactly.' },
      { name: 'form', kind: 'choice', values: ['data', 'noise'], usual: 'data', about: 'The prediction it works on: x̂₀ or ε̂.' },
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
    ...plain, title: 'DEIS', about: 'Exponential integrator with a polynomial in λ through earlier noise predictions.', orders: [1, 2, 3],
    slots: (request, evaluations) => multistepOrders(evaluations, request.order, lowers(request)).map(single), method: (_, slot) => deis(slot.order),
  },
  'euler': { ...plain, title: 'Euler', about: 'Euler’s method in σ/α. The same numbers as DDIM.', orders: [1], slots: singles, ...churning(() => euler) },
  'heun': {
    ...plain, title: 'Heun', about: 'The mean of the slopes at both ends of a step: two evaluations a step.', orders: [2], methods: ['singlestep'],
    slots: pairs, ...churning((slot, { schedule }) => isFlow(schedule) ? slot.order === 1 ? singlestep('data', 1) : heunInVelocity : slot.order === 1 ? euler : heun),
    // Flow matching's own way: steps in σ with the slope ε − x₀, which is finite at α = 0.
    form: (_, schedule) => isFlow(schedule) ? 'data' : 'noise', startsSilent: isFlow,
  },
  'dpm2': {
    ...plain, title: 'DPM2', about: 'The slope in the middle of a step: two evaluations a step. The same numbers as DPM-Solver-2.', orders: [2], methods: ['singlestep'],
    slots: pairs, ...churning((slot) => slot.order === 1 ? euler : dpm2),
  },
  'lms': {
    ...plain, title: 'LMS', about: 'Adams–Bashforth in σ/α on the levels as they lie.', orders: [1, 2, 3], options: [fourth], uses: () => ['order'],
    slots: (request, evaluations) => multistepOrders(evaluations, highestOrder(request), false).map(single), method: (_, slot) => lms(slot.order),
  },
  'ipndm': {
    ...plain, title: 'iPNDM', about: 'Adams–Bashforth on equal steps, whatever the steps are, with DDIM’s step.', orders: [1, 2, 3], options: [fourth], uses: () => ['order'],
    slots: (request, evaluations) => multistepOrders(evaluations, highestOrder(request), false).map(single), method: (_, slot) => ipndm(slot.order),
  },
  'pndm': {
    ...plain, title: 'PNDM', about: 'Pseudo linear multistep method: Adams–Bashforth on equal steps with DDIM’s step.', orders: [2],
    options: [{ name: 'start', kind: 'choice', values: ['plms', 'rungeKutta'], usual: 'plms', about: 'How it begins: one step of two evaluations, or three of four.' }],
    uses: () => ['start'], slots: pndmSlots,
    method: ({ options }, slot) => slot.evaluations === 1 ? plms(slot.order) : options['start'] === 'rungeKutta' && slot.evaluations === 4 ? pseudoRungeKutta : plmsStart,
  },
  'rk45': {
    ...plain, title: 'RK45', about: 'The probability-flow ODE by Dormand and Prince’s method with steps of its own choice.', orders: [], methods: ['adaptive'],
    options: [
      ...tolerances(1e-5, 1e-5),
      { name: 'variable', kind: 'choice', values: ['t', 'lambda'], usual: 't', about: 'In what it steps: the schedule’s time, or λ.' },
    ],
    uses: () => ['atol', 'rtol', 'variable'],
    adaptive: (request) => ({
      ...adaptivePart(request, 1e-5, 1e-5), pair: 'rk45', controller: { kind: 'scipy' }, variable: request.options['variable'] === 'lambda' ? 'lambda' : 't',
    }),
    slots: () => { throw new RangeError('an adaptive run finds its steps while it runs') }, method: () => { throw new RangeError('an adaptive run finds its steps while it runs') },
  },
  ...stochasticAlgorithms,
}
