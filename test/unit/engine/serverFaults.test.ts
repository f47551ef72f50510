import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Feeds } from '../../../src/engine/network'
import { loadRuntime } from '../../../src/engine/runtime'
import { addressOf } from '../../../src/engine/server/address'
import { ServerSession, type Patience } from '../../../src/engine/server/session'
import { json, listening, soon, type Answering } from './oipServer'

/** Two values for each item: the smallest network that fits the protocol. */
const metadata = { name: 'm', versions: ['1'], platform: 'p', inputs: [{ name: 'sample', datatype: 'FP32', shape: [-1, 2] }], outputs: [{ name: 'out_sample', datatype: 'FP32', shape: [-1, 2] }] }
const feeds = (): Feeds => ({ sample: new (loadRuntime().Tensor)('float32', Float32Array.of(1, 2), [1, 2]) })
const good = Buffer.from(Float32Array.of(3, 4).buffer)

/** What the server says to an evaluation; its descriptions are in order. */
type Infer = (...given: Parameters<Answering>) => void

function answering(infer: Infer): Answering {
  return (asked, response, request) => {
    if (asked.method === 'POST') infer(asked, response, request)
    else if (asked.path === '/v2/models/m') json(response, metadata)
    else if (asked.path === '/v2') json(response, { name: 'fake', version: '1', extensions: ['binary_tensor_data'] })
    else json(response, { error: 'no' }, 404)
  }
}

/** An answer with any part of it put wrong. */
function sends(response: Parameters<Infer>[1], output: object = {}, bytes: Buffer = good, header?: string): void {
  const head = Buffer.from(JSON.stringify({ id: 'x', outputs: [{ name: 'out_sample', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: good.length }, ...output }] }))
  response.writeHead(200, { 'Inference-Header-Content-Length': header ?? head.length }).end(Buffer.concat([head, bytes]))
}

async function asking(t: TestContext, infer: Infer, how: Partial<Patience> = {}, token?: string): Promise<{ ask: () => Promise<number[]>; evaluations: () => number; at: Awaited<ReturnType<typeof listening>> }> {
  const at = await listening(t, answering(infer))
  const session = new ServerSession(addressOf(at.url, 'm'), () => token, { ...soon, ...how })
  t.after(() => session.release())
  await session.describe()
  return { ask: async () => [...(await session.run(feeds(), ['out_sample']))['out_sample']!.data], evaluations: () => at.asked.filter(({ method }) => method === 'POST').length, at }
}

interface Told extends Error { reason?: string; advice?: string; remedy?: { title: string; command?: string; set?: unknown } }
/** What a failure tells, which is one sentence with its full stop, an advice and a button. */
async function told(t: TestContext, failing: Promise<unknown>): Promise<Told> {
  const error = await failing.then(() => assert.fail('it did not fail'), (thrown: Told) => thrown)
  assert.equal(error.reason, 'serverFailed', error.stack)
  assert.match(error.message, /^[A-Z][^\n]*[^.]\.$/)
  assert.match(error.advice ?? '', /^[A-Z].*\.$/)
  assert.ok(error.remedy)
  t.diagnostic(`${error.message} ${error.advice} [${error.remedy.title}]`)
  return error
}

for (const status of [429, 503]) {
  test(`${status} is asked again, later each time, until there is room`, async (t) => {
    const times: number[] = []
    const { ask, evaluations } = await asking(t, (_, response) => {
      times.push(performance.now())
      if (times.length < 4) json(response, { error: '[request id: o3] Exceeds maximum queue size' }, status)
      else sends(response)
    }, { backOffMs: 20, mostBackOffMs: 1000 })
    assert.deepEqual(await ask(), [3, 4])
    assert.equal(evaluations(), 4)
    const waits = times.slice(1).map((time, k) => time - times[k]!)
    waits.forEach((wait, k) => { assert.ok(wait >= 0.7 * 20 * 2 ** k, `wait ${k}: ${wait} ms`) })
    t.diagnostic(`waited ${waits.map((wait) => wait.toFixed(0)).join(', ')} ms`)
  })
}

test('Retry-After is waited for, up to a limit', async (t) => {
  let first = 0
  const { ask } = await asking(t, (_, response) => {
    if (first > 0) return sends(response)
    first = performance.now()
    response.writeHead(503, { 'Retry-After': '3600' }).end()
  }, { mostBackOffMs: 60 })
  const started = performance.now()
  await ask()
  assert.ok(performance.now() - started >= 55)
})

test('503 for ever', async (t) => {
  const { ask, evaluations } = await asking(t, (_, response) => { json(response, { error: 'Exceeds maximum queue size' }, 503) })
  const { message, remedy } = await told(t, ask())
  assert.match(message, /had no room for a request, 4 times within .*: Exceeds maximum queue size\.$/)
  assert.equal(remedy!.command, 'runAgain')
  assert.equal(evaluations(), 4)
})

