import { quirks } from './compat'
import { dpm2Ancestral, dpmpp2sAncestral, dpmppSde, eulerAncestral, eulerAncestralSlope } from './methods/ancestral'
import { analyticDpm } from './methods/analyticDpm'
import { ddim, ddpm } from './methods/ddim'
import { eulerMaruyama, reverseDiffusion } from './methods/eulerMaruyama'
import { sdeMultistep, sdeMultistepStart, sdeSinglestep } from './methods/sdeDpmSolver'
import { fixedOrders, multistepOrders, single, singlestepOrders, thirdOrderSlots, type Slot } from './orders'
import type { AlgorithmRow, Option, Rows, StepsRequest } from './row'
import { t } from './text'
import type { Form, Method, MethodOptions } from './types'

const eta = (usual: number, about: string): Option => ({ name: 'eta', kind: 'number', atLeast: 0, atMost: 10, usual, about })
const sNoise: Option = { name: 'sNoise', kind: 'number', atLeast: 0, atMost: 10, usual: 1, about: t('A factor on the noise alone; a little above 1 makes up for what a network smooths away.') }

/** Of methods of the ODE that can lift the state by noise before a step (Karras et al. 2022, Algorithm 2). */
export const churn: readonly Option[] = [
  { name: 'sChurn', kind: 'number', atLeast: 0, usual: 0, about: t('How much noise lifts the state before every step; 0: the method is deterministic.') },
  { name: 'sTmin', kind: 'number', atLeast: 0, usual: 0, about: t('The smallest σ/α at which noise lifts the state.') },
  { name: 'sTmax', kind: 'number', atLeast: 0, usual: 1000, about: t('The largest σ/α at which noise lifts the state.') },
  sNoise,
]

const withOptions = (method: Method, { options }: StepsRequest): Method => (at) => method(at, options)
const singles = (_: StepsRequest, evaluations: number): Slot[] => Array.from({ length: evaluations }, () => single(1))
const pairs = (_: StepsRequest, evaluations: number): Slot[] => singlestepOrders(evaluations, 2, 'greedy').map((order) => ({ order, evaluations: order, intervals: 1 }))

/** What most of them have in common: one order, one method, all their options always in use. */
function row(about: Pick<AlgorithmRow, 'title' | 'about' | 'options' | 'method'> & { form: Form; stochastic?: boolean; two?: boolean }): AlgorithmRow {
  const { form, two = false, stochastic = true, ...rest } = about
  return {
    ...rest, stochastic, form: () => form, orders: [two ? 2 : 1], methods: [two ? 'singlestep' : 'multistep'], variants: ['midpoint'], uses: () => rest.options.map(({ name }) => name),
    slots: two ? pairs : singles,
  }
}

/** SDE-DPM-Solver and SDE-DPM-Solver++: multistep and singlestep. */
function sdeDpmSolver(form: Form, title: string, about: string): AlgorithmRow {
  const shares = ['r1', 'r2'].map((name, k): Option => ({ name, kind: 'number', above: 0, atMost: 1, usual: (k + 1) / 3, about: t('Where an inner evaluation of singlestep lies, as a share of the step in λ.') }))
  const compat: Option = {
    name: 'compat', kind: 'choice', values: ['peers3M', 'peersSde3'], usual: undefined,
    about: t('Behave as other programs do where that is not what the mathematics asks for: peers3M ({0}), peersSde3 ({1}).', quirks.peers3M.of, quirks.peersSde3.of),
  }
  return {
    title, about, stochastic: true, form: () => form, orders: [1, 2, 3], methods: ['multistep', 'singlestep', 'singlestepFixed'], variants: ['midpoint', 'taylor'],
    options: [eta(1, t('How much of the reverse SDE’s noise; 0 is the method for the ODE.')), sNoise, ...shares, compat],
    uses({ method, order, spacing }) {
      const inner = method === 'multistep' || spacing !== 'logSNR' ? [] : ['r1', 'r2'].slice(0, order - 1)
      return ['eta', 'sNoise', ...inner, ...(order === 3 ? ['compat'] : [])]
    },
    slots({ method, order, orderSplit, spacing, steps, lowerOrderBelow, options }, evaluations) {
      const lower = steps < lowerOrderBelow
      if (method === 'multistep') return order === 3 && options['compat'] === undefined ? thirdOrderSlots(evaluations, lower) : multistepOrders(evaluations, order, lower).map(single)
      const orders = method === 'singlestepFixed' ? fixedOrders(evaluations, order) : singlestepOrders(evaluations, order, orderSplit)
      return orders.map((own) => ({ order: own, evaluations: own, intervals: spacing === 'logSNR' ? 1 : own }))
    },
    method(request, slot) {
      if (request.method === 'multistep') return withOptions(slot.evaluations === 1 ? sdeMultistep(form, slot.order, request.variant) : sdeMultistepStart(form, slot.order), request)
      // r1 and r2 are of the order asked for: a step that makes up the number of evaluations keeps its own.
      const others = Object.fromEntries(Object.entries(request.options).filter(([name]) => name !== 'r1' && name !== 'r2'))
      return withOptions(sdeSinglestep(form, slot.order, request.variant), slot.order === request.order ? request : { ...request, options: others })
    },
  }
}

