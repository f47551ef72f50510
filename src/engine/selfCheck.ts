import { t } from '../sampler/text'
import { checkGraph, checkShape, checkValues, spread } from './checkGraph'
import type { Runtime, Session } from './runtime'

/**
 * How far a provider may be from the CPU, relative to the largest value. Matrix units of GPUs round to 10 bits (TF32) or compute in float16; what is computed wrongly is further away.
 * (lavapipe: 3e-6.)
 */
const tolerance = 0.01
/** An adapter this many times slower than the CPU is no GPU. lavapipe takes about 30 times as long. */
const softwareRatio = 10
/** Timed evaluations, of which the shortest counts. */
const timed = 2

type Options = NonNullable<Parameters<Runtime['InferenceSession']['create']>[1]>

/**
 * Evaluates a small graph (convolutions, x·sigmoid(x), a matrix product) on a provider and on the CPU. Not the model: that would take a second copy of its weights, and evaluations
 * on the CPU that take minutes where the model is large; what goes wrong goes wrong with these operators too.
 * Returns why the provider is not to be used, in a few words, or null. Throws what ONNX Runtime throws where it cannot open or evaluate the graph.
 * @param options of the provider's session; its threads are the CPU's too
 * @param now clock in milliseconds
 * @param timing whether the time is looked at as well: slow as only a program is that takes the place of a GPU
 */
export async function selfCheck(ort: Runtime, options: Options, timing: boolean, now: () => number): Promise<string | null> {
  const { values, ms } = await evaluate(ort, options, timing, now)
  const expected = await evaluate(ort, { ...options, executionProviders: ['cpu'] }, timing, now)
  const largest = expected.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const furthest = expected.values.reduce((most, value, k) => Math.max(most, Math.abs((values[k] ?? NaN) - value)), 0)
  if (!(furthest <= tolerance * largest)) {
    return Number.isFinite(furthest) ? t('it computes wrongly: its answers are up to {0} % away from the CPU’s', (100 * furthest / largest).toPrecision(2)) : t('it computes wrongly: its answers are infinitely away from the CPU’s')
  }
  if (timing && ms > softwareRatio * expected.ms) return t('its adapter took {0} ms for what the CPU does in {1} ms, as one does that is a program', ms.toFixed(0), expected.ms.toFixed(0))
  return null
}

async function evaluate(ort: Runtime, options: Options, timing: boolean, now: () => number): Promise<{ values: Float32Array; ms: number }> {
  const session: Session = await ort.InferenceSession.create(checkGraph(), options)
  try {
    const x = new ort.Tensor('float32', spread(checkValues), checkShape)
    let values = (await session.run({ x }))['y']!.data as Float32Array
    let ms = Infinity
    for (let k = 0; timing && k < timed; k++) {
      const started = now()
      values = (await session.run({ x }))['y']!.data as Float32Array
      ms = Math.min(ms, now() - started)
    }
    return { values, ms }
  } finally { await session.release() }
}
