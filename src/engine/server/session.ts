import { setTimeout as wait } from 'node:timers/promises'
import type { ServerFacts } from '../../protocol/run'
import type { TensorFacts } from '../../recipe/model'
import { t } from '../../sampler/text'
import type { Feeds, NetworkSession } from '../network'
import type { Address } from './address'
import { badAnswer, overloaded, rejection, wordsOf } from './failures'
import { Connections, type Answer, type Request } from './http'
import { datatypeOf, decodeAnswer, encodeRequest, typeOf, type Encoding, type Wire } from './tensors'

/** How long a server is waited for, and how much is asked of it at a time. */
export interface Patience {
  /** Without a byte of an answer, for a description and for an evaluation. Some servers answer nothing while they evaluate. */
  describeMs: number
  evaluateMs: number
  /** How often a request is made that finds no room (429, 503), and how long it waits before the second time; twice as long each further time, up to the most. */
  tries: number
  backOffMs: number
  mostBackOffMs: number
  inFlight: number
}
export const patience: Patience = { describeMs: 60_000, evaluateMs: 300_000, tries: 10, backOffMs: 100, mostBackOffMs: 10_000, inFlight: 4 }

/** A description is small; an answer has at most the values of the sample twice, in at most so many characters each, and JSON around them. */
const mostText = 1 << 20
const mostOfValue = 32

/** What a server says of a model. `inputs` is empty where it says nothing of them. */
export interface Description {
  server: ServerFacts
  inputs: TensorFacts[]
  outputs: TensorFacts[]
  /** Most items of a request; undefined where it does not say. */
  maxBatch: number | undefined
}

interface Tensor { name: string; datatype: string; shape: number[] }
interface Metadata { name?: unknown; version?: unknown; extensions?: unknown; versions?: unknown; platform?: unknown; inputs?: unknown; outputs?: unknown; max_batch_size?: unknown; backend?: unknown }

/** A model on an inference server, evaluated by the Open Inference Protocol v2: HTTP, tensors as bytes where the server takes them so, else as JSON. */
export class ServerSession implements NetworkSession {
  readonly inFlight: number
  maxBatch: number | undefined

  private readonly connections: Connections
  private tensors = new Map<string, Tensor>()
  private output: Tensor | undefined
  private encoding: Encoding | undefined
  private requests = 0

  constructor(private readonly address: Address, token: () => string | undefined, private readonly how: Patience = patience) {
    this.inFlight = how.inFlight
    this.connections = new Connections(address, how.inFlight, token)
  }

  /** Asks what the server and its model are. Throws DpmError. */
  async describe(): Promise<Description> {
    const { address, address: { prefix, model, version, url, origin } } = this
    const path = url.slice(origin.length)
    const about = await this.optional(`${prefix}/v2`)
    const metadata = await this.json(path)
    const config = await this.optional(`${prefix}/v2/models/${encodeURIComponent(model)}/config`)
    const [inputs, outputs] = [tensorsOf(metadata.inputs), tensorsOf(metadata.outputs)]
    if (!inputs || !outputs) throw badAnswer(address, t('describes the model {0} in a form that is not known', model))
    const name = text(about.name)
    // MLServer answers binary requests with HTTP 500; others list the extension, or do not and have it.
    if (this.encoding === undefined && name === 'mlserver') this.encoding = 'json'
    if (Array.isArray(about.extensions) && about.extensions.includes('binary_tensor_data')) this.encoding = 'binary'
    this.maxBatch = Number.isInteger(config.max_batch_size) && (config.max_batch_size as number) > 0 ? config.max_batch_size as number : undefined
    // Where it says nothing, what was learned before stays: an evaluation may be under way.
    if (inputs.length > 0 && outputs.length > 0) this.learn(inputs, outputs)
    const platform = text(metadata.platform) || text(config.platform) || text(config.backend)
    const modelVersion = version ?? (Array.isArray(metadata.versions) ? text(metadata.versions.at(-1)) : '')
    return {
      server: { url, name, version: text(about.version), platform, modelVersion },
      inputs: inputs.map(factsOf), outputs: outputs.map(factsOf), maxBatch: this.maxBatch,
    }
  }

  /** Takes tensors for those of the model, where the server describes none. */
  learn(inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    this.tensors = new Map(inputs.map((tensor) => [tensor.name, tensor]))
    this.output = outputs.find(({ name }) => name === 'out_sample') ?? outputs[0] // as answerOf chooses
  }