test('what is no matter of room is asked once', async (t) => {
  for (const status of [400, 404, 413, 500, 502, 504]) {
    const { ask, evaluations } = await asking(t, (_, response) => { json(response, { error: 'unexpected shape' }, status) })
    const { message } = await told(t, ask())
    assert.match(message, new RegExp(`HTTP ${status}\\): unexpected shape\\.$`))
    assert.equal(evaluations(), 1, String(status))
  }
})

for (const [what, infer, says] of [
  ['200 with an error', (_, response) => { json(response, { error: 'the model is gone' }) }, /answers with an error: the model is gone\.$/],
  ['200 with a page', (_, response) => { response.end('<html>hello</html>') }, /answers with what is no JSON\.$/],
  ['200 with nothing', (_, response) => { response.end() }, /answers with what is no JSON\.$/],
  ['no outputs', (_, response) => { json(response, { id: 'x' }) }, /answers without outputs\.$/],
  ['another output', (_, response) => { sends(response, { name: 'other' }) }, /gives other, and not out_sample\.$/],
  ['another shape', (_, response) => { sends(response, { shape: [2, 1] }) }, /gives out_sample in the shape \[2,1\], where \[1,2\] is due\.$/],
  ['more items than were asked for', (_, response) => { sends(response, { shape: [2, 2] }) }, /in the shape \[2,2\], where \[1,2\] is due\.$/],
  ['another type', (_, response) => { sends(response, { datatype: 'FP64' }) }, /gives out_sample as "FP64", and its metadata says FP32\.$/],
  ['too few bytes', (_, response) => { sends(response, {}, good.subarray(0, 5)) }, /sends 5 bytes of a tensor that has 8\.$/],
  ['a tensor too short for its shape', (_, response) => { sends(response, { parameters: { binary_data_size: 4 } }, good.subarray(0, 4)) }, /sends 4 bytes of out_sample, which has 8\.$/],
  ['bytes left over', (_, response) => { sends(response, {}, Buffer.concat([good, good])) }, /sends 8 bytes more than its answer says\.$/],
  ['a size that is none', (_, response) => { sends(response, { parameters: { binary_data_size: -1 } }) }, /gives binary_data_size as -1\.$/],
  ['a header that lies', (_, response) => { sends(response, {}, good, '99999') }, /says that its JSON has 99999 bytes/],
  ['numbers as text', (_, response) => { json(response, { outputs: [{ name: 'out_sample', datatype: 'FP32', shape: [1, 2], data: ['3', 4] }] }) }, /gives "3" among the values of out_sample\.$/],
  ['too few numbers', (_, response) => { json(response, { outputs: [{ name: 'out_sample', datatype: 'FP32', shape: [1, 2], data: [[3]] }] }) }, /gives 1 values of out_sample, which has 2\.$/],
  ['an endless answer', (_, response) => {
    const more = (): void => { if (!response.destroyed) response.write(Buffer.alloc(1 << 18), more) }
    more()
  }, /answers with more than \d+ bytes, more than there can be\.$/],
  ['a connection that is cut within the answer', (_, response) => { response.writeHead(200, { 'Content-Length': 1000 }).write('0123456789', () => { response.destroy() }) }, /cut its answer short after 10 bytes\.$/],
  ['a chunked answer without its end', (_, response) => { response.write('0123456789', () => { response.destroy() }) }, /cut its answer short after 10 bytes\.$/],
] as const satisfies [string, Infer, RegExp][]) {
  test(`${what}: a sentence, asked once`, async (t) => {
    const { ask, evaluations } = await asking(t, infer)
    assert.match((await told(t, ask())).message, says)
    assert.equal(evaluations(), 1)
  })
}

test('a server that does not answer, or stops in the middle of it', async (t) => {
  for (const infer of [() => {}, (_, response) => { response.writeHead(200, { 'Content-Length': 100 }).write('x') }] satisfies Infer[]) {
    const { ask } = await asking(t, infer, { evaluateMs: 80 })
    assert.match((await told(t, ask())).message, /sent nothing for 80 ms\.$/)
  }
})

test('a connection that was dropped while it lay idle is made anew; one that drops at once is told', async (t) => {
  const served = new Map<unknown, number>()
  let dropped = 0
  const { ask, at } = await asking(t, (_, response, request) => {
    const times = (served.get(request.socket) ?? 0) + 1
    served.set(request.socket, times)
    if (times === 1) return sends(response)
    dropped++
    request.socket.destroy()
  })
  for (let i = 0; i < 4; i++) assert.deepEqual(await ask(), [3, 4])
  assert.equal(dropped, 3)
  // And as servers do it: closed while nobody asks.
  for (const socket of at.sockets) socket.destroy()
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(await ask(), [3, 4])

  const broken = await listening(t, (_, __, request) => { request.socket.destroy() })
  const session = new ServerSession(addressOf(broken.url, 'm'), () => undefined, soon)
  assert.match((await told(t, session.describe())).message, /closed the connection before it answered\.$/)
  assert.equal(broken.asked.length, 1)
})

