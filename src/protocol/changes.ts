import type { RowEvent } from './run'

/** The ranges, in `count` values from number `first` of a state on, of the items that are new in a row; `perItem` values an item. */
export function newIn({ row, lanes }: Pick<RowEvent, 'row' | 'lanes'>, first: number, count: number, perItem: number): [start: number, end: number][] {
  if (!lanes) return [[0, count]]
  return lanes.filter((lane) => lane.row === row)
    .map(({ item }): [number, number] => [Math.max(0, item * perItem - first), Math.min(count, (item + 1) * perItem - first)])
    .filter(([start, end]) => start < end)
}

/** Σ (a − b)² over the values from `start` to before `end`. */
export function distance2(a: Float32Array, b: Float32Array, start: number, end: number): number {
  let sum = 0
  for (let i = start; i < end; i++) sum += (a[i]! - b[i]!) ** 2
  return sum
}

/** √(mean of (x̂₀ − x̂₀ before)²) over the items that are new in a row; NaN where there is none before. */
export function changeIn(row: Pick<RowEvent, 'row' | 'lanes'>, x0: Float32Array, before: Float32Array | undefined, items: number): number {
  if (!before) return NaN
  let [sum, count] = [0, 0]
  for (const [start, end] of newIn(row, 0, x0.length, x0.length / items)) {
    sum += distance2(x0, before, start, end)
    count += end - start
  }
  return Math.sqrt(sum / count)
}
