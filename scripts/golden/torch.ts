/** The error of a·b, so that a·b = product + error exactly (Dekker's splitting). */
function productError(a: number, b: number, product: number): number {
  const split = (x: number): [number, number] => {
    const high = x * 134217729
    const head = high - (high - x)
    return [head, x - head]
  }
  const [ah, al] = split(a)
  const [bh, bl] = split(b)
  return al * bl - (product - ah * bh - al * bh - ah * bl)
}

/** a·b + c with one rounding. */
function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b
  const sum = product + c
  const back = sum - product
  return sum + ((product - (sum - back) + (c - back)) + productError(a, b, product))
}

/** Numbers PyTorch's kernel writes at once: two registers' halves of four doubles. */
const lanes = 4

/**
 * torch.linspace in float64 on a processor with AVX2, to the last bit: from the start up to the middle, from the end after it, in groups of four.
 * numpy and torch differ in the last bits, and those decide whether a truncated time label is N − 1 or N − 2.
 */
export function torchLinspace(start: number, end: number, count: number): number[] {
  if (count === 1) return [start]
  const step = (end - start) / (count - 1)
  const at = (i: number): number => i < Math.floor(count / 2) ? fusedMultiplyAdd(step, i, start) : fusedMultiplyAdd(-step, count - i - 1, end)
  const whole = count - count % lanes
  return Array.from({ length: count }, (_, i) => {
    const lane = i % lanes
    return i >= whole || lane === 0 ? at(i) : fusedMultiplyAdd(step, lane, at(i - lane))
  })
}

/** numpy.linspace: i·step + start, the last one exactly the end. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = (end - start) / (count - 1)
  return Array.from({ length: count }, (_, i) => i > 0 && i === count - 1 ? end : i * (count === 1 ? 0 : step) + start)
}

/** numpy.arange(start, 0, −step): the second value is start − step, the others follow from their difference. */
export function arangeDown(start: number, step: number): number[] {
  const difference = start - step - start
  return Array.from({ length: Math.ceil(start / step) }, (_, i) => i === 1 ? start - step : start + i * difference)
}

/** numpy.round: halves go to the even neighbour. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  return rest < 0.5 || rest === 0.5 && floor % 2 === 0 ? floor : floor + 1
}
