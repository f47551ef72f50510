import { tensors, type Answer, type DerivedPicture, type DerivedTensor, type PixelPlace, type Question, type Region, type RegionStatistics, type Tensor } from '../../protocol/inspect'
import type { RowEvent } from '../../protocol/run'
import { shownChannels } from '../../render/pixels'
import { sheetLayout } from '../../render/contactSheet'
import { largest, scaleShare, signedSheet } from '../../render/signedSheet'
import { spectra } from '../../render/spectrum'
import { assertNever } from '../../sampler/errors'
import { changes, course } from './alongRows'
import { itemInRow, readTensors, type ItemInRow } from './derived'
import { largestFrame } from '../frames'
import { inSlices } from '../slices'
import { withStates, type ReadValues, type Recorded } from '../store'

/** A run to be looked into, as far as it is recorded. */
export interface Inspected {
  run: Recorded
  row: (index: number) => RowEvent | undefined
  /** Whether the states of a recorded row are there; absent: they all are. */
  isKept?: (index: number) => boolean
  /** A row could not be read where many are: they are answered without it. Called for the first alone. */
  unreadable: (error: unknown) => void
}

/** Values that are read at once where not all are needed together. */
const valuesAtOnce = 2 ** 20
/** Pixels of a picture whose spectrum is computed: of more, which no network here makes, it would need gigabytes. */
const mostSpectrumPixels = 2 ** 22

/**
 * What a page asks of a recorded run. Reads no more than it needs, holds no more than one state of each kind, and lets the process do other things every few milliseconds.
 * Throws RangeError where the place is none of the run's, DpmError (`runFolder`) where it cannot be read.
 */
export async function answer(at: Inspected, question: Question): Promise<Answer> {
  switch (question.of) {
    case 'pictures': return pictures(at, rowOf(at, question.row), question.tensors)
    case 'pixel': return pixel(at, rowOf(at, question.row), question.place)
    case 'region': return region(at, rowOf(at, question.row), question.region)
    case 'course': {
      checkPlace(at, question.place)
      return { of: 'course', from: question.from, channels: at.run.document.shape[1], ...await course(at, question.from, question.place) }
    }
    case 'changes': return { of: 'changes', from: question.from, values: await changes(at, question.from) }
    case 'spectrum': return spectrum(at, rowOf(at, question.row), question.item)
    default: return assertNever(question)
  }
}

function rowOf({ row, isKept }: Inspected, index: number): RowEvent {
  const event = row(index)
  if (!event) throw new RangeError(`row ${index} is not recorded`)
  if (isKept?.(index) === false) throw new RangeError(`row ${index} is not kept`)
  return event
}

const itemAt = ({ row: rowAt, isKept = () => true }: Inspected, row: RowEvent, item: number): ItemInRow => itemInRow(row, item, rowAt, isKept)

function checkItem({ run: { document: { shape } } }: Inspected, item: number): void {
  if (item >= shape[0]) throw new RangeError(`item ${item} of a batch of ${shape[0]}`)
}

function checkPlace(at: Inspected, { item, y, x }: PixelPlace): void {
  const [, , height, width] = at.run.document.shape
  checkItem(at, item)
  if (y >= height || x >= width) throw new RangeError(`pixel (${y}, ${x}) of a picture of ${height}×${width}`)
}

async function pictures(at: Inspected, row: RowEvent, asked: readonly DerivedTensor[]): Promise<Answer> {
  const { run } = at
  const [batch, channels, height, width] = run.document.shape
  const shape = [batch, shownChannels(channels), height, width] as const
  const size = shape[1] * height * width
  const { columns, rows, cellWidth, cellHeight } = sheetLayout(shape, largestFrame)
  const drawn = await withStates(run, row, async (read) => {
    const made: DerivedPicture[] = []
    for (const tensor of new Set(asked)) {
      const values = new Float32Array(batch * size).fill(NaN)
      let defined = false
      for (let item = 0; item < batch; item++) {
        const { [tensor]: own } = await readTensors(read, itemAt(at, row, item), [tensor], item * channels * height * width, size)
        if (own) values.set(own, item * size)
        defined ||= own !== undefined
      }
      if (!defined) continue
      const scale = await inSlices(largest(values, scaleShare))
      made.push({ tensor, scale, rgba: (await inSlices(signedSheet(values, shape, scale, largestFrame))).rgba })
    }
    return made
  })
  return { of: 'pictures', width: columns * cellWidth, height: rows * cellHeight, pictures: drawn }
}

