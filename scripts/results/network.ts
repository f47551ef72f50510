import type { ModelFacts } from '../../src/recipe/model'
import type { Runtime, Session } from '../../src/engine/runtime'
import { doubled, guide } from '../../src/sampler/guidance'
import type { Evaluate } from '../../src/sampler/sample'

/**
 * A class-conditional network as the sampler asks it, guidance included. Unlike the engine's it takes items at times of their own, so that an adaptive run evaluates
 * its items together.
 * @param labels the class of each item
 */
export function networkOf(ort: Runtime, session: Session, { shape, classes }: ModelFacts, labels: readonly number[], guidance: number): Evaluate {
  const size = shape[0] * shape[1] * shape[2]
  const nullLabel = classes?.nullLabel ?? null
  if (guidance !== 1 && nullLabel === null) throw new RangeError('guidance needs a label of no class')
  return async (x, { items = labels.map((_, item) => item), label, labels: times = items.map(() => label) }) => {
    const branches = guidance === 1 ? 1 : 2
    const count = branches * items.length
    const input = new Float32Array(count * size)
    if (branches === 2) doubled(x, input)
    else input.set(x)
    const own = items.map((item) => labels[item]!)
    // Unconditional items first, as guide() takes them.
    const fed = branches === 2 ? [...own.map(() => nullLabel!), ...own] : own
    const { out_sample: output } = await session.run({
      sample: new ort.Tensor('float32', input, [count, ...shape]), timestep: new ort.Tensor('float32', Float32Array.from({ length: count }, (_, i) => times[i % items.length]!), [count]),
      class_labels: new ort.Tensor('int64', BigInt64Array.from(fed, BigInt), [count]),
    }, ['out_sample'])
    const values = output!.data as Float32Array
    return branches === 2 ? guide(values, guidance, values.subarray(0, x.length)) : values
  }
}
