export interface Tick { value: number; text: string }

/** One direction of a plot: which share of its length a value is at, and the values that are written beside it. */
export interface Axis {
  low: number
  high: number
  ticks: readonly Tick[]
  /** 0 at `low`, 1 at `high`; NaN for a value that has no place (not finite; on a logarithmic axis not above 0). */
  share: (value: number) => number
}

/** An axis over all finite values, with about `count` round numbers beside it. `within` is always on it. */
export function linearAxis(values: readonly number[], { within = [0], count = 4 }: { within?: readonly number[]; count?: number } = {}): Axis {
  const [low, most] = range([...values.filter(Number.isFinite), ...within])
  const high = most > low ? most : low + 1
  const step = roundStep((high - low) / count)
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const first = Math.ceil(low / step - 1e-9)
  const ticks = Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step)
  return { low, high, ticks: ticks.map((value) => ({ value, text: tickText(value, digits) })), share: (value) => Number.isFinite(value) ? (value - low) / (high - low) : NaN }
}

/** Whole numbers from `first` to `last`, such as steps; `pad` leaves room at both ends, for bars. */
export function countAxis(first: number, last: number, pad = 0): Axis {
  const [low, high] = [first - pad, last + pad]
  const step = Math.max(1, roundStep((last - first) / 5))
  const ticks: Tick[] = []
  for (let value = Math.ceil(first / step) * step; value <= last; value += step) ticks.push({ value, text: String(value) })
  return { low, high, ticks, share: (value) => high > low ? (value - low) / (high - low) : 0 }
}

/** A logarithmic axis over all finite values above 0, with ticks at powers of ten, or where these are few at 1, 2 and 5 of each. */
export function logAxis(values: readonly number[]): Axis {
  const above = values.filter((value) => Number.isFinite(value) && value > 0)
  const [low, high] = above.length === 0 ? [1, 10] : range(above)
  const [from, to] = [Math.log10(low), Math.log10(high > low ? high : 10 * low)]
  const decades = to - from
  const apart = Math.max(1, Math.ceil(decades / 4))
  const ticks: Tick[] = []
  for (let power = Math.floor(from); power <= Math.ceil(to); power++) {
    if (power % apart !== 0) continue
    for (const factor of decades < 2 ? [1, 2, 5] : [1]) {
      const value = factor * 10 ** power
      if (Math.log10(value) >= from - 1e-9 && Math.log10(value) <= to + 1e-9) ticks.push({ value, text: Math.abs(power) < 3 ? String(Number(value.toPrecision(1))) : powerText(factor, power) })
    }
  }
  return { low, high, ticks, share: (value) => Number.isFinite(value) && value > 0 ? (Math.log10(value) - from) / (to - from) : NaN }
}

/** Least and most, without spreading arguments: there may be many. */
function range(values: readonly number[]): [least: number, most: number] {
  return values.reduce<[number, number]>(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity])
}

/** The round number (1, 2 or 5 times a power of ten) that is not below. */
function roundStep(step: number): number {
  if (!(step > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(step))
  return ([1, 2, 5].find((factor) => factor * power >= step * (1 - 1e-9)) ?? 10) * power
}

function tickText(value: number, digits: number): string {
  const text = Math.abs(value) >= 1e6 ? value.toExponential(0).replace('e+', 'e') : Math.abs(value) >= 1e4 ? `${value / 1000}k` : value.toFixed(digits)
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−')
}

const powerText = (factor: number, power: number): string => `${factor}e${power < 0 ? '−' : ''}${Math.abs(power)}`
