// Gives an ONNX model float16 ends: its input `sample` and its output `out_sample` become float16, with a Cast behind the one and before the other.

interface Field { number: number; /** Key and length. */ head: Buffer; content: Buffer; whole: Buffer }

function* fields(message: Buffer): Generator<Field> {
  for (let at = 0; at < message.length;) {
    const start = at
    const varint = (): number => {
      let value = 0
      for (let shift = 1; ; shift *= 128) {
        const byte = message[at++]!
        value += (byte & 127) * shift
        if (byte < 128) return value
      }
    }
    const key = varint()
    const wire = key & 7
    const length = wire === 2 ? varint() : 0
    const from = at
    if (wire === 0) varint()
    else at += wire === 1 ? 8 : wire === 5 ? 4 : length
    yield { number: key >>> 3, head: message.subarray(start, from), content: message.subarray(from, at), whole: message.subarray(start, at) }
  }
}

function field(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content as string)
  const head = [number << 3 | 2]
  for (let n = bytes.length; ; n >>>= 7) {
    head.push(n > 127 ? n & 127 | 128 : n)
    if (n <= 127) break
  }
  return Buffer.concat([Buffer.from(head), bytes])
}

/** A message with every field that `change` gives another content for. */
function rebuilt(message: Buffer, change: (field: Field) => Buffer | undefined): Buffer {
  return Buffer.concat([...fields(message)].map((one) => {
    const other = change(one)
    return other === undefined ? one.whole : field(one.number, other)
  }))
}

const cast = (input: string, output: string, type: number): Buffer => field(1, Buffer.concat([
  field(1, input), field(2, output), field(4, 'Cast'), field(5, Buffer.concat([field(1, 'to'), Buffer.from([3 << 3, type, 20 << 3 | 0x80, 1, 2])])),
]))

/** ValueInfoProto whose tensor is of float16. */
const halfValue = (value: Buffer): Buffer => rebuilt(value, ({ number, content }) => number !== 2 ? undefined
  : rebuilt(content, (type) => type.number !== 1 ? undefined : Buffer.concat([Buffer.from([1 << 3, 10]), ...[...fields(type.content)].filter((one) => one.number !== 1).map(({ whole }) => whole)])))

const nameOf = (value: Buffer): string => [...fields(value)].find(({ number }) => number === 1)!.content.toString()

/** ModelProto → ModelProto. */
export function withHalfEnds(model: Buffer): Buffer {
  const renamed = (name: string): string | undefined => name === 'sample' ? 'sample32' : name === 'out_sample' ? 'out32' : undefined
  return rebuilt(model, ({ number, content }) => {
    if (number !== 7) return undefined
    const graph = rebuilt(content, (part) => {
      if (part.number === 1) return rebuilt(part.content, (inner) => { const name = inner.number === 1 || inner.number === 2 ? renamed(inner.content.toString()) : undefined; return name === undefined ? undefined : Buffer.from(name) })
      return (part.number === 11 || part.number === 12) && renamed(nameOf(part.content)) !== undefined ? halfValue(part.content) : undefined
    })
    return Buffer.concat([cast('sample', 'sample32', 1), graph, cast('out32', 'out_sample', 10)])
  })
}
