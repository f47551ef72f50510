import { quirks, type QuirkName } from './compat'
import type { Slot } from './orders'
import { t } from './text'
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

/** Algorithms by their names in recipes: what a planner can plan. */
export type Rows = Readonly<Partial<Record<Algorithm, AlgorithmRow>>>

/** The option to behave as other programs do, by the names of their quirks. */
export const compat = (...names: QuirkName[]): Option => ({
  name: 'compat', kind: 'choice', values: names, usual: undefined,
  about: t('Behave as other programs do where that is not what the mathematics asks for: {0}.', names.map((name) => `${name} (${quirks[name].of})`).join(', ')),
})

export const tolerances = (atol: number, rtol: number): Option[] => [
  { name: 'atol', kind: 'number', above: 0, usual: atol, about: t('Adaptive steps: the error of a step that is allowed whatever the size of the state.') },
  { name: 'rtol', kind: 'number', above: 0, atMost: 1, usual: rtol, about: t('Adaptive steps: the error of a step that is allowed as a share of the state.') },
]

/** What adaptive runs have in common. */
export function adaptivePart({ variant, options }: StepsRequest, atol: number, rtol: number): Omit<AdaptivePlan, 'from' | 'to' | 'pair' | 'variable'> {
  return {
    variant, atol: number(options, 'atol') ?? atol, rtol: number(options, 'rtol') ?? rtol, first: 0.05,
    controller: options['controller'] === 'authors' ? { kind: 'authors', theta: 0.9, singlePrecision: false } : { kind: 'pi', safety: 0.9 },
  }
}

/** An option's value, where it is a number. */
export const number = (options: MethodOptions, name: string): number | undefined => typeof options[name] === 'number' ? options[name] : undefined

/** Few steps are to end in lower orders. */
export const lowers = ({ steps, lowerOrderBelow }: StepsRequest): boolean => steps < lowerOrderBelow

/** The method with its options given. */
export const withOptions = (method: Method, options: MethodOptions): Method => (at) => method(at, options)