test('nothing listens, nothing that speaks HTTP listens, no such host', async (t) => {
  const { url, server } = await listening(t, () => {})
  await new Promise((resolve) => server.close(resolve))
  assert.match((await told(t, new ServerSession(addressOf(url, 'm'), () => undefined, soon).describe())).message, /cannot be reached: nothing listens there\.$/)

  const talking = createTcpServer((socket) => { socket.on('error', () => {}).end('220 mail ready\r\n') })
  await new Promise<void>((resolve) => talking.listen(0, '127.0.0.1', resolve))
  t.after(() => talking.close())
  const { port } = talking.address() as AddressInfo
  assert.match((await told(t, new ServerSession(addressOf(`http://127.0.0.1:${port}`, 'm'), () => undefined, soon).describe())).message, /does not speak HTTP\.$/)
  assert.match((await told(t, new ServerSession(addressOf(`https://127.0.0.1:${port}`, 'm'), () => undefined, soon).describe())).message, /does not speak HTTPS\.$/)
  assert.match((await told(t, new ServerSession(addressOf('http://nowhere.invalid', 'm'), () => undefined, soon).describe())).message, /cannot be reached: (there is no such host|its name could not be looked up)\.$/)
})

test('TLS: a certificate that nobody vouches for is refused before the token is sent', async (t) => {
  const pem = readFileSync('test/fixtures/tls/selfSigned.pem')
  const { port, asked } = await listening(t, answering((_, response) => { sends(response) }), (handler) => createSecureServer({ key: pem, cert: pem }, handler))
  const { message, advice } = await told(t, new ServerSession(addressOf(`https://127.0.0.1:${port}`, 'm'), () => 'secret', soon).describe())
  assert.match(message, /is not trusted: it signed its certificate itself\.$/)
  assert.match(advice!, /NODE_EXTRA_CA_CERTS/)
  assert.equal(asked.length, 0)
})

test('a token goes along as bearer token; without one, the remedy is to set it; a redirect takes it nowhere', async (t) => {
  const guarded: Infer = ({ headers }, response) => {
    if (headers.authorization === 'Bearer secret') sends(response)
    else json(response, { error: 'who are you?' }, 401)
  }
  assert.deepEqual(await (await asking(t, guarded, {}, 'secret')).ask(), [3, 4])
  const { message, remedy } = await told(t, (await asking(t, guarded)).ask())
  assert.match(message, /does not let us in \(HTTP 401\): who are you\?\.$/)
  assert.equal(remedy!.command, 'setServerToken')

  const elsewhere = await listening(t, () => {})
  const { ask } = await asking(t, (_, response) => { response.writeHead(307, { Location: `${elsewhere.url}/v2/models/m/infer` }).end() }, {}, 'secret')
  assert.match((await told(t, ask())).message, /sends us elsewhere \(HTTP 307\)\.$/)
  assert.equal(elsewhere.asked.length, 0)
})

test('addresses: a server, a model of it, a version of that, behind a path; and those that are none', async (t) => {
  const of = (server: string, name = 'digits'): string[] => { const { origin, prefix, model, version, url } = addressOf(server, name); return [origin, prefix, model, String(version), url] }
  assert.deepEqual(of('http://host:8000'), ['http://host:8000', '', 'digits', 'null', 'http://host:8000/v2/models/digits'])
  assert.deepEqual(of(' https://host/ '), ['https://host', '', 'digits', 'null', 'https://host/v2/models/digits'])
  assert.deepEqual(of('http://host:8000/v2'), of('http://host:8000'))
  assert.deepEqual(of('http://host:8000/v2/models/other/'), ['http://host:8000', '', 'other', 'null', 'http://host:8000/v2/models/other'])
  assert.deepEqual(of('https://gate/team/a/v2/models/other/versions/3'), ['https://gate', '/team/a', 'other', '3', 'https://gate/team/a/v2/models/other/versions/3'])
  assert.deepEqual(of('https://gate/team/a', 'my model')[4], 'https://gate/team/a/v2/models/my%20model')
  for (const [server, says] of [['ftp://host', /not one of http or https/], ['host:8000', /not one of http or https/], ['http://me:secret@host', /a user or a password/], ['http://host/?key=secret', /goes on with \?/]] as const) {
    const { message, advice } = await told(t, Promise.resolve().then(() => addressOf(server, 'm')))
    assert.match(message, says)
    assert.ok(!/secret/.test(message + advice))
  }
})
