const bits = new Uint32Array(1)
const asFloat = new Float32Array(bits.buffer)

/** The float16 nearest to a number, ties to even: rounded to float32 first, as programs that convert do. Infinite from 65520 on. */
export function toHalf(value: number): number {
  const x = Math.fround(value)
  asFloat[0] = x
  const exponent = ((bits[0]! >>> 23) & 0xff) - 127
  if (exponent === 128) return x
  // Adding and subtracting 1.5·2^52 units in the last place makes float64 round to that place.
  const shift = 1.5 * 2 ** (52 + Math.max(exponent, -14) - 10)
  const rounded = x + shift - shift
  return Math.abs(rounded) < 65520 ? rounded : Math.sign(x) * Infinity
}
