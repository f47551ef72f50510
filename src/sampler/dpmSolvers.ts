import { assertNever } from './errors'
import { multistep, multistepStart } from './methods/multistep'
import { singlestep } from './methods/singlestep'
import { fixedOrders, multistepOrders, single, singlestepOrders, thirdOrderSlots, type Slot } from './orders'
import { adaptivePart, compat, lowers, tolerances, withOptions, type AlgorithmRow, type Option, type Rows } from './row'
import { t } from './text'
import type { Form } from './types'

const r1: Option = { name: 'r1', kind: 'number', above: 0, atMost: 1, usual: 1 / 3, about: t('Where the first inner evaluation lies, as a share of the step in λ: usually 1/2 in order 2, 1/3 in order 3.') }
const r2: Option = { name: 'r2', kind: 'number', above: 0, atMost: 1, usual: 2 / 3, about: t('Where the second inner evaluation of order 3 lies, as a share of the step in λ.') }
const eulerAtEnd: Option = { name: 'eulerAtEnd', kind: 'boolean', usual: false, about: t('Multistep that ends above σ = 0: its last step is of first order, however many there are.') }
const controllers: Option = {
  name: 'controller', kind: 'choice', values: ['pi', 'authors'], usual: 'pi',
  about: t('How adaptive steps grow and shrink: from this error and the one before, or from this one alone as the DPM-Solver authors’ code does.'),
}

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

/** The two algorithms of the DPM-Solver papers, by their names in recipes. */
export const dpmSolvers = {
  'dpmsolver++': dpmSolver('data', 'DPM-Solver++', t('Works on the data prediction x̂₀. Stable with guidance; order 1 is DDIM.')),
  'dpmsolver': dpmSolver('noise', 'DPM-Solver', t('Works on the noise prediction ε̂. For unguided sampling in few steps; order 1 is DDIM.')),
} satisfies Rows