async function pixel(at: Inspected, row: RowEvent, place: PixelPlace): Promise<Answer> {
  checkPlace(at, place)
  const { run } = at
  const [, channels, height, width] = run.document.shape
  const values: Partial<Record<Tensor, number[]>> = {}
  await withStates(run, row, async (read) => {
    for (let c = 0; c < channels; c++) {
      const first = (place.item * channels + c) * height * width + place.y * width + place.x
      const read1 = await readTensors(read, itemAt(at, row, place.item), tensors, first, 1)
      for (const tensor of tensors) if (read1[tensor]) (values[tensor] ??= []).push(read1[tensor][0]!)
    }
  })
  return { of: 'pixel', values }
}

async function region(at: Inspected, row: RowEvent, asked: Region): Promise<Answer> {
  const { item, top, left, bottom, right } = asked
  const { run } = at
  const [, channels, height, width] = run.document.shape
  checkItem(at, item)
  if (!(top < bottom && left < right && bottom <= height && right <= width)) throw new RangeError(`rows ${top} to ${bottom}, columns ${left} to ${right} of a picture of ${height}×${width}`)
  const values: Partial<Record<Tensor, RegionStatistics[]>> = {}
  await withStates(run, row, async (read) => {
    for (let c = 0; c < channels; c++) {
      const sums = new Map<Tensor, Sums>()
      const lines = Math.max(1, Math.floor(valuesAtOnce / width))
      for (let y = top; y < bottom; y += lines) {
        // Whole lines but for the ends: one long read is less work than many short ones.
        const count = (Math.min(lines, bottom - y) - 1) * width + right - left
        const read1 = await readTensors(read, itemAt(at, row, item), tensors, (item * channels + c) * height * width + y * width + left, count)
        for (const tensor of tensors) if (read1[tensor]) addBlock(sumsIn(sums, tensor), read1[tensor], width, right - left)
      }
      for (const [tensor, sum] of sums) (values[tensor] ??= []).push(statisticsOf(sum))
    }
  })
  return { of: 'region', values }
}

/** Of the finite values; about the first of them, since the spread may be small beside the values. */
interface Sums { n: number; origin: number; sum: number; squares: number; min: number; max: number }

function sumsIn(all: Map<Tensor, Sums>, tensor: Tensor): Sums {
  const sums = all.get(tensor) ?? { n: 0, origin: 0, sum: 0, squares: 0, min: Infinity, max: -Infinity }
  all.set(tensor, sums)
  return sums
}

/** Adds the first `columns` of every `width` values. */
function addBlock(sums: Sums, values: Float32Array, width: number, columns: number): void {
  for (let line = 0; line < values.length; line += width) {
    for (let i = line; i < line + columns; i++) {
      const value = values[i]!
      if (!Number.isFinite(value)) continue
      if (sums.n === 0) sums.origin = value
      sums.n += 1
      sums.sum += value - sums.origin
      sums.squares += (value - sums.origin) ** 2
      sums.min = Math.min(sums.min, value)
      sums.max = Math.max(sums.max, value)
    }
  }
}

function statisticsOf({ n, origin, sum, squares, min, max }: Sums): RegionStatistics {
  if (n === 0) return { mean: NaN, std: NaN, min: NaN, max: NaN }
  const mean = sum / n
  return { mean: origin + mean, std: Math.sqrt(Math.max(0, squares / n - mean * mean)), min, max }
}

async function spectrum(at: Inspected, row: RowEvent, item: number): Promise<Answer> {
  const { run } = at
  const [, channels, height, width] = run.document.shape
  checkItem(at, item)
  if (height * width > mostSpectrumPixels) throw new RangeError(`a spectrum of ${height}×${width} pixels, more than ${mostSpectrumPixels}`)
  const size = channels * height * width
  const whole = (which: 'x' | 'x0') => (read: ReadValues): Promise<Float32Array> => read(row, which, item * size, size)
  const [x, x0] = await withStates(run, row, async (read) => [await whole('x')(read), await whole('x0')(read)] as const)
  return { of: 'spectrum', ...await inSlices(spectra(x, x0, channels, height, width)) }
}