  /** One evaluation. Throws DpmError. */
  async run(feeds: Feeds, [output = '']: readonly string[]): Promise<Record<string, { data: Float32Array | Uint16Array }>> {
    const inputs: Wire[] = Object.entries(feeds).map(([name, { type, data, dims }]) => {
      // A server that batches sees a number for each item as a column.
      const column = this.tensors.get(name)?.shape.length === dims.length + 1
      return { name, datatype: datatypeOf(type), shape: column ? [...dims, 1] : [...dims], data: data as Wire['data'] }
    })
    const { dims, data: sample } = feeds['sample']!
    const { datatype = 'FP32', shape = [] } = this.output ?? {}
    const answer = await this.infer(inputs, output, sample.length)
    const due = shape.map((size, axis) => axis === 0 ? dims[0] : size === -1 ? undefined : size)
    try { return { [output]: { data: decodeAnswer(answer, output, datatype, due) } } } catch (error) { throw badAnswer(this.address, (error as Error).message, error) }
  }

  async release(): Promise<void> { this.connections.dispose() }

  private async infer(inputs: readonly Wire[], output: string, values: number): Promise<Answer> {
    const path = `${this.address.url.slice(this.address.origin.length)}/infer`
    const request = async (encoding: Encoding): Promise<Answer> => {
      const { headers, body } = encodeRequest(`dpm-${process.pid}-${++this.requests}`, inputs, output, encoding)
      return this.ask({ method: 'POST', path, headers, body, timeoutMs: this.how.evaluateMs, mostBytes: mostText + 2 * values * mostOfValue })
    }
    const first = await request(this.encoding ?? 'binary')
    if (first.status === 200) {
      this.encoding ??= 'binary'
      return first
    }
    // A server that does not say whether it takes binary tensors may refuse them in many ways. What the model refuses it refuses twice.
    if (this.encoding === undefined && [400, 415, 422, 500, 501].includes(first.status)) {
      const second = await request('json')
      if (second.status === 200) {
        this.encoding = 'json'
        return second
      }
    }
    throw rejection(this.address, first.status, wordsOf(first.body))
  }

  /** The JSON that a path answers with. */
  private async json(path: string): Promise<Metadata> {
    const answer = await this.ask({ method: 'GET', path, timeoutMs: this.how.describeMs, mostBytes: mostText })
    if (answer.status !== 200) throw rejection(this.address, answer.status, wordsOf(answer.body))
    const value = parsed(answer)
    if (!value) throw badAnswer(this.address, t('does not describe the model {0} in JSON', this.address.model))
    return value
  }

  /** The same for what not every server has; empty where this one has not. */
  private async optional(path: string): Promise<Metadata> {
    const answer = await this.ask({ method: 'GET', path, timeoutMs: this.how.describeMs, mostBytes: mostText })
    if (answer.status === 401 || answer.status === 403) throw rejection(this.address, answer.status, wordsOf(answer.body))
    return answer.status === 200 ? parsed(answer) ?? {} : {}
  }

  /** Asks again while there is no room for the request. Nothing else is tried twice. */
  private async ask(request: Request): Promise<Answer> {
    const { tries, backOffMs, mostBackOffMs } = this.how
    const started = performance.now()
    for (let tried = 1; ; tried++) {
      const answer = await this.connections.request(request)
      if (answer.status !== 429 && answer.status !== 503) return answer
      if (tried >= tries) throw overloaded(this.address, tried, performance.now() - started, wordsOf(answer.body))
      const asked = Number(answer.headers['retry-after'] ?? 0) * 1000
      // Requests that were refused together do not come again together.
      const own = backOffMs * 2 ** (tried - 1) * (0.75 + Math.random() / 2)
      await wait(Math.min(mostBackOffMs, Math.max(own, Number.isFinite(asked) ? asked : 0)))
    }
  }
}

function parsed({ body }: Answer): Metadata | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch { return undefined }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : ''
}

/** undefined for what is no list of tensors; empty where there is none. */
function tensorsOf(value: unknown): Tensor[] | undefined {
  if (value === undefined || value === null) return []
  const isTensor = (one: unknown): one is Tensor => {
    const { name, datatype, shape } = (one ?? {}) as Record<string, unknown>
    return typeof name === 'string' && typeof datatype === 'string' && Array.isArray(shape) && shape.every((size) => Number.isInteger(Number(size)))
  }
  if (!Array.isArray(value) || !value.every(isTensor)) return undefined
  // Some write sizes as text: they are 64-bit integers.
  return value.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(Number) }))
}

/** As a graph's own inputs are described: one number for each item is [batch], whether the server makes a column of it or not. */
function factsOf({ name, datatype, shape }: Tensor): TensorFacts {
  const column = (name === 'timestep' || name === 'class_labels') && shape.length === 2 && shape[1] === 1
  return { name, type: typeOf[datatype] ?? datatype.toLowerCase(), shape: (column ? shape.slice(0, 1) : shape).map((size) => size < 0 ? '' : size) }
}

/** A graph's own description in the protocol's words. */
export function wireTensors(facts: readonly TensorFacts[]): Tensor[] {
  return facts.map(({ name, type, shape }) => ({ name, datatype: datatypeOf(type), shape: shape.map((size) => typeof size === 'number' ? size : -1) }))
}
