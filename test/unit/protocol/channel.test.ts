import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Channel, message, request } from '../../../src/protocol/channel'
import { memoryPair } from '../../../src/protocol/transports'
import { DpmError } from '../../../src/sampler/errors'

const double = request<number, number>('test/double')
const wait = request<null, null>('test/wait')
const fail = request<'known' | 'unknown', null>('test/fail')
const unhandled = request<null, null>('test/unhandled')
const unclonable = request<null, unknown>('test/unclonable')
const event = message<{ lambda: number; pixels: Uint8Array }>('test/event')
const gone = new DpmError({ reason: 'engineExited', message: 'The engine exited.', advice: 'Restart it.' })

function joined(): { near: Channel; far: Channel; close: () => void; raw: (packet: unknown) => void; garbage: string[] } {
  const pair = memoryPair()
  const garbage: string[] = []
  const near = new Channel(pair.a, () => {}, (what) => { garbage.push(what) })
  const far = new Channel(pair.b)
  far.handle(double, (value) => value * 2)
  far.handle(wait, () => new Promise<null>(() => {}))
  far.handle(fail, (kind) => {
    throw kind === 'known' ? new DpmError({ reason: 'modelMissing', message: 'No such file.', advice: 'Choose another.', field: 'model.path', remedy: { title: 'Select Model…', command: 'selectModel' } }) : new Error('boom')
  })
  far.handle(unclonable, () => ({ f: () => 0 }))
  return { near, far, close: () => { pair.close(gone) }, raw: (packet) => { pair.b.send(packet) }, garbage }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

test('each of many requests gets its own answer', async () => {
  const { near } = joined()
  assert.deepEqual(await Promise.all([1, 2, 3].map((value) => near.ask(double, value))), [2, 4, 6])
})

test('the trace has every request, answer and message, both ways', async () => {
  const pair = memoryPair()
  const lines: string[] = []
  const near = new Channel(pair.a, (line) => { lines.push(line) })
  const far = new Channel(pair.b)
  far.handle(double, (value) => value * 2)
  near.on(event, () => {})
  await near.ask(double, 1)
  near.notify(event, { lambda: 0, pixels: new Uint8Array() })
  far.notify(event, { lambda: 0, pixels: new Uint8Array() })
  await turn()
  assert.deepEqual(lines, ['→ test/double #1', '← test/double #1', '→ test/event', '← test/event'])
})

test('an error of the other side arrives whole; anything else thrown arrives as internal', async () => {
  const { near } = joined()
  await assert.rejects(near.ask(fail, 'known'), { name: 'DpmError', reason: 'modelMissing', message: 'No such file.', advice: 'Choose another.', field: 'model.path', remedy: { title: 'Select Model…', command: 'selectModel' } })
  await assert.rejects(near.ask(fail, 'unknown'), { reason: 'internal', message: /boom/ })
  await assert.rejects(near.ask(unhandled, null), { reason: 'engineProtocol', message: /test\/unhandled/ })
})

test('an answer that cannot be cloned becomes an error, not silence', async () => {
  const { near } = joined()
  await assert.rejects(near.ask(unclonable, null), { reason: 'internal' })
})

test('a request that cannot be cloned is rejected and does not wait', async () => {
  const { near, close, garbage } = joined()
  await assert.rejects(near.ask(request<unknown, null>('test/double'), () => 0))
  close()
  assert.deepEqual(garbage, [])
})

test('messages keep numbers and bytes', async () => {
  const { near, far } = joined()
  const received: unknown[] = []
  near.on(event, (params) => { received.push(params) })
  far.notify(event, { lambda: Infinity, pixels: new Uint8Array([1, 2]) })
  await turn()
  assert.deepEqual(received, [{ lambda: Infinity, pixels: new Uint8Array([1, 2]) }])
})

test('when the transport closes, what waits and what is asked later is rejected with its reason', async () => {
  const { near, close } = joined()
  const waiting = near.ask(wait, null)
  close()
  await assert.rejects(waiting, (error) => error === gone)
  await assert.rejects(near.ask(double, 1), (error) => error === gone)
  near.notify(event, { lambda: 0, pixels: new Uint8Array() })
})

test('garbage is reported and changes nothing', async () => {
  const { near, raw, garbage } = joined()
  for (const packet of [null, 7, 'text', {}, { kind: 'nonsense' }, { kind: 'result', id: 99, result: 1 }, { kind: 'message', name: 'test/nobody', params: 1 }, { kind: 'error', id: 'x' }]) raw(packet)
  assert.equal(await near.ask(double, 21), 42)
  assert.equal(garbage.length, 8)
})

test('a listener that throws is reported and the next message still arrives', async () => {
  const { near, far, garbage } = joined()
  let calls = 0
  near.on(event, () => { calls++; throw new Error('listener broke') })
  far.notify(event, { lambda: 0, pixels: new Uint8Array() })
  far.notify(event, { lambda: 0, pixels: new Uint8Array() })
  await turn()
  assert.equal(calls, 2)
  assert.match(garbage[0] ?? '', /test\/event: Error: listener broke/)
})

test('what comes out of a pipe after its close is told is not delivered', () => {
  let deliver: (packet: unknown) => void = () => {}
  let close: (reason: DpmError) => void = () => {}
  const received: string[] = []
  const channel = new Channel({ send: () => {}, onPacket: (listener) => { deliver = listener }, onClose: (listener) => { close = listener } }, () => {}, (what) => { received.push(what) })
  channel.on(event, () => { received.push('event') })
  const packet = { kind: 'message', name: event.name, params: { lambda: 0, pixels: new Uint8Array(1) } }
  deliver(packet)
  close(gone)
  deliver(packet)
  deliver('garbage')
  assert.deepEqual(received, ['event'])
})
