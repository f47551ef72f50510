import type { Buffers } from './buffers'
import { combine } from './combine'
import { DpmError } from './errors'
import { conversion } from './prediction'
import type { EvaluationPoint, SampleRequest } from './sample'
import { t } from './text'
import type { FloatArray, Form, Level, PredictionType } from './types'

/** Puts what the network returned for stage k where the step finds it, in the method's form, and gives x̂₀ where it is wanted. */
type Convert = (k: number, input: FloatArray, raw: FloatArray, point: EvaluationPoint, wanted: boolean) => FloatArray

/** The network's array is never kept: it may be reused by whoever made it. */
export function converter({ plan: { form }, prediction, x, secondOutput, correctEstimate }: Pick<SampleRequest, 'plan' | 'prediction' | 'x' | 'secondOutput' | 'correctEstimate'>, buffers: Buffers): Convert {
  const expected = secondOutput ? 2 * x.length : x.length
  const first = secondOutput && secondOutput.items > 1 ? x.slice() : undefined

  /** The prediction alone; the second output goes to its buffer. */
  function split(k: number, both: FloatArray, items: number): FloatArray {
    const size = x.length / items
    const second = buffers.seconds[k]!
    for (let item = 0; item < items; item++) {
      const begin = 2 * item * size
      first?.set(both.subarray(begin, begin + size), item * size)
      second.set(both.subarray(begin + size, begin + 2 * size), item * size)
    }
    return first ?? both.subarray(0, size)
  }

  return (k, input, raw, point, wanted) => {
    if (raw.length !== expected) throw wrongLength(raw.length, expected)
    const predicted = secondOutput ? split(k, raw, secondOutput.items) : raw
    const output = buffers.output(k)
    const { level } = point
    if (buffers.raw) convert(buffers.raws[k]!, input, predicted, prediction, buffers.raw, level)
    if (form === 'data') {
      convert(output, input, predicted, prediction, 'data', level)
      correctEstimate?.(output, point)
      return output
    }
    const { estimate } = buffers
    if (!correctEstimate) {
      convert(output, input, predicted, prediction, 'noise', level)
      return wanted ? convert(estimate, input, predicted, prediction, 'data', level) : estimate
    }
    correctEstimate(convert(estimate, input, predicted, prediction, 'data', level), point)
    convert(output, input, estimate, 'sample', 'noise', level)
    return estimate
  }
}

/** Writes ε or x̂₀ (as `form` says) to `out`. */
function convert(out: FloatArray, state: FloatArray, raw: FloatArray, prediction: PredictionType, form: Form, level: Level): FloatArray {
  const c = conversion(prediction, form, level)
  if (c.state === 0) combine(out, [c.output], [raw])
  else combine(out, [c.state, c.output], [state, raw])
  return out
}

function wrongLength(got: number, expected: number): DpmError {
  return new DpmError({
    reason: 'evaluationFailed', message: t('The network returned {0} values for a state of {1}.', got, expected),
    advice: t('Choose a model whose output has the shape of its sample input.'), remedy: { title: t('Select Model…'), command: 'selectModel' },
  })
}
