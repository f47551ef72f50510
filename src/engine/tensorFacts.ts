import type { TensorFacts } from '../recipe/model'
import type { Session } from './runtime'

// What every graph that is asked has in common, the model's and the classifier's: sample, timestep and class_labels in, one tensor out.

/** What a graph may be fed, by ONNX type of its inputs. */
export const floats = ['float32', 'float16']
export const times = ['float32', 'float16', 'float64', 'int64', 'int32']
export const integers = ['int64', 'int32']

/** Name, type and shape of an input or an output, as ONNX Runtime tells of it. */
export function tensorFacts(metadata: Session['inputMetadata'][number]): TensorFacts {
  return metadata.isTensor ? { name: metadata.name, type: metadata.type, shape: [...metadata.shape] } : { name: metadata.name, type: 'no tensor', shape: [] }
}

/** A tensor in words: `sample float32 [batch, 3, 32, 32]`. */
export function described({ name, type, shape }: TensorFacts): string {
  return `${name} ${type} [${shape.map((size) => size === '' ? '?' : size).join(', ')}]`
}

/** The graph's output that is the answer. */
export function answerOf(outputs: readonly TensorFacts[]): TensorFacts | undefined {
  return outputs.find(({ name }) => name === 'out_sample') ?? outputs[0]
}

/** How many items the graph takes at once where it takes one number only, else null. The time may be one for all of them. */
export function fixedBatchOf(inputs: readonly TensorFacts[]): number | null {
  return inputs.filter(({ name }) => name !== 'timestep').map(({ shape }) => shape[0]).find((size) => typeof size === 'number') ?? null
}
