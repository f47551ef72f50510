import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { fromHalf } from '../../../src/engine/float16'
import { addressOf } from '../../../src/engine/server/address'
import { ServerSession } from '../../../src/engine/server/session'
import { loadRuntime } from '../../../src/engine/runtime'
import type { Feeds } from '../../../src/engine/network'
import { bytesOf, captures, listening, replay, soon, type Asked, type Capture } from './oipServer'

/** A server as it was recorded; `swap` answers an evaluation with another case. */
async function recorded(t: TestContext, name: string, model: string, swap?: string): Promise<{ session: ServerSession; asked: Asked[]; cases: Capture[] }> {
  const { cases } = captures(name)
  const { url, asked } = await listening(t, ({ method, path, headers }, response) => {
    const binary = headers['inference-header-content-length'] !== undefined
    const found = method === 'POST'
      ? swap === undefined ? cases.find(({ id, request }) => request.method === method && request.path === path && id.includes('binary') === binary) : cases.find(({ id }) => id === swap)
      : cases.find(({ request }) => request.method === method && request.path === path)
    if (found) replay(found, response)
    else response.writeHead(404).end()
  })
  const session = new ServerSession(addressOf(url, model), () => undefined, soon)
  t.after(() => session.release())
  return { session, asked, cases }
}

/** Inputs by the rule that the recording goes by. */
function inputs(batch: number, shape: number[]): Feeds {
  const { Tensor } = loadRuntime()
  const size = shape.reduce((product, n) => product * n, 1)
  const values = Float32Array.from({ length: batch * size }, (_, i) => ((37 * i % 101) - 50) / 32)
  return {
    class_labels: new Tensor('int64', BigInt64Array.from([3n, 10n, 0n].slice(0, batch)), [batch]),
    timestep: new Tensor('float32', Float32Array.from([987.5, 500.25, 1].slice(0, batch)), [batch]),
    sample: new Tensor('float32', values, [batch, ...shape]),
  }
}

/** The JSON of a request without its id, and the bytes of each of its tensors, by name. */
function request(body: Buffer, length: number): { tensors: Record<string, unknown>; outputs: unknown; id: unknown } {
  const { id, inputs, outputs } = JSON.parse(body.subarray(0, length).toString()) as { id: unknown; inputs: { name: string; data?: number[]; parameters?: { binary_data_size: number } }[]; outputs: unknown }
  let at = length
  const tensors = Object.fromEntries(inputs.map((input) => {
    const size = input.parameters?.binary_data_size ?? 0
    return [input.name, { ...input, bytes: body.subarray(at, at += size).toString('hex') }]
  }))
  assert.equal(at, body.length)
  return { tensors, outputs, id }
}

const bits = (values: Float32Array | Uint16Array): string => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')

for (const [name, of, platform] of [['triton', 'tiny-binary-to-binary', 'python'], ['triton-batched', 'tiny-binary-to-binary', 'python'], ['kserve', 'tiny-binary-to-binary', ''], ['mlserver', 'tiny-json-json', 'onnxruntime_onnx']] as const) {
  test(`${captures(name).server}: described, asked as a client that works asked it, and decoded bit for bit`, async (t) => {
    const { session, asked, cases } = await recorded(t, name, 'tiny')
    const { server, inputs: described, outputs, maxBatch } = await session.describe()
    assert.equal(server.platform, platform)
    assert.deepEqual(described, [{ name: 'sample', type: 'float32', shape: ['', 1, 32, 32] }, { name: 'timestep', type: 'float32', shape: [''] }, { name: 'class_labels', type: 'int64', shape: [''] }])
    assert.deepEqual(outputs, [{ name: 'out_sample', type: 'float32', shape: ['', 1, 32, 32] }])
    assert.equal(maxBatch, name === 'triton-batched' ? 4 : undefined)
    const { out_sample: out } = await session.run(inputs(1, [1, 32, 32]), ['out_sample'])
    const capture = cases.find(({ id }) => id === of)!
    assert.equal(bits(out!.data), capture.decoded!.base64)

    const mine = asked.at(-1)!
    const theirs = Object.fromEntries(capture.request.headers!.map(([key, value]) => [key.toLowerCase(), value]))
    const [length, theirLength] = [mine.headers, theirs].map((headers) => Number(headers['inference-header-content-length'] ?? NaN))
    const ours = request(mine.body, Number.isNaN(length) ? mine.body.length : length!)
    const body = bytesOf(capture.request.body)
    const { tensors, outputs: theirOutputs } = request(body, Number.isNaN(theirLength) ? body.length : theirLength!)
    assert.deepEqual(ours.tensors, tensors)
    if (name !== 'mlserver') assert.deepEqual(ours.outputs, theirOutputs)
    assert.equal(mine.headers['content-type'], theirs['content-type'])
    assert.equal(typeof ours.id, 'string')
    assert.equal(Number(mine.headers['content-length']), mine.body.length)
    for (const { headers } of asked) assert.equal(headers['accept-encoding'], 'identity')
    t.diagnostic(`${asked.length} requests: ${asked.map(({ method, path }) => `${method} ${path}`).join(', ')}`)
  })
}

