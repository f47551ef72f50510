/** Fractional bits of the fixed-point numbers below: more than twice a double's, so that rounding once at the end is rounding correctly. */
const bits = 180n
const one = 1n << bits
const ln2 = atanhSeries(one / 3n) * 2n

/** atanh(z) = z + z³/3 + z⁵/5 + …, for |z| ≤ 1/3. */
function atanhSeries(z: bigint): bigint {
  if (z < 0n) return -atanhSeries(-z)
  const square = z * z >> bits
  let power = z
  let sum = 0n
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k
    power = power * square >> bits
  }
  return sum
}

const words = new DataView(new ArrayBuffer(8))

/** x > 0 as mantissa·2^exponent with an integer mantissa. */
function parts(x: number): { mantissa: bigint; exponent: number } {
  words.setFloat64(0, x)
  const raw = words.getBigUint64(0)
  const biased = Number(raw >> 52n)
  const fraction = raw & 0xfffffffffffffn
  return biased === 0 ? { mantissa: fraction, exponent: -1074 } : { mantissa: fraction | 1n << 52n, exponent: biased - 1075 }
}

function fixed(x: number): bigint {
  if (x === 0) return 0n
  const { mantissa, exponent } = parts(Math.abs(x))
  const shift = BigInt(exponent) + bits
  const value = shift >= 0n ? mantissa << shift : mantissa >> -shift
  return x < 0 ? -value : value
}

function logFixed(x: number): bigint {
  const { mantissa, exponent } = parts(x)
  // x = m·2^e with m in [3/4, 3/2).
  const length = mantissa.toString(2).length
  let m = mantissa << bits - BigInt(length)
  let e = BigInt(exponent + length)
  if (m * 4n < one * 3n) { m *= 2n; e -= 1n }
  return e * ln2 + 2n * atanhSeries(((m - one) << bits) / (m + one))
}

/** e^y, rounded once. */
function expFixed(y: bigint): number {
  const k = y >= 0n ? (y + ln2 / 2n) / ln2 : (y - ln2 / 2n) / ln2
  const r = y - k * ln2
  let term = one
  let sum = 0n
  for (let j = 1n; term !== 0n; j++) {
    sum += term
    term = (term * r >> bits) / j
  }
  return Number(sum) * 2 ** -Number(bits) * 2 ** Number(k)
}

/**
 * Natural logarithm, rounded to the nearest double, as the peers' libraries have it in all but a few cases in a thousand. A time label that is
 * truncated turns the last bit of a logarithm into a whole step.
 */
export const log = (x: number): number => x === 1 ? 0 : Number(logFixed(x)) * 2 ** -Number(bits)
/** The exponential, rounded to the nearest double. */
export const exp = (y: number): number => expFixed(fixed(y))
/** x^y for x > 0, rounded to the nearest double. */
export const pow = (x: number, y: number): number => expFixed(logFixed(x) * fixed(y) >> bits)
