import type { ModelFacts } from '../recipe/model'
import { DpmError } from '../sampler/errors'
import { fromHalf, toHalf } from './float16'
import { predictionOutput } from './graphFacts'
import type { Runtime, Session, Tensor } from './runtime'

type Numbers = Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array

/** A session with the tensors it is fed for a fixed number of items, made once and filled anew for every evaluation. */
export class Network {
  /** float32, items·C·H·W: written by the caller before `evaluate`. */
  readonly sample: Float32Array
  /** Milliseconds spent inside session.run so far. */
  runMs = 0

  private readonly half: Uint16Array | undefined
  private readonly time: Numbers
  private readonly feeds: Record<string, Tensor>[] = []
  private readonly output: string
  private readonly size: number

  /**
   * @param items how many images an evaluation takes: the batch, twice that where both branches of guidance are evaluated.
   * A graph that takes one batch size only is run several times; items must be a multiple of it.
   * @param labels one class label for each item; null where the network takes none
   */
  constructor(ort: Runtime, private readonly session: Session, facts: ModelFacts, items: number, labels: readonly number[] | null) {
    const [channels, height, width] = facts.shape
    const type = (name: string): string => facts.inputs.find((input) => input.name === name)?.type ?? 'float32'
    const timeShape = facts.inputs.find((input) => input.name === 'timestep')?.shape ?? []
    const part = facts.fixedBatch ?? items
    const times = timeShape.length === 0 || timeShape[0] === 1 ? 1 : part
    this.size = items * channels * height * width
    this.output = predictionOutput(facts.outputs)?.name ?? ''
    this.sample = new Float32Array(this.size)
    this.half = type('sample') === 'float16' ? new Uint16Array(this.size) : undefined
    this.time = numbers(type('timestep'), times)
    const classes = labels && numbers(type('class_labels'), items)
    labels?.forEach((label, k) => { write(classes!, k, label) })
    const sample = this.half ?? this.sample
    for (let from = 0; from < items; from += part) {
      const values = sample.subarray(from * channels * height * width, (from + part) * channels * height * width)
      this.feeds.push({
        sample: tensor(ort, type('sample'), values, [part, channels, height, width]),
        timestep: tensor(ort, type('timestep'), this.time, timeShape.length === 0 ? [] : [times]),
        ...(classes ? { class_labels: tensor(ort, type('class_labels'), classes.subarray(from, from + part), [part]) } : {}),
      })
    }
  }

  /** The network's output for `sample` at a time of its own schedule, float32, of the same length. Throws whatever ONNX Runtime throws, or DpmError. */
  async evaluate(time: number): Promise<Float32Array> {
    for (let i = 0; i < this.time.length; i++) write(this.time, i, time)
    if (this.half) toHalf(this.sample, this.half)
    const [only] = this.feeds
    if (this.feeds.length === 1) return this.checked(await this.run(only!), this.size)
    const out = new Float32Array(this.size)
    const part = this.size / this.feeds.length
    for (const [i, feeds] of this.feeds.entries()) out.set(this.checked(await this.run(feeds), part), i * part)
    return out
  }

  private async run(feeds: Record<string, Tensor>): Promise<Float32Array> {
    const started = performance.now()
    const results = await this.session.run(feeds, [this.output])
    this.runMs += performance.now() - started
    const data = results[this.output]!.data as Float32Array | Uint16Array
    if (data instanceof Float32Array) return data
    return data instanceof Uint16Array ? fromHalf(data) : Float32Array.from(data)
  }

  private checked(values: Float32Array, expected: number): Float32Array {
    if (values.length === expected) return values
    throw new DpmError({
      reason: 'evaluationFailed', message: `The network returned ${values.length} values for an input of ${expected}.`,
      advice: 'Choose a model whose output has the shape of its sample input.', remedy: { title: 'Select Model…', command: 'selectModel' },
    })
  }
}

function numbers(type: string, length: number): Numbers {
  switch (type) {
    case 'int64': return new BigInt64Array(length)
    case 'int32': return new Int32Array(length)
    case 'float16': return new Uint16Array(length)
    case 'float64': return new Float64Array(length)
    default: return new Float32Array(length)
  }
}

const single = new Float32Array(1)

function write(out: Numbers, index: number, value: number): void {
  if (out instanceof BigInt64Array) out[index] = BigInt(Math.round(value))
  else if (out instanceof Int32Array) out[index] = Math.round(value)
  else if (out instanceof Uint16Array) {
    single[0] = value
    toHalf(single, out.subarray(index, index + 1))
  } else out[index] = value
}

function tensor(ort: Runtime, type: string, data: Numbers, dims: number[]): Tensor {
  return new ort.Tensor(type as 'float32', data as Float32Array, dims)
}
