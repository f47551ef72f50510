// Writes small ONNX files by hand, as protobuf, so that tests have networks that do exactly one thing.

type Bytes = number[]
const varint = (n: number): Bytes => {
  const out: Bytes = []
  do { out.push((n & 127) | (n > 127 ? 128 : 0)); n = Math.floor(n / 128) } while (n > 0)
  return out
}
const int = (field: number, n: number): Bytes => [...varint(field << 3), ...varint(n)]
const bytes = (field: number, content: ArrayLike<number>): Bytes => [...varint(field << 3 | 2), ...varint(content.length), ...Array.from(content)]
const text = (field: number, content: string): Bytes => bytes(field, Buffer.from(content))

const types = { float32: 1, int32: 6, int64: 7, float16: 10, float64: 11, bfloat16: 16 }
export type OnnxType = keyof typeof types
export interface Value { name: string; type?: OnnxType; dims: (number | string)[] }
export interface Node { op: string; inputs: string[]; output: string; ints?: Record<string, number | number[]>; domain?: string }
export interface Constant { name: string; type?: OnnxType; dims?: number[]; values: number[]; /** Kept in this file instead: its location, offset 0. */ external?: string; /** Bytes there, where they are not those of `values`. */ length?: number }
export interface Graph { inputs: Value[]; outputs: Value[]; nodes: Node[]; constants?: Constant[]; opset?: number; ir?: number }

/** A ModelProto. */
export function onnxFile({ inputs, outputs, nodes, constants = [], opset = 17, ir = 8 }: Graph): Uint8Array {
  const graph = [
    ...nodes.flatMap((node) => bytes(1, nodeProto(node))), ...text(2, 'test'), ...constants.flatMap((constant) => bytes(5, tensorProto(constant))),
    ...inputs.flatMap((value) => bytes(11, valueInfo(value))), ...outputs.flatMap((value) => bytes(12, valueInfo(value))),
  ]
  return Uint8Array.from([...int(1, ir), ...bytes(7, graph), ...bytes(8, int(2, opset)), ...bytes(8, [...text(1, 'com.example'), ...int(2, 1)])])
}

/** The raw bytes of a constant, as external data hold them. */
export function rawData({ type = 'float32', values }: Pick<Constant, 'type' | 'values'>): Uint8Array {
  const typed = type === 'int64' ? BigInt64Array.from(values.map(BigInt)) : type === 'float16' ? Uint16Array.from(values) : Float32Array.from(values)
  return new Uint8Array(typed.buffer)
}

function nodeProto({ op, inputs, output, ints = {}, domain }: Node): Bytes {
  const attributes = Object.entries(ints).flatMap(([name, value]) => bytes(5, Array.isArray(value)
    ? [...text(1, name), ...value.flatMap((n) => int(8, n)), ...int(20, 7)]
    : [...text(1, name), ...int(3, value), ...int(20, 2)]))
  return [...inputs.flatMap((input) => text(1, input)), ...text(2, output), ...text(4, op), ...attributes, ...(domain ? text(7, domain) : [])]
}

function tensorProto(constant: Constant): Bytes {
  const { name, type = 'float32', dims = [], external, length } = constant
  const data = rawData(constant)
  const entry = (key: string, value: string): Bytes => bytes(13, [...text(1, key), ...text(2, value)])
  const content = external === undefined ? bytes(9, data) : [...entry('location', external), ...entry('offset', '0'), ...entry('length', String(length ?? data.length)), ...int(14, 1)]
  return [...dims.flatMap((size) => int(1, size)), ...int(2, types[type]), ...text(8, name), ...content]
}

function valueInfo({ name, type = 'float32', dims }: Value): Bytes {
  const shape = dims.flatMap((size) => bytes(1, typeof size === 'number' ? int(1, size) : text(2, size)))
  return [...text(1, name), ...bytes(2, bytes(1, [...int(1, types[type]), ...bytes(2, shape)]))]
}