test('a server that does not say what it takes is asked in bytes once, then in JSON, and in JSON from then on', async (t) => {
  const { cases } = captures('mlserver')
  const { url, asked } = await listening(t, ({ method, path, headers }, response) => {
    const binary = headers['inference-header-content-length'] !== undefined
    // Behind a gateway that passes models on and nothing else.
    const found = cases.find(({ id, request }) => path !== '/v2' && request.method === method && request.path === path && (method === 'GET' || id.includes('binary') === binary))
    if (found) replay(found, response)
    else response.writeHead(404).end()
  })
  const session = new ServerSession(addressOf(url, 'tiny'), () => undefined, soon)
  t.after(() => session.release())
  await session.describe()
  for (let round = 0; round < 2; round++) {
    const { out_sample: out } = await session.run(inputs(1, [1, 32, 32]), ['out_sample'])
    assert.equal(bits(out!.data), cases.find(({ id }) => id === 'tiny-json-json')!.decoded!.base64)
  }
  assert.deepEqual(asked.filter(({ method }) => method === 'POST').map(({ headers }) => headers['content-type']), ['application/octet-stream', 'application/json', 'application/json'])
})

test('float16 and int64 travel as bits', async (t) => {
  const { session, asked, cases } = await recorded(t, 'triton', 'latent', 'f16-i64-binary-small')
  await session.describe()
  const capture = cases.find(({ id }) => id === 'f16-i64-binary-small')!
  const body = bytesOf(capture.request.body)
  const length = Number(capture.request.headers!.find(([key]) => key === 'Inference-Header-Content-Length')![1])
  const { inputs: theirs } = JSON.parse(body.subarray(0, length).toString()) as { inputs: { name: string; shape: number[]; parameters: { binary_data_size: number } }[] }
  let at = length
  const { Tensor } = loadRuntime()
  const feeds = Object.fromEntries(theirs.map(({ name, shape, parameters }) => {
    const own = new Uint8Array(body.subarray(at, at += parameters.binary_data_size)).buffer
    return [name, name === 'timestep' ? new Tensor('int64', new BigInt64Array(own), shape) : new Tensor('float16', new Uint16Array(own) as never, shape)]
  }))
  const { out_sample: out } = await session.run(feeds, ['out_sample'])
  assert.equal(bits(out!.data), capture.decoded!.base64)
  assert.ok(fromHalf(out!.data as Uint16Array).every(Number.isFinite))
  assert.deepEqual(request(asked.at(-1)!.body, Number(asked.at(-1)!.headers['inference-header-content-length'])).tensors, request(body, length).tensors)
})

for (const [name, model, swap, status, said] of [
  ['triton', 'tiny', 'wrong-height', 400, /unexpected shape for input 'sample'.* Expected \[-1,1,8,8\], got \[1,1,4,8\]\.$/],
  ['triton', 'tiny', 'label-out-of-range', 500, /idx=99 must be within the inclusive range \[-11,10\]\.$/],
  ['triton', 'tiny', 'malformed-json', 500, /\.$/],
  ['triton-batched', 'tiny', 'batch-5', 400, /batch-size must be <= 4 for 'mini'\.$/],
  ['kserve', 'tiny', 'wrong-height', 400, /\.$/],
  ['kserve', 'tiny', 'malformed-json', 422, /\.$/],
  ['mlserver', 'tiny', 'malformed-json', 422, /JSON decode error\.$/],
  ['mlserver', 'tiny', 'tiny-binary-to-binary', 500, /Internal Server Error\.$/],
  ['kserve', 'tiny', 'model-version-metadata', 501, /\.$/],
  ['kserve', 'tiny', 'model-metadata-slash', 307, /sends us elsewhere/],
] as const) {
  test(`${captures(name).server}, ${swap}: one sentence with the server's own words, and what to do`, async (t) => {
    const { session } = await recorded(t, name, model, swap)
    await session.describe()
    const error = await session.run(inputs(1, [1, 32, 32]), ['out_sample']).then(() => undefined, (thrown: Error & { reason?: string; advice?: string; remedy?: unknown }) => thrown)
    assert.equal(error?.reason, 'serverFailed')
    assert.match(error.message, new RegExp(`HTTP ${status}`))
    assert.match(error.message, said)
    assert.ok(error.message.length < 320 && !/request id|\n/.test(error.message) && error.advice && error.remedy)
    t.diagnostic(error.message)
  })
}

test('values that are no numbers in JSON, bare NaN or null, are NaN: the step that has them is named by who reads them', async (t) => {
  for (const name of ['triton', 'kserve']) {
    const { session } = await recorded(t, name, 'tiny', 'nonfinite-to-json')
    await session.describe()
    session.learn([], [{ name: 'out_sample', datatype: 'FP32', shape: [-1, 1, 8, 8] }])
    const { out_sample: out } = await session.run(inputs(1, [1, 8, 8]), ['out_sample'])
    assert.equal(out!.data.length, 64)
    assert.ok((out!.data as Float32Array).every(Number.isNaN))
  }
})

test('an answer that is compressed although it was asked not to be is refused, and not taken for a tensor', async (t) => {
  const { session } = await recorded(t, 'triton', 'tiny', 'accept-encoding:gzip')
  await session.describe()
  await assert.rejects(session.run(inputs(1, [1, 8, 8]), ['out_sample']), { reason: 'serverFailed', message: /compresses its answers \(gzip\)/ })
})

test('a model that the server does not have', async (t) => {
  for (const name of ['triton', 'kserve', 'mlserver']) {
    const { session } = await recorded(t, name, 'nothing')
    await assert.rejects(session.describe(), { reason: 'serverFailed', message: /has no model nothing \(HTTP 404\): .*not/ })
  }
})
