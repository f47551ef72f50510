import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromWire, toWire } from '../../../src/protocol/wire'

/** What postMessage between host and page does to a message: typed arrays and ArrayBuffers travel with their whole buffer, the rest is JSON. */
function post(message: unknown): { received: unknown; bytesSent: number } {
  const buffers: ArrayBufferLike[] = []
  const views: ArrayBufferView[] = []
  const text = JSON.stringify(message, (_key, value: unknown) => {
    if (value instanceof ArrayBuffer) { buffers.push(value); return { $view: views.push(new Uint8Array(value)) - 1, whole: true } }
    if (ArrayBuffer.isView(value)) { buffers.push(value.buffer); return { $view: views.push(value) - 1 } }
    return value
  })
  const received: unknown = JSON.parse(text, (_key, value: unknown) => {
    const reference = value as { $view?: number; whole?: boolean } | null
    if (typeof reference !== 'object' || reference?.$view === undefined) return value
    const view = views[reference.$view]
    return structuredClone(reference.whole ? view?.buffer : view)
  })
  return { received, bytesSent: new Set(buffers).size === 0 ? 0 : [...new Set(buffers)].reduce((sum, buffer) => sum + buffer.byteLength, 0) }
}
const travel = (message: unknown): unknown => fromWire(post(toWire(message)).received)

test('typed arrays and ArrayBuffers arrive as they are, nested too', () => {
  const message = { a: new Uint8Array([1, 2, 3]), list: [{ f: new Float32Array([0.5, NaN, -Infinity]) }], buffer: new Uint8Array([9]).buffer, f64: new Float64Array([Infinity]) }
  assert.deepEqual(travel(message), message)
})

test('an array that owns its buffer is not copied', () => {
  const pixels = new Uint8Array(16)
  assert.equal((toWire({ pixels }) as { pixels: Uint8Array }).pixels, pixels)
})

test('a Node Buffer arrives as the Uint8Array of its bytes', () => {
  const { bytes } = travel({ bytes: Buffer.from('häm') }) as { bytes: Uint8Array }
  assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype)
  assert.deepEqual([...bytes], [...new TextEncoder().encode('häm')])
})

test('of a view into a large buffer only its own bytes are sent', () => {
  const large = new ArrayBuffer(1 << 20)
  const views = { bytes: new Uint8Array(large, 100, 16).fill(7), floats: new Float32Array(large, 400, 3).fill(0.25) }
  const { received, bytesSent } = post(toWire(views))
  assert.equal(bytesSent, 16 + 12)
  assert.deepEqual(fromWire(received), { bytes: new Uint8Array(16).fill(7), floats: new Float32Array(3).fill(0.25) })
})

test('numbers that are not finite arrive as themselves', () => {
  const message = { lambda: Infinity, list: [NaN, -Infinity, -0.5], level: { sigma: 0 } }
  assert.deepEqual(travel(message), message)
})

test('a field that is undefined is left out; null, text and truth values stay', () => {
  assert.deepEqual(travel({ a: undefined, b: null, c: 'NaN', d: false }), { b: null, c: 'NaN', d: false })
})

test('what would arrive as something else is refused, with its place', () => {
  class Level { t = 1 }
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const refused: [unknown, RegExp][] = [
    [{ at: new Date(0) }, /message\.at \(Date\)/],
    [{ rows: [1, undefined] }, /message\.rows\[1\] \(undefined\)/],
    [{ seed: 1n }, /message\.seed \(bigint\)/],
    [{ map: new Map() }, /message\.map \(Map\)/],
    [{ f: () => 0 }, /message\.f \(function\)/],
    [{ level: new Level() }, /message\.level \(Level\)/],
    [{ view: new DataView(new ArrayBuffer(4)) }, /message\.view \(DataView\)/],
    [cycle, /message\.self contains itself/],
    [{ $number: 'Infinity' }, /\$number/],
  ]
  for (const [message, pattern] of refused) assert.throws(() => toWire(message), { name: 'TypeError', message: pattern })
})

test('a Float16Array, where the runtime has them, is refused', () => {
  class Float16Array extends Uint16Array { override get [Symbol.toStringTag](): 'Uint16Array' { return 'Float16Array' as 'Uint16Array' } }
  assert.throws(() => toWire({ half: new Float16Array(4) }), /message\.half \(Float16Array\)/)
})

test('the same object twice is no cycle', () => {
  const level = { t: 1 }
  assert.deepEqual(travel({ from: level, to: level }), { from: level, to: level })
})
