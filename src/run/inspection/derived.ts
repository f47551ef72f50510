import type { Tensor } from '../../protocol/inspect'
import type { RowEvent } from '../../protocol/run'
import type { Level } from '../../sampler/types'
import type { ReadValues } from '../store'

/** A batch item in a row of a run. */
export interface ItemInRow { row: RowEvent; item: number; /** The row that Δ compares with: it shows x̂₀ as it was before the item was last new. undefined where there is none, or its states were not kept. */ before: RowEvent | undefined }

/** @param rowAt a recorded row @param isKept whether its states are there */
export function itemInRow(row: RowEvent, item: number, rowAt: (index: number) => RowEvent | undefined, isKept: (index: number) => boolean): ItemInRow {
  let before = rowAt((row.lanes?.[item]?.row ?? row.row) - 1)
  // While an item waits for the others, every row shows it as it is.
  const since = before?.lanes?.[item]?.row ?? before?.row
  while (before && !isKept(before.row)) before = before.row > since! ? rowAt(before.row - 1) : undefined
  return { row, item, before }
}

/**
 * `count` values from number `first` of a state on, all of one item, of each of the tensors; those that are not defined there are absent:
 * ε̂ = (x − α x̂₀)/σ where σ = 0 or x̂₀ is of an earlier row, Δ = x̂₀ − (x̂₀ before) where nothing is before. Throws DpmError (`runFolder`).
 */
export async function readTensors(read: ReadValues, { row, item, before }: ItemInRow, tensors: readonly Tensor[], first: number, count: number): Promise<Partial<Record<Tensor, Float32Array>>> {
  const level: Level = row.lanes?.[item]?.level ?? row.level
  const eps = tensors.includes('eps') && row.estimateFrom === row.row && level.sigma > 0
  const earlier = tensors.includes('delta') ? before : undefined
  const x = eps || tensors.includes('x') ? await read(row, 'x', first, count) : undefined
  const x0 = eps || earlier || tensors.includes('x0') ? await read(row, 'x0', first, count) : undefined
  const previous = earlier && await read(earlier, 'x0', first, count)
  return {
    ...x && tensors.includes('x') ? { x } : {},
    ...x0 && tensors.includes('x0') ? { x0 } : {},
    ...eps && x && x0 ? { eps: combined(x, x0, 1 / level.sigma, -level.alpha / level.sigma) } : {},
    ...previous && x0 ? { delta: combined(x0, previous, 1, -1) } : {},
  }
}

function combined(a: Float32Array, b: Float32Array, ka: number, kb: number): Float32Array {
  const out = new Float32Array(a.length)
  for (let i = 0; i < out.length; i++) out[i] = ka * a[i]! + kb * b[i]!
  return out
}
