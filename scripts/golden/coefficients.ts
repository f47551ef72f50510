import { multistep } from '../../src/sampler/methods/multistep'
import { singlestep } from '../../src/sampler/methods/singlestep'
import type { Form, Of, Term } from '../../src/sampler/types'
import type { Compared } from './compare'
import { list, number, numbers, optionalNumber, text, type Data } from './file'
import type { Unsupported } from './kinds'
import { algorithmOf, scheduleOfCase, variantOf } from './official'

/** The weights of one update and of its inner stages, one by one. */
export function coefficients(golden: Data, header: Data): Compared[] | Unsupported {
  switch (text(golden, 'kind')) {
    case 'singlestep': return ofSinglestep(golden, header)
    case 'multistep': return ofMultistep(golden, header)
    default: return { unsupported: text(golden, 'kind') }
  }
}

const formOf = (golden: Data): Form => algorithmOf(golden) === 'dpmsolver' ? 'noise' : 'data'

/** The weight of the state, or of one output, in a sum; 0 where it does not appear. */
function weight(terms: readonly Term[], of: (of: Of) => boolean): number {
  return terms.filter((term) => of(term.of)).reduce((sum, { coefficient }) => sum + coefficient, 0)
}
const ofState = (of: Of): boolean => of === 'state'
const ofStage = (k: number) => (of: Of): boolean => typeof of === 'object' && 'stage' in of && of.stage === k
const ofPast = (j: number) => (of: Of): boolean => typeof of === 'object' && 'past' in of && of.past === j

function ofSinglestep(golden: Data, header: Data): Compared[] {
  const { schedule } = scheduleOfCase(golden, header)
  const [from, to] = [schedule.level(number(golden, 's')), schedule.level(number(golden, 't'))]
  const r1 = optionalNumber(golden, 'r1')
  const r2 = optionalNumber(golden, 'r2')
  const method = singlestep(formOf(golden), number(golden, 'order'), variantOf(golden))
  const step = method({ from, to, index: 0, count: 1, past: [], levelAtLambda: (lambda) => schedule.levelAtLambda(lambda) }, { r1, r2 })
  const expected = numbers(golden, 'c_model')
  return [
    { what: 'lambda_s', got: [from.lambda], expected: numbers(golden, 'lambda_s') },
    { what: 'lambda_t', got: [to.lambda], expected: numbers(golden, 'lambda_t') },
    { what: 'h', got: [to.lambda - from.lambda], expected: numbers(golden, 'h') },
    { what: 'c_x', got: [weight(step.update, ofState)], expected: numbers(golden, 'c_x') },
    { what: 'c_model', got: expected.map((_, k) => weight(step.update, ofStage(k))), expected },
    ...list(golden, 'inner').flatMap((inner, i) => {
      const stage = step.stages[i + 1]
      const weights = numbers(inner, 'c_model')
      return [
        { what: `inner ${i} t`, got: [stage?.level.t ?? NaN], expected: numbers(inner, 't') },
        { what: `inner ${i} c_x`, got: [weight(stage?.input ?? [], ofState)], expected: numbers(inner, 'c_x') },
        { what: `inner ${i} c_model`, got: weights.map((_, k) => weight(stage?.input ?? [], ofStage(k))), expected: weights },
      ]
    }),
  ]
}

function ofMultistep(golden: Data, header: Data): Compared[] {
  const order = number(golden, 'order')
  const { schedule } = scheduleOfCase(golden, header)
  const [from, ...past] = numbers(golden, 't_prev').reverse().map((t) => schedule.level(t))
  if (!from) throw new TypeError('“t_prev” is empty')
  const to = schedule.level(number(golden, 't'))
  const step = multistep(formOf(golden), order, variantOf(golden))({ from, to, index: 1, count: 2, past, levelAtLambda: (lambda) => schedule.levelAtLambda(lambda) }, { compat: 'peers3M' })
  const newestFirst = [weight(step.update, ofStage(0)), ...past.map((_, j) => weight(step.update, ofPast(j)))]
  return [
    { what: 'c_x', got: [weight(step.update, ofState)], expected: numbers(golden, 'c_x') },
    { what: 'c_model_oldest_first', got: newestFirst.reverse(), expected: numbers(golden, 'c_model_oldest_first') },
  ]
}
