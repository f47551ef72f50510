import { setImmediate } from 'node:timers/promises'
import { distance2, newIn } from '../../protocol/changes'
import type { PixelPlace } from '../../protocol/inspect'
import type { RowEvent } from '../../protocol/run'
import type { Inspected } from './inspect'
import { valuesOf, withStates } from '../store'

/** Values of a state that are compared at a time: of all rows, before the next of them, so that two parts are held and not two states. */
const valuesAtOnce = 2 ** 18
/** Channels of a pixel that lie this near to one another are read at once: values. */
const spanAtOnce = 1024

/** A pixel in every row from `from` on: [rows, C]; NaN in rows that could not be read or were not kept. Reads the pixel's bytes alone. */
export async function course({ run, row, isKept, unreadable }: Inspected, from: number, { item, y, x: column }: PixelPlace): Promise<{ x: Float32Array; x0: Float32Array }> {
  const [, channels, height, width] = run.document.shape
  const rows = rowsFrom(row, from)
  // Whether the newest row of a run that goes on keeps its states is not known yet.
  if (rows.length > 0 && isKept?.(rows.at(-1)!.row) === false) rows.pop()
  const first = item * channels * height * width + y * width + column
  const together = (channels - 1) * height * width < spanAtOnce
  const values = { x: new Float32Array(rows.length * channels).fill(NaN), x0: new Float32Array(rows.length * channels).fill(NaN) }
  let told = false
  if (rows[0]) await withStates(run, rows[0], async (read) => {
    for (const [r, event] of rows.entries()) {
      if (isKept?.(event.row) === false) continue
      try {
        for (const which of ['x', 'x0'] as const) {
          const span = together ? await read(event, which, first, (channels - 1) * height * width + 1) : undefined
          for (let c = 0; c < channels; c++) values[which][r * channels + c] = span ? span[c * height * width]! : (await read(event, which, first + c * height * width, 1))[0]!
        }
      } catch (error) {
        for (const all of Object.values(values)) all.fill(NaN, r * channels, (r + 1) * channels)
        if (!told) unreadable(error)
        told = true
      }
    }
  })
  return values
}

/**
 * How much each row from `from` on changed x̂₀: √(mean of (x̂₀(i) − x̂₀(i−1))²), over the items that are new in it where they have steps of their own. NaN in row 0 and where
 * a row or the one before could not be read. Rows whose states may be gone say it themselves.
 */
export async function changes({ run, row, unreadable }: Inspected, from: number): Promise<Float32Array> {
  // With the row before, which the first is compared with.
  const begin = Math.max(0, from - 1)
  const rows = rowsFrom(row, begin)
  if (run.document.version !== 1) return Float32Array.from(rows, ({ change = NaN }) => change).subarray(from - begin)
  const size = valuesOf(run)
  const perItem = size / run.document.shape[0]
  const squares = new Float64Array(rows.length)
  const counts = new Float64Array(rows.length)
  let told = false
  if (rows[0]) await withStates(run, rows[0], async (read) => {
    for (let first = 0; first < size; first += valuesAtOnce) {
      let before: Float32Array | undefined
      for (const [r, event] of rows.entries()) {
        let values: Float32Array | undefined
        try { values = await read(event, 'x0', first, Math.min(valuesAtOnce, size - first)) } catch (error) {
          if (!told) unreadable(error)
          told = true
        }
        if (values && before) {
          for (const [start, end] of newIn(event, first, values.length, perItem)) {
            squares[r]! += distance2(values, before, start, end)
            counts[r]! += end - start
          }
        } else squares[r] = NaN
        before = values
        await setImmediate()
      }
    }
  })
  return Float32Array.from(squares, (sum, r) => Math.sqrt(sum / counts[r]!)).subarray(from - begin)
}

function rowsFrom(row: (index: number) => RowEvent | undefined, from: number): RowEvent[] {
  const rows: RowEvent[] = []
  for (let event = row(from); event; event = row(from + rows.length)) rows.push(event)
  return rows
}
