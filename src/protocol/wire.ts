const bytesArrive = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']

/**
 * A message in the form in which it survives `postMessage` between host and page, which is JSON plus typed arrays: numbers that are
 * not finite are tagged, views (a Node Buffer among them) become arrays of exactly their own bytes, fields that are undefined are left out.
 * Throws TypeError, naming the place, for what would arrive as something else: dates, maps, bigints, Float16Array, functions, cycles.
 */
export function toWire(message: unknown): unknown {
  return encode(message, 'message', [])
}

/** The message that `toWire` was given. */
export function fromWire(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || ArrayBuffer.isView(raw) || raw instanceof ArrayBuffer) return raw
  if (Array.isArray(raw)) return raw.map(fromWire)
  if ('$number' in raw) return Number(raw.$number)
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, fromWire(value)]))
}

function encode(value: unknown, place: string, parents: object[]): unknown {
  switch (typeof value) {
    case 'string': case 'boolean': return value
    case 'number': return Number.isFinite(value) ? value : { $number: String(value) }
    case 'object': return value === null ? null : encodeObject(value, place, parents)
    case 'undefined': case 'bigint': case 'symbol': case 'function': throw new TypeError(`${place} (${typeof value}) cannot travel to the page`)
  }
}

function encodeObject(value: object, place: string, parents: object[]): unknown {
  if (value instanceof ArrayBuffer) return value
  if (ArrayBuffer.isView(value)) return exact(value, place)
  if (parents.includes(value)) throw new TypeError(`${place} contains itself and cannot travel to the page`)
  const inside = [...parents, value]
  if (Array.isArray(value)) return value.map((item, index) => encode(item, `${place}[${index}]`, inside))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError(`${place} (${value.constructor.name}) cannot travel to the page`)
  if ('$number' in value) throw new TypeError(`${place} has a field $number, which stands for a number that is not finite`)
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined).map(([key, field]) => [key, encode(field, `${place}.${key}`, inside)]))
}

/** A view's own bytes only: of a view into a larger buffer the whole buffer would be sent, and of a Buffer a list of numbers. */
function exact(view: ArrayBufferView, place: string): ArrayBufferView {
  const kind = Object.prototype.toString.call(view).slice('[object '.length, -1)
  if (!bytesArrive.includes(kind)) throw new TypeError(`${place} (${kind}) cannot travel to the page`)
  const plain = Object.getPrototypeOf(Object.getPrototypeOf(view)) === Object.getPrototypeOf(Uint8Array.prototype)
  if (plain && view.byteLength === view.buffer.byteLength && view.buffer instanceof ArrayBuffer) return view
  const bytes = new Uint8Array(view.byteLength)
  bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  // Buffer is the one subclass in use; its constructor would make a Buffer again.
  return plain ? new (view.constructor as new (buffer: ArrayBuffer) => ArrayBufferView)(bytes.buffer) : bytes
}
