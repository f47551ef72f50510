import '../../../src/engine/environment'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { fromHalf } from '../../../src/engine/float16'
import { loadRuntime } from '../../../src/engine/runtime'
import { patience, type Patience } from '../../../src/engine/server/session'

/** What tests wait for, so short that they need not wait long. */
export const soon: Patience = { ...patience, backOffMs: 1, mostBackOffMs: 5, tries: 4 }

export interface Asked { method: string; path: string; headers: IncomingHttpHeaders; body: Buffer }
export type Answering = (asked: Asked, response: ServerResponse, request: IncomingMessage) => void | Promise<void>

/** A server on a port of its own, gone with the test; `asked` is what came, in order. */
export async function listening(t: TestContext, answer: Answering, make: (handler: (request: IncomingMessage, response: ServerResponse) => void) => Server = (handler) => createServer(handler)): Promise<{ port: number; url: string; asked: Asked[]; sockets: Set<Socket>; server: Server }> {
  const asked: Asked[] = []
  const sockets = new Set<Socket>()
  const server = make((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) }
      asked.push(one)
      void answer(one, response, request)
    })
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}`, asked, sockets, server }
}

export const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}

export interface Capture { id: string; request: { method: string; path: string; headers?: [string, string][]; body?: Body }; response: { status: number; headers: [string, string][]; body: Body }; decoded?: { name: string; datatype: string; shape: number[]; base64: string } }
type Body = null | { text: string } | { base64: string }
export const bytesOf = (body: Body | undefined): Buffer => !body ? Buffer.alloc(0) : 'text' in body ? Buffer.from(body.text) : Buffer.from(body.base64, 'base64')

export function captures(name: string): { server: string; cases: Capture[] } {
  return JSON.parse(readFileSync(`test/fixtures/oip/${name}.json`, 'utf8')) as { server: string; cases: Capture[] }
}

/** Answers as it was recorded: status, headers and body, chunked where it was. */
export function replay({ response: { status, headers, body } }: Capture, response: ServerResponse): void {
  response.sendDate = false
  response.writeHead(status, headers.flat()).end(bytesOf(body))
}

export interface StubOptions { graph: string; model: string; maxBatch?: number; /** Before each evaluation. */ wait?: () => Promise<void>; server?: Record<string, unknown>; metadata?: boolean; binary?: boolean }

/** A server that evaluates a graph by ONNX Runtime, with binary tensors in and out, or with `binary: false` in JSON. */
export async function evaluatingServer({ graph, model, maxBatch = 0, wait, server, metadata = true, binary = true }: StubOptions): Promise<{ answer: Answering; batches: number[]; most: () => number }> {
  const ort = loadRuntime()
  const session = await ort.InferenceSession.create(graph, { executionProviders: ['cpu'], intraOpNumThreads: 1, logSeverityLevel: 4 })
  const datatypes: Record<string, string> = { float32: 'FP32', float16: 'FP16', int64: 'INT64', int32: 'INT32', float64: 'FP64' }
  const described = (list: typeof session.inputMetadata): unknown[] => list.map((one) => {
    if (!one.isTensor) throw new Error('no tensor')
    const shape = one.shape.map((size) => typeof size === 'number' ? size : -1)
    return { name: one.name, datatype: datatypes[one.type], shape: maxBatch > 0 && shape.length === 1 ? [...shape, 1] : shape }
  })
  const batches: number[] = []
  let [going, most] = [0, 0]
  const infer = async (body: Buffer, headers: IncomingHttpHeaders): Promise<{ head: Buffer; tensor: Buffer } | { error: string }> => {
    const length = Number(headers['inference-header-content-length'] ?? body.length)
    const request = JSON.parse(body.subarray(0, length).toString()) as { id: string; inputs: { name: string; shape: number[]; datatype: string; data?: number[]; parameters?: { binary_data_size: number } }[]; outputs: { name: string }[] }
    let at = length
    const feeds: Record<string, InstanceType<typeof ort.Tensor>> = {}
    for (const { name, shape, datatype, data, parameters } of request.inputs) {
      const type = Object.entries(datatypes).find(([, wire]) => wire === datatype)![0]
      const array = type === 'int64' ? BigInt64Array : type === 'int32' ? Int32Array : type === 'float16' ? Uint16Array : Float32Array
      const bytes = parameters ? new Uint8Array(body.subarray(at, at += parameters.binary_data_size)).buffer : undefined
      const values = bytes ? new array(bytes) : type === 'int64' ? BigInt64Array.from(data!, BigInt) : Float32Array.from(data!)
      const own = maxBatch > 0 && name !== 'sample' ? shape.slice(0, 1) : shape
      feeds[name] = new ort.Tensor(type as 'float32', values as Float32Array, own)
    }
    const [count = 0] = request.inputs[0]!.shape
    if (maxBatch > 0 && count > maxBatch) return { error: `[request id: ${request.id}] inference request batch-size must be <= ${maxBatch} for '${model}'` }
    batches.push(count)
    most = Math.max(most, ++going)
    await wait?.()
    const output = (await session.run(feeds))[request.outputs[0]!.name]!
    going--
    const tensor = output.data as Float32Array
    const bytes = Buffer.from(tensor.buffer, tensor.byteOffset, tensor.byteLength)
    const about = { name: request.outputs[0]!.name, datatype: datatypes[output.type], shape: output.dims }
    const outputs = [binary ? { ...about, parameters: { binary_data_size: bytes.length } } : { ...about, data: Array.from(output.type === 'float16' ? fromHalf(output.data as unknown as Uint16Array) : tensor) }]
    return { head: Buffer.from(JSON.stringify({ id: request.id, model_name: model, model_version: '1', outputs })), tensor: binary ? bytes : Buffer.alloc(0) }
  }
  const answer: Answering = async ({ method, path, headers, body }, response) => {
    if (path === '/v2') return json(response, server ?? { name: 'stub', version: '1.2.3', extensions: binary ? ['binary_tensor_data'] : [] })
    if (path === `/v2/models/${model}`) return json(response, { name: model, versions: ['1'], platform: 'onnxruntime_onnx', inputs: metadata ? described(session.inputMetadata) : [], outputs: metadata ? described(session.outputMetadata) : [] })
    if (path === `/v2/models/${model}/config`) return json(response, { max_batch_size: maxBatch })
    if (method !== 'POST' || path !== `/v2/models/${model}/infer`) return json(response, { error: `Request for unknown model: ${path}` }, 404)
    if (!binary && headers['inference-header-content-length'] !== undefined) { response.writeHead(500, { 'Content-Type': 'text/plain' }).end('Internal Server Error'); return }
    const result = await infer(body, headers).catch((error: unknown) => ({ error: String(error) }))
    if ('error' in result) return json(response, result, 400)
    response.writeHead(200, { ...(binary ? { 'Inference-Header-Content-Length': result.head.length } : {}), 'Content-Length': result.head.length + result.tensor.length }).end(Buffer.concat([result.head, result.tensor]))
  }
  return { answer, batches, most: () => most }
}