const isReverseDiffusion = (options: MethodOptions): boolean => options['rule'] === 'reverseDiffusion'

/** The stochastic algorithms, by their names in recipes. */
export const stochasticAlgorithms = {
  'sde-dpmsolver++': sdeDpmSolver('data', 'SDE-DPM-Solver++', t('Solves the reverse SDE on the data prediction x̂₀: noise is renewed on the way. Orders 1 to 3.')),
  'sde-dpmsolver': sdeDpmSolver('noise', 'SDE-DPM-Solver', t('Solves the reverse SDE on the noise prediction ε̂.')),
  'ddim': row({
    title: 'DDIM', about: t('First order; what the other methods are measured against. With η above 0 it renews noise, with η = 1 it is DDPM.'), form: 'data', stochastic: false,
    options: [eta(0, t('0: deterministic, 1: as much noise as DDPM.')), sNoise, { name: 'epsilon', kind: 'choice', values: ['corrected', 'raw'], usual: 'corrected', about: t('Where x̂₀ is clipped: the ε that belongs to it, or the network’s own.') }],
    method: (request) => withOptions(ddim, request),
  }),
  'ddpm': row({
    title: 'DDPM', about: t('The ancestral sampler of DDPM, for steps of any width.'), form: 'data',
    options: [{ name: 'variance', kind: 'choice', values: ['small', 'large', 'learned'], usual: 'small', about: t('The variance of the noise: β̃, β, or what the network predicts between them.') }, sNoise],
    method: (request) => withOptions(ddpm, request),
  }),
  'analyticDpm': row({
    title: 'Analytic-DPM', about: t('DDPM (or DDIM) with the variance that is optimal for the network, from a statistic of it.'), form: 'data',
    options: [
      eta(1, t('1: DDPM’s mean, 0: DDIM’s.')), sNoise, { name: 'statistic', kind: 'statistic', about: t('E|ε̂|²/D of the network at some levels, estimated from its own data.') },
      { name: 'dataVariance', kind: 'number', atLeast: 0, usual: 1, about: t('The largest variance of x₀ to believe in: 1 for data in [−1, 1].') },
    ],
    method: (request) => withOptions(analyticDpm, request),
  }),
  'eulerMaruyama': row({
    title: 'Euler–Maruyama', about: t('The reverse SDE by its simplest scheme, in the schedule’s own time. Needs many steps.'), form: 'noise',
    options: [
      eta(1, t('1: the reverse SDE, 0: the probability-flow ODE by Euler’s method.')), sNoise,
      { name: 'rule', kind: 'choice', values: ['eulerMaruyama', 'reverseDiffusion'], usual: 'eulerMaruyama', about: t('Euler–Maruyama, or the forward chain’s own step run backwards.') },
    ],
    method: (request) => withOptions(isReverseDiffusion(request.options) ? reverseDiffusion : eulerMaruyama, request),
  }),
  'eulerAncestral': row({
    title: 'Euler ancestral', about: t('Euler’s method a little too far down, and noise that makes up for it.'), form: 'data', options: [eta(1, t('How much noise is renewed.')), sNoise],
    method: (request) => withOptions(eulerAncestral, request),
  }),
  'dpm2Ancestral': row({
    title: 'DPM2 ancestral', about: t('DPM2 a little too far down, and noise that makes up for it: two evaluations a step.'), form: 'noise', two: true, options: [eta(1, t('How much noise is renewed.')), sNoise],
    method: (request, slot) => withOptions(slot.order === 1 ? eulerAncestralSlope : dpm2Ancestral, request),
  }),
  'dpmpp2sAncestral': row({
    title: 'DPM-Solver++ (2S) ancestral', about: t('DPM-Solver++ (2S) a little too far down, and noise that makes up for it: two evaluations a step.'), form: 'data', two: true,
    options: [eta(1, t('How much noise is renewed.')), sNoise], method: (request, slot) => withOptions(slot.order === 1 ? eulerAncestral : dpmpp2sAncestral, request),
  }),
  'dpmppSde': row({
    title: 'DPM-Solver++ (SDE)', about: t('Two evaluations a step with noise on both parts of the way.'), form: 'data', two: true,
    options: [eta(1, t('How much noise is renewed.')), sNoise, { name: 'r', kind: 'number', above: 0, atMost: 1, usual: 1 / 2, about: t('Where the second evaluation lies, as a share of the step in λ.') }],
    method: (request, slot) => withOptions(slot.order === 1 ? eulerAncestral : dpmppSde, request),
  }),
} satisfies Rows
