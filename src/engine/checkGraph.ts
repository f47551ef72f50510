// The graph of the self-check, written as protobuf (onnx.proto3): image → two convolutions of 3×3 with x·sigmoid(x) between → matrix product over the channels → answer.

export const checkShape = [1, 64, 128, 128] as const
const [, channels, height, width] = checkShape
const pixels = height * width
export const checkValues = channels * pixels

type Bytes = Buffer
const varint = (value: number): Bytes => {
  const out: number[] = []
  let rest = value
  do { out.push((rest % 128) | (rest > 127 ? 128 : 0)); rest = Math.floor(rest / 128) } while (rest > 0)
  return Buffer.from(out)
}
const int = (field: number, value: number): Bytes => Buffer.concat([varint(field << 3), varint(value)])
const bytes = (field: number, ...content: readonly Uint8Array[]): Bytes => {
  const all = Buffer.concat(content)
  return Buffer.concat([varint(field << 3 | 2), varint(all.length), all])
}
const text = (field: number, content: string): Bytes => bytes(field, Buffer.from(content))

function node(op: string, inputs: readonly string[], output: string, attributes: Readonly<Record<string, readonly number[]>> = {}): Bytes {
  const lists = Object.entries(attributes).map(([name, values]) => bytes(5, text(1, name), ...values.map((value) => int(8, value)), int(20, 7)))
  return bytes(1, ...inputs.map((input) => text(1, input)), text(2, output), text(4, op), ...lists)
}

function constant(name: string, dims: readonly number[], values: Float32Array | BigInt64Array): Bytes {
  return bytes(5, ...dims.map((size) => int(1, size)), int(2, values instanceof Float32Array ? 1 : 7), text(8, name), bytes(9, new Uint8Array(values.buffer)))
}

function value(field: number, name: string, dims: readonly number[]): Bytes {
  return bytes(field, text(1, name), bytes(2, bytes(1, int(1, 1), bytes(2, ...dims.map((size) => bytes(1, int(1, size)))))))
}

/** Values from −1 to 1 without a pattern: the fractional parts of multiples of the golden ratio. */
export function spread(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, k) => 2 * ((k + 1) * 0.6180339887498949 % 1) - 1)
}

/** A ModelProto, opset 17: float32 `x` of checkShape in, `y` of the shape [channels, pixels] out. */
export function checkGraph(): Uint8Array {
  const kernel = spread(channels * channels * 9).map((weight) => weight / Math.sqrt(3 * channels))
  const mixing = spread(channels * channels).map((weight) => weight / Math.sqrt(channels / 3))
  const convolution = { pads: [1, 1, 1, 1], kernel_shape: [3, 3] }
  const graph = bytes(7,
    node('Conv', ['x', 'kernel'], 'c1', convolution), node('Sigmoid', ['c1'], 's1'), node('Mul', ['c1', 's1'], 'm1'),
    node('Conv', ['m1', 'kernel'], 'c2', convolution), node('Reshape', ['c2', 'flat'], 'f'), node('MatMul', ['mixing', 'f'], 'y'),
    text(2, 'check'),
    constant('kernel', [channels, channels, 3, 3], kernel), constant('mixing', [channels, channels], mixing), constant('flat', [2], BigInt64Array.from([BigInt(channels), BigInt(pixels)])),
    value(11, 'x', checkShape), value(12, 'y', [channels, pixels]))
  return Buffer.concat([int(1, 8), graph, bytes(8, int(2, 17))])
}
