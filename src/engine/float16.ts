const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** Rounds float32 values to IEEE 754 half precision (ties to even), written as bit patterns: what ONNX Runtime takes for float16. */
export function toHalf(values: Float32Array, out: Uint16Array): void {
  for (let i = 0; i < values.length; i++) {
    float[0] = values[i]!
    const single = bits[0]!
    const sign = single >>> 16 & 0x8000
    const magnitude = single & 0x7fffffff
    if (magnitude >= 0x7f800000) out[i] = sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00)
    else if (magnitude >= 0x38800000) out[i] = sign | Math.min((magnitude - 0x38000000 + 0xfff + (magnitude >>> 13 & 1)) >>> 13, 0x7c00)
    else out[i] = sign | roundEven(Math.abs(float[0]) * 2 ** 24)
  }
}

/** Float32 values of half-precision bit patterns. */
export function fromHalf(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length)
  for (let i = 0; i < out.length; i++) {
    const half = halves[i]!
    const exponent = half >>> 10 & 31
    const fraction = half & 0x3ff
    const magnitude = exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction === 0 ? Infinity : NaN) : (1 + fraction / 1024) * 2 ** (exponent - 15)
    out[i] = half & 0x8000 ? -magnitude : magnitude
  }
  return out
}

function roundEven(value: number): number {
  const low = Math.floor(value)
  const rest = value - low
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low
}
