import type { ModelFacts } from '../recipe/model'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import { fromHalf, toHalf } from './float16'
import type { Runtime, Tensor } from './runtime'
import { answerOf } from './tensorFacts'

type Numbers = Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array
export type Feeds = Record<string, Tensor>

/** What evaluates a graph: a session of ONNX Runtime here, or a server that is asked. */
export interface NetworkSession {
  /** Values of the outputs named; float16 as bits. */
  run(feeds: Feeds, outputs: string[]): Promise<Record<string, { readonly data: unknown }>>
  release(): Promise<void>
  /** Most items of an evaluation; any number where it is not there. */
  readonly maxBatch?: number | undefined
  /** How many evaluations it takes at a time; one where it is not there. */
  readonly inFlight?: number
}

/** What of a graph's facts decides how it is fed. */
export type GraphTensors = Pick<ModelFacts, 'shape' | 'inputs' | 'outputs' | 'fixedBatch'> & Partial<Pick<ModelFacts, 'learnsVariance'>>

/** True where the graph takes a time for each item, so that items at different times can be evaluated together. */
export function takesTimes({ inputs }: Pick<ModelFacts, 'inputs'>): boolean {
  const shape = inputs.find(({ name }) => name === 'timestep')?.shape ?? []
  return shape.length === 1 && shape[0] !== 1
}

/** A session with the tensors it is fed for up to a number of items, made once and filled anew for every evaluation. */
export class Network {
  /** float32, items·C·H·W: written by the caller before `evaluate`. */
  readonly sample: Float32Array
  /** Milliseconds spent waiting for the session so far. */
  runMs = 0

  private readonly half: Uint16Array | undefined
  private readonly time: Numbers
  private readonly classes: Numbers | null
  private readonly output: string
  /** Values of one item of the sample, and of the output. */
  private readonly size: number
  private readonly outSize: number
  /** By how many items an evaluation takes. */
  private readonly feeds = new Map<number, Feeds[]>()

  /**
   * @param items how many images an evaluation takes at most: the batch, twice that where both branches of guidance are evaluated.
   * A graph that takes one batch size only is run several times; items that are missing to a multiple of it are filled up.
   * @param labels one class label for each item; null where the network takes none
   */
  constructor(private readonly ort: Runtime, private readonly session: NetworkSession, private readonly facts: GraphTensors, private readonly items: number, labels: readonly number[] | null) {
    const { shape: [channels, height, width], fixedBatch, learnsVariance } = facts
    const room = fixedBatch === null ? items : Math.ceil(items / fixedBatch) * fixedBatch
    this.size = channels * height * width
    this.outSize = learnsVariance ? 2 * this.size : this.size
    this.output = answerOf(facts.outputs)?.name ?? ''
    this.sample = new Float32Array(room * this.size)
    this.half = this.typeOf('sample') === 'float16' ? new Uint16Array(room * this.size) : undefined
    this.time = numbers(this.typeOf('timestep'), takesTimes(facts) ? room : 1)
    this.classes = labels && numbers(this.typeOf('class_labels'), room)
    if (labels) this.setLabels(labels)
  }

  /** The class labels of the next evaluations, for as many items as they take. */
  setLabels(labels: readonly number[]): void {
    labels.forEach((label, k) => { write(this.classes!, k, label) })
  }

  /**
   * The network's output for the first `items` of `sample`, float32, item after item.
   * @param time of the network's own schedule; a list of one for each item where it takes several (takesTimes)
   * Throws whatever ONNX Runtime throws, or DpmError.
   */
  async evaluate(time: number | readonly number[], items = this.items): Promise<Float32Array> {
    const { size, outSize, sample, half } = this
    if (typeof time === 'number') for (let i = 0; i < this.time.length; i++) write(this.time, i, time)
    else for (let i = 0; i < this.time.length; i++) write(this.time, i, time[i] ?? time[0]!)
    if (half) toHalf(sample.subarray(0, items * size), half.subarray(0, items * size))
    const feeds = this.feedsFor(items)
    const started = performance.now()
    const parts = await someAtATime(feeds.map((feed) => () => this.run(feed)), this.session.inFlight ?? 1)
    this.runMs += performance.now() - started
    parts.forEach((part, k) => { this.check(part, feeds[k]!['sample']!.dims[0]!) })
    const [only] = parts
    if (parts.length === 1 && only!.length === items * outSize) return only!
    const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      out.set(part, at)
      at += part.length
    }
    return out.subarray(0, items * outSize)
  }

  private feedsFor(items: number): Feeds[] {
    const known = this.feeds.get(items)
    if (known) return known
    const { ort, size, time, classes, facts: { shape, inputs } } = this
    const scalar = inputs.find(({ name }) => name === 'timestep')?.shape.length === 0
    const { fixedBatch } = this.facts
    const part = fixedBatch ?? Math.min(items, this.session.maxBatch ?? items)
    const values = this.half ?? this.sample
    const feeds: Feeds[] = []
    for (let from = 0; from < items; from += part) {
      // A graph that takes one batch size only is filled up, a server’s largest batch is not.
      const count = fixedBatch ?? Math.min(part, items - from)
      const times = time.length === 1 ? time : time.subarray(from, from + count)
      feeds.push({
        sample: tensor(ort, this.typeOf('sample'), values.subarray(from * size, (from + count) * size), [count, ...shape]),
        timestep: tensor(ort, this.typeOf('timestep'), times, scalar ? [] : [times.length]),
        ...(classes ? { class_labels: tensor(ort, this.typeOf('class_labels'), classes.subarray(from, from + count), [count]) } : {}),
      })
    }
    this.feeds.set(items, feeds)
    return feeds
  }

  private typeOf(input: string): string {
    return this.facts.inputs.find(({ name }) => name === input)?.type ?? 'float32'
  }

  private async run(feeds: Feeds): Promise<Float32Array> {
    const results = await this.session.run(feeds, [this.output])
    const data = results[this.output]!.data as Float32Array | Uint16Array
    if (data instanceof Float32Array) return data
    return data instanceof Uint16Array ? fromHalf(data) : Float32Array.from(data)
  }

  private check(values: Float32Array, items: number): void {
    if (values.length === items * this.outSize) return
    throw new DpmError({
      reason: 'evaluationFailed', message: t('The network returned {0} values for an input of {1}.', values.length, items * this.size),
      advice: t('Choose a model whose output has the shape of its sample input.'), remedy: { title: t('Select Model…'), command: 'selectModel' },
    })
  }
}

/** Does all jobs, at most `most` at a time, and gives their results in order. After a failure none is begun, and it is thrown. */
async function someAtATime<T>(jobs: readonly (() => Promise<T>)[], most: number): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < jobs.length) {
      const mine = next++
      try { results[mine] = await jobs[mine]!() } catch (error) {
        next = jobs.length
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, jobs.length) }, worker))
  return results
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
